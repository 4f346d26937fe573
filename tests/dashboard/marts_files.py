"""Published marts made from those of the sample: fewer accounts, many more, hostile ones."""

import shutil
from pathlib import Path

import duckdb

from engagement.paths import literal, quoted

# columns that hold the id of an account
ID_COLUMNS = ("account_id", "top_parent_account_id", "hottest_account_id")


def tables_with(connection, column):
    return [table for table, in connection.execute(
        "select table_name from duckdb_columns() where column_name = ? order by table_name", [column]
    ).fetchall()]


def changed(marts: Path, serving: Path, *statements: str) -> Path:
    """A serving folder with a copy of the marts on which the statements were run."""
    serving.mkdir(parents=True)
    file = serving / "marts.duckdb"
    shutil.copyfile(marts, file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)
    return serving


def only(marts: Path, serving: Path, *account_ids: str) -> Path:
    """The marts of these accounts; tables that are not about accounts stay, unless there are none at all."""
    wanted = ", ".join(map(literal, account_ids)) or "null"
    with duckdb.connect(str(marts), read_only=True) as connection:
        names = tables_with(connection, "account_id")
        every = [name for name, in connection.execute("select table_name from duckdb_tables()").fetchall()]
    kept = {"publication", "score_bands", "alert_rules", "source_coverage"}
    others = [f"delete from {name}" for name in every if not account_ids and name not in kept]
    return changed(marts, serving, *(f"delete from {name} where account_id not in ({wanted}) or account_id is null" for name in names), *others)


def give_id(file: Path, old: str, new: str) -> None:
    """Another id for an account, wherever it stands."""
    with duckdb.connect(str(file)) as connection:
        for column in ID_COLUMNS:
            for table in tables_with(connection, column):
                connection.execute(f"update {table} set {column} = ? where {column} = ?", [new, old])


def multiplied(marts: Path, serving: Path, times: int) -> Path:
    """The same accounts so many times over, each copy under ids and names of its own."""
    serving.mkdir(parents=True)
    with duckdb.connect(str(serving / "marts.duckdb")) as connection:
        connection.execute(f"attach {literal(marts)} as sample (read_only)")
        tables = connection.execute("select table_name from duckdb_tables() where database_name = 'sample' order by table_name").fetchall()
        for name, in tables:
            columns = [column for column, in connection.execute(
                "select column_name from duckdb_columns() where database_name = 'sample' and table_name = ?", [name]
            ).fetchall()]
            replaced = [f"{quoted(column)} || '-' || copy as {column}" for column in columns if column in (*ID_COLUMNS, "account_name")]
            select = f"select * exclude (copy) replace ({', '.join(replaced)}) from sample.{name} cross join range({times}) as copies (copy)"
            connection.execute(f"create table {name} as {select if replaced else f'from sample.{name}'}")
    return serving
