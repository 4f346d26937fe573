"""Reads the CSV files of the seeds as rows with their line numbers."""

import csv
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engagement.console import printable
from engagement.seeds.schema import Schema

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
LONGEST_SHOWN = 60  # characters of a cell in a message
ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong, and what to do. `line` 0 means the whole file."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}" if self.line else f"{self.file} {self.text}"


@dataclass
class Row:
    """One row: its cells as written in the file (None: empty), and their values once they are checked."""

    file: str
    line: int
    cells: dict[str, "str | None"]
    values: dict[str, Any] = field(default_factory=dict)
    is_sound: bool = True

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def fault(self, text: str) -> Fault:
        return Fault(self.file, self.line, text)


@dataclass
class Table:
    """One seed: its rows, and the faults in the shape of its file."""

    schema: Schema
    file: str
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    has_all_rows: bool = True  # True if all of them could be read
    # {column: its values as text}, filled when another seed needs them
    texts: dict[str, set[str]] = field(default_factory=dict)

    @property
    def sound_rows(self) -> list[Row]:
        return [row for row in self.rows if row.is_sound]

    @property
    def is_whole(self) -> bool:
        """True if rules across all rows can be checked."""
        return not self.faults and all(row.is_sound for row in self.rows)


def shown(text: str) -> str:
    """A cell for a message, with invisible characters written out."""
    short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    return "".join(char if char == " " or char.isprintable() else ascii(char)[1:-1] for char in printable(short))


def read_tables(folder: Path, schemas: dict[str, Schema]) -> tuple[dict[str, Table], list[Fault]]:
    """{name: seed}, and the faults of files that don't belong in the folder or are missing."""
    tables: dict[str, Table] = {}
    faults = []
    # dbt loads every file with this ending as a seed, in upper or lower case
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".csv" and path.is_file()):
        schema, file = schemas.get(path.stem), str(path.relative_to(folder.parent))
        if path.stem in tables:
            faults.append(Fault(file, 0, f"has the same name as {tables[path.stem].file}. Move one of them out of {folder.name}."))
        elif schema and path.suffix == ".csv":
            tables[path.stem] = read_table(path, file, schema)
        elif path.stem.lower() in schemas:
            faults.append(Fault(file, 0, f"is written differently. Rename it {path.stem.lower()}.csv."))
        else:
            what = f"Move it out of {folder.name}, or describe its columns in {folder.name}/_seeds.yml."
            faults.append(Fault(file, 0, f"is not a seed of this project. {what}"))
    for name in schemas.keys() - tables.keys():
        faults.append(Fault(f"{folder.name}/{name}.csv", 0, "is missing. Put it back; a header without rows is enough."))
    return tables, faults


def read_table(path: Path, file: str, schema: Schema) -> Table:
    """The rows of a file, if they can be told apart."""
    table = Table(schema, file)
    text = text_of(path, table) or ""
    separator = separator_of(text.lstrip().split("\n", 1)[0], schema)
    if separator:
        table.faults.append(Fault(table.file, 0, f"is separated by {separator}. Save it with commas, in Excel as CSV UTF-8."))
    lines = numbered_rows(text if not separator else "", table)
    first = next(lines, None)
    columns = columns_of(*first, table) if first else None
    for line, cells in lines if columns else ():
        add_row(table, columns, line, cells)
    if not first and not table.faults:
        table.faults.append(Fault(table.file, 0, f"is empty. Its first line must be {','.join(schema.column_names)}"))
    table.has_all_rows = not table.faults
    return table


def text_of(path: Path, table: Table) -> "str | None":
    content = path.read_bytes()
    if content[:2] in ENCODINGS:
        table.faults.append(Fault(table.file, 0, f"is {ENCODINGS[content[:2]]}. Save the file as UTF-8, in Excel as CSV UTF-8."))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"the byte 0x{content[error.start]:02x}"
        table.faults.append(Fault(table.file, line, f"is not UTF-8: it has {byte}. Save the file as UTF-8, in Excel as CSV UTF-8."))
        return None


