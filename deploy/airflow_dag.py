"""Runs the project in Airflow: one task builds and publishes. Copy it to your DAGs folder and change the paths.

Airflow and the project don't share packages, because the task runs the project's own Python.
"""

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="engagement",
    schedule="15 5 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="build_and_publish",
        bash_command=".venv/bin/python -m engagement build --wait 3600 --max-age-days 2",
        cwd="/opt/engagement",
        env={"RAW_DATA": "/data/raw"},
        append_env=True,
        # running the command again is always safe; it may only have met another build that was still running
        retries=1,
        retry_delay=pendulum.duration(minutes=15),
        skip_on_exit_code=4,
    )
