"""Published marts made from those of the sample: fewer accounts, other ids, other values."""

import shutil
from pathlib import Path

import duckdb

from benchmarks.dashboard import ID_COLUMNS
from engagement.paths import literal


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
