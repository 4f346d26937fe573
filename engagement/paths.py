"""Where a build keeps its files, which command can write them, and how commands fail."""

import contextlib
import datetime as dt
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import duckdb

ROOT = Path(__file__).parents[1]
FAILED, BAD_USAGE, LATE, BUSY, HELD = 1, 2, 3, 4, 5
LOCK_CHECKED_EVERY = 0.1  # seconds
WORKING = "engagement-working-"  # begins the names of folders with copies of the data
TARGET = "DBT_TARGET"  # the env var that names the target; dbt reads it, too
# DuckDB cannot tell a database from a schema of the same name, and has some databases of its own
TAKEN_NAMES = {"raw", "landing", "staging", "intermediate", "rules", "runs", "held", "main", "memory", "system", "temp"}


class CommandError(Exception):
    """A command can't continue. The message says why, and what to do."""

    exit_code = FAILED


class BadUsage(CommandError):
    """An option or a setting must be changed first."""

    exit_code = BAD_USAGE


class Late(CommandError):
    """The marts are correct, but their data is too old to be shown as today's."""

    exit_code = LATE


class LostData(CommandError):
    """The build has lost rows, so its scores are wrong."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Busy(CommandError):
    """Another command is running."""

    exit_code = BUSY


class Held(CommandError):
    """The marts are correct, but changed rules move so many accounts that someone must confirm them."""

    exit_code = HELD


# the folder with dbt_project.yml, and what lies in it or elsewhere

# settings that name files or folders
PATHS = (
    "ENGAGEMENT_DB", "ENGAGEMENT_SERVING", "ENGAGEMENT_DASHBOARD", "ENGAGEMENT_TMP", "RAW_DATA", "FORGOTTEN_PEOPLE", "ALERT_SENT_FILE",
    "DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_PROFILES_DIR",
)


def in_project(path: str) -> Path:
    """A path in the project: of the folder one is in, if that is one, else of the folder that holds this package."""
    return Path(path) if Path("dbt_project.yml").is_file() else ROOT / path


def was_interrupted(error: BaseException) -> bool:
    """True for what DuckDB makes of Ctrl-C while a query runs."""
    return isinstance(error, RuntimeError) and "interrupted" in str(error).lower()


def followed(path: Path) -> Path:
    """The file or folder behind a symbolic link. Replacing the link would leave the file behind."""
    try:
        return path.resolve() if path.is_symlink() else path
    except (OSError, RuntimeError):
        raise BadUsage(f"{path} is a link that leads to itself. Point it to a file or folder, or remove it.") from None


def database_file() -> Path:
    file = followed(Path(os.environ.get("ENGAGEMENT_DB") or in_project("build/engagement.duckdb")))
    if catalog_of(file).lower() in TAKEN_NAMES:
        raise BadUsage(f"ENGAGEMENT_DB is {file.name}, but the name {catalog_of(file)} is taken inside the database. Choose another one.")
    if not str(file).isprintable():
        raise BadUsage(f"ENGAGEMENT_DB is {ascii(str(file))}. Some of its letters cannot be printed. Choose another name.")
    if str(file).startswith("~"):
        raise BadUsage(f"ENGAGEMENT_DB is {file}. The ~ is not expanded here. Write the whole path.")
    if file.exists() and not file.is_file():
        # dbt would try for minutes to open it
        advice = f"Name a file in it, such as {file / 'engagement.duckdb'}" if file.is_dir() else "Name another file"
        raise BadUsage(f"ENGAGEMENT_DB is {file}, which is {'a folder' if file.is_dir() else 'no ordinary file'}. {advice}.")
    if '"' in file.name:
        raise BadUsage(f"ENGAGEMENT_DB is {file.name}. dbt cannot use a name with a quotation mark. Choose another one.")
    return file


def catalog_of(database: Path) -> str:
    """DuckDB's name for a database: the name of its file up to the first dot."""
    return database.name.lstrip(".").split(".")[0]


def serving_folder(database: Path) -> Path:
    return followed(Path(os.environ.get("ENGAGEMENT_SERVING") or database.parent / "serving"))


def target_folder() -> Path:
    """Where dbt keeps compiled files. Each target has its own folder, or dbt would parse the whole project again after a switch."""
    return Path(os.environ.get("DBT_TARGET_PATH") or "target") / (os.environ.get(TARGET) or "")


def log_folder() -> Path:
    """Where dbt writes its log."""
    return Path(os.environ.get("DBT_LOG_PATH") or "logs")


def memory_limit() -> str:
    """How much memory DuckDB may use. This and the next are as in profiles.yml."""
    return os.environ.get("ENGAGEMENT_MEMORY") or "3.2GB"


def spill_folder() -> Path:
    return Path(os.environ.get("ENGAGEMENT_TMP") or in_project("build/tmp"))


class WorkingFolder(tempfile.TemporaryDirectory):
    """A folder for copies of the data. It is locked while it is used, so one without a lock was left by a killed command."""

    def __init__(self, kind: str) -> None:
        spill_folder().mkdir(parents=True, exist_ok=True)
        super().__init__(dir=spill_folder().absolute(), prefix=f"{WORKING}{kind}-")
        self.lock = os.open(self.name, os.O_RDONLY)
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def cleanup(self) -> None:
        super().cleanup()
        os.close(self.lock)


