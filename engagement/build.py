"""Builds everything, publishes the marts if all is well, and reports the result in one line.

It takes the options below and all options of `dbt build`. docs/operations.md says what to do after each exit code.
"""

import argparse
import contextlib
import signal
import sys
import time
from pathlib import Path

import duckdb

from engagement import coverage, run_log, scores, warehouse
from engagement.console import command_parser, complain, printable, stop_printing
from engagement.dashboard.folder import dashboard_folder, write_dashboard
from engagement.journals import as_published, keep_or_take_back
from engagement.paths import (
    BUSY, FAILED, HELD, LATE, LOCK_CHECKED_EVERY, BadUsage, Busy, CommandError, LostData, cannot_open, connect, enter_project, remove_abandoned, utc_now,
)
from engagement.project_vars import given_vars
from engagement.publish import (
    add_options, as_of_date, last_build, publish_build, refuse_lost_data, refuse_moved_bands, refuse_names_in_clear, refuse_old_data, sources,
)
from engagement.rules import Rules, rules_of_files
from engagement.runner import run_dbt
from engagement.seeds.check import FaultySeeds, refuse_faulty_seeds
from engagement.warehouse import Warehouse
from engagement.warehouse.duckdb_file import DuckDBFile
from engagement.warehouse.mirror import Reader

STATUS = {0: "published", FAILED: "failed", LATE: "late", BUSY: "busy", HELD: "held"}
TOP_ACCOUNTS = 10
HEADERS = 3 * 4096  # bytes of a DuckDB file before its first data
# {option of dbt that would build another database than the one that is published: what to do instead}
REFUSED = {
    "--profiles-dir": "Set env var DBT_PROFILES_DIR.", "--profile": "Set env var DBT_PROFILE.",
    "--project-dir": "Run the command in the folder of that project.",
}


def refuse_database_without_headers(database: Path) -> None:
    """Stops if a first build has left a broken file on a full disk, because dbt would try for minutes to open it."""
    size = database.stat().st_size if database.is_file() else HEADERS
    if size < HEADERS:
        raise CommandError(
            f"{database} has {size} bytes, so it is not a database: the disk was full, or the file was cut off."
            " Restore its backup, or remove it if there is none, and run the same command again."
        )


def refuse_database_in_use(database: Path, wait: int) -> None:
    """Waits this many seconds for other programs to close the database, then stops, because dbt would try for minutes."""
    deadline = time.monotonic() + wait
    while database.is_file():
        try:
            return connect(database).close()
        except duckdb.IOException as error:
            reason = cannot_open(database, error, ", or wait for it with --wait SECONDS")
            if not isinstance(reason, Busy) or time.monotonic() >= deadline:
                raise reason from None
            time.sleep(LOCK_CHECKED_EVERY)


def check_rules(report: list[str]) -> Rules:
    """The rules. Stops if seeds have faults, which `report` then lists. Otherwise `report` lists probable mistakes."""
    try:
        seeds = refuse_faulty_seeds()
    except FaultySeeds as faulty:
        report += faulty.lines
        raise CommandError(faulty.reason) from None
    report += map(str, seeds.notes)
    return rules_of_files(seeds.tables)


def build_database(place: Warehouse, rules: Rules, options: argparse.Namespace, dbt_options: list[str]) -> None:
    """Stops unless dbt succeeds. Unit tests of the SQL belong to `make test`."""
    if isinstance(place, DuckDBFile):
        # a memory limit that DuckDB can't read is named here, also before there is a database
        connect().close()
        refuse_database_without_headers(place.database)
        refuse_database_in_use(place.database, options.wait)
    else:
        # landing does this if there are files to load
        with place.opened() as reader:
            keep_or_take_back(reader, place, rules)
    before = place.last_invocation()
    # dbt needs a second to write the JSON of the whole project; tools that need it add --write-json
    fault = run_dbt("build", "--exclude-resource-type", "unit_test", "--no-write-json", *dbt_options, verbose=options.verbose)
    if fault:
        raise CommandError(f"dbt did not succeed: {fault.rstrip('.')}.")
    if before and before == place.last_invocation():
        raise CommandError("dbt built nothing that could be published. Check the names in --select and dbt's other options.")


def facts(reader: Reader, place: Warehouse) -> dict:
    """The facts about the data for the run log and the last line."""
    build, before, as_of = last_build(reader), place.published(reader), as_of_date(reader)
    limited = [source for source in sources(reader) if source.allowed_days_late is not None]
    is_new = "where alert_id not in (select alert_id from published.score_alerts)" if before else ""
    (rejected,), (alerts,), (config_version,) = (reader.execute(query).fetchone() for query in (
        "select count(*) from rejected_records", f"select count(*) from score_alerts {is_new}",
        "select config_version from intermediate.int_config_version",
    ))
    return {
        "invocation_id": build.invocation_id,
        "marts": len(build.marts),
        # null if no source has a row
        "as_of_date": as_of and str(as_of),
        "config_version": config_version,
        "days_late": {source.name: source.days_late for source in limited},
        "too_late": [source.name for source in limited if source.is_too_late],
        "rejected_rows": rejected,
        "new_alerts": alerts,
    }


