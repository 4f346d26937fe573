"""Reads an engine's tables with DuckDB's SQL. A table is copied into DuckDB when a query first names it.

So commands need only one version of each query. Counts can run in the engine itself: `run` takes SQL that every engine
supports, and runs it where the tables are, which can also be a DuckDB file.
"""

import contextlib
import re
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from engagement.paths import CommandError, WorkingFolder, connect, file_literal, literal, quoted
from engagement.warehouse.dialects import DUCKDB, Dialect
from engagement.warehouse.engine import NULL, Engine

NAMES = re.compile(r'[\w"]+(?:\.[\w"]+)*')
# comments and texts, in which a name is no table; quoted names stay
NO_NAMES = re.compile(r"""--[^\n]*|'(?:[^']|'')*'|("[^"]*")""")


@dataclass(frozen=True)
class Copied:
    """A table of the engine and its copy."""

    relation: str  # the name in the engine
    name: str  # the name in DuckDB
    columns: tuple[tuple[str, str], ...]  # (column, DuckDB's type)


class Mirror:
    """A DuckDB connection with the tables of an engine."""

    def __init__(self, engine: Engine, **config: object) -> None:
        self.engine, self.folder = engine, WorkingFolder("mirror")
        self.connection = connect(**config)
        self.attached: dict[str, dict[str, str]] = {}
        self.waiting: dict[str, Copied] = {}
        self.limit: "tuple[str, str] | None" = None
        self.limited: list[Copied] = []
        self.used: "str | None" = None

    def attach(self, catalog: str, schemas: dict[str, str], no_views: Container[str] = ()) -> None:
        """{schema of the engine: schema of the catalog}. The tables are there with their columns, and have no row yet; so are
        the views, but for those of some schemas."""
        if self.attached.get(catalog) == schemas:
            return
        self.detach(catalog)
        self.attached[catalog] = schemas
        file = Path(self.folder.name) / f"{catalog}.duckdb"
        file.unlink(missing_ok=True)
        self.connection.execute(f"attach {literal(file)} as {quoted(catalog)}")
        for schema in schemas.values():
            self.connection.execute(f"create schema if not exists {quoted(catalog)}.{quoted(schema)}")
        found: dict[tuple[str, str], list[tuple]] = defaultdict(list)
        for schema, table, column, kind, is_view, *comments in self.engine.columns(schemas):
            if not (is_view and schema in no_views):
                found[schema, table].append((column, kind, *comments))
        self.refuse_twins(found)
        for (schema, table), columns in found.items():
            name = f"{catalog}.{schemas[schema]}.{table}"
            copied = Copied(
                f"{self.engine.sql.quoted(schema)}.{self.engine.sql.quoted(table)}", ".".join(map(quoted, name.split("."))),
                tuple((column, duckdb_type(kind)) for column, kind, *_ in columns),
            )
            self.connection.execute(f"create table {copied.name} ({', '.join(f'{quoted(column)} {kind}' for column, kind in copied.columns)})")
            comments = {column: comment for column, _, comment, _ in columns}
            for statement in DUCKDB.describe("table", copied.name, columns[0][3], comments):
                self.connection.execute(statement)
            self.waiting[name] = copied

    def refuse_twins(self, found: dict[tuple[str, str], list[tuple]]) -> None:
        """Stops if names differ only in case: DuckDB can't have both."""
        names = [(f"Schema {schema}", "tables", table) for schema, table in found]
        names += [(f"Table {schema}.{table}", "columns", column) for (schema, table), columns in found.items() for column, *_ in columns]
        seen: dict[tuple[str, str], str] = {}
        for place, kind, name in names:
            other = seen.setdefault((place, name.lower()), name)
            if other != name:
                raise CommandError(f"{place} has the {kind} {other} and {name}, which differ only in case. Rename or move one of them.")

    def detach(self, catalog: str) -> None:
        self.attached.pop(catalog, None)
        self.connection.execute(f"detach database if exists {quoted(catalog)}")
        self.waiting = {name: copied for name, copied in self.waiting.items() if not name.startswith(f"{catalog}.")}

    def use(self, catalog: str) -> None:
        self.connection.execute(f"use {quoted(catalog)}")
        self.used = catalog

    def execute(self, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Like `execute` of a DuckDB connection."""
        if self.waiting:
            for name in set(NAMES.findall(NO_NAMES.sub(r"\1", sql))):
                self.copy(name.replace('"', ""))
        return self.connection.execute(sql, parameters)

    def copy(self, name: str) -> None:
        """Copies the table with this name, if there is one that wasn't copied yet."""
        for full in (name, f"{self.used}.{name}", f"{self.used}.main.{name}", ".main.".join(name.split(".", 1))):
            copied = self.waiting.pop(full, None)
            if copied:
                where = ""
                if self.limit and self.limit[0] in dict(copied.columns):
                    column, value = self.limit
                    where = f" where {self.engine.sql.quoted(column)} = {value}"
                    self.limited.append(copied)
                columns = ", ".join(self.engine.sql.quoted(column) for column, _ in copied.columns)
                self.load(copied.name, f"select {columns} from {copied.relation}{where}", copied.columns)

    def load(self, table: str, select: str, columns: "tuple[tuple[str, str], ...]") -> None:
        """Copies the rows of a query in the engine into a DuckDB table."""
        file = Path(self.folder.name) / "rows.csv"
        self.engine.write_csv(select, file)
        types = ", ".join(f"{literal(column)}: {literal(kind)}" for column, kind in columns)
        self.connection.execute(
            f"insert into {table} from read_csv({file_literal(file)}, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"',"
            f" new_line = '\\n', nullstr = {literal(NULL)}, max_line_size = 16000000, buffer_size = 32000000, parallel = false, columns = {{{types}}})"
        )
        file.unlink()

    @contextlib.contextmanager
    def only(self, column: str, value: object) -> Iterator[None]:
        """Copies only the rows with one value from tables that have this column. These copies are emptied afterwards."""
        self.limit, self.limited = (column, self.engine.sql.literal(value)), []
        try:
            yield
        finally:
            for copied in self.limited:
                self.connection.execute(f"truncate {copied.name}")
                self.waiting[copied.name.replace('"', "")] = copied
            self.limit = None

    def close(self) -> None:
        self.connection.close()
        self.folder.cleanup()


Reader = duckdb.DuckDBPyConnection | Mirror


def run(reader: Reader, sql: str) -> list[tuple]:
    """The rows of a query that every engine supports."""
    return reader.engine.query(sql) if isinstance(reader, Mirror) else reader.execute(sql).fetchall()


def together(reader: Reader, statements: list[str]) -> None:
    """Runs all such statements, or none."""
    if isinstance(reader, Mirror):
        return reader.engine.together(statements)
    reader.execute("begin")
    for statement in statements:
        reader.execute(statement)
    reader.execute("commit")


def dialect(reader: Reader) -> Dialect:
    """The dialect for such SQL."""
    return reader.engine.sql if isinstance(reader, Mirror) else DUCKDB


def relation(reader: Reader, schema: str, table: str) -> str:
    """A table of the build in such SQL."""
    return reader.engine.relation(schema, table) if isinstance(reader, Mirror) else f"{quoted(schema)}.{quoted(table)}"


def only(reader: Reader, column: str, value: object) -> contextlib.AbstractContextManager:
    """While this is open, queries need only the rows with this value, so a copy holds no others."""
    return reader.only(column, value) if isinstance(reader, Mirror) else contextlib.nullcontext()


@cache
def duckdb_type(kind: str) -> str:
    """DuckDB's type for a type of another engine."""
    if kind in ("numeric", "decimal"):
        return "double"  # a number without a fixed precision
    try:
        duckdb.connect().execute(f"select cast(null as {kind})")
        return kind
    except duckdb.Error:
        return "varchar"
