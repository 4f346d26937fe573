"""The marts of two engines, compared row by row."""

import tempfile
from collections.abc import Container
from pathlib import Path

import duckdb

PRECISION = 9  # decimals
# a hash of the event's key, which is a hash of the row where the row has no id: each engine has its own
IGNORED = {("account_timeline", "timeline_entry_id")}


def create_raw_tables(cursor, schema: str, folder: Path) -> None:
    """The CSV files of a folder as tables of texts on PostgreSQL, in the place of those that are there."""
    cursor.execute(f"create schema if not exists {schema}")
    for file in sorted(folder.glob("*.csv")):
        columns = file.open(encoding="utf-8").readline().strip().split(",")
        cursor.execute(f"drop table if exists {schema}.{file.stem} cascade")
        cursor.execute(f"create table {schema}.{file.stem} ({', '.join(f'{name} text' for name in columns)})")
        with file.open(encoding="utf-8") as rows:
            cursor.copy_expert(f"copy {schema}.{file.stem} from stdin (format csv, header)", rows)
        cursor.execute(f"analyze {schema}.{file.stem}")


def differences(
    database: Path, server, schema: str = "main", only: "list[str] | None" = None, own_schema: str = "main", ignored: Container[str] = (),
) -> list[str]:
    """What a server has in other rows than a file of DuckDB, a line for each mart, but for some columns. Numbers may differ by less than 1e-9."""
    found = []
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        connection.execute(f"set TimeZone = 'UTC'; attach '{database}' as ours (read_only)")
        columns = connection.execute("""
            select table_name, column_name, data_type from duckdb_columns()
            where database_name = 'ours' and schema_name = ? order by table_name, column_index""", [own_schema]).fetchall()
        marts = {}
        for mart, name, kind in columns:
            if (mart, name) not in IGNORED and name not in ignored and mart in (only or [mart]):
                marts.setdefault(mart, {})[name] = kind
        assert len(marts) == len(only) if only else len(marts) > 25
        for mart, types in marts.items():
            values = ", ".join(
                f"round(cast({name} as double), {PRECISION - 1}) as {name}" if kind.startswith(("DECIMAL", "DOUBLE"))
                else f"cast({name} as {kind}) as {name}" for name, kind in types.items()
            )
            ours, theirs = f"select {values} from ours.{own_schema}.{mart}", f"select {values} from {server.rows(schema, mart, types, Path(folder))}"
            lacking = connection.execute(f"({ours}) except all ({theirs}) limit 2").fetchall()
            too_many = connection.execute(f"({theirs}) except all ({ours}) limit 2").fetchall()
            if lacking or too_many:
                found.append(f"{mart} ({', '.join(types)}): lacks {lacking}, has {too_many}")
    return found
