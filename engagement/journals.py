"""The tables that no build makes again, and how builds that were never published are taken back from them.

A build with changed rules writes into the journals before anybody knows whether it will be published. So it keeps a copy of
them first, in the schema `held`. If the build is not published, the next one begins by putting the copy back: what the
journals say was then never there.
"""

import contextlib
from pathlib import Path

import duckdb

from engagement.paths import CommandError, database_file, quoted, serving_folder
from engagement.publish import published, versions
from engagement.rules import Rules, rules_of_version

JOURNALS = ("score_changes", "score_alerts", "published_scores")
COPIES = "held"


def keep_or_take_back(cursor: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Before a build by these rules. Does nothing unless there are journals, and a published version to compare with."""
    try:
        folder = serving_folder(database_file())
    except CommandError:
        return  # a database that only dbt can use
    with duckdb.connect() as connection:
        version = published(connection, folder)
        if not version or not tables(cursor, "main"):
            return
        is_changed = rules_of_version(connection) != rules
    if tables(cursor, COPIES):
        # the link may have been set back to an older version since
        was_published = (
            value_of(cursor, "config_version from intermediate.int_config_version") == version.config_version
            or value_of(cursor, "invocation_id from runs.last_build") in published_builds(folder)
        )
        if was_published:
            cursor.execute(f"drop schema {COPIES} cascade")
        else:
            copy(cursor, COPIES, "main")
    if is_changed and not tables(cursor, COPIES):
        cursor.execute(f"create schema if not exists {COPIES}")
        copy(cursor, "main", COPIES)


def tables(cursor: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    return [name for name, in cursor.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = ?"
        " and list_contains(?, table_name) order by table_name", [schema, list(JOURNALS)],
    ).fetchall()]


def value_of(cursor: duckdb.DuckDBPyConnection, what: str) -> "str | None":
    """What the last build has left; None if it came not so far."""
    try:
        return cursor.execute(f"select {what}").fetchone()[0]
    except (duckdb.CatalogException, TypeError):
        return None


def published_builds(folder: Path) -> set[str]:
    """The builds behind the versions that are kept."""
    found = set()
    for file in versions(folder).values():
        with contextlib.suppress(duckdb.Error), duckdb.connect(str(file), read_only=True) as connection:
            found |= {build for build, in connection.execute("select invocation_id from publication").fetchall()}
    return found


def copy(cursor: duckdb.DuckDBPyConnection, source: str, target: str) -> None:
    """All journals of a schema at once, so that a killed build leaves none of them half."""
    cursor.execute("begin")
    for name in tables(cursor, source):
        cursor.execute(f"create or replace table {target}.{quoted(name)} as from {source}.{quoted(name)}")
    cursor.execute("commit")
