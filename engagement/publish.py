"""Publish the marts of the last build as one file that readers have open while the next build runs.

Each version is a folder with one file, which is never written again. `marts.duckdb` in the serving folder is a link to
the file of the newest version. All these files have one name, because DuckDB names the catalogue after the file behind a
link. Only a complete build that passed every test is published, and no data that are too old. docs/operations.md says more.
"""

import argparse
import contextlib
import datetime as dt
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from engagement.console import complain, printable
from engagement.paths import HELD, LATE, BadUsage, CommandError, Held, Late, database_file, literal, lock_of, opened, quoted, serving_folder, utc_now
from engagement.privacy import masked_columns, privacy_key
from engagement.rules import TABLE, Moved, moved_by_rules, rules_of_build, rules_of_version, select_rules

# the link that readers open, and the file of every version
LINK = "marts.duckdb"
VERSION_FORMAT = "%Y%m%dT%H%M%SZ"  # later sorts after earlier
KEPT_VERSIONS = 3
# names of a publication under way; what a killed one leaves behind has them too
NEW_VERSION, NEW_LINK = "new.version", "new.link"
# the oldest format that DuckDB can still write: any version since 1.0 reads it
STORAGE_VERSION = "v1.0.0"
REVIEW_TABLES = "review_*"


@dataclass
class Mart:
    """A table to publish, with the comments and the masks of its columns."""

    schema: str
    name: str
    description: "str | None" = None
    comments: dict[str, str] = field(default_factory=dict)  # {column: description}
    masks: dict[str, str] = field(default_factory=dict)  # {column: SQL to show instead of it}

    def select(self) -> str:
        replaced = ", ".join(f"{sql} as {quoted(column)}" for column, sql in self.masks.items())
        columns = f"* replace ({replaced})" if replaced else "*"
        return f"select {columns} from warehouse.{quoted(self.schema)}.{quoted(self.name)}"


@dataclass
class Build:
    """The last build, complete and tested."""

    invocation_id: str
    is_masked: bool
    most_moved_share: float
    marts: list[Mart]
    review: str  # another text where `make review` has found something else


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


# what the build says

def last_build(connection: duckdb.DuckDBPyConnection) -> Build:
    """Stops unless the last build was complete. Only `runs.last_build` knows, and a build removes it when it begins."""
    try:
        invocation_id, is_complete, remark, is_masked, most_moved_share = connection.execute(
            "select invocation_id, is_complete, remark, masks_personal_data, most_moved_share from runs.last_build"
        ).fetchone()
        columns = connection.execute(
            "select mart_schema, mart, column_name, description, personal from runs.mart_columns order by mart_schema, mart"
        ).fetchall()
    except duckdb.Error:
        raise CommandError(
            "Nothing says how the last build ended: it is still running, it was killed, or there was none."
            " Run the whole project with `make build`."
        ) from None
    if not is_complete:
        raise CommandError(
            f"The last build is not complete: {remark}. The marts may be of two builds. Run the whole project with `make build`."
        )
    marts: dict[tuple[str, str], Mart] = {}
    personal: dict[tuple[str, str], dict[str, str]] = {}
    for schema, name, column, description, kind in columns:
        mart = marts.setdefault((schema, name), Mart(schema, name))
        if column is None:
            mart.description = description
        else:
            mart.comments[column] = description or ""
            if kind:
                personal.setdefault((schema, name), {})[column] = kind
    if is_masked:
        for key, kinds in personal.items():
            marts[key].masks = masked_columns(kinds)
    review = review_tables(connection)
    found = [connection.execute(f"select count(*), sum(hash(found)) from {table.name} as found").fetchone() for table in review]
    return Build(invocation_id, is_masked, float(most_moved_share), [*marts.values(), *review], str(found))


def review_tables(connection: duckdb.DuckDBPyConnection) -> list[Mart]:
    """The tables that `make review` has left, with their own comments. They hold no personal data."""
    tables = connection.execute(
        "select schema_name, table_name, comment from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'main' and table_name glob ? order by table_name", [REVIEW_TABLES]
    ).fetchall()
    return [
        Mart(schema, name, description, dict(connection.execute(
            "select column_name, comment from duckdb_columns()"
            " where database_name = current_database() and schema_name = ? and table_name = ? and comment is not null", [schema, name]
        ).fetchall())) for schema, name, description in tables
    ]


def as_of_date(connection: duckdb.DuckDBPyConnection) -> "dt.date | None":
    return connection.execute("select as_of_date from intermediate.int_as_of_date").fetchone()[0]


def sources(connection: duckdb.DuckDBPyConnection) -> list[Source]:
    return [Source(*row) for row in connection.execute(
        "select source_table, days_late, allowed_days_late, is_required, cast(last_loaded_at as date)"
        " from source_coverage order by source_table"
    ).fetchall()]


