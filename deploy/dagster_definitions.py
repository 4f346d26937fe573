"""Runs the project in Dagster: every model is an asset, every test a check, and the publication an asset after them.

It needs dagster and dagster-dbt in addition to requirements/build.txt, and target/manifest.json, which `dbt parse` writes.
Start it with `dagster dev -f deploy/dagster_definitions.py`.
"""

import subprocess
import sys
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

ROOT = Path(__file__).parents[1]
project = DbtProject(project_dir=ROOT, profiles_dir=ROOT)
project.prepare_if_dev()


# DuckDB allows one writer, so never run two at once
@dbt_assets(manifest=project.manifest_path, pool="warehouse")
def engagement(context: dg.AssetExecutionContext, dbt: DbtCliResource):
    yield from dbt.cli(["build"], context=context).stream()


# fails if only some of the assets were materialized
@dg.asset(deps=[engagement], pool="warehouse")
def published_marts():
    subprocess.run([sys.executable, "-m", "engagement", "publish", "--max-age-days", "2"], cwd=ROOT, check=True)


nightly = dg.define_asset_job("nightly", selection="*")
defs = dg.Definitions(
    assets=[engagement, published_marts],
    jobs=[nightly],
    schedules=[dg.ScheduleDefinition(job=nightly, cron_schedule="15 5 * * *")],
    resources={"dbt": DbtCliResource(project_dir=project)},
)
