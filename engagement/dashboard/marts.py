"""How the dashboard reads published marts: a small protocol, and DuckDB's way of it."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from engagement.paths import CommandError, literal, spill_folder

ROWS_AT_ONCE = 5000
# beside what Python and the driver take, so that the process stays within 500 MB
MEMORY_LIMIT = "200MB"


@dataclass(frozen=True)
class Publication:
    """Which marts these are."""

    version: str
    as_of_date: "dt.date | None"
    config_version: "str | None"
    is_masked: bool


@dataclass(frozen=True)
class Result:
    """The rows of a query, read a few at a time."""

    columns: list[str]
    rows: Iterator[tuple]


class Marts(Protocol):
    """One complete set of published marts. Queries name tables without a schema and use SQL that every engine has."""

    publication: Publication

    def tables(self) -> set[str]:
        """Names of the published tables."""

    def read(self, sql: str) -> Result:
        """The rows of a query. Read them to the end before the next query."""


class DuckDBMarts:
    """The marts in a published DuckDB file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        row = connection.execute("select version, as_of_date, config_version, is_masked from publication").fetchone()
        self.publication = Publication(*row)

    def tables(self) -> set[str]:
        return {name for name, in self.connection.execute("select table_name from duckdb_tables() where database_name = current_database()").fetchall()}

    def read(self, sql: str) -> Result:
        found = self.connection.execute(sql)
        return Result([column[0] for column in found.description], self._rows(found))

    @staticmethod
    def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple]:
        while rows := found.fetchmany(ROWS_AT_ONCE):
            yield from rows


@contextlib.contextmanager
def opened_marts(file: Path) -> Iterator[DuckDBMarts]:
    """The marts in a published file. A publication meanwhile changes nothing: the file stays open."""
    if not file.exists():
        raise CommandError(f"Nothing is published in {file}. Run `make build` first.")
    config = {"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill_folder()), "threads": 2, "preserve_insertion_order": False}
    try:
        with duckdb.connect(config=config) as connection:
            connection.execute(f"attach {literal(file.resolve())} as marts (read_only); use marts")
            yield DuckDBMarts(connection)
    except duckdb.CatalogException as error:
        raise CommandError(f"{file} lacks tables of this version of the project. Publish it again with `make build`. ({error})") from None
    except duckdb.Error as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
