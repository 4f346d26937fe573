"""make build: what it says and writes at the end, its exit codes, its lock, and the real dbt behind it."""

import datetime as dt
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import build
from engagement import publish
from engagement import paths
from engagement import run_log, runner
from engagement.warehouse.duckdb_file import DuckDBFile
from harness import ROOT, SAMPLE, environment, read_csv, read_yaml, write_csv
from small_warehouse import Readers, place, shown, write_warehouse

@pytest.fixture
def dbt(small_database, monkeypatch):
    """Call it with what dbt is to leave behind, as arguments of `write_warehouse`, or with nothing for a dbt that fails."""
    def leaves(*arguments, **state):
        def run_dbt(*arguments_of_dbt, verbose=False):
            if arguments:
                write_warehouse(small_database, *arguments, **state)
            return "" if arguments else "test assert_sums (tests/assert_sums.sql): Got 1 result"
        monkeypatch.setattr(build, "enter_project", lambda: None)
        monkeypatch.setattr(build, "run_dbt", run_dbt)
    return leaves


def log(database):
    return [json.loads(line) for line in (database.parent / "runs.jsonl").read_text().splitlines()]


def test_a_build_says_in_one_line_what_it_published(small_database, serving, dbt, capsys):
    assert publish.main([]) == 0
    dbt(4, late=[("ad_events", 9, 7, False), ("email_events", 2, 7, True), ("crm_accounts", 700, None, True), ("crm_contacts", None, 7, True)])
    assert build.main(["--full-refresh"]) == 0
    number, (version, *_) = shown(serving)
    *table, last = capsys.readouterr().out.splitlines()
    assert number == 4 and any(line.startswith("Account 1999 ") for line in table)
    assert re.fullmatch(
        rf"Built 6 marts as of 2026-05-31\. Published version {version}: {serving}/marts\.duckdb\."
        r" Days late: ad_events 9 \(too late\), email_events 2\. Rejected source rows: 3\. New alerts: 3\. \d+ s\.", last
    ), last
    (run,) = log(small_database)
    assert run.pop("seconds") < 30 and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", run.pop("started_at"))
    assert run == {
        "dbt_options": ["--full-refresh"], "invocation_id": "build 4", "marts": 6, "as_of_date": "2026-05-31", "config_version": "rules",
        "days_late": {"ad_events": 9, "crm_contacts": None, "email_events": 2, "web_events": 0}, "too_late": ["ad_events"],
        "rejected_rows": 3, "new_alerts": 3, "version": version, "reason": None, "status": "published", "exit_code": 0,
    }


@pytest.mark.parametrize("state, code, said", [
    (None, paths.FAILED, "Not published. dbt did not succeed: test assert_sums (tests/assert_sums.sql): Got 1 result."),
    (dict(is_complete=False, remark="9 were left out"), paths.FAILED, "Not published. The last build is not complete: 9 were left out."),
    (dict(coverage="unusable_rows = 6"), paths.FAILED,
     "Built 6 marts as of 2026-05-31. Not published. 6 of 10 rows of web_events could not be used, most of them because occurred_at is missing."),
    (dict(coverage="unmatched_rows = 7, matched_rows = 0"), paths.FAILED,
     "Built 6 marts as of 2026-05-31. Not published. None of 10 rows of events led to an account, so every score would be 0."),
    (dict(as_of=None), paths.LATE, "Built 6 marts. Not published. No source has a row, so there is no day"),
    (dict(late=[("email_events", 8, 7, True)]), paths.LATE,
     "Built 6 marts as of 2026-05-31. Not published. email_events is 8 days late (7 allowed)"),
])
def test_a_build_that_is_not_published_says_why_and_what_readers_keep(small_database, serving, dbt, capsys, state, code, said):
    for number, keeps in enumerate(("Nothing is published yet.", "Readers keep version 20"), start=3):
        dbt(*([] if state is None else [2]), **(state or {}))
        assert build.main([]) == code
        *table, line = capsys.readouterr().out.splitlines()
        assert line.startswith(said) and keeps in line
        # whatever stops the publication, the table says how far each source came
        is_counted = any(re.match(r"web_events +10 +7 +3 +[01] +5 +3 rejected: occurred_at is missing", line) for line in table)
        assert is_counted is not (state is None or "is_complete" in state), table
        # what no seed row knows has a line of its own; kinds of events that merely score nothing have not
        words = "Not understood: outcome a, b, c and 1 more. See unmapped_events, unusable_values and rejected_records."
        assert (words in table) is is_counted, table
        dbt(number)
        assert build.main([]) == 0
        capsys.readouterr()
    failed, published, *_ = log(small_database)
    assert failed["exit_code"] == code and failed["status"] == {1: "failed", 3: "late"}[code]
    assert failed["reason"] in line and failed["version"] is None and published["status"] == "published"
    assert shown(serving)[0] == 4


