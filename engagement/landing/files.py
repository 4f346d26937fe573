"""Which files there are below RAW_DATA, what is in them, and whether they keep the landing contract."""

import csv
import difflib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from engagement.landing.contract import Table
from engagement.paths import CommandError, literal

DATA_ENDINGS = (".csv", ".parquet", ".tsv", ".txt", ".json", ".jsonl", ".xlsx", ".gz", ".zip", ".bz2", ".zst")
HEADER_BYTES = 1_000_000
MAX_FAULTS = 30


class LandingError(CommandError):
    """The raw data cannot be read. The message says which file has which fault, and what to do."""

    def __init__(self, folder: str, faults: list[str]) -> None:
        more = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        super().__init__("\n  - ".join([
            f"The raw data in {folder} do not keep the landing contract; nothing was built.", *faults[:MAX_FAULTS], *more,
        ]) + "\n  docs/your-data.md has the contract; env var RAW_DATA says where the files are.")


@dataclass(frozen=True)
class RawFile:
    """A file of a raw table. `modified` changes when its content does."""

    table: Table
    path: str
    size: int
    modified: str

    @property
    def key(self) -> tuple[str, str]:
        return self.table.name, self.path

    @property
    def is_parquet(self) -> bool:
        return self.path.lower().endswith(".parquet")


@dataclass(frozen=True)
class SourceColumn:
    """A column of a file with its DuckDB type, and the column of the contract that it is; null: it is ignored."""

    name: str
    data_type: str
    column: "str | None"


@dataclass(frozen=True)
class Shape:
    """What files that are read together have in common: their columns, in the order of the file."""

    table: Table
    is_parquet: bool
    columns: tuple[SourceColumn, ...]

    @property
    def types(self) -> dict[str, str]:
        """{column of the contract: its DuckDB type in the file}"""
        return {source.column: source.data_type for source in self.columns if source.column}

    @property
    def notes(self) -> list[str]:
        """What is worth a line in the log."""
        return [f"{words}{'s' if len(names) > 1 else ''} {', '.join(names)}" for words, names in (
            ("has the unknown column", [source.name or "(without a name)" for source in self.columns if not source.column]),
            ("lacks the column", [name for name in self.table.column_names if name not in self.types]),
        ) if names]


@dataclass
class Listing:
    """The files of all raw tables, what is wrong with others, and what is worth a line in the log."""

    files: list[RawFile]
    faults: list[str]
    notes: list[str]


def is_remote(folder: str) -> bool:
    return "://" in folder


# which files there are

def list_files(connection: duckdb.DuckDBPyConnection, folder: str, contract: Iterable[Table]) -> Listing:
    """Looks at every file and folder directly below `folder`, and at all files of a table's folder."""
    tables = {table.name: table for table in contract}
    found: dict[str, list[RawFile]] = defaultdict(list)
    faults, notes = [], []
    for parts, size, modified in remote_files(connection, folder) if is_remote(folder) else local_files(folder, tables):
        path = "/".join((folder.rstrip("/"), *parts))
        stem, ending = os.path.splitext(parts[-1].lower())
        if parts[-1].startswith(("_", ".")):
            notes.append(f"{path} is hidden and was not read.")
        elif parts[0] in tables and len(parts) == 2 and ending in (".csv", ".parquet"):
            found[parts[0]].append(RawFile(tables[parts[0]], path, size, modified))
        elif stem in tables and len(parts) == 1 and ending in (".csv", ".parquet"):
            found[stem].append(RawFile(tables[stem], path, size, modified))
        elif fault := stray_file_fault(path, parts, tables):
            faults.append(fault)
        else:
            notes.append(f"{path} is not part of the landing contract and was not read.")
    if not found and not faults:
        return Listing([], [f"No raw table was found. Does the folder exist? Expected the tables {', '.join(tables)}."], [])
    for table in tables.values():
        files = found.get(table.name, [])
        # a table is one file, or a folder of files
        in_folder = {os.path.basename(os.path.dirname(file.path)) == table.name for file in files}
        if len(files) > 1 and in_folder != {True}:
            faults.append(
                f"{table.name}: found more than once ({', '.join(file.path for file in files[:5])}). Keep one of them."
            )
        if not files and table.is_optional:
            notes.append(f"{table.name}: not found, taken as empty.")
        elif not files:
            faults.append(
                f"{table.name}: required, but not found. Expected {folder}/{table.name}.csv, {table.name}.parquet or a folder"
                f" {table.name}/ of such files, with the column{'s' if len(table.required_names) > 1 else ''} {', '.join(table.required_names)}."
            )
    return Listing([file for files in found.values() for file in files], faults, notes)


