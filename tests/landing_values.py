"""How landing reads values."""

import duckdb

from engagement.landing import create_raw_tables

# a column of each type
COLUMNS = {
    "timestamp": ("crm_opportunities", "closed_at"), "number": ("crm_opportunities", "amount_usd"),
    "integer": ("crm_accounts", "employee_count"), "boolean": ("crm_opportunities", "is_won"), "text": ("crm_accounts", "industry"),
}


def typed(data_type, *values):
    """How values of one column are read, all in one file, as text."""
    table, column = COLUMNS[data_type]
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    create_raw_tables(connection, {table: [{column: value} for value in values]})
    return [value for value, in connection.execute(f"select cast({column} as varchar) from raw.{table} order by row_id").fetchall()]
