"""The marts of two databases, compared row by row."""

import tempfile
from pathlib import Path

import duckdb

PRECISION = 9  # decimals
# a hash of the event's key, which is a hash of the row where the row has no id: each engine has its own
IGNORED = {("account_timeline", "timeline_entry_id")}


def create_raw_tables(cursor, schema: str, folder: Path) -> None:
    """The CSV files of a folder as tables of texts, in the place of those that are there."""
    cursor.execute(f"create schema if not exists {schema}")
    for file in sorted(folder.glob("*.csv")):
        columns = file.open(encoding="utf-8").readline().strip().split(",")
        cursor.execute(f"drop table if exists {schema}.{file.stem} cascade")
        cursor.execute(f"create table {schema}.{file.stem} ({', '.join(f'{name} text' for name in columns)})")
        with file.open(encoding="utf-8") as rows:
            cursor.copy_expert(f"copy {schema}.{file.stem} from stdin (format csv, header)", rows)
        cursor.execute(f"analyze {schema}.{file.stem}")


def mart_names(database: Path) -> list[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return [name for name, in connection.execute(
            "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'main' order by 1"
        ).fetchall()]


def differences(database: Path, cursor, marts: list[str], schema: str = "main") -> list[str]:
    """What differs, a line for each mart that does. Numbers may differ by less than 1e-9."""
    found = []
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        connection.execute(f"set TimeZone = 'UTC'; attach '{database}' as ours (read_only)")
        for mart in marts:
            columns = connection.execute(
                "select column_name, data_type from duckdb_columns() where database_name = 'ours' and schema_name = 'main' and table_name = ?", [mart]
            ).fetchall()
            columns = [(name, kind) for name, kind in columns if (mart, name) not in IGNORED]
            file = Path(folder) / f"{mart}.csv"
            names = ", ".join(name for name, _ in columns)
            with file.open("wb") as rows:
                cursor.copy_expert(f"copy (select {names} from {schema}.{mart}) to stdout (format csv, null 'NOTHING', force_quote *)", rows)
            types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
            connection.execute(f"""
                create or replace temp table theirs as from read_csv('{file}', header = false, auto_detect = false, delim = ',',
                quote = '"', escape = '"', nullstr = 'NOTHING', columns = {{{types}}})""")
            values = ", ".join(
                f"round(cast({name} as double), {PRECISION - 1}) as {name}" if kind.startswith(("DECIMAL", "DOUBLE")) else name for name, kind in columns
            )
            ours, theirs = f"select {values} from ours.main.{mart}", f"select {values} from theirs"
            lacking = connection.execute(f"({ours}) except all ({theirs}) limit 2").fetchall()
            too_many = connection.execute(f"({theirs}) except all ({ours}) limit 2").fetchall()
            if lacking or too_many:
                found.append(f"{mart} ({names}): lacks {lacking}, has {too_many}")
    return found