def local_files(folder: str, tables: dict[str, Table]) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """(parts of the path below the folder, bytes, time of the last change); other folders than those of tables as they are."""
    top = Path(folder)
    for path in sorted(top.iterdir()) if top.is_dir() else []:
        if path.name in tables and path.is_dir():
            for place, _, names in os.walk(path, followlinks=True):
                for name in sorted(names):
                    file = Path(place, name)
                    yield (file.relative_to(top).parts, *size_and_time(file))
        else:
            yield ((path.name,), *size_and_time(path))


def size_and_time(path: Path) -> tuple[int, str]:
    status = path.stat() if path.exists() else path.lstat()
    return status.st_size, str(status.st_mtime_ns)


def remote_files(connection: duckdb.DuckDBPyConnection, folder: str) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """The same of a folder that DuckDB can list, such as one on S3."""
    place = folder.rstrip("/")
    for path, size, modified in connection.execute(
        f"select filename, size, last_modified from read_blob({literal(place + '/**')}) order by filename"
    ).fetchall():
        yield tuple(path.removeprefix(place + "/").split("/")), size, str(modified)


def stray_file_fault(path: str, parts: tuple[str, ...], tables: dict[str, Table]) -> "str | None":
    """What is wrong with a file that is no raw file; null: it has nothing to do with raw tables."""
    name = parts[0].lower()
    first_word = name.split(".")[0]
    if len(parts) > 1 and parts[0] in tables or first_word in tables:
        return (
            f"{path} cannot be read: its name has to end in .csv or .parquet"
            f"{', and no folder may lie in between' if len(parts) > 2 else ''}. Convert, rename or remove it."
        )
    similar = difflib.get_close_matches(first_word, tables, 1, 0.8)
    if name.endswith(DATA_ENDINGS) or similar:
        return (
            f"{path} is no raw table.{f' Did you mean {similar[0]}?' if similar else ''} Rename or move it."
            f" Expected the tables {', '.join(tables)}."
        )
    return None


# what is in them

def shapes_of(connection: duckdb.DuckDBPyConnection, files: list[RawFile]) -> tuple[dict[Shape, list[RawFile]], list[str]]:
    """The files by their columns, and one fault for each file that does not keep the contract."""
    shapes: dict[Shape, list[RawFile]] = defaultdict(list)
    faults = []
    parquet = parquet_columns(connection, [file.path for file in files if file.is_parquet])
    for file in files:
        found = parquet[file.path] if file.is_parquet else csv_columns(connection, file)
        if isinstance(found, tuple):
            columns = tuple(SourceColumn(name, kind, contract_column(file.table, name)) for name, kind in found)
            fault = column_fault(file.table, columns)
        else:
            fault = found
        if fault:
            faults.append(f"{file.table.name}: {file.path} {fault}")
        else:
            shapes[Shape(file.table, file.is_parquet, columns)].append(file)
    return shapes, faults


