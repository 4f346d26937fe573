"""DuckDB: builds in one file, and published marts in one file per version. Readers can keep it open during a build.

Each version is a folder with one file, which is never written again. `marts.duckdb` in the serving folder is a link to
the file of the newest version. All these files have the same name, because DuckDB names the catalog after the file that a
link leads to.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from engagement.console import complain, printable
from engagement.paths import (
    BadUsage, CommandError, cannot_open, connect, existing, in_project, literal, lock_of, opened, quoted, setting, was_interrupted,
)
from engagement.privacy import privacy_key
from engagement.warehouse.dialects import DUCKDB
from engagement.warehouse.target import current_target, profiles_file, rendered
from engagement.warehouse.versions import KEPT_VERSIONS, Build, Publication, is_version, next_version, selects, superseded

# the name of the link that readers open, and of the file of every version
LINK = "marts.duckdb"
# names during a publication; a killed publication leaves files with these names
NEW_VERSION, NEW_LINK = "new.version", "new.link"
# the oldest format that DuckDB can write; every version since 1.0 reads it
STORAGE_VERSION = "v1.0.0"


@dataclass(frozen=True)
class DuckDBFile:
    """A database file, and the folder of its publications."""

    database: Path
    serving: Path

    @property
    def folder(self) -> Path:
        """The folder for files that commands write: logs, exports, dashboards."""
        return self.database.parent

    @property
    def place(self) -> str:
        """Where readers find the marts."""
        return str(self.serving / LINK)

    def lock(self, wait: "int | None" = None) -> contextlib.AbstractContextManager[BinaryIO]:
        return lock_of(self.database, wait)

    @property
    def removal(self) -> str:
        """How to remove all that was built and published here."""
        cleaned = in_project("build").resolve()
        if all(path.resolve().is_relative_to(cleaned) for path in (self.database, self.serving)):
            return "Remove them and all that was built with `make clean`"
        return f"Remove {self.database} and {self.serving}"

    # reading

    def opened(self) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        """The last build, named `warehouse`. No one can write to it while this is open."""
        return opened(self.database)

    def last_invocation(self) -> "str | None":
        """The dbt run that the record of the last build is about; None without a record."""
        with contextlib.suppress(CommandError, duckdb.CatalogException), self.opened() as reader:
            return reader.execute("select invocation_id from runs.last_build").fetchone()[0]
        return None

    def writable(self) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        """The last build, opened for adding tables."""
        try:
            return connect(existing(self.database))
        except duckdb.IOException as error:
            raise cannot_open(self.database, error) from None

    def reader(self) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection without tables."""
        return connect()

    @contextlib.contextmanager
    def opened_marts(self, **config: object) -> Iterator[duckdb.DuckDBPyConnection]:
        """The published marts, named `marts`. Neither this nor a build waits for the other."""
        file = self.serving / LINK
        if not file.is_file():
            raise CommandError(f"Nothing is published in {file}. Run `make build` first.")
        with marts_in(file, **config) as connection:
            yield connection

    def published(self, connection: duckdb.DuckDBPyConnection) -> "Publication | None":
        """The version that the link leads to, attached as `published`; None if there is no such version."""
        connection.execute("detach database if exists published")
        try:
            connection.execute(f"attach {literal((self.serving / LINK).resolve(strict=True))} as published (read_only)")
            return Publication.read(connection, "published")
        except (TypeError, OSError, RuntimeError, duckdb.Error):
            return None

    def published_table(self, version: Publication, name: str) -> str:
        """What SQL calls a table of the attached version."""
        return f"published.main.{quoted(name)}"

    def shown_version(self) -> "str | None":
        """The version that the link leads to; None without a link."""
        link = self.serving / LINK
        return Path(os.readlink(link)).parent.name if link.is_symlink() else None

    def versions(self) -> dict[str, Path]:
        """{version: file}, oldest first."""
        return {folder.name: folder / LINK for folder in sorted(self.serving.glob("*Z")) if is_version(folder.name)}

    def published_builds(self) -> set[str]:
        """The builds of the versions that are kept."""
        found = set()
        for file in self.versions().values():
            with contextlib.suppress(duckdb.Error), duckdb.connect(str(file), read_only=True) as connection:
                found |= {build for build, in connection.execute("select invocation_id from publication").fetchall()}
        return found

    # writing

    def publish(self, connection: duckdb.DuckDBPyConnection, build: Build, remove_others: bool = False) -> tuple[str, bool]:
        """Publishes the build. Returns the version, and whether it is new. Old versions are removed; `remove_others` removes all."""
        if build.is_masked:
            # refused here, so that `make publish` is enough once a missing key is set
            connection.execute("set variable privacy_key = ?", [privacy_key()])
        folder = self.serving
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with alone_in(folder) as directory:
                remove_leftovers(folder)
                before = self.published(connection)
                is_new = not before or not before.is_of(build)
                version = next_version(self.versions()) if is_new else before.version
                if is_new:
                    refuse_foreign_link(folder)
                    (folder / NEW_VERSION).mkdir()
                    write(connection, folder / NEW_VERSION / LINK, version, build)
                    # a reader that doesn't open it read-only is refused
                    os.chmod(folder / NEW_VERSION / LINK, 0o444)
                    to_disk(folder / NEW_VERSION)
                    os.rename(folder / NEW_VERSION, folder / version)
                    os.fsync(directory)
                    point_to(folder, version)
                    os.fsync(directory)
                self.remove_old_versions(1 if remove_others else KEPT_VERSIONS, build.is_masked)
        except (OSError, RuntimeError, OverflowError, duckdb.Error) as error:
            with contextlib.suppress(OSError):
                remove_leftovers(folder)
            if was_interrupted(error):
                raise KeyboardInterrupt from None
            raise CommandError(
                f"{folder} could not be written: {printable(error).rstrip('. ')}. Make room or fix it, and run the same command again."
            ) from None
        return version, is_new

    @contextlib.contextmanager
    def trial(self) -> Iterator[dict]:
        """While this is open, dbt builds from scratch into a separate file. Returns the vars for dbt."""
        self.trial_file.unlink(missing_ok=True)
        with setting("ENGAGEMENT_DB", self.trial_file):
            refuse_fixed_path(self.trial_file)
            yield {}

    def attach_trial(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Attaches that separate build as `after`, and returns where it is."""
        connection.execute(f"attach {literal(self.trial_file)} as after (read_only)")
        return str(self.trial_file)

    @property
    def trial_file(self) -> Path:
        return self.database.with_name("what_if.duckdb")

    def remove_old_versions(self, kept: int, only_masked: bool) -> None:
        """Removes all versions except the newest ones and the one the link leads to. `only_masked` also removes every
        version that shows people. A reader that has a removed file open can finish reading it."""
        sound = [version for version, file in self.versions().items() if not (only_masked and shows_people(file))]
        for version in superseded(self.versions(), sound, kept, self.shown_version()):
            try:
                remove(self.serving / version)
            except OSError as error:
                complain(f"{self.serving / version} could not be removed: {error.strerror or error}. Remove it by hand.")


def refuse_fixed_path(database: Path) -> None:
    """Stops if dbt's profile doesn't let ENGAGEMENT_DB choose the database: a trial would be built in the real one."""
    target = current_target()
    path = rendered(str(target.profile["outputs"][target.name].get("path")))
    if Path(path).resolve() != database.resolve():
        raise BadUsage(
            f"Target {target.name} in {profiles_file()} always builds {path}, so nothing can be tried out. Write its path as"
            " \"{{ env_var('ENGAGEMENT_DB', 'build/engagement.duckdb') }}\"."
        )


@contextlib.contextmanager
def marts_in(file: Path, **config: object) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts in a published file, named `marts`. A publication in the meantime changes nothing, as the file stays open."""
    with connect(**config) as connection:
        connection.execute(f"attach {literal(file.resolve())} as marts (read_only); use marts")
        yield connection


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[int]:
    """The open folder, locked until it is closed, because another database may be published into it as well."""
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
    """Removes a file, a link, or a folder with its content."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Makes sure that the content of a file, or the names in a folder, are on disk."""
    opened_path = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened_path)
    finally:
        os.close(opened_path)


