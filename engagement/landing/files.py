"""Finds the files in RAW_DATA, and the raw table that each belongs to."""

import difflib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from engagement.landing.contract import Table, known_vendors, squeezed
from engagement.landing.settings import FILE, Settings, Source, read_settings
from engagement.paths import CommandError, literal

CSV, PARQUET, JSONL = "CSV", "Parquet", "JSONL"
KINDS = {".csv": CSV, ".tsv": CSV, ".txt": CSV, ".parquet": PARQUET, ".jsonl": JSONL, ".ndjson": JSONL}
EXPECTED = "<table>.csv, .tsv, .txt, .jsonl (each also with .gz), .parquet, or a folder <table>/ of such files"
# what to do about files that landing can't read
REMEDIES = {
    ".xlsx": "is a spreadsheet. Save each sheet as CSV (UTF-8).", ".xls": "is a spreadsheet. Save each sheet as CSV (UTF-8).",
    ".ods": "is a spreadsheet. Save each sheet as CSV (UTF-8).", ".numbers": "is a spreadsheet. Save each sheet as CSV (UTF-8).",
    ".zip": "is an archive. Unpack it.", ".tar": "is an archive. Unpack it.", ".7z": "is an archive. Unpack it.",
    ".tgz": "is an archive. Unpack it.", ".bz2": "has an unknown compression. Unpack it, or use gzip.",
    ".zst": "has an unknown compression. Unpack it, or use gzip.",
    ".json": "is JSON. Write it as JSON lines (.jsonl): one object per line.", ".xml": "is XML. Export it as CSV.",
    ".avro": "is Avro. Write it as Parquet.", ".orc": "is ORC. Write it as Parquet.", ".sql": "is SQL. Export the table as CSV.",
}
MAX_FAULTS = 30


class LandingError(CommandError):
    """The raw data can't be read. The message names the file and the fault, and says what to do."""

    def __init__(self, folder: str, faults: list[str]) -> None:
        more = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        super().__init__("\n  - ".join([
            f"The raw data in {folder} doesn't match the landing contract. Nothing was built.", *faults[:MAX_FAULTS], *more,
        ]) + "\n  Run `make check` to see what is understood. docs/your-data.md describes the contract. Env var RAW_DATA names the folder.")


@dataclass(frozen=True)
class RawFile:
    """A file of a raw table. `name` is its path within the folder of raw data. `modified` changes when its content does."""

    table: Table
    path: str
    name: str
    size: int
    modified: str
    source: Source

    @property
    def key(self) -> tuple[str, str]:
        return self.table.name, self.name

    @property
    def kind(self) -> str:
        return kind_of(self.path) or CSV


@dataclass
class Listing:
    """The files of all raw tables, the files without a table, the faults, and the notes for the log."""

    settings: Settings
    files: list[RawFile]
    strangers: list[str]
    faults: list[str]
    notes: list[str]
    losses: list[str] = field(default_factory=list)  # notes on folders with data that nothing reads


def is_remote(folder: str) -> bool:
    return "://" in folder


def stem_and_ending(name: str) -> tuple[str, str]:
    """("web_events", ".csv") for Web_Events.CSV.gz: the ending of a compressed file is that of its content."""
    stem, ending = os.path.splitext(name.lower().removesuffix(".gz"))
    return stem, ending


def kind_of(path: str) -> "str | None":
    """How a file with this name is read; None if it isn't."""
    kind = KINDS.get(stem_and_ending(os.path.basename(path))[1])
    return None if kind == PARQUET and path.lower().endswith(".gz") else kind


