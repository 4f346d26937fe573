"""Keeps the journals, which no build can recreate, free of builds that were never published.

A build with changed rules writes to the journals before it is clear whether it will be published. So it first keeps a copy
of them in the schema `held`. If the build isn't published, the next build begins by restoring the copy. A build that lost
data restores the published journals itself.
"""

import contextlib
from collections.abc import Callable

import duckdb

from engagement.rules import Rules, rules_of_version
from engagement.warehouse import Warehouse
from engagement.warehouse.mirror import Mirror, Reader, dialect, relation, together

JOURNALS = ("score_changes", "score_alerts", "published_scores")
COPIES = "held"


def keep_or_take_back(reader: Reader, place: Warehouse, rules: Rules) -> None:
    """Runs before a build with these rules. Does nothing without journals, or without a published version to compare with."""
    with contextlib.nullcontext(reader) if isinstance(reader, Mirror) else duckdb.connect() as versions:
        version = place.published(versions)
        if not version or not tables(reader, "main"):
            return
        is_changed = rules_of_version(versions) != rules
    is_kept = bool(tables(reader, COPIES))
    if is_kept:
        # readers may have been switched back to an older version in the meantime
        was_published = (
            value_of(reader, "config_version from intermediate.int_config_version") == version.config_version
            or value_of(reader, "invocation_id from runs.last_build") in place.published_builds()
        )
        if was_published:
            together(reader, [f"drop schema {COPIES} cascade"])
            is_kept = False
        else:
            together(reader, taken_back(reader))
    if is_changed and not is_kept:
        together(reader, [f"create schema if not exists {COPIES}", *kept(reader)])


def as_published(place: Warehouse) -> None:
    """Restores the published journals, after a build that lost data. Does nothing if they can't be read from the newest version,
    because it is masked or readers see an older one, or if the next build restores a copy anyway."""
    with place.writable() as reader:
        version = place.published(reader)
        if version and not version.is_masked and version.version == max(place.versions()) and not tables(reader, COPIES):
            together(reader, restored(reader, tables(reader, "main"), lambda name: place.published_table(version, name), "published", "main"))


def tables(reader: Reader, schema: str) -> list[str]:
    return [name for name, in reader.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = ?"
        " and list_contains(?, table_name) order by table_name", [schema, list(JOURNALS)],
    ).fetchall()]


def value_of(reader: Reader, what: str) -> "str | None":
    """The result of the last build; None if it didn't get that far."""
    try:
        return reader.execute(f"select {what}").fetchone()[0]
    except (duckdb.CatalogException, TypeError):
        return None


def kept(reader: Reader) -> list[str]:
    """Statements that copy all journals."""
    return [statement for name in tables(reader, "main") for copy in [relation(reader, COPIES, name)] for statement in (
        f"drop table if exists {copy}", f"create table {copy}{dialect(reader).stored} as select * from {relation(reader, 'main', name)}",
    )]


def taken_back(reader: Reader) -> list[str]:
    """Statements that put the rows of the copies back."""
    return restored(reader, tables(reader, COPIES), lambda name: relation(reader, COPIES, name), current_database(reader), COPIES)


def current_database(reader: Reader) -> str:
    return reader.execute("select current_database()").fetchone()[0]


def restored(reader: Reader, names: list[str], source: Callable[[str], str], database: str, schema: str) -> list[str]:
    """Statements that replace the rows of these journals by those of other tables: `source` is what SQL calls them, `database` and
    `schema` are where they are attached. The journals keep their columns and partitions."""
    statements = []
    for name in names:
        columns = ", ".join(dialect(reader).quoted(column) for column, in reader.execute(
            "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ? order by column_index",
            [database, schema, name],
        ).fetchall())
        if columns:
            journal = relation(reader, "main", name)
            statements += [f"truncate table {journal}", f"insert into {journal} ({columns}) select {columns} from {source(name)}"]
    return statements
