"""Finds out how raw files are written, and which columns of the landing contract they hold."""

import codecs
import csv
import gzip
import io
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from engagement.landing.contract import Table, squeezed
from engagement.landing.files import CSV, JSONL, PARQUET, RawFile, is_remote
from engagement.landing.settings import SEPARATORS, Source
from engagement.landing.types import Form, trimmed
from engagement.paths import file_literal, literal, quoted

# an option of DuckDB's CSV reader, which leaves these tables behind
REJECTS = "store_rejects = true, rejects_limit = 0, rejects_table = 'landing_rejects', rejects_scan = 'landing_rejected_files'"
HEADER_BYTES = 1_000_000
MAX_NAMES = 30
GZIP = b"\x1f\x8b"
CHUNK = 1 << 24  # bytes
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
WESTERN = "cp1252"
NAMES = {"utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", WESTERN: "Windows-1252"}
# letters and signs of Western European texts in Windows-1252; other bytes, or more than two in a row, mean another encoding
WESTERN_BYTES = (
    rb"\x80\x82\x84\x85\x8a\x8c\x8e\x91-\x97\x99\x9a\x9c\x9e\x9f\xa0\xa1\xa7\xa9\xab\xae\xb0\xb4\xb7\xbb\xbf"
    rb"\xc0-\xd6\xd8-\xf6\xf8-\xff"
)
NO_WESTERN_TEXT = re.compile(rb"[^\x00-\x7f" + WESTERN_BYTES + rb"]|[\xc0-\xff]{3}")
NO_ASCII = re.compile(rb"[\x80-\xff]")
UTF8_LETTER = re.compile(rb"[\xc3-\xf4][\x80-\xbf]|\xc2[\xa0-\xbf]")
# Excel writes this as the first line
SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\r?\n', re.IGNORECASE)
FOLDER_COLUMN = re.compile(r"(?:^|/)([^/=]+)=[^/]*(?=/)")
WORDS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class Layout:
    """How a file is written, and its columns with their DuckDB types, in its order."""

    kind: str
    columns: tuple[tuple[str, str], ...]
    separator: str = ","
    encoding: str = "utf-8"
    is_compressed: bool = False
    skip_lines: int = 0
    in_folders: bool = False  # Parquet: folders such as event_type=click hold columns

    @property
    def words(self) -> list[str]:
        """What is unusual about the layout."""
        return [text for text, is_so in (
            (f"separated by {WORDS.get(self.separator)}", self.kind == CSV and self.separator != ","),
            (f"read as {NAMES.get(self.encoding, self.encoding)}", self.encoding != "utf-8"),
            ("compressed", self.is_compressed),
        ) if is_so]


@dataclass(frozen=True)
class Shape:
    """What files that are read together have in common. `used` maps columns of the file to columns of the contract."""

    table: Table
    source: Source
    layout: Layout
    used: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def form(self) -> Form:
        """If columns are separated by semicolons, commas probably separate decimals."""
        is_doubtful = self.layout.kind == CSV and self.layout.separator == ";"
        return Form(self.source.decimal, self.source.dates, self.source.time_zone, is_doubtful)

    @property
    def ignored(self) -> list[str]:
        """Columns of the file that aren't in the contract."""
        known = {number for _, numbers in self.used for number in numbers}
        whole = {self.layout.columns[number][0].split(".")[0] for number in known} if self.layout.kind == JSONL else set()
        return [name or "(without a name)" for number, (name, _) in enumerate(self.layout.columns) if number not in known and name not in whole]

    @property
    def missing(self) -> list[str]:
        """Columns of the contract that the file lacks."""
        return [name for name in self.table.column_names if name not in self.types]

    @property
    def types(self) -> dict[str, str]:
        """{column of the contract: its DuckDB type in `select`}"""
        found = {column: self.layout.columns[numbers[0]][1] if len(numbers) == 1 else "VARCHAR" for column, numbers in self.used}
        return found | {column: "VARCHAR" for column, _ in self.source.constants}

    def select(self, values: list[str]) -> list[str]:
        """The contract's columns of a select; `values` is the SQL of each column of the file."""
        columns = {column: joined([values[number] for number in numbers]) for column, numbers in self.used}
        columns |= {column: literal(value) for column, value in self.source.constants}
        return [f"{value} as {quoted(column)}" for column, value in columns.items()]

    @property
    def words(self) -> list[str]:
        """Notes for the log. They leave out the many vendor columns that play no part in scores, or that only one connector writes."""
        missing = [name for name in self.missing if not (self.table.vendor and name.startswith("_"))]
        return self.layout.words + [f"{words}: {', '.join(names)}" for words, names in (
            ("ignored columns", [] if self.table.vendor else self.ignored), ("missing columns", missing),
        ) if names]