def test_a_run_in_which_dbt_built_nothing_is_not_published(small_database, serving, dbt, monkeypatch, capsys):
    """A name in --select is misspelt, or dbt built another database: the record is that of the build before."""
    dbt(2)
    assert build.main([]) == 0
    before = shown(serving)
    capsys.readouterr()
    monkeypatch.setattr(build, "run_dbt", lambda *arguments, verbose: "")
    assert build.main(["--select", "acount_scores"]) == paths.FAILED
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith(
        "Not published. dbt built nothing that could be published. Check the names in --select and dbt's other options."
        f" Readers keep version {before[1][0]}."
    ), last
    assert shown(serving) == before and log(small_database)[-1]["status"] == "failed"
    # after a build that was killed there is no record at all
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("drop table runs.last_build")
    assert build.main([]) == paths.FAILED and "It is unknown how the last build ended" in capsys.readouterr().out


@pytest.mark.parametrize("options, message", [
    (["--profiles-dir", "/x"], "--profiles-dir isn't an option of this command: dbt alone would obey it. Set env var DBT_PROFILES_DIR."),
    (["--full-refresh", "--profile=x"], "--profile isn't an option of this command: dbt alone would obey it. Set env var DBT_PROFILE."),
    (["--project-dir=/x"], "--project-dir isn't an option of this command: dbt alone would obey it. Run the command in the folder of that project."),
    (["--vars", "[1"], "--vars is '[1', which is not a mapping. Write it as {vendors: [salesforce], crm: salesforce}."),
    (["--vars=a"], "--vars is 'a', which is not a mapping. Write it as {vendors: [salesforce], crm: salesforce}."),
    # a day that doesn't exist, and names that dbt would ignore
    (["--vars", "{as_of_date: 2026-13-01}"], "--vars is '{as_of_date: 2026-13-01}', which has a day that doesn't exist: month must be in 1..12."),
    (["--vars", "{mask_personal_data:true}"], "--vars has 'mask_personal_data:true', which is no var of dbt_project.yml."
     " Did you mean `mask_personal_data: value`, with a space after the colon?"),
    (["--vars", "{vendor: [salesforce]}"], "--vars has 'vendor', which is no var of dbt_project.yml."
     " Did you mean `vendors: value`, with a space after the colon?"),
    (["--vars", "{1: 2}"], "--vars has '1', which is no var of dbt_project.yml."),
])
def test_options_by_which_dbt_would_build_something_else_or_nothing_are_refused(small_database, dbt, capsys, options, message):
    dbt(2)
    assert cli.run("build", options) == paths.BAD_USAGE
    assert capsys.readouterr().err == f"{message}\n"
    assert not (small_database.parent / "runs.jsonl").exists()


def test_dbt_builds_this_project_whatever_the_environment_says(monkeypatch, tmp_path):
    """DBT_PROJECT_DIR could name another one."""
    from dbt.cli import main as dbt_cli

    seen = []

    class Runner:
        def __init__(self, callbacks):
            pass

        def invoke(self, arguments):
            seen.append(os.environ["DBT_PROJECT_DIR"])
            return dbt_cli.dbtRunnerResult(success=True)

    monkeypatch.setattr(dbt_cli, "dbtRunner", Runner)
    monkeypatch.setenv("DBT_PROJECT_DIR", "/other/project")
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(("build",)) == "" and seen == [str(tmp_path)] and os.environ["DBT_PROJECT_DIR"] == "/other/project"


