"""Publish the marts of the last build as one file that readers have open while the next build runs.

`marts.duckdb` in the serving folder is a link to the newest version, a DuckDB file that is never written again. Nothing
is published but a complete build that passed every test, and no data that are too old. docs/scheduling.md says more.
"""

import argparse
import contextlib
import datetime as dt
import fcntl
import os
import sys
from typing import NamedTuple, Optional

import duckdb

from engagement.console import printable
from engagement.paths import LATE, NotPublished, Late, database_file, literal, lock_of, opened, serving_folder, utc_now

LINK = "marts.duckdb"
VERSIONS = "marts_{}.duckdb"
VERSION_FORMAT = "%Y%m%dT%H%M%SZ"  # later sorts after earlier
KEPT_VERSIONS = 3
# names of a publication under way; what a killed one leaves behind has them too
NEW_FILE, NEW_LOG, NEW_LINK = "new.duckdb", "new.duckdb.wal", "new.link"
# the oldest format that DuckDB can still write: any version since 1.0 reads it
STORAGE_VERSION = "v1.0.0"


class Build(NamedTuple):
    """What `runs.last_build` says."""

    invocation_id: str
    is_complete: bool
    remark: str
    marts: str

    def public_marts(self):
        """[(schema, mart)]"""
        return [tuple(mart.split(".")) for mart in self.marts.split(",")]


class Source(NamedTuple):
    """How late a raw table is."""

    name: str
    days_late: Optional[int]
    allowed_days_late: Optional[int]
    is_required: bool
    last_loaded_on: Optional[dt.date]

    @property
    def is_too_late(self):
        return None not in (self.days_late, self.allowed_days_late) and self.days_late > self.allowed_days_late


# what the build says

def last_build(connection):
    try:
        row = connection.execute("select invocation_id, is_complete, remark, marts from runs.last_build").fetchone()
    except duckdb.CatalogException:
        raise NotPublished("Nothing says how the last build ended. Run the whole project with `make build`.") from None
    build = Build(*row)
    if not build.is_complete:
        raise NotPublished(
            f"The last build is not complete: {build.remark}. The marts may be of two builds. Run the whole"
            " project with `make build`."
        )
    return build


def as_of_date(connection):
    return connection.execute("select as_of_date from intermediate.int_as_of_date").fetchone()[0]


def sources(connection):
    return [Source(*row) for row in connection.execute(
        "select source_table, days_late, allowed_days_late, is_required, cast(last_loaded_at as date)"
        " from source_coverage order by source_table"
    ).fetchall()]


def refuse_old_data(connection, folder, max_age_days):
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
            + " Load what is missing and run the same command again; if it is in order, mark the table as `optional` in"
            " models/staging/_raw__sources.yml."
        )
    age = (utc_now().date() - as_of).days
    if max_age_days is not None and age > max_age_days:
        raise Late(
            f"The scores are as of {as_of}, {age} days ago ({max_age_days} allowed by --max-age-days): since then no"
            " source has brought a row. Load what is missing and run the same command again."
        )


# what is published

def published(connection, folder):
    """(version, invocation_id) of what the link leads to, attached as `published`; None if it leads to no publication."""
    connection.execute("detach database if exists published")
    try:
        connection.execute(f"attach {literal((folder / LINK).resolve(strict=True))} as published (read_only)")
        return connection.execute("select version, invocation_id from published.publication").fetchone()
    except (OSError, duckdb.Error):
        return None


def emptied_sources(connection, folder):
    """[(name, rows it had)] of the required sources without a row of which the published version has had some."""
    if not published(connection, folder):
        return []
    return connection.execute(
        "select source_table, before.raw_rows"
        " from source_coverage as coverage inner join published.source_coverage as before using (source_table)"
        " where coverage.is_required and coverage.raw_rows = 0 and before.raw_rows > 0 order by source_table"
    ).fetchall()


def versions(folder):
    """{version: file}, the oldest first."""
    found = {}
    for file in sorted(folder.glob(VERSIONS.format("*"))):
        version = file.name[len("marts_"):-len(".duckdb")]
        with contextlib.suppress(ValueError):
            dt.datetime.strptime(version, VERSION_FORMAT)
            found[version] = file
    return found


def next_version(folder):
    """The time, but later than every version before, also where the clock was set back."""
    newest = max(versions(folder), default=None)
    version = utc_now().strftime(VERSION_FORMAT)
    if newest is None or version > newest:
        return version
    return (dt.datetime.strptime(newest, VERSION_FORMAT) + dt.timedelta(seconds=1)).strftime(VERSION_FORMAT)