def refuse_old_data(connection: duckdb.DuckDBPyConnection, folder: Path, max_age_days: "int | None") -> None:
    """Stops at a required source that is later than its limit or has lost all its rows, and at scores that are older than
    the machine's day."""
    as_of = as_of_date(connection)
    if as_of is None:
        raise Late("No source has a row, so there is no day the scores could be for. Load the raw tables.")
    late = [source for source in sources(connection) if source.is_required and source.is_too_late]
    if late:
        raise Late(
            " ".join(
                f"{source.name} is {source.days_late} days late ({source.allowed_days_late} allowed): its newest row was loaded"
                f" on {source.last_loaded_on}." for source in late
            ) + f" The scores would be as of {as_of}. Load what is missing and run the same command again; if it is in order, raise"
            " the limit (var freshness_error_days, or freshness of the table in models/staging/_raw__sources.yml)."
        )
    emptied = emptied_sources(connection, folder)
    if emptied:
        raise Late(
            " ".join(f"{name} has no row; in the published version it had {rows}." for name, rows in emptied)
            + " Load what is missing and run the same command again; if it is in order, take `on_time` from the table in"
            " models/staging/_raw__sources.yml."
        )
    age = (utc_now().date() - as_of).days
    if max_age_days is not None and age > max_age_days:
        raise Late(
            f"The scores are as of {as_of}, {age} days ago ({max_age_days} allowed by --max-age-days): since then no"
            " source has brought a row. Load what is missing and run the same command again."
        )


def refuse_lost_data(connection: duckdb.DuckDBPyConnection) -> None:
    """Stops if most rows of a required table could not be used, or no event led to an account: the scores would be wrong, and
    look right."""
    lost = connection.execute("""
        select coverage.source_table, unusable_rows, raw_rows, mode(rejection_reason)
        from source_coverage as coverage left join rejected_records as rejected on coverage.source_table = rejected.source_table
        where raw_rows > 0 and unusable_rows > allowed_unusable_share * raw_rows
        group by all order by 1
    """).fetchall()
    if lost:
        raise CommandError(
            " ".join(
                f"{unusable:,} of {rows:,} rows of {name} could not be used, most of them because {reason}."
                for name, unusable, rows, reason in lost
            ) + " `make check` shows examples, and rejected_records each row. Repair the files, or raise the limit (var most_unusable_share)."
        )
    events, matched = connection.execute(
        # CRM tables have no machines
        "select coalesce(sum(raw_rows), 0), coalesce(sum(matched_rows), 0) from source_coverage where machine_rows is not null"
    ).fetchone()
    if events and not matched:
        raise CommandError(
            f"None of {events:,} rows of events led to an account, so every score would be 0. Compare their ids, addresses and domains"
            " with those of crm_accounts and crm_contacts: rejected_records and unmatched_engagement in the database have the reasons."
        )


def refuse_moved_bands(connection: duckdb.DuckDBPyConnection, folder: Path, is_confirmed: bool) -> "Moved | None":
    """Stops at changed rules that move a large share of the accounts, unless somebody has confirmed them. What changed
    rules do; None if the published version was made by the same ones, or there is none."""
    before = published(connection, folder)
    version, = connection.execute("select config_version from intermediate.int_config_version").fetchone()
    if not before or before.config_version == version:
        return None
    moved = moved_by_rules(connection, "warehouse", rules_of_version(connection), rules_of_build(connection))
    limit = last_build(connection).most_moved_share
    if moved.share > limit and not is_confirmed:
        raise Held(
            f"{moved}, more than {100 * limit:.4g} % of the {moved.above} above the lowest band. Look with `make what-if`, then confirm with `make publish ARGS=--yes`, or put"
            " the rules back and build again."
        )
    return moved


# what is published

SCORING_RULES = Mart("main", TABLE, "One row per filled cell of the seeds that the marts were built with.", {
    "seed": "Name of the seed.",
    "rule": "Key of the row; several columns of a key are separated by slashes.",
    "column_name": "Column of the seed.",
    "value": "What stands in the cell, as text.",
})
PUBLICATION = Mart("main", "publication", "One row: which publication this file is, of which build and day.", {
    "version": "Time of the publication (UTC), but always later than the one before. The folder of the file has this name.",
    "as_of_date": "The day the scores are for (UTC).",
    "config_version": "Hash of the content of all scoring seeds.",
    "invocation_id": "Id of the dbt run that built the marts.",
    "published_at": "When the file was written (UTC).",
    "is_masked": "True: keyed hashes stand for people, in all marts.",
    "review": "Fingerprint of the results of `make review` in the file.",
})


