"""Deletes everything that builds created: target/, logs/ and build/, with the journals (back them up) and all that is published.

The records of what was sent stay, so that no alert and no CRM update is sent twice.
"""

import contextlib
import shutil
from pathlib import Path

from engagement.console import command_parser
from engagement.paths import enter_project, lock_of

FOLDERS = ("target", "logs", ".pytest_cache", ".hypothesis")
KEPT = (".gitignore", "sent_*.sqlite*")


def empty(folder: Path) -> None:
    """Other targets have folders of their own in it."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            empty(path)
            with contextlib.suppress(OSError):
                path.rmdir()  # unless something is kept there
        elif not any(path.match(name) for name in KEPT):
            path.unlink()


def main(argv: "list[str] | None" = None) -> int:
    command_parser("clean", __doc__).parse_args(argv)
    enter_project()
    databases = {Path("build/engagement.duckdb"), *(lock.with_suffix("") for lock in Path("build").rglob("*.duckdb.lock"))}
    with contextlib.ExitStack() as locks:
        for database in sorted(databases):
            locks.enter_context(lock_of(database))
        for folder in FOLDERS:
            shutil.rmtree(folder, ignore_errors=True)
        empty(Path("build"))
    print("Deleted target/, logs/ and build/. The records of what was sent stay.")
    return 0
