"""Records what a command has sent, in a small SQLite file that outlives the database of the builds."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from engagement.paths import BadUsage, Busy, CommandError


def beside_builds(folder: Path, name: str) -> Path:
    """A file in the folder of the builds, which the first build hasn't made yet on a machine that only sends."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


@contextlib.contextmanager
def memory_of(file: Path, table: str, columns: str, dry_run: bool, sent: str) -> Iterator[sqlite3.Connection]:
    """The file with this table, locked for this command. Each `execute` is on disk when it returns.

    A dry run creates no file. `sent` says in an error what is sent.
    """
    place = ":memory:" if dry_run and not file.exists() else file
    try:
        connection = sqlite3.connect(place, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise BadUsage(f"{file} cannot be opened: {error}") from None
    with contextlib.closing(connection):
        try:
            # the first transaction takes a lock, which stays until the connection or the process ends
            connection.execute("pragma locking_mode = exclusive")
            connection.execute("begin exclusive")
            connection.execute(f"create table if not exists {table} ({columns})")
            connection.execute("commit")
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise Busy(f"Another command is sending: it holds {file}.") from None
            raise BadUsage(f"{file} cannot be used to record what was sent: {error}") from None
        found, expected = _columns(connection, table), _columns_of(table, columns)
        if found != expected:
            raise BadUsage(f"{file} cannot be used to record what was sent: {table} has the columns {', '.join(found)}, not {', '.join(expected)}.")
        try:
            yield connection
        except sqlite3.Error as error:
            raise CommandError(f"Stopped: {file} cannot be written: {error}. The current {sent} may be sent once more. Make room, and run it again.") from None


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"pragma table_info({table})")]


def _columns_of(table: str, columns: str) -> list[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"create table {table} ({columns})")
        return _columns(connection, table)


def remember(memory: sqlite3.Connection, statement: str, rows: list[tuple]) -> None:
    """Runs a statement for all of these rows, or for none."""
    memory.execute("begin")
    memory.executemany(statement, rows)
    memory.execute("commit")
