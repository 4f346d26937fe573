"""How the dashboard reads published marts, of any engine: a mirror of DuckDB's has them, too."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from engagement import warehouse
from engagement.warehouse import Warehouse
from engagement.warehouse.mirror import Reader
from engagement.warehouse.versions import Publication

ROWS_AT_ONCE = 5000
# in addition to Python and the driver, so that the process stays within 500 MB
MEMORY_LIMIT = "200MB"


@dataclass(frozen=True)
class Result:
    """The rows of a query, read a few at a time."""

    types: dict[str, str]  # {column: DuckDB's type}
    rows: Iterator[tuple]

    @property
    def columns(self) -> list[str]:
        return list(self.types)


class Marts:
    """One complete set of published marts. Queries name tables without a schema."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.publication = reader, Publication.read(reader, "marts")

    def tables(self) -> set[str]:
        """Names of the published tables."""
        return {name for name, in self.reader.execute("select table_name from duckdb_tables() where database_name = current_database()").fetchall()}

    def read(self, sql: str) -> Result:
        """The rows of a query. Read them to the end before the next query."""
        found = self.reader.execute(sql)
        return Result({column[0]: str(column[1]) for column in found.description}, self._rows(found))

    @staticmethod
    def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple]:
        while rows := found.fetchmany(ROWS_AT_ONCE):
            yield from rows


@contextlib.contextmanager
def opened_marts(place: Warehouse) -> Iterator[Marts]:
    """A publication meanwhile changes nothing: the version stays."""
    with warehouse.opened_marts(place, memory_limit=MEMORY_LIMIT, threads=2) as reader:
        yield Marts(reader)