def test_a_build_whose_readers_cannot_be_asked_has_a_last_line(small_database, dbt, monkeypatch, capsys):
    def lost(place):
        raise paths.CommandError("The connection was lost.")

    dbt()
    monkeypatch.setattr(DuckDBFile, "shown_version", lost)
    assert build.main([]) == paths.FAILED
    assert "Not published. dbt did not succeed: " in (line := capsys.readouterr().out) and "It is unknown which version readers have. " in line


def test_a_fit_rule_that_no_account_meets_is_named_with_what_the_crm_has(small_database, dbt, monkeypatch, capsys):
    dbt(2)
    build_database = build.build_database

    def builds(*arguments):
        build_database(*arguments)
        with duckdb.connect(str(small_database)) as connection:
            connection.execute("update intermediate.int_accounts set industry = 'COMPUTER_SOFTWARE'; delete from intermediate.int_met_fit_rules")
    assert build.main([]) == 0 and "Fit rules" not in capsys.readouterr().out
    monkeypatch.setattr(build, "build_database", builds)
    dbt(3)
    assert build.main([]) == 0
    assert (
        "Fit rules that no account meets: software (industry equals software; accounts have COMPUTER_SOFTWARE). See seeds/fit_rules.csv."
    ) in capsys.readouterr().out.splitlines()


def test_a_system_without_file_locks_is_told_what_to_use():
    """Windows has no fcntl."""
    ended = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules['fcntl'] = None; import engagement.__main__"], cwd=ROOT, capture_output=True, text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr == "This project runs on Linux and macOS: it locks files as they do. On Windows, run it in WSL or in a container.\n"


def test_the_run_log_does_not_grow_for_ever(small_database, dbt, monkeypatch):
    monkeypatch.setattr(run_log, "LOG_BYTES", 2000)
    for _ in range(30):
        run_log.append(small_database.parent, {"reason": "dbt did not succeed. " * 10})
    sizes = [file.stat().st_size for file in small_database.parent.glob("runs.jsonl*")]
    assert len(sizes) == 2 and max(sizes) < 3000
    dbt(2)
    assert build.main([]) == 0 and log(small_database)[-1]["invocation_id"] == "build 2"


@pytest.mark.parametrize("option", ["--max-age-days=-1", "--wait=soon"])
def test_a_wrong_option_builds_nothing(small_database, dbt, option):
    dbt(2)
    with pytest.raises(SystemExit) as stopped:
        build.main([option])
    assert stopped.value.code == paths.BAD_USAGE and not (small_database.parent / "runs.jsonl").exists()