def csv_columns(connection: duckdb.DuckDBPyConnection, file: RawFile) -> "tuple[tuple[str, str], ...] | str":
    """The columns of the header with their DuckDB type; or what is wrong with the file."""
    start = first_bytes(connection, file.path)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is written in UTF-16. Save it as UTF-8."
    if start.startswith(b"\x1f\x8b"):
        return "is compressed (gzip). Unpack it."
    if start.startswith(b"PAR1"):
        return "is a Parquet file. Name it .parquet."
    if start.startswith(b"PK\x03\x04"):
        return "is a spreadsheet or an archive. Export it as CSV."
    line, ended, _ = start.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n").partition(b"\n")
    if not ended and len(start) >= HEADER_BYTES:
        return "has no header: its first line is longer than 1 MB. Is it a CSV file?"
    if not line.strip():
        return f"is empty. Expected a header with the columns {', '.join(file.table.required_names)}, and of the others what there is."
    try:
        names = next(csv.reader([line.decode("utf-8")], skipinitialspace=True))
    except UnicodeDecodeError:
        return "has a header that is not UTF-8. Save it as UTF-8."
    if len(names) == 1 and len(file.table.columns) > 1:
        for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
            if separator in names[0]:
                return f"separates its columns by {word}. Export it with commas."
    return tuple((name.strip(), "VARCHAR") for name in names)


def first_bytes(connection: duckdb.DuckDBPyConnection, path: str) -> bytes:
    """The beginning of a file, with its header."""
    if not is_remote(path):
        with open(path, "rb") as file:
            return file.read(HEADER_BYTES)
    line = connection.execute(
        f"select line from read_csv({literal(path)}, header = false, auto_detect = false, columns = {{'line': 'varchar'}},"
        " delim = '\x01', quote = '', escape = '', strict_mode = false) limit 1"
    ).fetchone()
    return (line[0] or "").encode() + b"\n" if line else b""


def parquet_columns(connection: duckdb.DuckDBPyConnection, paths: list[str]) -> "dict[str, tuple[tuple[str, str], ...] | str]":
    """{path: its columns with their types, or what is wrong with it}; files alike are looked at once."""
    by_schema: dict[tuple, list[str]] = defaultdict(list)
    try:
        rows = connection.execute(
            "select file_name, name, type, type_length, converted_type, cast(logical_type as varchar), num_children"
            f" from parquet_schema([{', '.join(map(literal, paths))}])"
        ).fetchall() if paths else []
    except duckdb.Error as error:
        if len(paths) == 1:
            return {paths[0]: f"is no readable Parquet file ({first_line(error)}). Deliver it again."}
        middle = len(paths) // 2
        return parquet_columns(connection, paths[:middle]) | parquet_columns(connection, paths[middle:])
    schemas: dict[str, list[tuple]] = defaultdict(list)
    for path, *column in rows:
        schemas[path].append(tuple(column))
    for path, schema in schemas.items():
        by_schema[tuple(schema)].append(path)
    columns = {}
    for alike in by_schema.values():
        described = connection.execute(f"describe select * from read_parquet({literal(alike[0])})").fetchall()
        columns |= dict.fromkeys(alike, tuple((name, kind) for name, kind, *_ in described))
    return columns


def contract_column(table: Table, name: str) -> "str | None":
    """The column of the contract that a column of a file is, whatever its case, blanks and hyphens; null: none."""
    return {squeezed(column): column for column in table.column_names}.get(squeezed(name))


def squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def column_fault(table: Table, columns: Iterable[SourceColumn]) -> "str | None":
    """What is wrong with the columns of one file; null: nothing."""
    found = [source.column for source in columns if source.column]
    parts = [
        f"{word}{'s' if len(names) > 1 else ''} {', '.join(names)}" for word, names in (
            ("lacks the column", [name for name in table.required_names if name not in found]),
            ("has twice the column", [name for name in table.column_names if found.count(name) > 1]),
        ) if names
    ]
    has = f"Found {', '.join(source.name or '(without a name)' for source in columns)}."
    return f"{' and '.join(parts)}. {has} Expected {', '.join(table.required_names)}, each once; the others may be missing." if parts else None


def first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(". ")
