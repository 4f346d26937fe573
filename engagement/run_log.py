"""The run log: one line of JSON per build, in the folder of the database."""

import json
import os
from pathlib import Path

from engagement.landing.forgotten import LEFT_OUT, Forgotten
from engagement.paths import followed

LOG = "runs.jsonl"
LOG_BYTES = 1_000_000  # a few thousand runs; runs.jsonl.1 keeps as many again


def log_file(folder: Path) -> Path:
    return followed(folder / LOG)


def append(folder: Path, run: dict) -> None:
    """Adds a line to the log. A long log begins a new file."""
    log = log_file(folder)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        os.replace(log, f"{log}.1")
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(run, ensure_ascii=False) + "\n")


def leave_out(folder: Path, forgotten: Forgotten) -> None:
    """Removes forgotten people from the log, because a reason may quote the value that couldn't be read."""
    for log in (log_file(folder), Path(f"{log_file(folder)}.1")):
        if log.is_file():
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            new = log.with_name(f"{log.name}.new")
            new.write_text("".join(f"{nameless(line) if forgotten.is_named(line) else line}\n" for line in lines), encoding="utf-8")
            os.replace(new, log)


def nameless(line: str) -> str:
    """A run without texts that people write or cause."""
    try:
        return json.dumps({**json.loads(line), "reason": LEFT_OUT, "dbt_options": []}, ensure_ascii=False)
    except (ValueError, TypeError):
        return LEFT_OUT  # a line that was cut off