def test_a_database_that_cannot_be_written_is_named(small_database, dbt, monkeypatch, capsys):
    """A file stands where its folder should be, or a folder where the lock should be, or no byte has room."""
    dbt(2)
    monkeypatch.setenv("DBT_ENV_SECRET_PRIVACY_KEY", "k" * 32)
    monkeypatch.delenv("FORGOTTEN_PEOPLE", raising=False)
    in_a_file = small_database / "engagement.duckdb"
    lock = small_database.parent / "engagement.duckdb.lock"
    lock.mkdir()
    said = "{}.lock cannot be written: {}. Make room or make it writable, and run the same command again.\n"
    for database, reason in ((in_a_file, "File exists"), (small_database, "Is a directory")):
        monkeypatch.setenv("ENGAGEMENT_DB", str(database))
        monkeypatch.setenv("PERSON", "a@b.example")
        for command, before in (("build", ""), ("publish", "Not published. "), ("forget", "")):
            assert cli.run(command, []) == paths.FAILED
            assert capsys.readouterr() == ("", before + said.format(database, reason))
    lock.rmdir()
    ended = subprocess.run(
        [sys.executable, "-m", "engagement", "build"], capture_output=True, text=True, cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert (ended.returncode, ended.stderr) == (paths.FAILED, said.format(small_database, "File too large"))
    # what is wrong while the lock is held is somebody else's message
    with pytest.raises(OSError, match="mine"), paths.lock_of(small_database):
        raise OSError("mine")


def test_what_a_first_build_leaves_on_a_full_disk_is_named_before_dbt_starts(small_database, dbt, capsys):
    """DuckDB begins with three headers of 4096 bytes."""
    whole = small_database.read_bytes()
    dbt(2)
    for size in (0, 4096, 8192):
        small_database.write_bytes(whole[:size])
        assert build.main([]) == paths.FAILED
        assert f"Not published. {small_database} has {size} bytes, so it is not a database" in capsys.readouterr().out
        assert small_database.stat().st_size == size
    small_database.unlink()
    assert build.main([]) == 0
    with duckdb.connect(str(small_database.with_name("new.duckdb"))):
        assert small_database.with_name("new.duckdb").stat().st_size == build.HEADERS


def test_a_second_build_or_publication_ends_at_once_or_waits(small_database, serving, dbt, capsys):
    dbt(2)
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys\nfrom engagement.paths import *\nwith lock_of(database_file()): print(flush=True); sys.stdin.read(1)"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )
    holder.stdout.readline()
    for command in ("build", "publish"):
        assert cli.run(command, []) == paths.BUSY
        said = capsys.readouterr().err
        assert f"Another build is running: process {holder.pid}, since 20" in said and f"{small_database}.lock" in said
    # asked to stop while it waits
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths.time, "sleep", lambda seconds: os.kill(os.getpid(), signal.SIGTERM))
        assert build.main(["--wait=60"]) == paths.FAILED
    assert capsys.readouterr().err == "It was stopped while waiting for another build.\n"
    assert not serving.exists() and not (small_database.parent / "runs.jsonl").exists()
    # its end is waited for, and comes
    threading.Timer(0.5, holder.communicate, [b"."]).start()
    assert publish.main(["--wait", "60"]) == 0 and holder.poll() is not None