def build_and_publish(options: argparse.Namespace, dbt_options: list[str], place: Warehouse, run: dict, report: list[str]) -> None:
    """Fills `run` and `report`, the lines to print, up to where it stops. It prints nothing, because the output may be closed."""
    with contextlib.suppress(OSError):
        remove_abandoned()
    build_database(place, check_rules(report), options, dbt_options)
    with place.opened() as reader:
        run |= facts(reader, place)
        report += [*coverage.report(reader), ""]
        refuse_lost_data(reader)
        refuse_old_data(reader, place, options.max_age_days)
        refuse_names_in_clear(reader, place, last_build(reader), options.is_confirmed)
        moved = refuse_moved_bands(reader, place, options.is_confirmed)
        if moved:
            run["rules_changed"] = str(moved)
        run["version"], _ = publish_build(reader, place, last_build(reader))
    if options.dashboard:
        show_dashboard(place, run)


def show_dashboard(place: Warehouse, run: dict) -> None:
    """Writes the dashboard of the new publication. If that fails, the publication stays."""
    try:
        page, _ = write_dashboard(place, dashboard_folder(place.folder))
        run["dashboard"] = str(page)
    except (CommandError, OSError, duckdb.Error) as error:
        complain(f"Published, but the dashboard was not written: {printable(error)}")


def kept_version(place: Warehouse) -> str:
    try:
        version = place.shown_version()
    except CommandError:
        return "It is unknown which version readers have."
    return f"Readers keep version {version}." if version else "Nothing is published yet."


def summary(run: dict, place: Warehouse) -> str:
    """The last line."""
    parts = []
    if "marts" in run:
        as_of = f" as of {run['as_of_date']}" if run["as_of_date"] else ""
        parts.append(f"Built {run['marts']} marts{as_of}.")
    if run["status"] == "published":
        parts.append(f"Published version {run['version']}: {place.place}.")
        if "dashboard" in run:
            parts.append(f"Dashboard: {run['dashboard']}.")
    else:
        parts.append(f"Not published. {run['reason']} {kept_version(place)}")
    if "marts" in run:
        late = ", ".join(
            f"{name} {days}{' (too late)' if name in run['too_late'] else ''}" for name, days in run["days_late"].items() if days and days > 0
        )
        parts.append(f"Days late: {late or 'none'}. Rejected source rows: {run['rejected_rows']}. New alerts: {run['new_alerts']}.")
    return printable(" ".join([*parts, f"{run['seconds']:.0f} s."]))


def arguments(argv: "list[str] | None") -> tuple[argparse.Namespace, list[str]]:
    """(options of this command, options of dbt). An option of dbt is never read as a short form of one of these."""
    parser = command_parser("build", __doc__, allow_abbrev=False)
    add_options(parser)
    parser.add_argument("--no-dashboard", dest="dashboard", action="store_false", help="do not write the dashboard")
    parser.add_argument("--verbose", action="store_true", help="show dbt's whole log instead of one line of progress")
    options, dbt_options = parser.parse_known_args(argv)
    for name, advice in REFUSED.items():
        if any(option == name or option.startswith(f"{name}=") for option in dbt_options):
            raise BadUsage(f"{name} isn't an option of this command: dbt alone would obey it. {advice}")
    for option, following in zip(dbt_options, [*dbt_options[1:], ""]):
        if option == "--vars" or option.startswith("--vars="):
            given_vars(following if option == "--vars" else option.removeprefix("--vars="))
    return options, dbt_options


def main(argv: "list[str] | None" = None) -> int:
    options, dbt_options = arguments(argv)
    enter_project()
    sys.stdout.reconfigure(line_buffering=True)
    # a scheduled build that is stopped prints a last line too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = warehouse.current()
    try:
        with place.lock(options.wait):
            began, exit_code, report = time.monotonic(), 0, []
            run = {"started_at": f"{utc_now():%Y-%m-%dT%H:%M:%SZ}", "dbt_options": dbt_options, "version": None, "reason": None}
            try:
                try:
                    build_and_publish(options, dbt_options, place, run, report)
                except LostData:
                    as_published(place)
                    raise
            except CommandError as reason:
                exit_code, run["reason"] = reason.exit_code, str(reason)
            except (OSError, duckdb.Error) as error:
                exit_code, run["reason"] = FAILED, f"{str(error).strip().rstrip('.')}."
            except KeyboardInterrupt:
                exit_code, run["reason"] = FAILED, "It was stopped."
            run |= {"status": STATUS.get(exit_code, "failed"), "exit_code": exit_code, "seconds": round(time.monotonic() - began, 1)}
            try:
                run_log.append(place.folder, run)
            except OSError as error:
                complain(f"The run log could not be written: {error}")
            try:
                if exit_code == 0:
                    with warehouse.opened_marts(place) as marts:
                        report += scores.report(marts, TOP_ACCOUNTS)
                if "rules_changed" in run:
                    report += ["", f"{printable(run['rules_changed'])}."]
                print("\n".join([*report, summary(run, place)]))
            except BrokenPipeError:
                stop_printing()
            return exit_code
    except KeyboardInterrupt:
        complain("It was stopped while waiting for another build.")
        return FAILED