@dataclass(frozen=True)
class Publication:
    """The one row of the table `publication` in a published file."""

    version: str
    invocation_id: str
    config_version: str = ""
    is_masked: bool = False
    review: str = ""


def published(connection: duckdb.DuckDBPyConnection, folder: Path) -> "Publication | None":
    """What the link leads to, attached as `published`; None if it leads to no publication."""
    connection.execute("detach database if exists published")
    try:
        connection.execute(f"attach {literal((folder / LINK).resolve(strict=True))} as published (read_only)")
        found = connection.execute("from published.publication")
        # versions of older releases lack some columns
        row = dict(zip([column[0] for column in found.description], found.fetchone()))
        return Publication(**{column: row[column] for column in Publication.__annotations__ if column in row})
    except (TypeError, OSError, RuntimeError, duckdb.Error):
        return None


def emptied_sources(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[tuple[str, int]]:
    """[(name, rows it had)] of the required sources without a row of which the published version has had some."""
    if not published(connection, folder):
        return []
    return connection.execute(
        "select source_table, before.raw_rows"
        " from source_coverage as coverage inner join published.source_coverage as before using (source_table)"
        " where coverage.is_required and coverage.raw_rows = 0 and before.raw_rows > 0 order by source_table"
    ).fetchall()


def versions(folder: Path) -> dict[str, Path]:
    """{version: file}, the oldest first."""
    found = {}
    for version in sorted(folder.glob("*Z")):
        with contextlib.suppress(ValueError):
            dt.datetime.strptime(version.name, VERSION_FORMAT)
            found[version.name] = version / LINK
    return found


def shown_version(folder: Path) -> "str | None":
    """The version that the link leads to; None without a link."""
    link = folder / LINK
    return Path(os.readlink(link)).parent.name if link.is_symlink() else None


def next_version(folder: Path) -> str:
    """The time, but later than every version before, also where the clock was set back."""
    newest = max(versions(folder), default=None)
    version = utc_now().strftime(VERSION_FORMAT)
    if newest is None or version > newest:
        return version
    return (dt.datetime.strptime(newest, VERSION_FORMAT) + dt.timedelta(seconds=1)).strftime(VERSION_FORMAT)


def publish(connection: duckdb.DuckDBPyConnection, folder: Path, remove_others: bool = False) -> tuple[str, bool]:
    """Publish the marts of the last build; the version, and whether it is new. Old versions are removed, with
    `remove_others` all of them."""
    build = last_build(connection)
    if build.is_masked:
        # refused here, so that `make publish` alone repairs a forgotten key
        connection.execute("set variable privacy_key = ?", [privacy_key()])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone_in(folder) as directory:
            remove_leftovers(folder)
            before = published(connection, folder)
            is_new = not before or (before.invocation_id, before.review) != (build.invocation_id, build.review)
            version = next_version(folder) if is_new else before.version
            if is_new:
                refuse_foreign_link(folder)
                (folder / NEW_VERSION).mkdir()
                write(connection, folder / NEW_VERSION / LINK, version, build)
                # a reader that forgets to open it read-only is refused
                os.chmod(folder / NEW_VERSION / LINK, 0o444)
                to_disk(folder / NEW_VERSION)
                os.rename(folder / NEW_VERSION, folder / version)
                os.fsync(directory)
                point_to(folder, version)
                os.fsync(directory)
            remove_old_versions(folder, 1 if remove_others else KEPT_VERSIONS, build.is_masked)
    except (OSError, RuntimeError, OverflowError, duckdb.Error) as error:
        with contextlib.suppress(OSError):
            remove_leftovers(folder)
        raise CommandError(
            f"{folder} could not be written: {printable(error).rstrip('. ')}. Make room or repair it, and run the same command again."
        ) from None
    return version, is_new


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[int]:
    """The open folder, locked until it is closed: another database may be published into it, too."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield directory
    finally:
        os.close(directory)


def remove_leftovers(folder: Path) -> None:
    remove(folder / NEW_LINK)
    remove(folder / NEW_VERSION)


def remove(path: Path) -> None:
    """A file, a link, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """The content of a file, or the names in a folder, are on disk when this returns."""
    opened_path = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened_path)
    finally:
        os.close(opened_path)