def test_a_database_that_another_program_has_open_is_not_waited_for_in_vain(small_database, dbt, capsys):
    dbt(2)
    program = "import duckdb, sys\nwith duckdb.connect(sys.argv[1], read_only=True): print(flush=True); sys.stdin.read(1)"
    holder = subprocess.Popen([sys.executable, "-c", program, small_database], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    assert build.main([]) == paths.BUSY
    assert f"Not published. Another program (PID {holder.pid}) has {small_database} open. Close it" in capsys.readouterr().out
    assert cli.run("review", []) == paths.BUSY
    assert f"Another program (PID {holder.pid}) has {small_database} open. Close it." in capsys.readouterr().err
    threading.Timer(0.5, holder.communicate, [b"."]).start()
    assert build.main(["--wait", "30"]) == 0


@pytest.mark.parametrize("command, options", [("publish", []), ("forget", ["ana@acme.com"]), ("what-if", [])])
def test_a_command_that_reads_what_another_program_writes_is_busy(small_database, tmp_path, monkeypatch, capsys, command, options):
    assert publish.main([]) == 0
    monkeypatch.setenv("DBT_ENV_SECRET_PRIVACY_KEY", "k" * 32)
    monkeypatch.setenv("FORGOTTEN_PEOPLE", str(tmp_path / "list.csv"))
    (tmp_path / "list.csv").write_text("identifier_hash,forgotten_on,key_hash\n")
    program = "import duckdb, sys\nwith duckdb.connect(sys.argv[1]): print(flush=True); sys.stdin.read(1)"
    holder = subprocess.Popen([sys.executable, "-c", program, small_database], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    capsys.readouterr()
    assert cli.run(command, options) == paths.BUSY
    assert f"Another program (PID {holder.pid}) has {small_database} open. Close it." in capsys.readouterr().err
    holder.communicate(b".")


def test_a_broken_database_in_a_folder_named_lock_is_not_busy(small_database, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "lock"
    folder.mkdir()
    (folder / "e.duckdb").write_bytes(b"no database" * 2000)
    monkeypatch.setenv("ENGAGEMENT_DB", str(folder / "e.duckdb"))
    for command in ("publish", "build"):
        assert cli.run(command, []) == paths.FAILED
        said = capsys.readouterr()
        assert "e.duckdb cannot be read: " in said.out + said.err


# with the real dbt

@pytest.fixture(scope="module")
def project(built_sample, tmp_path_factory):
    """The sample, built and published, in a folder that has all that the project has."""
    project = built_sample.copy(tmp_path_factory.mktemp("build") / "opt" / "engagement")
    for name in ("deploy", "Makefile"):
        (project.folder / name).symlink_to(ROOT / name)
    (project.folder / ".venv").symlink_to(sys.prefix)
    # they take a third of a build and have nothing to do with publishing
    for file in project.folder.glob("models/**/*__unit_tests.yml"):
        file.unlink()
    # one table with a limit of its own
    sources = project.folder / "models" / "staging" / "_raw__sources.yml"
    sources.write_text(re.sub(
        r"(- name: web_events\n.*\n +config:\n)", r"\1          freshness: {error_after: {count: 60, period: hour}}\n", sources.read_text()
    ))
    with environment(ENGAGEMENT_DB=project.database):
        assert publish.main([]) == 0
    return project


def start(project, *command, raw_data=SAMPLE):
    """A command in the project's folder, as cron would run it: with hardly any environment."""
    return subprocess.Popen(
        command, cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env={"HOME": str(project.folder), "LOGNAME": "somebody", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "RAW_DATA": str(raw_data)},
    )


def run(project, *command, raw_data=SAMPLE):
    """(exit code, output)"""
    process = start(project, *command, raw_data=raw_data)
    output, _ = process.communicate()
    return process.returncode, output


BUILD, DBT = (".venv/bin/python", "-m", "engagement", "build"), (".venv/bin/dbt",)


def remark(project):
    """Why the last build may not be published; none if it may."""
    with paths.opened(project.database) as connection:
        try:
            return publish.last_build(connection) and None
        except paths.CommandError as reason:
            return str(reason)


def test_a_part_of_the_project_or_a_failing_test_is_no_complete_build(project):
    assert remark(project) is None
    failing = project.folder / "tests" / "marts" / "assert_nothing_is_right.sql"
    failing.write_text("select 1 as wrong")
    # to test is not to build
    code, output = run(project, *DBT, "test", "--select", "assert_nothing_is_right")
    assert code == 1 and "FAIL 1" in output and remark(project) is None, output
    code, output = run(project, *BUILD, "--select", "acount_scores")
    assert code == paths.FAILED and "Not published. dbt built nothing that could be published." in output and remark(project) is None, output
    code, output = run(project, *BUILD, "--select", "source_coverage", "assert_nothing_is_right")
    failing.unlink()
    limits = {table: limit for table, *limit in project.query("select source_table, allowed_days_late, is_required from source_coverage")}
    assert limits["web_events"] == [2, True] and limits["email_events"] == [7, True]
    assert limits["crm_accounts"] == [None, True] and limits["ad_events"] == [7, False]
    assert code == paths.FAILED and re.search(
        r"Not published\. dbt did not succeed: test assert_nothing_is_right \(tests/marts/assert_nothing_is_right\.sql\): Got 1 result, .* Readers keep version 20", output
    ), output
    assert re.search(
        r"1 of its models, seeds and tests failed or were skipped, the first is assert_nothing_is_right;"
        r" \d{3} of the models, seeds and tests were left out, such as \w+", remark(project)
    )


def test_a_build_that_is_stopped_or_killed_is_not_complete(project):
    """Asked to stop, it has a last line too. While it stands still, nobody else builds; killed, it holds no lock."""
    for signal_number, code in ((signal.SIGTERM, paths.FAILED), (signal.SIGKILL, -signal.SIGKILL)):
        running = start(project, *BUILD, "--verbose")
        # the hooks have run, and models are under way
        assert any("START sql table model" in line for line in running.stdout)
        if signal_number == signal.SIGKILL:
            os.kill(running.pid, signal.SIGSTOP)
            assert run(project, *BUILD)[0] == paths.BUSY
        os.kill(running.pid, signal_number)
        output = running.stdout.read()
        assert running.wait() == code
        if signal_number == signal.SIGTERM:
            assert re.fullmatch(r"Not published\. It was stopped\. Readers keep version \w+\. \d+ s\.", output.splitlines()[-1]), output
        failed = run(project, ".venv/bin/python", "-m", "engagement", "publish")
        assert failed[0] == paths.FAILED and "it was killed" in failed[1] and "it was killed" in remark(project)


def test_the_line_of_the_crontab_builds_and_publishes_under_the_eyes_of_readers(project, tmp_path):
    """On a few rows that were loaded today; somebody who starts another build meanwhile disturbs nobody."""
    raw, today = tmp_path / "raw", paths.utc_now().date()
    raw.mkdir()
    for file in SAMPLE.glob("*.csv"):
        write_csv(raw / file.name, [{**row, "loaded_at": str(today)} for row in read_csv(file)[:60]])
    lines = [line for line in (ROOT / "deploy" / "crontab").read_text().splitlines() if line and not line.startswith("#")]
    settings = [line.split("=")[0] for line in lines if re.match(r"\w+=", line)]
    (job,) = (line for line in lines if not re.match(r"\w+=", line))
    # a percent sign would end the command
    assert settings == ["RAW_DATA", "MAILTO"] and "%" not in job
    command = job.split(maxsplit=5)[5].replace("/opt/engagement", str(project.folder))

    serving = project.database.parent / "serving"
    queries = [
        "select max(as_of_date) from account_scores", "select cast(max(last_loaded_at) as date) from source_coverage",
        "select as_of_date from publication",
    ]
    with Readers(tmp_path, serving / "marts.duckdb", queries) as readers:
        readers.wait_for(place(serving).shown_version())
        lock = project.database.with_name("engagement.duckdb.lock")
        before = lock.read_text()
        job = start(project, "sh", "-c", command, raw_data=raw)
        while lock.read_text() == before:
            assert job.poll() is None
            time.sleep(0.1)
        second = run(project, *BUILD)
        assert second[0] == paths.BUSY and "Another build is running: process" in second[1] and job.poll() is None, second
        output, _ = job.communicate()
        log = (project.folder / "build" / "cron.log").read_text()
        assert (job.returncode, output) == (0, ""), log
        readers.wait_for(place(serving).shown_version())
    # the table and the summary, and nothing that moves a cursor
    title, *_, last = log.splitlines()
    assert title.startswith("Source ") and re.match(rf"Built \d+ marts as of {today}\. Published version", last), log
    assert re.search(r"[\x00-\x09\x0b-\x1f]", log) is None
    assert remark(project) is None
    for reads in readers.reads():
        assert {str(found) for _, found, _ in reads} == {str([f"[({day!r},)]"] * 3) for day in (dt.date(2026, 5, 31), today)}
        assert max(seconds for *_, seconds in reads) < 5


# the files of deploy/

def test_the_workflow_runs_what_the_makefile_has_and_knows_no_secret():
    text = (ROOT / "deploy" / "check-workflow.yml").read_text()
    workflow = read_yaml(ROOT / "deploy" / "check-workflow.yml")
    assert set(workflow) == {"name", "on", "permissions", "jobs"} and "secrets" not in text
    commands = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert commands == ["make build", "make test"]
    for command in commands:
        # -n: what would be run, without running it
        subprocess.run([*command.split(), "-n"], cwd=ROOT, check=True, capture_output=True)
        assert command in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", ["dagster_definitions.py", "airflow_dag.py"])
def test_the_examples_run_commands_that_exist(name):
    text = (ROOT / "deploy" / name).read_text()
    compile(text, name, "exec")
    (command,) = re.findall(r"-m\"?,? \"?engagement\"?,? \"?(\w+)", text)
    options = re.findall(r"--[a-z-]+", text)
    with pytest.raises(SystemExit) as stopped:
        cli.run(command, [*(part for option in options for part in (option, "1")), "--help"])
    assert options and stopped.value.code == 0
