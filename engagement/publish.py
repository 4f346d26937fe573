"""Publishes the marts of the last build, so that readers always see one complete set while the next build runs.

Only a complete build that passed every test is published, and only if its data isn't too old. See docs/operations.md.
"""

import argparse
import datetime as dt
from dataclasses import dataclass

import duckdb

from engagement import warehouse
from engagement.console import command_parser, complain, printable
from engagement.dashboard.folder import dashboard_folder, remove_dashboards
from engagement.export import export_folder, remove_export
from engagement.paths import HELD, LATE, CommandError, Held, Late, LostData, utc_now
from engagement.privacy import privacy_key
from engagement.rules import Moved, moved_by_rules, rules_of_build, rules_of_version, select_rules
from engagement.sample_accounts import sample_accounts
from engagement.warehouse import Warehouse
from engagement.warehouse.mirror import Reader, only
from engagement.warehouse.versions import Build, Mart

REVIEW_TABLES = "review_*"


@dataclass(frozen=True)
class Source:
    """How late a raw table is."""

    name: str
    days_late: "int | None"
    allowed_days_late: "int | None"
    is_required: bool
    last_loaded_on: "dt.date | None"

    @property
    def is_too_late(self) -> bool:
        return None not in (self.days_late, self.allowed_days_late) and self.days_late > self.allowed_days_late


# the state of the build

def last_build(reader: Reader) -> Build:
    """Stops unless the last build was complete, as recorded in `runs.last_build`. A build removes that table when it begins."""
    try:
        invocation_id, is_complete, remark, is_masked, most_moved_share = reader.execute(
            "select invocation_id, is_complete, remark, masks_personal_data, most_moved_share from runs.last_build"
        ).fetchone()
        columns = reader.execute(
            "select mart_schema, mart, column_name, description, personal from runs.mart_columns order by mart_schema, mart"
        ).fetchall()
    except duckdb.Error:
        raise CommandError(
            "It is unknown how the last build ended: it is still running, it was killed, or there was none."
            " Run the whole project with `make build`."
        ) from None
    if not is_complete:
        raise CommandError(
            f"The last build is not complete: {remark}. Its marts may be mixed with older ones. Run the whole project with `make build`."
        )
    marts: dict[tuple[str, str], Mart] = {}
    for schema, name, column, description, kind in columns:
        mart = marts.setdefault((schema, name), Mart(schema, name))
        if column is None:
            mart.description = description
        else:
            mart.comments[column] = description or ""
            if kind:
                mart.personal[column] = kind
    review = review_tables(reader)
    found = [reader.execute(f"select count(*), sum(hash(found)) from {table.name} as found").fetchone() for table in review]
    return Build(invocation_id, is_masked, float(most_moved_share), [*marts.values(), *review], select_rules(reader), str(found))


def review_tables(reader: Reader) -> list[Mart]:
    """The tables that `make review` wrote, with their comments. They hold no personal data."""
    tables = reader.execute(
        "select schema_name, table_name, comment from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'main' and table_name glob ? order by table_name", [REVIEW_TABLES]
    ).fetchall()
    return [
        Mart(schema, name, description, dict(reader.execute(
            "select column_name, comment from duckdb_columns()"
            " where database_name = current_database() and schema_name = ? and table_name = ? and comment is not null", [schema, name]
        ).fetchall())) for schema, name, description in tables
    ]


def as_of_date(reader: Reader) -> "dt.date | None":
    return reader.execute("select as_of_date from intermediate.int_as_of_date").fetchone()[0]


def sources(reader: Reader) -> list[Source]:
    return [Source(*row) for row in reader.execute(
        "select source_table, days_late, allowed_days_late, is_required, cast(last_loaded_at as date)"
        " from source_coverage order by source_table"
    ).fetchall()]


def refuse_old_data(reader: Reader, place: Warehouse, max_age_days: "int | None") -> None:
    """Stops if a required source is later than its limit or has lost all its rows, or if the scores are too old by the
    machine's clock."""
    as_of = as_of_date(reader)
    if as_of is None:
        raise Late("No source has a row, so there is no day for the scores. Load the raw tables.")
    late = [source for source in sources(reader) if source.is_required and source.is_too_late]
    if late:
        raise Late(
            " ".join(
                f"{source.name} is {source.days_late} days late ({source.allowed_days_late} allowed): its newest row was loaded"
                f" on {source.last_loaded_on}." for source in late
            ) + f" The scores would be as of {as_of}. Load what is missing and run the same command again; if it is in order, raise"
            " the limit (var freshness_error_days, or freshness of the table in models/staging/_raw__sources.yml)."
        )
    emptied = emptied_sources(reader, place)
    if emptied and set(reader.execute("select account_id, account_name from published.account_scores").fetchall()) <= sample_accounts():
        raise LostData(
            f"The published scores are those of the sample. {place.removal}, then run the same command again.", LATE,
        )
    if emptied:
        raise LostData(
            " ".join(f"{name} has no rows; in the published version it had {rows}." for name, rows in emptied)
            + " Load what is missing and run the same command again; if it is in order, take `on_time` from the table in"
            " models/staging/_raw__sources.yml.",
            LATE,
        )
    age = (utc_now().date() - as_of).days
    if max_age_days is not None and age > max_age_days:
        raise Late(
            f"The scores are as of {as_of}, {age} days ago ({max_age_days} allowed by --max-age-days): since then no"
            " source has brought a row. Load what is missing and run the same command again."
        )


