"""Where a build keeps its files, who may write them, and what the exit codes of the commands mean."""

import contextlib
import datetime as dt
import fcntl
import os
import time
from pathlib import Path

import duckdb

FAILED, BAD_USAGE, LATE, BUSY = 1, 2, 3, 4
LOCK_CHECKED_EVERY = 0.1  # seconds


class NotPublished(Exception):
    """Nothing was published, and the message says why. What was published before stays."""

    exit_code = FAILED


class Late(NotPublished):
    """The marts are sound, but the data behind them are too old to be shown as today's."""

    exit_code = LATE


class Busy(NotPublished):
    """Another command is building or publishing."""

    exit_code = BUSY


def database_file():
    return Path(os.environ.get("ENGAGEMENT_DB") or "build/engagement.duckdb")


def beside(database, name):
    """A file or folder beside the database."""
    return database.parent / name


def serving_folder(database):
    return Path(os.environ.get("ENGAGEMENT_SERVING") or beside(database, "serving"))


def memory_limit():
    """What DuckDB may use. This and the next are as in profiles.yml."""
    return os.environ.get("ENGAGEMENT_MEMORY") or "3.3GB"


def spill_folder():
    return Path(os.environ.get("ENGAGEMENT_TMP") or "build/tmp")


def utc_now():
    return dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)


@contextlib.contextmanager
def lock_of(database, wait=None):
    """The lock of all that writes the database, as an open file; it lasts as long as a process has the file open."""
    file = beside(database, f"{database.name}.lock")
    with contextlib.ExitStack() as held:
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
            # without a buffer: what a full disk does not take is not tried again when the file is closed
            lock = held.enter_context(open(file, "a+b", buffering=0))
            take(lock, file, wait)
            lock.truncate(0)
            lock.write(f"process {os.getpid()}, since {utc_now():%Y-%m-%d %H:%M:%S} UTC,\n".encode())
        except OSError as error:
            raise NotPublished(
                f"{file} cannot be written: {error.strerror}. Make room or make it writable, and run the same command again."
            ) from None
        yield lock


def take(lock, file, wait):
    """Returns once this process holds the lock. `wait` is None for a command that has no such option."""
    deadline = time.monotonic() + (wait or 0)
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                lock.seek(0)
                holder = lock.read().decode(errors="replace").strip() or "somebody"
                how = "" if wait is None else ", or let it wait with --wait SECONDS"
                raise Busy(f"Another build is running: {holder} holds {file}. Run the same command again later{how}.") from None
            time.sleep(LOCK_CHECKED_EVERY)


@contextlib.contextmanager
def opened(database):
    """A connection that reads the database under its usual names; nobody can write to it meanwhile."""
    if not database.is_file():
        raise NotPublished(f"There is no database {database}. Run `make build` first, or name it in ENGAGEMENT_DB.")
    with duckdb.connect(config={"memory_limit": memory_limit(), "temp_directory": str(spill_folder())}) as connection:
        try:
            # a table that is missing is missing, even where a variable of Python has its name
            connection.execute("set python_enable_replacements = false; set TimeZone = 'UTC'")
            connection.execute(f"attach {literal(database)} as warehouse (read_only); use warehouse")
        except duckdb.Error as error:
            raise NotPublished(f"{database} cannot be read: {error}") from None
        yield connection


def literal(value):
    """A text in SQL."""
    return "'" + str(value).replace("'", "''") + "'"
