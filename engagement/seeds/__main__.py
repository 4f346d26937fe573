"""Checks the seeds, the CSV files of rules, without building anything.

Each fault names the file, the line and what to write. A build runs the same check before it starts.
"""

import time
from pathlib import Path

from engagement.console import command_parser, complain, printable
from engagement.paths import FAILED, ROOT, enter_project
from engagement.seeds.check import FOLDER, check_seeds


def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("seeds", __doc__)
    parser.add_argument(
        "instead", nargs="?", type=Path, metavar="folder",
        help="folder of seeds that replace those with the same name, for a project that uses this one as a package",
    )
    options = parser.parse_args(argv)
    if options.instead and not options.instead.is_dir():
        parser.error(f"the folder {options.instead} does not exist")
    instead = options.instead and options.instead.resolve()
    enter_project()
    began = time.monotonic()
    checked = check_seeds(ROOT / FOLDER if instead else FOLDER, instead)
    for note in checked.notes:
        print(printable(note))
    if checked.faults:
        complain("\n".join(map(printable, checked.lines())))
        return FAILED
    rows = sum(len(table.rows) for table in checked.tables.values())
    print(f"{len(checked.tables)} seeds with {rows:,} rows in {FOLDER}: no faults. {time.monotonic() - began:.1f} s.")
    return 0
