"""Check the seeds, without building anything: the CSV files of rules that dbt would load.

Says of each fault the file, the line and what to write. A build does the same before it starts.
"""

import argparse
import sys
import time

from engagement.console import complain, printable
from engagement.paths import FAILED, enter_project
from engagement.seeds.check import FOLDER, check_seeds


def main(argv: "list[str] | None" = None) -> int:
    argparse.ArgumentParser(
        prog="python -m engagement seeds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(argv)
    enter_project()
    sys.stdout.reconfigure(errors="replace")
    began = time.monotonic()
    checked = check_seeds(FOLDER)
    for note in checked.notes:
        print(printable(note))
    if checked.faults:
        complain("\n".join(map(printable, checked.lines())))
        return FAILED
    rows = sum(len(table.rows) for table in checked.tables.values())
    print(f"{len(checked.tables)} seeds with {rows:,} rows in {FOLDER}: no fault. {time.monotonic() - began:.1f} s.")
    return 0
