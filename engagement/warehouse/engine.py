"""A connection to the engine of a target, made by dbt's adapter from its profile."""

import contextlib
import csv
import os
import re
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from engagement.paths import Busy, CommandError
from engagement.warehouse.dialects import DIALECTS
from engagement.warehouse.target import Target

NULL = "(null) 3f0c8f6e"  # null in a CSV file; no value is written like this
UNUSED = 1  # seconds after which a connection may have been lost


class EngineError(CommandError):
    """The engine refused a statement, or can't be reached."""


class InUse(EngineError):
    """Another connection locks what the statement needs."""


class Engine:
    """Runs SQL in the engine. It connects at the first statement, and again if the connection was lost while nobody used it.
    `lock` is SQL that takes a lock for as long as the connection lasts."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.sql = DIALECTS[target.kind]
        self.lock: "str | None" = None
        self.used_at = 0.0

    @cached_property
    def manager(self) -> Any:
        """The connection manager of dbt's adapter."""
        from dbt import flags  # these take seconds
        from dbt.adapters.factory import get_adapter_class_by_name
        from dbt.config.profile import Profile
        from dbt.config.renderer import ProfileRenderer
        from dbt.mp_context import get_mp_context
        from dbt_common.context import set_invocation_context

        # dbt finds settings and env vars here
        flags.set_from_args(Namespace(), {})
        set_invocation_context(os.environ)
        profile = Profile.from_raw_profile_info(self.target.profile, "engagement", ProfileRenderer({}), self.target.name)
        manager = get_adapter_class_by_name(self.target.kind).ConnectionManager(profile, get_mp_context())
        manager.set_connection_name("engagement")
        return manager

    @cached_property
    def handle(self) -> Any:
        with self._errors("connect"):
            handle = self.manager.get_thread_connection().handle
        # each statement is its own transaction, except in `together`
        if hasattr(handle, "autocommit"):
            handle.commit()
            handle.autocommit = True
        if self.lock:
            with self._errors(self.lock):
                cursor = handle.cursor()
                cursor.execute(self.lock)
                is_locked, = cursor.fetchone()
            if not is_locked:
                self.close()
                raise Busy(
                    f"The connection to target {self.target.name} was lost, and another machine is building there now."
                    " Run the same command again later."
                )
        return handle

    def _leave_lost(self) -> None:
        """Forgets a connection that was lost, so that the next statement opens another one."""
        if not hasattr(self.__dict__.get("handle"), "closed"):
            return
        if time.monotonic() - self.used_at > UNUSED:
            with contextlib.suppress(EngineError), self._errors("select 1"):
                self.handle.cursor().execute("select 1")
        if self.handle.closed:
            self.close()

    @property
    def schema(self) -> str:
        """The schema of the marts."""
        return self.manager.profile.credentials.schema

    def relation(self, schema: str, table: str) -> str:
        """The name of a table in SQL. Commands call the schema of the marts `main`, as in DuckDB."""
        return f"{self.sql.quoted(self.schema if schema == 'main' else schema)}.{self.sql.quoted(table)}"

    @contextlib.contextmanager
    def _errors(self, sql: str) -> Iterator[None]:
        from dbt_common.exceptions import DbtBaseException

        try:
            with self.manager.exception_handler(sql):
                yield
        except DbtBaseException as error:
            kind = InUse if getattr(error.__cause__, "pgcode", None) in getattr(self.sql, "busy", ()) else EngineError
            raise kind(f"Target {self.target.name}: {message_of(error)}") from None

    def _cursor(self, sql: str) -> Any:
        self._leave_lost()
        handle = self.handle
        with self._errors(sql):
            cursor = handle.cursor()
            cursor.execute(sql)
        self.used_at = time.monotonic()
        return cursor

    def run(self, sql: str) -> None:
        self._cursor(sql)

    def query(self, sql: str) -> list[tuple]:
        return [tuple(row) for row in self._cursor(sql).fetchall()]

    def together(self, statements: Iterable[str], locked: Iterable[str] = (), milliseconds: int = 500) -> None:
        """Runs all statements or none, if the engine has transactions. `locked` can't be read in the meantime. The wait for
        that lock is half of PostgreSQL's deadlock timeout, so that PostgreSQL never stops a reader instead."""
        if not self.sql.has_transactions:
            for statement in statements:
                self.run(statement)
            return
        try:
            self.run("; ".join([self.sql.begin(locked, milliseconds), *statements, "commit"]))
        except EngineError:
            with contextlib.suppress(CommandError):
                self.run("rollback")
            raise

    def write_csv(self, sql: str, file: Path) -> None:
        """Writes the rows of a query to a CSV file without a header."""
        self._leave_lost()
        if hasattr(self.handle.cursor(), "copy_expert"):
            with open(file, "wb") as rows, self._errors(sql):
                self.handle.cursor().copy_expert(f"copy ({sql}) to stdout (format csv, null '{NULL}', force_quote *)", rows)
        else:
            with open(file, "w", newline="", encoding="utf-8") as rows:
                csv.writer(rows, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(map(as_texts, self._cursor(sql).fetchall()))

    def columns(self, schemas: Iterable[str]) -> list[tuple]:
        """[(schema, table or view, column, type, is it a view, comment of the column, comment of the table)] of these schemas."""
        there = self.schemas()
        wanted = [schema for schema in schemas if self.sql.kept(schema) in there]
        return self.sql.columns(self.query, wanted) if wanted else []

    def schemas(self) -> list[str]:
        return [schema for schema, *_ in self.query(self.sql.schemas)]

    def close(self) -> None:
        """Closes the connection. The next statement opens a new one."""
        if "manager" in self.__dict__:
            self.manager.release()
            del self.manager
            self.__dict__.pop("handle", None)

    def create(self, table: str, select: str) -> None:
        self.run(f"create table {table}{self.sql.stored} as {select}")
        for statement in self.sql.statistics(table):
            self.run(statement)


def message_of(error: Exception) -> str:
    """What an engine said, in one line, without the calls inside it that Java adds."""
    text = " ".join(str(error).split())
    return re.split(r" at [\w.$/]+\([\w.]+:\d+\)", text)[0]


def as_texts(row: tuple) -> list[str]:
    return [NULL if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value) for value in row]
