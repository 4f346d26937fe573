"""Finds all faults of the seeds before dbt starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engagement.paths import CommandError
from engagement.seeds import bounds, patterns, signals, words
from engagement.seeds.cells import check_cells
from engagement.seeds.files import Fault, Table, read_table, read_tables
from engagement.seeds.schema import read_schemas

FOLDER = Path("seeds")
MOST_LINES = 20


@dataclass
class Checked:
    """The seeds as they were read. `notes` are about values that are allowed, but probably a mistake."""

    tables: dict[str, Table]
    faults: list[Fault]
    notes: list[Fault]

    def lines(self) -> list[str]:
        """The first faults, by file and line."""
        more = len(self.faults) - MOST_LINES
        return [*map(str, self.faults[:MOST_LINES]), *([f"and {more} more"] if more > 0 else [])]


class FaultySeeds(CommandError):
    """The message has a line per fault. `reason` is the first one."""

    def __init__(self, checked: Checked) -> None:
        self.lines = checked.lines()
        more = len(checked.faults) - 1
        self.reason = f"{self.lines[0]}{f' {more} more above.' if more else ''}"
        super().__init__("The seeds have faults. Nothing was built.\n" + "\n".join(f"  - {line}" for line in self.lines))


def check_seeds(folder: Path, instead: "Path | None" = None) -> Checked:
    """Reads and checks everything that dbt would load from the folder. `instead` is a folder of seeds that replace those with
    the same name, for a project that uses this one as a package."""
    schemas = read_schemas(folder)
    tables, faults = read_tables(folder, schemas)
    for path in sorted(instead.rglob("*.csv")) if instead else ():
        if path.stem in schemas:
            tables[path.stem] = read_table(path, str(path.relative_to(instead.parent)), schemas[path.stem])
    for table in tables.values():
        check_cells(table, tables)
        faults += table.faults
    # how the files fit together can only be checked if all are there
    if tables.keys() == schemas.keys():
        for rules in (signals, words, patterns, bounds):
            faults += rules.faults(tables)
    notes = [] if faults else [*signals.notes(tables), *bounds.notes(tables), *empty(tables)]
    return Checked(tables, sorted(set(faults)), sorted(notes))


def empty(tables: dict[str, Table]) -> Iterator[Fault]:
    """Seeds without an active row, and what that means."""
    for table in tables.values():
        counting = [row for row in table.rows if row.values.get("is_active") is not False]
        if table.schema.if_empty and not counting:
            yield Fault(table.file, 0, f"has no {'active ' if table.rows else ''}row: {table.schema.if_empty}.")


def refuse_faulty_seeds(folder: Path = FOLDER) -> Checked:
    """Stops with all faults at once, if the seeds have any."""
    checked = check_seeds(folder)
    if checked.faults:
        raise FaultySeeds(checked)
    return checked