def refuse_lost_data(reader: Reader) -> None:
    """Stops if most rows of a required table couldn't be used, or no event has an account. The scores would look right, but be
    wrong."""
    lost = reader.execute("""
        select coverage.source_table, unusable_rows, raw_rows, mode(rejection_reason)
        from source_coverage as coverage left join rejected_records as rejected on coverage.source_table = rejected.source_table
        where raw_rows > 0 and unusable_rows > allowed_unusable_share * raw_rows
        group by all order by 1
    """).fetchall()
    if lost:
        raise LostData(
            " ".join(
                f"{unusable:,} of {rows:,} rows of {name} could not be used, most of them because {reason}."
                for name, unusable, rows, reason in lost
            ) + " `make check` shows examples, and rejected_records lists each row. Fix the files, or raise the limit (var most_unusable_share)."
        )
    # CRM tables have no machine rows
    events, staged, matched, why = reader.execute("""
        select coalesce(sum(raw_rows), 0), coalesce(sum(staged_rows), 0), coalesce(sum(matched_rows), 0), (
            select mode(rejection_reason) from rejected_records
            where source_table in (select source_table from source_coverage where machine_rows is not null)
        )
        from source_coverage where machine_rows is not null
    """).fetchone()
    if events and not staged:
        raise LostData(
            f"None of {events:,} rows of events could be used, most of them because {why}. rejected_records lists each row. Fix the files."
        )
    if events and not matched:
        raise LostData(
            f"None of {events:,} rows of events led to an account, so every score would be 0. Compare their ids, addresses and domains"
            " with those of crm_accounts and crm_contacts: rejected_records and unmatched_engagement in the database have the reasons."
        )


def refuse_moved_bands(reader: Reader, place: Warehouse, is_confirmed: bool) -> "Moved | None":
    """Stops if changed rules move a large share of the accounts, unless they are confirmed. Returns the effect of changed
    rules; None if the published version used the same rules, or there is none."""
    before = place.published(reader)
    version, = reader.execute("select config_version from intermediate.int_config_version").fetchone()
    if not before or before.config_version == version:
        return None
    # only this day is compared
    with only(reader, "score_date", min(before.as_of_date or dt.date.max, as_of_date(reader))):
        moved = moved_by_rules(reader, "warehouse", rules_of_version(reader), rules_of_build(reader))
    limit = last_build(reader).most_moved_share
    if moved.share > limit and not is_confirmed:
        raise Held(
            f"{moved}, more than {100 * limit:.4g} % of the {moved.above} above the lowest band. Look with `make what-if`, then confirm with `make publish ARGS=--yes`, or put"
            " the rules back and build again."
        )
    return moved


def refuse_names_in_clear(reader: Reader, place: Warehouse, build: Build, is_confirmed: bool) -> None:
    """Stops if people are masked in the published version, but not in this build, unless that is confirmed."""
    before = place.published(reader)
    if before and before.is_masked and not build.is_masked and not is_confirmed:
        raise Held(
            "The published version masks people, and this build would show them in clear. Build with the var mask_personal_data, or"
            " confirm with `make publish ARGS=--yes`."
        )


def publish_build(reader: Reader, place: Warehouse, build: Build) -> tuple[str, bool]:
    """(version, whether it is new) of the build, now published. The first masked version removes all that shows people: the
    versions in clear, and the dashboards and exports that were made from them."""
    before = place.published(reader)
    if build.is_masked and not (before and before.is_masked):
        # refused before anything is removed
        privacy_key()
        remove_dashboards(dashboard_folder(place.folder))
        exported = export_folder(place.folder)
        if exported.exists():
            complain(f"Removed {exported}, which shows people in clear. Write it again with `python -m engagement export`.")
        remove_export(exported)
    return place.publish(reader, build)


def emptied_sources(reader: Reader, place: Warehouse) -> list[tuple[str, int]]:
    """[(name, rows it had)] of required sources without rows that had some in the published version."""
    if not place.published(reader):
        return []
    return reader.execute(
        "select coverage.source_table, before.raw_rows"
        " from source_coverage as coverage inner join published.source_coverage as before"
        " on coverage.source_table = before.source_table"
        " where coverage.is_required and coverage.raw_rows = 0 and before.raw_rows > 0 order by 1"
    ).fetchall()


# the command line

def whole_number(text: str) -> int:
    if int(text) < 0:
        raise ValueError
    return int(text)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that `build` shares."""
    parser.add_argument(
        "--max-age-days", type=whole_number, metavar="N",
        help=f"publish nothing (exit code {LATE}) if the as-of date is more than N days before today's UTC date",
    )
    parser.add_argument(
        "--yes", dest="is_confirmed", action="store_true",
        help=f"publish even if changed rules move many accounts to another band (otherwise exit code {HELD})",
    )
    parser.add_argument(
        "--wait", type=whole_number, default=0, metavar="SECONDS",
        help="how long to wait for another build to end (default: 0)",
    )


def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("publish", __doc__)
    add_options(parser)
    options = parser.parse_args(argv)
    place = warehouse.current()
    try:
        with place.lock(options.wait), place.opened() as reader:
            build = last_build(reader)
            refuse_lost_data(reader)
            refuse_old_data(reader, place, options.max_age_days)
            refuse_names_in_clear(reader, place, build, options.is_confirmed)
            moved = refuse_moved_bands(reader, place, options.is_confirmed)
            version, is_new = publish_build(reader, place, build)
            as_of = as_of_date(reader)
    except CommandError as reason:
        complain(f"Not published. {reason}")
        return reason.exit_code
    if moved:
        print(f"{printable(moved)}.")
    print(f"{'Published' if is_new else 'Published before:'} version {version}, as of {as_of}: {place.place}")
    return 0
