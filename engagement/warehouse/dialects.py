"""The differences between engines in the SQL that commands write. All other SQL of this package runs on every engine."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from engagement.paths import literal, quoted
from engagement.privacy import key_pads, keyed_hash_sql

Query = Callable[[str], list[tuple]]


class Dialect:
    """DuckDB's SQL, and the SQL that most engines share."""

    text = "varchar"
    # follows the name of a new table
    stored = ""
    # whether all statements of a publication run in one transaction, or one after the other
    has_transactions = True
    # a database lock that lasts as long as the connection; None if the engine has no such lock
    try_lock: "str | None" = None
    # whether a connection remembers the files of tables that it has read, and looks for them after others have replaced the table
    remembers_files = False

    def quoted(self, name: str) -> str:
        return quoted(name)

    def kept(self, name: str) -> str:
        """The name of a schema as the engine keeps it."""
        return name

    def literal(self, value: object) -> str:
        if value is None:
            return "null"
        if isinstance(value, (float, Decimal)):
            return f"{Decimal(repr(value) if isinstance(value, float) else value):f}"
        if isinstance(value, (bool, int)):
            return str(value).lower()
        if isinstance(value, dt.datetime):
            return f"timestamp {literal(value)}"
        return f"date {literal(value)}" if isinstance(value, dt.date) else self.text_literal(str(value))

    def text_literal(self, text: str) -> str:
        return literal(text)

    def keyed_hash(self, expression: str, purpose: str) -> str:
        """SQL of a keyed hash. The connection must have the key already."""
        return keyed_hash_sql(expression, purpose)

    def describe(self, kind: str, relation: str, description: "str | None", comments: dict[str, str]) -> Iterator[str]:
        """Statements that write descriptions as comments of a table or view and its columns."""
        if description:
            yield f"comment on {kind} {relation} is {self.text_literal(description.strip())}"
        for column, comment in comments.items():
            if comment:
                yield f"comment on column {relation}.{self.quoted(column)} is {self.text_literal(comment.strip())}"

    def view(self, view: str, table: str, columns: list[str], description: "str | None", comments: dict[str, str]) -> Iterator[str]:
        """Statements that create a view of a whole table, with descriptions."""
        yield f"create or replace view {view} as select {', '.join(map(self.quoted, columns))} from {table}"
        yield from self.describe("view", view, description, {column: comments.get(column, "") for column in columns})

    def statistics(self, relation: str) -> list[str]:
        """Statements after a table was written, for engines that plan poorly without them."""
        return []

    def clear(self, relation: str, columns: list[str], column: str, values: list[str]) -> list[str]:
        """Statements that set these values of a column to null."""
        return [f"update {relation} set {self.quoted(column)} = null where {self.among(column, values)}"]

    def among(self, column: str, values: list[str]) -> str:
        return f"{self.quoted(column)} in ({', '.join(map(self.literal, values))})"


class Postgres(Dialect):
    text = "text"
    try_lock = "select pg_try_advisory_lock(hashtext('engagement'))"
    schemas = "select nspname from pg_namespace order by 1"
    # lock not available, deadlock
    busy = {"55P03", "40P01"}

    def begin(self, locked: Iterable[str], milliseconds: int) -> str:
        """Begins a transaction with an exclusive lock on these tables and views. It fails if the lock takes longer than this."""
        locks = "".join(f"; lock table {name} in access exclusive mode" for name in [", ".join(locked)] if name)
        return f"begin; set local lock_timeout = '{milliseconds}ms'{locks}"

    def columns(self, query: Query, schemas: Iterable[str]) -> list[tuple]:
        """[(schema, table or view, column, type, is it a view, comment of the column, comment of the table)]"""
        return query(f"""
            select
                pg_namespace.nspname, pg_class.relname, attname, format_type(atttypid, atttypmod), relkind = 'v', col_description(pg_class.oid, attnum),
                obj_description(pg_class.oid, 'pg_class')
            from pg_attribute
            inner join pg_class on pg_attribute.attrelid = pg_class.oid
            inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
            where pg_namespace.nspname in ({', '.join(map(literal, schemas))}) and pg_class.relkind in ('r', 'p', 'v', 'm', 'f')
                and attnum > 0 and not attisdropped
            order by 1, 2, attnum
        """)

    def set_key(self, key: str) -> list[str]:
        return [f"select set_config('engagement.{name}', {literal(pad)}, false)" for name, pad in key_pads(key).items()]

    def keyed_hash(self, expression: str, purpose: str) -> str:
        inner, outer = (f"decode(current_setting('engagement.{name}'), 'hex')" for name in ("inner", "outer"))
        message = f"convert_to({literal(purpose + ':')} || {expression}, 'UTF8')"
        return f"encode(sha256({outer} || sha256({inner} || {message})), 'hex')"

    def statistics(self, relation: str) -> list[str]:
        return [f"analyze {relation}"]


class Spark(Dialect):
    text = "string"
    stored = " using parquet"
    has_transactions = False
    remembers_files = True
    schemas = "show databases"
    column = re.compile(r"^ \|-- (.+): (\S+) \(nullable", re.M)

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def kept(self, name: str) -> str:
        return name.lower()

    def text_literal(self, text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def columns(self, query: Query, schemas: Iterable[str]) -> list[tuple]:
        return [
            (schema, table, *column, "\nType: VIEW" in information, None, None)
            for schema in schemas for _, table, _, information in query(f"show table extended in {self.quoted(schema)} like '*'")
            for column in self.column.findall(information)
        ]

    def view(self, view: str, table: str, columns: list[str], description: "str | None", comments: dict[str, str]) -> Iterator[str]:
        described = ", ".join(f"{self.quoted(column)} comment {self.text_literal((comments.get(column) or '').strip())}" for column in columns)
        yield (
            f"create or replace view {view} ({described}) comment {self.text_literal((description or '').strip())}"
            f" as select {', '.join(map(self.quoted, columns))} from {table}"
        )

    def describe(self, kind: str, relation: str, description: "str | None", comments: dict[str, str]) -> Iterator[str]:
        # a statement per column would take minutes; views get their comments above
        yield from ()

    def clear(self, relation: str, columns: list[str], column: str, values: list[str]) -> list[str]:
        # Parquet files can't be updated
        cleared = f"if({self.among(column, values)}, null, {self.quoted(column)}) as {self.quoted(column)}"
        select = ", ".join(cleared if name == column else self.quoted(name) for name in columns)
        return [
            "drop table if exists runs.rewritten",
            f"create table runs.rewritten{self.stored} as select {select} from {relation}",
            f"insert overwrite table {relation} select * from runs.rewritten",
            "drop table runs.rewritten",
        ]

    def set_key(self, key: str) -> list[str]:
        return [f"declare or replace variable engagement_{name} string default {literal(pad)}" for name, pad in key_pads(key).items()]

    def keyed_hash(self, expression: str, purpose: str) -> str:
        message = f"encode(concat({literal(purpose + ':')}, {expression}), 'UTF-8')"
        return f"sha2(concat(unhex(engagement_outer), unhex(sha2(concat(unhex(engagement_inner), {message}), 256))), 256)"


DUCKDB = Dialect()
DIALECTS = {"postgres": Postgres(), "spark": Spark()}