def joined(values: list[str]) -> str:
    """SQL of several columns as one text, such as a day and a time, or a first and a last name."""
    if len(values) == 1:
        return values[0]
    return f"nullif(concat_ws(' ', {', '.join(trimmed(f'cast({value} as varchar)') for value in values)}), '')"


def shapes_of(connection: duckdb.DuckDBPyConnection, files: list[RawFile]) -> tuple[dict[Shape, list[RawFile]], dict[RawFile, str]]:
    """The files by their shape, and {file: its fault} of those that don't match the contract."""
    shapes: dict[Shape, list[RawFile]] = defaultdict(list)
    faults = {}
    parquet = parquet_layouts(connection, sorted({file.path for file in files if file.kind == PARQUET}))
    for file in files:
        if file.kind != PARQUET and is_broken_gzip(file.path):
            faults[file] = f"{file.table.name}: {file.path} is not a whole gzip file. Export it again."
            continue
        layout = parquet[file.path] if file.kind == PARQUET else layout_of(connection, file)
        shape = layout if isinstance(layout, str) else shape_of(file, layout)
        if isinstance(shape, str):
            faults[file] = f"{file.table.name}: {file.path} {shape}"
        else:
            shapes[shape].append(file)
    return shapes, faults


def shape_of(file: RawFile, layout: Layout) -> "Shape | str":
    """The shape of a file, or what is wrong with its columns."""
    table, source = file.table, file.source
    names = [name for name, _ in layout.columns]
    by_name: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        by_name[squeezed(name)].append(number)
    wanted = {
        column.name: [next((name for name in (column.name, *column.also) if squeezed(name) in by_name), column.name)]
        for column in table.columns
    } | {column: list(given) for column, given in source.columns}
    for column, _ in source.constants:
        wanted.pop(column)
    parts, used, lacking = [], [], []
    for column, given in wanted.items():
        found = [by_name.get(squeezed(name), []) for name in given]
        is_given = column in dict(source.columns)
        if all(found):
            used.append((column, tuple(numbers[0] for numbers in found)))
        elif is_given or column in table.required_names:
            lacking += [name for name, numbers in zip(given, found) if not numbers]
        parts += [f"has the column {names[numbers[0]]} twice" for numbers in found if len(numbers) > 1 and squeezed(names[numbers[0]])]
    if lacking:
        parts.insert(0, f"lacks the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}")
    # a vendor's table needs no single column, but connectors add columns of their own
    elif all(column.startswith("_") for column, _ in used):
        parts.append("has none of the columns that are read")
    if parts:
        found = [name or "(without a name)" for name in names]
        more = f" and {len(found) - MAX_NAMES} more" if len(found) > MAX_NAMES else ""
        return (
            f"{' and '.join(dict.fromkeys(parts))}. Found {', '.join(found[:MAX_NAMES])}{more}."
            f" Expected {', '.join(table.required_names) or 'its columns'}, each once; other columns can be missing."
            " Rename the column, or name it in landing.yml."
            + (" Name a key within another one with a point, such as page.url." if layout.kind == JSONL else "")
            + (" Airbyte has put the whole row into _airbyte_data: let it flatten the root level." if "_airbyte_data" in names else "")
        )
    return Shape(table, source, layout, tuple(used))


# CSV and JSON lines

def layout_of(connection: duckdb.DuckDBPyConnection, file: RawFile) -> "Layout | str":
    """How a text file is written, or what is wrong with it."""
    start = first_bytes(connection, file.path)
    is_compressed = start.startswith(GZIP) or is_remote(file.path) and file.path.lower().endswith(".gz")
    if start.startswith(GZIP):
        start = unpacked(start)
    if start.startswith(b"PAR1"):
        return "is a Parquet file. Name it .parquet."
    if start.startswith(b"PK\x03\x04"):
        return "is a spreadsheet or an archive. Export it as CSV."
    if file.kind == JSONL:
        return json_layout(connection, file, is_compressed) if start.strip() else "is empty."
    encoding, is_whole = file.source.encoding or encoding_of(start, file.source.skip_lines), len(start) < HEADER_BYTES
    if not encoding:
        return "is neither UTF-8 nor Windows-1252. Save it as UTF-8, or name its `encoding` in landing.yml."
    text = start.decode(encoding, "replace").removeprefix("\ufeff")
    skip, separator = file.source.skip_lines, file.source.separator
    if not skip and (found := SEPARATOR_LINE.match(text)):
        skip, separator = 1, separator or SEPARATORS.get(found[1])
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(skip):
        text = text.partition("\n")[2]
    # empty lines above the header
    while "\n" in text and not text.partition("\n")[0].strip(" ,;\t|\""):
        text, skip = text.partition("\n")[2], skip + 1
    if not is_whole and "\n" not in text:
        return "has no header: its first line is longer than 1 MB. Is it a CSV file?"
    if not text.strip():
        needed = f"the columns {', '.join(file.table.required_names)}, and any others you have" if file.table.required_names else "its columns"
        return f"is empty. Expected a header with {needed}."
    separator = separator or separator_of(text, file)
    return Layout(CSV, tuple((name, "VARCHAR") for name in header_of(text, separator)), separator, encoding, is_compressed, skip)


