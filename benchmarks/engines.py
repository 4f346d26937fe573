"""Measures a full build and a daily run on the engine of another target, with the data of the DuckDB benchmark.

    make benchmark TARGET=postgres EVENTS="1000000 10000000"

It needs a running server that sees the work folder, and works in schemas of its own: `benchmark`, and those that begin
with `benchmark_`. They are dropped first. Nothing is published.
"""

import json
import re

import duckdb

from benchmarks import data as benchmark_data
from benchmarks.size import TOLERANCE, Size, measured, work_of
from engagement.warehouse.engine import Engine
from engagement.warehouse.target import Target

PREFIX, RAW = "benchmark", "benchmark_raw"
# types of the columns of raw tables, where an engine names them in another way
POSTGRES_TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}
RUNS = {"full build": ("base",), "daily run": ("base", "day")}


def columns_of(folder):
    """[(column, DuckDB's type)] of the Parquet files in a folder."""
    return [(name, kind) for name, kind, *_ in duckdb.execute(f"describe from read_parquet('{folder}/*.parquet', union_by_name = true)").fetchall()]


def load_into_postgres(engine, folder, schema=RAW):
    """A raw table with the rows of a folder's Parquet files, in the place of the one that is there."""
    table = f"{schema}.{folder.name}"
    engine.run(f"drop table if exists {table} cascade")
    engine.run(f"create table {table} ({', '.join(f'{name} {POSTGRES_TYPES.get(kind, kind)}' for name, kind in columns_of(folder))})")
    rows = folder.with_suffix(".csv")
    try:
        duckdb.execute(f"copy (from read_parquet('{folder}/*.parquet', union_by_name = true)) to '{rows}' (format csv, header false)")
        with open(rows, "rb") as file:
            engine.handle.cursor().copy_expert(f"copy {table} from stdin (format csv)", file)
    finally:
        rows.unlink(missing_ok=True)
    engine.run(f"analyze {table}")


def load_into_spark(engine, folder, schema=RAW):
    """A raw table over the Parquet files of a folder, which stay where they are."""
    engine.run(f"drop table if exists {schema}.{folder.name}")
    engine.run(f"create table {schema}.{folder.name} using parquet location '{folder}'")


NAMES = {"postgres": "PostgreSQL", "spark": "Spark"}
LOADERS = {"postgres": load_into_postgres, "spark": load_into_spark}


class EngineSize:
    """One size of data on one engine, in the folder of the size."""

    def __init__(self, size: Size, target: Target) -> None:
        self.size, self.target, self.engine = size, target, Engine(target)
        self.runs = {}

    def measure(self):
        self.size.say("making the data")
        benchmark_data.make(self.size.data, **self.size.size)
        self.size.copy_project()
        self.drop()
        for name, parts in RUNS.items():
            self.size.load(*parts)
            self.load()
            self.build(name)
        result = {
            "target": self.target.name, "version": self.version(), "size": self.size.size, "runs": self.runs, "agreement": self.agreement(),
        }
        self.drop()
        self.engine.close()
        return result

    def drop(self):
        for schema in self.engine.schemas():
            if schema == PREFIX or schema.startswith(f"{PREFIX}_"):
                self.engine.run(f"drop schema {schema} cascade")

    def load(self):
        self.size.say("loading the raw tables")
        self.engine.run(f"create schema if not exists {RAW}")
        for folder in sorted(self.size.raw.iterdir()):
            LOADERS[self.target.kind](self.engine, folder)

    def build(self, name):
        """All seeds, models and data tests. Publication and dashboard are left out."""
        self.size.say(name)
        target_path = self.size.folder / "target" / self.target.name
        variables = json.dumps({"raw_schema": RAW, "engagement_schema_prefix": PREFIX})
        run = measured(
            f"{name} {self.target.name}", ["dbt", "build", "--write-json", "--exclude-resource-type", "unit_test", "--target", self.target.name, "--vars", variables],
            self.size.project, self.size.folder / "logs", **self.size.environment(self.size.database) | {"DBT_TARGET_PATH": target_path},
        )
        results = json.loads((target_path / "run_results.json").read_text())["results"]
        self.runs[name] = {"seconds": run["seconds"], **work_of(results)}

    def version(self):
        return f"{NAMES[self.target.kind]} {re.search(r'[0-9.]+', self.engine.query('select version()')[0][0]).group()}"

    def agreement(self):
        """(accounts with the score of plain SQL in DuckDB on the same files, accounts)"""
        plain = self.size.plain_scores(self.target.name)
        built = self.engine.query(f"select account_id, score_raw from {PREFIX}.account_scores")
        expected = dict(duckdb.execute(f"select account_id, score_raw from '{plain}'").fetchall())
        agreeing = sum(abs(float(score) - expected.get(account, float("inf"))) < TOLERANCE for account, score in built)
        return agreeing, max(len(built), len(expected))
