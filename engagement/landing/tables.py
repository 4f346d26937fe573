"""The tables of landing in DuckDB."""

import duckdb

from engagement.landing.contract import Table, read_contract, shipped_placeholders
from engagement.landing.types import SQL_TYPES, settings, typed_rows
from engagement.paths import literal, quoted

STATE = """
    create schema if not exists landing;
    create sequence if not exists landing.row_ids;
    create sequence if not exists landing.file_ids;
    create table if not exists landing.contracts (source_table varchar, read_as varchar, relation varchar);
    create table if not exists landing.files (
        file_id bigint, source_table varchar, file_name varchar, size_bytes bigint, modified varchar, first_seen_at timestamp,
        row_count bigint
    );
    create table if not exists landing.unreadable_lines (
        file_id bigint, source_table varchar, file_name varchar, line_number bigint, fault varchar, line_text varchar
    );
"""

# one row per raw table
TABLES = """
    select source_table, count(file_id) as file_count, cast(coalesce(sum(row_count), 0) as bigint) as row_count
    from landing.contracts left join landing.files using (source_table)
    group by source_table order by source_table
"""


def definition(schema: str, table: Table) -> str:
    """The SQL name of a raw table and its columns, for use after `create table`."""
    columns = ", ".join(f"{quoted(column.name)} {SQL_TYPES[column.data_type]}" for column in table.columns)
    return (
        f"{quoted(schema)}.{quoted(table.own_name)} ({columns}, row_id bigint default nextval('landing.row_ids'), file_id bigint,"
        " first_seen_at timestamp, unreadable_values integer, landing_fault varchar, landing_row varchar)"
    )


def create_raw_table(connection: duckdb.DuckDBPyConnection, schema: str, table: Table) -> None:
    """Creates an empty raw table, in place of any table or view with its name."""
    for kind, catalogue in (("view", "duckdb_views()"), ("table", "duckdb_tables()")):
        if connection.execute(
            f"select 1 from {catalogue} where database_name = current_database() and schema_name = ? and {kind}_name = ?",
            [schema, table.own_name],
        ).fetchone():
            connection.execute(f"drop {kind} {quoted(schema)}.{quoted(table.own_name)}")
    connection.execute(f"create table {definition(schema, table)}")


def create_raw_tables(
    connection: duckdb.DuckDBPyConnection, rows_by_table: dict[str, list[dict[str, "str | None"]]], schema: str = "raw",
) -> None:
    """Typed raw tables from rows of text, as `land` would load them from CSV files, in place of those that are there. For tests."""
    connection.execute(STATE)
    connection.execute(f"create schema if not exists {quoted(schema)}")
    connection.execute(settings(shipped_placeholders()))
    relations = ", ".join(f"({literal(table.name)}, '', {literal(f'{quoted(schema)}.{quoted(table.name)}')})" for table in read_contract())
    connection.execute(f"create or replace table landing.contracts as from (values {relations}) as contracts (source_table, read_as, relation)")
    for table in read_contract():
        connection.execute(f"create or replace table {definition(schema, table)}")
        rows = rows_by_table.get(table.name, [])
        if rows:
            names = [name for name in table.column_names if any(name in row for row in rows)]
            marks = ", ".join([f"({', '.join('?' for _ in names)})"] * len(rows))
            source = f"(select *, cast(null as timestamp) as seen_at from (values {marks}) as rows ({', '.join(map(quoted, names))}))"
            types = dict.fromkeys(names, "VARCHAR")
            connection.execute(
                f"insert into {quoted(schema)}.{quoted(table.name)} by name {typed_rows(table, source, types)}",
                [row.get(name) for row in rows for name in names],
            )
