"""Runs dbt in this process."""

import contextlib
import gc
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engagement.console import DbtProgress
from engagement.paths import database_file, setting, target_folder

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

FAULTY = ("error", "fail", "runtime error", "partial success")
LONGEST_FAULT = 400  # characters
# the start of dbt's messages: the kind of error and the node, which are printed anyway
PREAMBLE = re.compile(r"^\s*\w+ Error( in \w+ \S+ \(\S+\))?\s*\n")


def run_dbt(*arguments: str, verbose: bool = False) -> str:
    """Why dbt did not succeed, in one line; empty if it did. Warnings and errors go to the terminal; with `verbose` all of
    dbt's log does."""
    if verbose:
        return invoke(arguments)
    with DbtProgress() as progress:
        return invoke(("--log-level", "none", *arguments), progress.on_event, progress.show)


def invoke(arguments: tuple[str, ...], on_event: "Callable | None" = None, show: Callable[[str], None] = print) -> str:
    from dbt.cli.main import dbtRunner  # takes seconds

    # dbt creates millions of small objects that stay, so collecting garbage less often saves a tenth of its time
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        with file_behind_link(), setting("DBT_PROJECT_DIR", Path.cwd()), setting("DBT_TARGET_PATH", target_folder()), stoppable() as stopped:
            outcome = dbtRunner(callbacks=[on_event] if on_event else []).invoke(list(arguments))
    finally:
        close_database()
    if stopped:
        raise KeyboardInterrupt
    if outcome.exception:
        show(str(outcome.exception))
    return "" if outcome.success else fault_of(outcome)


def fault_of(outcome: "dbtRunnerResult") -> str:
    """The first fault in one line, and the number of faults."""
    if outcome.exception:
        return one_line(str(outcome.exception))
    faults = [result for result in getattr(outcome.result, "results", []) if result.status in FAULTY]
    if not faults:
        return "see its log"
    first = faults[0]
    node = f"{first.node.resource_type} {first.node.name} ({first.node.original_file_path})"
    more = f" ({len(faults) - 1} more above)" if len(faults) > 1 else ""
    return f"{node}: {one_line(first.message or first.status)}{more}"


def one_line(message: str) -> str:
    # the macros that dbt was in don't help the reader
    text = " ".join(PREAMBLE.sub("", message).split("> in macro")[0].split())
    return text if len(text) <= LONGEST_FAULT else text[:LONGEST_FAULT - 1] + "…"


def file_behind_link() -> contextlib.AbstractContextManager:
    """dbt calls the database by the name of its file, DuckDB by that of the file behind a link: here dbt sees that one."""
    is_link = Path(os.environ.get("ENGAGEMENT_DB") or "build/engagement.duckdb").is_symlink()
    return setting("ENGAGEMENT_DB", database_file()) if is_link else contextlib.nullcontext()


@contextlib.contextmanager
def stoppable() -> Iterator[list[int]]:
    """The signals that asked dbt to stop. dbt then ends, but reports an error of its own."""
    stopped: list[int] = []

    def stop(number: int, frame: object) -> None:
        stopped.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def close_database() -> None:
    """Closes the database, which dbt-duckdb would keep open until the process ends, because others read it next."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