def write(connection: duckdb.DuckDBPyConnection, file: Path, version: str, build: Build) -> None:
    """A new file with all tables of a publication, on disk when this returns."""
    counts, comments = {}, []
    connection.execute(f"attach {literal(file)} as new_file (storage_version {literal(STORAGE_VERSION)})")
    try:
        for mart, select in selects(connection, build, version):
            table = f"new_file.{quoted(mart.name)}"
            connection.execute(f"create table {table} as {select}")
            counts[mart.name], = connection.execute(f"select count(*) from ({select})").fetchone()
            comments += DUCKDB.describe("table", table, mart.description, mart.comments)
        # together: each comment alone would wait for the disk
        connection.execute("; ".join(["begin", *comments, "commit"]))
        connection.execute("checkpoint new_file")
    finally:
        connection.execute("detach new_file")
    check(connection, file, counts)
    to_disk(file)


def check(connection: duckdb.DuckDBPyConnection, file: Path, counts: dict[str, int]) -> None:
    """Checks the row counts in the file, opened as readers will open it."""
    connection.execute(f"attach {literal(file)} as new_file (read_only)")
    try:
        for table, count in counts.items():
            found, = connection.execute(f"select count(*) from new_file.{quoted(table)}").fetchone()
            if found != count:
                raise OSError(f"{table} has {found} rows in the new file, and should have {count}.")
    finally:
        connection.execute("detach new_file")


def refuse_foreign_link(folder: Path) -> None:
    """Stops before anything is written if a file of someone else has the name of the link."""
    if (folder / LINK).exists() and not (folder / LINK).is_symlink():
        raise OSError(f"{LINK} is not a link, so this project did not create it. Move it away")


def point_to(folder: Path, version: str) -> None:
    """Switches the link to another version in one step. The link is relative, so that the folder can be moved."""
    os.symlink(Path(version) / LINK, folder / NEW_LINK)
    os.replace(folder / NEW_LINK, folder / LINK)


def shows_people(file: Path) -> bool:
    """Whether this version may show people."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            return not all(masked for masked, in connection.execute("select is_masked from publication").fetchall())
    except duckdb.Error:
        return True