def separator_of(header: str, schema: Schema) -> "str | None":
    """The separator in words, if it gives more known columns than a comma."""
    def known(separator: str) -> int:
        return len({part.strip(' "\r').lower() for part in header.split(separator)} & set(schema.column_names))

    return next((words for separator, words in SEPARATORS.items() if known(separator) > known(",")), None)


def numbered_rows(text: str, table: Table) -> Iterator[tuple[int, list[str]]]:
    """The rows with content, and the line each begins on. Stops at the first unreadable one."""
    # lines end with LF, CRLF or CR only
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            table.faults.append(Fault(table.file, line, unreadable(str(error))))
            return
        if cells is None:
            return
        if any(cells) or len(cells) > 1:
            yield line, cells
        line = reader.line_num + 1


def unreadable(error: str) -> str:
    if "unexpected end" in error:
        return "a quote is opened and never closed. Close it, or write two quotes for a literal one."
    if "field limit" in error:
        return f"a cell has more than {csv.field_size_limit():,} characters. Shorten it."
    return 'a quote is in the middle of a quoted text. Write two quotes for a literal one: "a ""b"" c".'


def columns_of(line: int, names: list[str], table: Table) -> "list[str] | None":
    """The columns of the file, '' for one without a name; None if the rows can't be split into them."""
    known = {name.lower(): name for name in table.schema.column_names}
    columns = [known.get(name.lower(), name) for name in names]
    if names[0].lower().startswith("sep="):
        faults = ["is a note of Excel. Delete it: the header must be the first line."]
    elif line > 1:
        faults = ["is empty. Delete it: the header must be the first line."]
    elif not set(columns) & set(known.values()):
        faults = [f"is not a header. The first line must be {','.join(table.schema.column_names)}"]
    else:
        faults = [*doubled(columns), *unknown(columns, table.schema.column_names)]
    table.faults += [Fault(table.file, 1, fault) for fault in faults]
    return None if faults else columns


def doubled(columns: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(columns):
        if name and columns.count(name) > 1:
            yield f"two columns are called {shown(name)}. Delete or rename one of them."


def unknown(columns: list[str], known: list[str]) -> Iterator[str]:
    """Faults for unknown and missing columns. A misspelt column gets one fault."""
    missing = [name for name in known if name not in columns]
    for name in dict.fromkeys(columns):
        if not name or name in known:
            continue
        tidy = name.strip().lower()
        likely = [tidy] if tidy in missing else difflib.get_close_matches(tidy, missing, 1, 0.8)
        if likely:
            missing.remove(likely[0])
            yield f"column '{shown(name)}' is unknown. Rename it {likely[0]}."
        else:
            yield f"column '{shown(name)}' is unknown. Remove or rename it."
    for name in missing:
        yield f"column {name} is missing. Add it to the header; its cells can be empty."


def add_row(table: Table, columns: list[str], line: int, cells: list[str]) -> None:
    """Adds the row, or a fault. Spreadsheet programs leave empty rows, and empty columns without a name."""
    faults = []
    if len(cells) != len(columns):
        faults.append(f"has {counted(len(cells), 'value')} for {counted(len(columns), 'column')}. {other_length(cells, columns)}")
    elif any(cells):
        if not any(cell.strip() for cell in cells):
            faults.append("has only spaces. Delete it.")
        for number, (name, cell) in enumerate(zip(columns, cells), 1):
            if cell.strip() and not name:
                faults.append(f"column {number} has the value '{shown(cell)}' but no name. Delete it, or name the column.")
        if not faults:
            table.rows.append(Row(table.file, line, {name: cell or None for name, cell in zip(columns, cells) if name}))
    table.faults += [Fault(table.file, line, fault) for fault in faults]


def counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def other_length(cells: list[str], columns: list[str]) -> str:
    if len(cells) < len(columns):
        return f"Add the {counted(len(columns) - len(cells), 'missing value')}; a comma is enough for an empty one."
    if not any(cells[len(columns):]):
        return f"Remove {counted(len(cells) - len(columns), 'comma')} at its end."
    return 'Put quotes around a text with a comma: "so, for example".'
