"""Where builds and published marts are stored: in DuckDB files, or in the engine of another target of dbt's profile.

`current()` returns the storage of the target in DBT_TARGET: `duckdb_file` for DuckDB, `schemas` for other engines. `mirror`
reads an engine with DuckDB's SQL. `dialects` holds the differences between engines in the SQL that commands write.
"""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from engagement.console import printable
from engagement.paths import BadUsage, CommandError, database_file, serving_folder
from engagement.warehouse.duckdb_file import DuckDBFile, marts_in
from engagement.warehouse.mirror import Reader
from engagement.warehouse.schemas import Schemas
from engagement.warehouse.target import DUCKDB, current_target
from engagement.warehouse.dialects import DIALECTS

Warehouse = DuckDBFile | Schemas


def current() -> Warehouse:
    target = current_target()
    if target.kind == DUCKDB:
        return DuckDBFile(database_file(), serving_folder(database_file()))
    if target.kind not in DIALECTS:
        raise BadUsage(f"Target {target.name} has the type {target.kind}, which the commands don't support. Supported types: {DUCKDB}, {', '.join(DIALECTS)}.")
    return Schemas(target)


def add_marts_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--marts", type=Path, help="a DuckDB file of published marts (default: the latest publication)")


@contextlib.contextmanager
def opened_marts(warehouse: Warehouse, file: "Path | None" = None, **config: object) -> Iterator[Reader]:
    """The published marts, or those in a DuckDB file. A missing table ends the command with one message."""
    place = file or warehouse.place
    if file and not file.is_file():
        raise BadUsage(f"Nothing is published in {file}. Run `make build` first, or give the file of the marts with --marts.")
    try:
        with marts_in(file, **config) if file else warehouse.opened_marts(**config) as marts:
            yield marts
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise CommandError(
            f"{place} lacks tables of this version of the project. Build and publish the whole project with `make build`."
            f" ({printable(error).splitlines()[0]})"
        ) from None
    except duckdb.Error as error:
        raise CommandError(f"{place} cannot be read: {printable(error)}") from None