def header_of(text: str, separator: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))]
    except csv.Error:
        return [name.strip() for name in text.partition("\n")[0].split(separator)]


def separator_of(text: str, file: RawFile) -> str:
    """The separator that gives the most known columns in the header; in a tie, the most columns, then a comma."""
    wanted = {squeezed(name) for column in file.table.columns for name in (column.name, *column.also)}
    wanted |= {squeezed(name) for _, names in file.source.columns for name in names}

    def rank(separator: str) -> tuple[int, int]:
        names = header_of(text, separator)
        return len({squeezed(name) for name in names} & wanted), len(names)

    return max((",", ";", "\t", "|"), key=rank)


def first_bytes(connection: duckdb.DuckDBPyConnection, path: str) -> bytes:
    """The start of a file, with its header."""
    if not is_remote(path):
        with open(path, "rb") as file:
            return file.read(HEADER_BYTES)
    try:
        line = connection.execute(f"select line from {lines_of([path])} limit 1").fetchone()
        return (line[0] or "").encode() + b"\n" if line else b""
    except duckdb.Error:
        # not UTF-8, so the whole file has to be read
        return content_of(connection, path)[:HEADER_BYTES]


def is_broken_gzip(path: str) -> bool:
    """True if a compressed file on this machine isn't whole. DuckDB reads the first rows of a file that was cut, without a word."""
    is_named_so = path.lower().endswith(".gz")
    if is_remote(path):
        return False
    with open(path, "rb") as file:
        if not is_named_so and file.read(len(GZIP)) != GZIP:
            return False
        file.seek(0)
        try:
            with gzip.open(file) as content:
                while content.read(CHUNK):
                    pass
        except (gzip.BadGzipFile, EOFError, zlib.error):
            return True
    return False


def content_of(connection: duckdb.DuckDBPyConnection, path: str) -> bytes:
    """All bytes of a remote file."""
    return connection.execute(f"select content from read_blob({file_literal(path)})").fetchone()[0]


