"""How landing reads values."""

import duckdb

from engagement.landing import create_raw_tables

# a column of each type, with its table and the table's key
COLUMNS = {
    "timestamp": ("crm_opportunities", "opportunity_id", "closed_at"), "number": ("crm_opportunities", "opportunity_id", "amount_usd"),
    "integer": ("crm_accounts", "account_id", "employee_count"), "boolean": ("crm_opportunities", "opportunity_id", "is_won"),
    "text": ("crm_accounts", "account_id", "industry"),
}


def typed(data_type, *values):
    """How values of one column are read, all in one file, as text."""
    table, key, column = COLUMNS[data_type]
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    # DuckDB may number the rows in any order
    create_raw_tables(connection, {table: [{key: f"{number:06}", column: value} for number, value in enumerate(values)]})
    return [value for value, in connection.execute(f"select cast({column} as varchar) from raw.{table} order by {key}").fetchall()]