def list_files(connection: duckdb.DuckDBPyConnection, folder: str, contract: Iterable[Table], crm: str = "") -> Listing:
    """Looks at every file and folder directly in `folder`, and at all files in the folders of tables and vendors."""
    tables = {table.name: table for table in contract}
    if not is_remote(folder) and not Path(folder).is_dir():
        what = "is a file. Give the folder that contains it" if Path(folder).is_file() else "does not exist. Give an existing folder"
        return Listing(Settings(), [], [], [f"The folder {folder} {what}."], [])
    settings, faults = read_settings(settings_text(connection, folder), tables)
    listing = Listing(settings, [], [], faults, [])
    found: dict[str, list[RawFile]] = defaultdict(list)
    unused = {(name, pattern) for name, sources in settings.sources.items() for source in sources for pattern in source.files}
    named = {name for name, _ in unused}
    ignored = []
    unread: dict[str, list[str]] = defaultdict(list)
    entries = remote_files(connection, folder) if is_remote(folder) else local_files(folder, tables, settings)
    for parts, size, modified in entries:
        path, relative = "/".join((folder.rstrip("/"), *parts)), "/".join(parts)
        owners = [
            (tables[name], source) for name, sources in settings.sources.items() for source in sources if source.has_file(relative)
        ]
        name = table_of(parts, tables)
        if relative == FILE or settings.is_ignored(relative):
            continue
        if not owners and any(part.startswith(("_", ".")) for part in parts):
            ignored.append(relative)
            continue
        not_read = f"{path} is not part of the landing contract and was not read."
        if not owners and stem_and_ending(parts[-1])[0] == "readme":
            listing.notes.append(not_read)
            continue
        if not owners and name and name not in named:
            owners = [(tables[name], settings.of(name)[0])]
        for table, source in owners:
            unused -= {(table.name, pattern) for pattern in source.files if Source(files=(pattern,)).has_file(relative)}
        if owners and not kind_of(path):
            listing.faults.append(f"{path} {remedy(path)}")
        elif owners and not is_remote(folder) and not os.path.exists(path):
            listing.faults.append(f"{owners[0][0].name}: {path} is a link to a file that isn't there. Bring the file back, or remove the link.")
        elif len({table.name for table, _ in owners}) < len(owners):
            listing.faults.append(f"{FILE}: two sources of {owners[0][0].name} name {relative}. Keep one of them.")
        elif owners:
            for table, source in owners:
                found[table.name].append(RawFile(table, path, relative, size, modified, source))
        elif parts[0].lower() in vendors_of(tables):
            unread[parts[0]].append("/".join(parts[1:]))
        elif is_data(path) or similar_table(path, tables):
            listing.strangers.append(path)
        elif relative.lower() in known_vendors():
            listing.notes.append(f"{path} was not read, because var vendors doesn't include {relative.lower()}.")
        elif example := data_in(path):
            listing.losses.append(
                f"{path} was not read, although it holds data such as {example}. Name it as `files` of a table in {FILE}, or add it to `ignore`."
            )
        else:
            listing.notes.append(not_read)
    listing.faults += [f"{FILE}: {name}.files names {pattern}, but {folder} has no such file." for name, pattern in sorted(unused)]
    listing.faults += [stranger_fault(path, tables) for path in listing.strangers]
    if ignored:
        listing.notes.append(f"Hidden files were not read: {', '.join(ignored[:5])}{' ...' if len(ignored) > 5 else ''}.")
    # a vendor's export has many tables that play no part in scores
    listing.notes += [
        f"{folder}/{vendor}: not read, because no model needs them: {', '.join(names[:MAX_FAULTS])}{' ...' if len(names) > MAX_FAULTS else ''}."
        for vendor, names in unread.items()
    ]
    check_tables(listing, found, tables, folder)
    if crm and not any(table.vendor == crm and found.get(name) for name, table in tables.items()):
        own_names = ", ".join(table.own_name for table in tables.values() if table.vendor == crm)
        listing.faults.append(f"{crm}: named in var crm, but {folder}/{crm}/ has none of its tables {own_names}.")
    listing.files = [file for name in tables for file in found.get(name, [])]
    return listing


def settings_text(connection: duckdb.DuckDBPyConnection, folder: str) -> "str | None":
    place = f"{folder.rstrip('/')}/{FILE}"
    if not is_remote(folder):
        return Path(place).read_text(encoding="utf-8", errors="replace") if Path(place).is_file() else None
    is_there = connection.execute(f"select 1 from glob({literal(place)})").fetchone()
    return connection.execute(f"select content from read_text({literal(place)})").fetchone()[0] if is_there else None


def local_files(folder: str, tables: dict[str, Table], settings: Settings) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """(path within the folder, bytes, time of the last change) of each file; a folder without a table is one entry."""
    top = Path(folder)
    for path in sorted(top.iterdir()):
        if path.is_dir() and (
            table_of((path.name,), tables) or path.name.lower() in settings.folders or path.name.lower() in vendors_of(tables)
        ):
            for place, folders, names in os.walk(path, followlinks=True):
                folders.sort()
                for name in sorted(names):
                    file = Path(place, name)
                    yield (file.relative_to(top).parts, *size_and_time(file))
        else:
            yield ((path.name,), *size_and_time(path))