def unpacked(start: bytes) -> bytes:
    """The content at the start of a compressed file; empty if the file is broken."""
    try:
        with gzip.open(io.BytesIO(start)) as file:
            return file.read1(HEADER_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def encoding_of(start: bytes, skip_lines: int) -> "str | None":
    """The encoding of a file by its start; None if it is unknown. Without a byte order mark of UTF-16 the file counts as UTF-8,
    unless its header isn't. Later lines that aren't UTF-8 are left out, or prove that the whole file is Windows-1252."""
    for mark, name in MARKS.items():
        if start.startswith(mark):
            return name
    # every other byte of Western UTF-16 text is 0
    first, second = start[:2000:2].count(0), start[1:2000:2].count(0)
    if max(first, second) > len(start[:2000]) // 4 and min(first, second) < max(first, second) // 10:
        return "utf-16-be" if first > second else "utf-16-le"
    header = start.replace(b"\r", b"\n").split(b"\n", skip_lines + 1)[:skip_lines + 1][-1]
    try:
        header.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return WESTERN if is_western([start], 1) else None


def is_western(lines: Iterable[bytes], least: int = 2) -> bool:
    """True if the bytes outside ASCII are clearly Windows-1252: no UTF-8 letters, only Western letters and signs, and at least
    this many. A single one below the header may be a broken byte."""
    found = 0
    for line in lines:
        if not line.isascii():
            found += len(NO_ASCII.findall(line))
            if UTF8_LETTER.search(line) or NO_WESTERN_TEXT.search(line):
                return False
    return found >= least


def lines_of(paths: list[str], options: str = "") -> str:
    """SQL of the lines of some files."""
    return (
        f"read_csv([{', '.join(map(file_literal, paths))}], header = false, auto_detect = false, columns = {{'line': 'varchar'}},"
        f" delim = '\x01', quote = '', escape = '', strict_mode = false, max_line_size = 64000000{options})"
    )


def objects_of(paths: list[str], options: str = "") -> str:
    """SQL of the lines of JSON-lines files, but for those that aren't UTF-8. `object` is null if the line holds no object."""
    return (
        f"(select file_index, line, case when json_type(try_cast(line as json)) = 'OBJECT' then try_cast(line as json) end as object"
        f" from {lines_of(paths, f', {REJECTS}{options}')})"
    )


def json_layout(connection: duckdb.DuckDBPyConnection, file: RawFile, is_compressed: bool) -> "Layout | str":
    """The layout of JSON lines: the keys of all objects are its columns, and the keys within keys that landing.yml names."""
    options = ", compression = 'gzip'" if is_compressed else ""
    within = sorted({name for _, names in file.source.columns for name in names if "." in name})
    named = "".join(f", case when json_exists(object, {key_within(name)}) then {literal(name)} end" for name in within)
    try:
        names = connection.execute(
            f"select distinct name from (select unnest(list_concat(json_keys(object), [null{named}])) as name from {objects_of([file.path], options)})"
            " where name is not null order by name"
        ).fetchall()
    except duckdb.Error as error:
        return f"cannot be read ({first_line(error)}). Export it again as UTF-8."
    if not names:
        return "holds no JSON object. Write one object per line."
    return Layout(JSONL, tuple((name, "VARCHAR") for name, in names), is_compressed=is_compressed)


def json_value(name: str) -> str:
    """SQL of the value of a key, such as `url`, or of one within others, such as `page.url`."""
    value = f"json_extract_string(object, {literal(json_pointer(name))})"
    return f"coalesce({value}, json_extract_string(object, {key_within(name)}))" if "." in name else value


def key_within(name: str) -> str:
    """SQL of the JSON pointer to a key within others: '/page/url' for page.url."""
    return literal(json_pointer(name).replace(".", "/"))


def json_pointer(name: str) -> str:
    """The JSON pointer to a key, as RFC 6901 writes it."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


# Parquet

def parquet_layouts(connection: duckdb.DuckDBPyConnection, paths: list[str]) -> "dict[str, Layout | str]":
    """{path: its layout, or what is wrong with it}. Files with the same columns are read once. Columns that a file lacks can be
    in the names of its folders."""
    by_schema: dict[tuple, list[str]] = defaultdict(list)
    try:
        rows = connection.execute(
            "select file_name, name, type, type_length, converted_type, cast(logical_type as varchar), num_children"
            f" from parquet_schema([{', '.join(map(file_literal, paths))}])"
        ).fetchall() if paths else []
    except duckdb.Error as error:
        if len(paths) == 1:
            return {paths[0]: f"is not a readable Parquet file ({first_line(error)}). Export it again."}
        middle = len(paths) // 2
        return parquet_layouts(connection, paths[:middle]) | parquet_layouts(connection, paths[middle:])
    schemas: dict[str, list[tuple]] = defaultdict(list)
    # DuckDB can write a path in another way
    names = {os.path.normpath(path): path for path in paths}
    for path, *column in rows:
        schemas[names[os.path.normpath(path)]].append(tuple(column))
    for path, schema in schemas.items():
        by_schema[tuple(schema), tuple(FOLDER_COLUMN.findall(path))].append(path)
    layouts = {}
    for (schema, folders), alike in by_schema.items():
        # DuckDB would take the folder's value even if the file has one
        in_folders = bool(folders) and not {name.lower() for name in folders} & {column[0].lower() for column in schema}
        described = connection.execute(f"describe select * from {parquet_rows(alike[:1], in_folders)}").fetchall()
        layouts |= dict.fromkeys(alike, Layout(PARQUET, tuple((name, kind) for name, kind, *_ in described), in_folders=in_folders))
    return layouts


def parquet_rows(paths: list[str], in_folders: bool) -> str:
    """SQL of the rows of Parquet files."""
    folders = "hive_partitioning = true, hive_types_autocast = false" if in_folders else "hive_partitioning = false"
    return f"read_parquet([{', '.join(map(file_literal, paths))}], union_by_name = true, {folders})"


def first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(". ")


def notes_of(shapes: dict[Shape, Iterable[RawFile]]) -> list[str]:
    """One line for each shape of files that differs from the contract."""
    notes = []
    for shape, files in shapes.items():
        first, *others = files
        more = f" and {len(others)} more" if others else ""
        notes += [f"{shape.table.name}: {first.path}{more}: {'; '.join(shape.words)}."] if shape.words else []
    return notes