def write(connection: duckdb.DuckDBPyConnection, file: Path, version: str, build: Build) -> None:
    """A new file with all marts and the table `publication`, on disk when this returns."""
    counts = {}
    connection.execute(f"attach {literal(file)} as new_file (storage_version {literal(STORAGE_VERSION)})")
    try:
        for mart in build.marts:
            table = f"new_file.{quoted(mart.name)}"
            connection.execute(f"create table {table} as {mart.select()}")
            describe(connection, mart)
            counts[mart.name], = connection.execute(f"select count(*) from ({mart.select()})").fetchone()
        connection.execute(
            "create table new_file.publication as"
            " select cast(? as varchar) as version, as_of_date, config_version, cast(? as varchar) as invocation_id,"
            " cast(? as timestamp) as published_at, cast(? as boolean) as is_masked,"
            " cast(? as varchar) as review"
            " from warehouse.intermediate.int_as_of_date cross join warehouse.intermediate.int_config_version",
            [version, build.invocation_id, utc_now().replace(microsecond=0), build.is_masked, build.review],
        )
        describe(connection, PUBLICATION)
        connection.execute(f"create table new_file.{TABLE} as {select_rules(connection)}")
        describe(connection, SCORING_RULES)
        connection.execute("checkpoint new_file")
    finally:
        connection.execute("detach new_file")
    check(connection, file, {**counts, "publication": 1})
    to_disk(file)


def describe(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """The descriptions of a table in the new file are its comments, for BI tools."""
    table = f"new_file.{quoted(mart.name)}"
    if mart.description:
        connection.execute(f"comment on table {table} is {literal(mart.description.strip())}")
    for column, description in mart.comments.items():
        if description:
            connection.execute(f"comment on column {table}.{quoted(column)} is {literal(description.strip())}")


def check(connection: duckdb.DuckDBPyConnection, file: Path, counts: dict[str, int]) -> None:
    """What stands in the file, read as readers will read it, has the rows it should have."""
    connection.execute(f"attach {literal(file)} as new_file (read_only)")
    try:
        for table, count in counts.items():
            found, = connection.execute(f"select count(*) from new_file.{quoted(table)}").fetchone()
            if found != count:
                raise OSError(f"{table} has {found} rows in the new file, and should have {count}.")
    finally:
        connection.execute("detach new_file")


def refuse_foreign_link(folder: Path) -> None:
    """Stops before anything is written where a file of somebody else has the name of the link."""
    if (folder / LINK).exists() and not (folder / LINK).is_symlink():
        raise OSError(f"{LINK} is no link, so somebody else has put it there. Move it away")


def point_to(folder: Path, version: str) -> None:
    """The link leads to another version, from one moment to the next; relative, so that the folder can be moved."""
    os.symlink(Path(version) / LINK, folder / NEW_LINK)
    os.replace(folder / NEW_LINK, folder / LINK)


def remove_old_versions(folder: Path, kept: int, only_masked: bool) -> None:
    """All but the newest ones and what the link leads to; with `only_masked` all that show people, too. Whoever has a
    removed file open reads it to the end."""
    newest = [version for version, file in versions(folder).items() if not (only_masked and shows_people(file))][-kept:]
    for version in versions(folder):
        if version not in newest and version != shown_version(folder):
            try:
                remove(folder / version)
            except OSError as error:
                complain(f"{folder / version} could not be removed: {error.strerror or error}. Remove it by hand.")


def shows_people(file: Path) -> bool:
    """Is it not sure that people are masked in this version?"""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            return not all(masked for masked, in connection.execute("select is_masked from publication").fetchall())
    except duckdb.Error:
        return True


@contextlib.contextmanager
def opened_marts(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads published marts; no build waits for it, nor it for a build."""
    if not file.is_file():
        raise BadUsage(f"Nothing is published in {file}. Run `make build` first, or say where the marts are with --marts.")
    with opened(file) as connection:
        yield connection


# the command line

def whole_number(text: str) -> int:
    if int(text) < 0:
        raise ValueError
    return int(text)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that `build` has, too."""
    parser.add_argument(
        "--max-age-days", type=whole_number, metavar="N",
        help=f"publish nothing (exit code {LATE}) if the as-of date is more than N days before today's UTC date",
    )
    parser.add_argument(
        "--yes", dest="is_confirmed", action="store_true",
        help=f"publish although changed rules move many accounts to another band (else exit code {HELD})",
    )
    parser.add_argument(
        "--wait", type=whole_number, default=0, metavar="SECONDS",
        help="how long to wait for another build to end (default: 0)",
    )


def main(argv: "list[str] | None" = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m engagement publish", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    options = parser.parse_args(argv)
    sys.stdout.reconfigure(errors="replace")
    database = database_file()
    folder = serving_folder(database)
    try:
        with lock_of(database, options.wait), opened(database) as connection:
            last_build(connection)
            refuse_lost_data(connection)
            refuse_old_data(connection, folder, options.max_age_days)
            moved = refuse_moved_bands(connection, folder, options.is_confirmed)
            version, is_new = publish(connection, folder)
            as_of = as_of_date(connection)
    except CommandError as reason:
        complain(f"Not published. {reason}")
        return reason.exit_code
    if moved:
        print(f"{printable(moved)}.")
    print(f"{'Published' if is_new else 'Published before:'} version {version}, as of {as_of}: {folder / LINK}")
    return 0