def publish(connection, folder):
    """Publish the marts of the last build; the version, and whether it is new."""
    build = last_build(connection)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone_in(folder) as directory:
            remove_leftovers(folder)
            before = published(connection, folder)
            if before and before[1] == build.invocation_id:
                version, is_new = before[0], False
            else:
                version, is_new = next_version(folder), True
                write(connection, folder / NEW_FILE, version, build)
                # a reader that forgets to open it read-only is refused
                os.chmod(folder / NEW_FILE, 0o444)
                os.rename(folder / NEW_FILE, folder / VERSIONS.format(version))
                os.fsync(directory)
                point_to(folder, VERSIONS.format(version))
                os.fsync(directory)
            remove_old_versions(folder)
    except (OSError, duckdb.Error) as error:
        with contextlib.suppress(OSError):
            remove_leftovers(folder)
        raise NotPublished(
            f"{folder} could not be written: {printable(error).rstrip('. ')}. Make room or repair it, and run the same command again."
        ) from None
    return version, is_new


@contextlib.contextmanager
def alone_in(folder):
    """The open folder, locked until it is closed: another database may be published into it, too."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield directory
    finally:
        os.close(directory)


def remove_leftovers(folder):
    for name in (NEW_FILE, NEW_LOG, NEW_LINK):
        (folder / name).unlink(missing_ok=True)


def write(connection, file, version, build):
    """A new file with all marts and the table `publication`, on disk when this returns."""
    counts = {}
    connection.execute(f"attach {literal(file)} as new_file (storage_version {literal(STORAGE_VERSION)})")
    try:
        for schema, mart in build.public_marts():
            connection.execute(f"create table new_file.{mart} as select * from warehouse.{schema}.{mart}")
            counts[mart], = connection.execute(f"select count(*) from warehouse.{schema}.{mart}").fetchone()
        connection.execute(
            "create table new_file.publication as"
            " select cast(? as varchar) as version, as_of_date, config_version, cast(? as varchar) as invocation_id,"
            " cast(? as timestamp) as published_at"
            " from warehouse.intermediate.int_as_of_date cross join warehouse.intermediate.int_config_version",
            [version, build.invocation_id, utc_now().replace(microsecond=0)],
        )
        connection.execute("checkpoint new_file")
    finally:
        connection.execute("detach new_file")
    check(connection, file, {**counts, "publication": 1})
    with open(file, "rb") as written:
        os.fsync(written.fileno())


def check(connection, file, counts):
    """What stands in the file, read as readers will read it, has the rows it should have."""
    connection.execute(f"attach {literal(file)} as new_file (read_only)")
    try:
        for table, count in counts.items():
            found, = connection.execute(f"select count(*) from new_file.{table}").fetchone()
            if found != count:
                raise OSError(f"{table} has {found} rows in the new file, and should have {count}.")
    finally:
        connection.execute("detach new_file")


def point_to(folder, name):
    """The link leads to another file, from one moment to the next; relative, so that the folder can be moved."""
    if (folder / LINK).exists() and not (folder / LINK).is_symlink():
        raise OSError(f"{LINK} is no link, so somebody else has put it there. Move it away.")
    os.symlink(name, folder / NEW_LINK)
    os.replace(folder / NEW_LINK, folder / LINK)


def remove_old_versions(folder):
    """All but the newest ones and what the link leads to. Whoever has a removed file open reads it to the end."""
    for file in list(versions(folder).values())[:-KEPT_VERSIONS]:
        if file.name != os.readlink(folder / LINK):
            file.unlink()


# the command line

def whole_number(text):
    if int(text) < 0:
        raise ValueError
    return int(text)


def add_options(parser):
    """The options that `build` has, too."""
    parser.add_argument(
        "--max-age-days", type=whole_number, metavar="N",
        help=f"publish nothing (exit code {LATE}) if the as-of date is more than N days before today's UTC date",
    )
    parser.add_argument(
        "--wait", type=whole_number, default=0, metavar="SECONDS",
        help="how long to wait for another build to end (default: 0)",
    )


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m engagement publish", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args(argv)
    sys.stdout.reconfigure(errors="replace")
    database = database_file()
    folder = serving_folder(database)
    try:
        with lock_of(database, options.wait), opened(database) as connection:
            last_build(connection)
            refuse_old_data(connection, folder, options.max_age_days)
            version, is_new = publish(connection, folder)
            as_of = as_of_date(connection)
    except NotPublished as reason:
        print(f"Not published. {reason}", file=sys.stderr)
        return reason.exit_code
    print(f"{'Published' if is_new else 'Published before:'} version {version}, as of {as_of}: {folder / LINK}")
    return 0
