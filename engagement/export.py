"""Writes the published marts as Parquet or CSV files, for tools that can't read DuckDB.

The folder is a link to a complete set of files of one publication, so a reader finds either the old set or the new one.
In CSV files, an apostrophe comes before texts that a spreadsheet would run as a formula. See docs/bi.md.
"""

import contextlib
import os
import re
import shutil
import uuid
from pathlib import Path

import duckdb

from engagement import warehouse
from engagement.console import command_parser, printable
from engagement.paths import BadUsage, CommandError, literal, quoted, was_interrupted
from engagement.warehouse import Warehouse
from engagement.warehouse.duckdb_file import alone_in
from engagement.warehouse.mirror import Reader

FORMATS = {"parquet": "format parquet", "csv": "format csv, header true"}
# what Excel, LibreOffice and Google Sheets run as a formula, also after spaces and in full-width characters
FORMULA = r"^\s*[=+\-@＝＋－＠]|^[\t\r\n]"
NAME = re.compile(r"\w+")


def export_folder(folder: Path) -> Path:
    return folder / "export"


def export(place: Warehouse, folder: Path, file_format: str, wanted: list[str]) -> dict[str, int]:
    """{mart: rows written}. Without `wanted`, every table of the publication is written."""
    # the folder is replaced as a whole
    refuse_foreign_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone_in(folder.parent), place.opened_marts() as marts:
            tables = chosen(marts, wanted)
            remove_sets(folder, kept=shown(folder))
            new = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}")
            new.mkdir()
            rows = {table: write(marts, table, new / f"{table}.{file_format}", file_format) for table in tables}
            point_to(folder, new)
            remove_sets(folder, kept=new)
    except (OSError, RuntimeError, duckdb.Error) as error:
        with contextlib.suppress(OSError):
            remove_sets(folder, kept=shown(folder))
        if was_interrupted(error):
            raise KeyboardInterrupt from None
        raise CommandError(
            f"{folder} could not be written: {printable(error).rstrip('. ')}. Make room or fix it, and run the same command again."
        ) from None
    return rows


def chosen(marts: Reader, wanted: list[str]) -> list[str]:
    """The tables to write."""
    tables = [name for name, in marts.execute(
        "select table_name from duckdb_tables() where database_name = 'marts' and schema_name = 'main' order by table_name"
    ).fetchall() if NAME.fullmatch(name)]
    unknown = sorted(set(wanted) - set(tables))
    if unknown:
        raise BadUsage(f"There is no mart {printable(', '.join(unknown))}. Marts: {', '.join(tables)}.")
    return [table for table in tables if table in wanted or not wanted]


def write(marts: Reader, table: str, file: Path, file_format: str) -> int:
    """Writes a file, and returns its number of rows."""
    columns = "*"
    if file_format == "csv":
        texts = [name for name, kind, *_ in marts.execute(f"describe {quoted(table)}").fetchall() if kind == "VARCHAR"]
        replaced = ", ".join(f"{harmless(quoted(name))} as {quoted(name)}" for name in texts)
        columns = f"* replace ({replaced})" if replaced else "*"
    rows, = marts.execute(f"copy (select {columns} from {quoted(table)}) to {literal(file)} ({FORMATS[file_format]})").fetchone()
    return rows


def harmless(column: str) -> str:
    """SQL of a text that no spreadsheet runs as a formula."""
    return f"case when regexp_matches({column}, {literal(FORMULA)}) then '''' || {column} else {column} end"


# the folder and the sets of files beside it

def refuse_foreign_folder(folder: Path) -> None:
    """Stops unless the folder is a link of this command, empty or missing."""
    is_empty = not folder.is_symlink() and folder.is_dir() and not any(folder.iterdir())
    if os.path.lexists(folder) and not shown(folder) and not is_empty:
        raise BadUsage(f"{folder} holds other files. Name a new folder with --out, or move it away.")


def is_set_of(folder: Path, name: str) -> bool:
    """True if this is the name of a set of files, or of a new link to one."""
    return re.fullmatch(re.escape(folder.name) + r"\.[0-9a-f]{32}(\.link)?", name) is not None


def shown(folder: Path) -> "Path | None":
    """The set of files that the link leads to."""
    target = os.readlink(folder) if folder.is_symlink() else ""
    return folder.parent / target if is_set_of(folder, target) else None


def point_to(folder: Path, new: Path) -> None:
    """Switches the folder to another set at once. The link is relative, so that its parent can be moved."""
    link = new.with_name(f"{new.name}.link")
    os.symlink(new.name, link)
    if folder.is_dir() and not folder.is_symlink():
        folder.rmdir()
    os.replace(link, folder)


def remove_sets(folder: Path, kept: "Path | None" = None) -> None:
    """Removes the sets of files that this command has written, including those of killed runs."""
    for path in folder.parent.iterdir():
        if is_set_of(folder, path.name) and path != kept:
            if path.is_symlink():
                path.unlink()
            else:
                shutil.rmtree(path)


def remove_export(folder: Path) -> None:
    """Removes everything that an export has written."""
    if shown(folder):
        folder.unlink()
    if folder.parent.is_dir():
        remove_sets(folder)


# the command line

def main(argv: "list[str] | None" = None) -> int:
    place = warehouse.current()
    parser = command_parser("export", __doc__, allow_abbrev=False)
    parser.add_argument("--format", choices=list(FORMATS), default="parquet", help="format of the files (default: parquet)")
    parser.add_argument("--mart", action="append", default=[], metavar="NAME", help="only this mart; can be repeated (default: all)")
    parser.add_argument("--out", type=Path, default=export_folder(place.folder), metavar="FOLDER", help="output folder (default: export beside the database)")
    options = parser.parse_args(argv)
    # without a closing slash, and not through the link
    folder = Path(os.path.abspath(options.out))
    rows = export(place, folder, options.format, options.mart)
    print(printable(f"Wrote {len(rows)} marts with {sum(rows.values())} rows as {options.format}: {options.out}"))
    return 0