def size_and_time(path: Path) -> tuple[int, str]:
    status = path.stat() if path.exists() else path.lstat()
    return status.st_size, str(status.st_mtime_ns)


def remote_files(connection: duckdb.DuckDBPyConnection, folder: str) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """The same for a folder that DuckDB can list, such as one on S3."""
    place = folder.rstrip("/")
    for path, size, modified in connection.execute(
        f"select filename, size, last_modified from read_blob({literal(place + '/**')}) order by filename"
    ).fetchall():
        yield tuple(path.removeprefix(place + "/").split("/")), size, str(modified)


def vendors_of(tables: dict[str, Table]) -> set[str]:
    return {table.vendor for table in tables.values() if table.vendor}


def table_of(parts: tuple[str, ...], tables: dict[str, Table]) -> "str | None":
    """The table that a file belongs to, by its name or its folder. Files of a vendor are in the vendor's folder."""
    vendor = parts[0].lower() if parts[0].lower() in vendors_of(tables) else None
    own_parts = parts[1:] if vendor else parts
    name = squeezed(stem_and_ending(own_parts[0])[0]) if own_parts else ""
    return next((table.name for table in tables.values() if table.vendor == vendor and name in table.spellings), None)


def remedy(path: str) -> str:
    """What is wrong with a file that can't be read, and what to do."""
    ending = os.path.splitext(path.lower())[1]
    return REMEDIES.get(ending) or (
        f"cannot be read: its name ends in {ending or 'nothing'}. Expected {', '.join(KINDS)}. Convert, rename or remove it."
    )


def is_data(path: str) -> bool:
    ending = os.path.splitext(path.lower())[1]
    return ending in KINDS or ending in REMEDIES or ending == ".gz"


def data_in(path: str) -> "str | None":
    """The path within a local folder of a file that could be a raw table; None if there is none, or if it isn't a folder."""
    files = (os.path.join(place, name) for place, _, names in os.walk(path) for name in sorted(names) if kind_of(name) and stem_and_ending(name)[0] != "readme")
    return next((os.path.relpath(file, path) for file in files), None)


def similar_table(path: str, tables: dict[str, Table]) -> list[str]:
    """A list with the table that a file may be meant for; empty if there is none."""
    return difflib.get_close_matches(os.path.basename(path).lower().split(".")[0], tables, 1, 0.8)


def stranger_fault(path: str, tables: dict[str, Table]) -> str:
    """What to do about a file without a raw table."""
    similar = similar_table(path, tables)
    if not kind_of(path) and (not similar or os.path.splitext(path.lower())[1] in REMEDIES):
        return f"{path} {remedy(path)} If it isn't raw data, move it, or add it to `ignore` in {FILE}."
    return (
        f"{path} is not a raw table.{f' Did you mean {similar[0]}?' if similar else ''} Rename it, or name its table in {FILE}."
        f" Expected the tables {', '.join(tables)}."
    )


def check_tables(listing: Listing, found: dict[str, list[RawFile]], tables: dict[str, Table], folder: str) -> None:
    """Faults for tables that are missing or found twice, and a note on optional tables that are missing."""
    missing = []
    for table in tables.values():
        # without landing.yml, a table is one file or one folder of files
        depth = 2 if table.vendor else 1
        places = {
            os.sep.join(os.path.relpath(file.path, folder).split(os.sep)[:depth]) for file in found.get(table.name, []) if not file.source.files
        }
        if len(places) > 1:
            listing.faults.append(f"{table.name}: found more than once ({', '.join(sorted(places))} in {folder}). Keep one of them.")
        if not found.get(table.name) and not table.is_optional:
            columns = f"the column{'s' if len(table.required_names) > 1 else ''} {', '.join(table.required_names)}"
            expected = EXPECTED.replace("<table>", table.name)
            listing.faults.append(f"{table.name}: required, but not found. Expected {folder}/{expected}, with {columns}.")
        elif not found.get(table.name):
            missing.append(table.name)
    if missing:
        listing.notes.append(f"Not found, taken as empty: {', '.join(missing)}.")