def remove_abandoned() -> None:
    """Removes what killed commands have left in the folder for temporary files: their working folders, and what DuckDB put there.

    DuckDB removes files of other processes as well when it closes. Those go on with the files that they have open.
    """
    for folder in spill_folder().glob(f"{WORKING}*"):
        # one that is in use, or gone meanwhile
        with contextlib.suppress(BlockingIOError, FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)
    for file in spill_folder().glob("duckdb_temp_*"):
        file.unlink(missing_ok=True)


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)


def enter_project() -> None:
    """Changes to the project's folder, where dbt expects everything. Settings keep their meaning.

    If the project is read-only, dbt's files go beside the database.
    """
    project = in_project("")
    if not (project / "dbt_project.yml").is_file():
        raise BadUsage("There is no dbt_project.yml here. Run this command in the project's folder.")
    if project == ROOT:
        for name in PATHS:
            # a path of another machine stays as it is
            if os.environ.get(name) and "://" not in os.environ[name]:
                os.environ[name] = os.path.abspath(os.environ[name])
        os.chdir(project)
    leave_read_only_project(project)


def leave_read_only_project(project: Path) -> None:
    if not os.access(project, os.W_OK):
        for name, folder in (("DBT_TARGET_PATH", "target"), ("DBT_LOG_PATH", "logs"), ("ENGAGEMENT_TMP", "tmp")):
            os.environ[name] = os.environ.get(name) or str(database_file().parent / folder)


@contextlib.contextmanager
def setting(name: str, value: object) -> Iterator[None]:
    """Sets an environment variable for a while."""
    before = os.environ.get(name)
    os.environ[name] = str(value)
    try:
        yield
    finally:
        os.environ.pop(name) if before is None else os.environ.update({name: before})


@contextlib.contextmanager
def lock_of(database: Path, wait: "int | None" = None) -> Iterator[BinaryIO]:
    """The lock of all that writes the database, as an open file; it lasts until this process ends at the latest.

    `wait` is how many seconds to wait for another command, None for a command that has no such option.
    """
    file = database.parent / f"{database.name}.lock"
    with contextlib.ExitStack() as held:
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
            # without a buffer, so that a write that failed on a full disk isn't tried again when the file is closed
            lock = held.enter_context(open(file, "a+b", buffering=0))
            take(lock, file, wait)
            lock.truncate(0)
            lock.write(f"process {os.getpid()}, since {utc_now():%Y-%m-%d %H:%M:%S} UTC,\n".encode())
        except OSError as error:
            raise CommandError(
                f"{file} cannot be written: {error.strerror}. Make room or make it writable, and run the same command again."
            ) from None
        yield lock


def take(lock: BinaryIO, file: Path, wait: "int | None") -> None:
    """Returns once this process holds the lock."""
    deadline = time.monotonic() + (wait or 0)
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                lock.seek(0)
                holder = lock.read().decode(errors="replace").strip() or "somebody"
                how = "" if wait is None else ", or wait with --wait SECONDS"
                raise Busy(f"Another build is running: {holder} holds {file}. Run the same command again later{how}.") from None
            time.sleep(LOCK_CHECKED_EVERY)


def connect(file: "Path | str" = ":memory:", **config: object) -> duckdb.DuckDBPyConnection:
    """A connection that takes no more memory than a build may, and spills where a build does. A table that is missing is
    missing, even where a variable of Python has its name."""
    try:
        connection = duckdb.connect(str(file), config={"memory_limit": memory_limit(), "temp_directory": str(spill_folder()), **config})
    except duckdb.ParserException:
        raise BadUsage(f"ENGAGEMENT_MEMORY is {memory_limit()!r}. Write a number and a unit, such as 6GB.") from None
    connection.execute("set python_enable_replacements = false; set TimeZone = 'UTC'")
    return connection


def cannot_open(database: Path, error: duckdb.IOException, or_else: str = "") -> CommandError:
    """Why DuckDB can't open a database: usually another program has it open."""
    if "Could not set lock" not in str(error):
        return CommandError(f"{database} cannot be read: {error}")
    holder = re.search(r"\(PID \d+\)", str(error))
    return Busy(f"Another program{' ' + holder.group() if holder else ''} has {database} open. Close it{or_else}.")


def existing(database: Path) -> Path:
    """The same path. Stops if nothing is there."""
    if not database.is_file():
        raise CommandError(f"There is no database {database}. Run `make build` first, or name it in ENGAGEMENT_DB.")
    return database


@contextlib.contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the database under the name `warehouse`; nobody can write to it meanwhile."""
    existing(database)
    with connect() as connection:
        try:
            connection.execute(f"attach {literal(database)} as warehouse (read_only); use warehouse")
        except duckdb.IOException as error:
            raise cannot_open(database, error) from None
        except duckdb.Error as error:
            raise CommandError(f"{database} cannot be read: {error}") from None
        yield connection


def literal(value: object) -> str:
    """A text in SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def file_literal(path: object) -> str:
    """The name of a file in SQL. DuckDB would read `[`, `*` and `?` in a local name as a pattern."""
    return literal(path if "://" in str(path) else re.sub(r"[\[*?]", r"[\g<0>]", str(path)))


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'
