"""Deletes everything that builds created: target/, logs/ and build/, with the journals (back them up) and all that is published.

The records of what was sent stay, so that no alert and no CRM update is sent twice.
"""

import argparse
import shutil
from pathlib import Path

from engagement.paths import enter_project, lock_of

FOLDERS = ("target", "logs", ".pytest_cache", ".hypothesis")
KEPT = (".gitignore", "sent_*.sqlite*")


def main(argv: "list[str] | None" = None) -> int:
    argparse.ArgumentParser(
        prog="python -m engagement clean", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(argv)
    enter_project()
    with lock_of(Path("build/engagement.duckdb")):
        for folder in FOLDERS:
            shutil.rmtree(folder, ignore_errors=True)
        for path in Path("build").iterdir():
            if any(path.match(name) for name in KEPT):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    print("Deleted target/, logs/ and build/. The records of what was sent stay.")
    return 0
