"""The run log: one line of JSON for each build, in the folder of the database."""

import json
import os
from pathlib import Path

from engagement.landing.forgotten import LEFT_OUT, Forgotten
from engagement.paths import followed

LOG = "runs.jsonl"
LOG_BYTES = 1_000_000  # some thousand runs; as many again are kept in runs.jsonl.1


def log_file(folder: Path) -> Path:
    return followed(folder / LOG)


def append(folder: Path, run: dict) -> None:
    """One more line in the log, which begins a new file when it is long."""
    log = log_file(folder)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        os.replace(log, f"{log}.1")
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(run, ensure_ascii=False) + "\n")


def leave_out(folder: Path, forgotten: Forgotten) -> None:
    """Takes forgotten people out of the log: a reason may quote the value that could not be read."""
    for log in (log_file(folder), Path(f"{log_file(folder)}.1")):
        if log.is_file():
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            new = log.with_name(f"{log.name}.new")
            new.write_text("".join(f"{nameless(line) if forgotten.is_named(line) else line}\n" for line in lines), encoding="utf-8")
            os.replace(new, log)


def nameless(line: str) -> str:
    """A run without the texts that people write or cause."""
    try:
        return json.dumps({**json.loads(line), "reason": LEFT_OUT, "dbt_options": []}, ensure_ascii=False)
    except (ValueError, TypeError):
        return LEFT_OUT  # a line that was cut
