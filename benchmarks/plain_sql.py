"""Runs one SQL file in its own process, with the memory of a build. The project is measured against it."""

import argparse
from pathlib import Path

import duckdb
import yaml

from engagement.paths import memory_limit, spill_folder


def connect(raw=None, seeds=None, database=None):
    """An in-memory database with raw Parquet tables in `raw`, seeds in `seeds`, and the database of a build as default."""
    connection = duckdb.connect()
    connection.execute(
        f"set memory_limit = '{memory_limit()}'; set TimeZone = 'UTC';"
        f"set temp_directory = '{spill_folder()}'; create schema raw; create schema seeds"
    )
    for table in sorted(raw.iterdir()) if raw else []:
        connection.execute(f"create view raw.{table.name} as from '{table}/*.parquet'")
    for file in sorted(seeds.rglob("_*.yml")) if seeds else []:
        for seed in yaml.safe_load(file.read_text(encoding="utf-8"))["seeds"]:
            connection.execute(
                f"create table seeds.{seed['name']} as"
                f" from read_csv('{file.parent / seed['name']}.csv', header = true, columns = {seed['config']['column_types']})"
            )
    if database:
        connection.execute(f"attach '{database}' as built (read_only); use built")
    return connection


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="SQL to run")
    parser.add_argument("--first", default="", help="SQL to run before it")
    parser.add_argument("--raw", type=Path, help="folder with a folder of Parquet files per raw table")
    parser.add_argument("--seeds", type=Path, help="folder of the seeds")
    parser.add_argument("--database", type=Path, help="database of a build, to read from")
    parser.add_argument("--keep", help="table to keep ...")
    parser.add_argument("--out", type=Path, help="... in this Parquet file")
    options = parser.parse_args()

    connection = connect(options.raw, options.seeds, options.database)
    connection.execute(options.first + options.file.read_text(encoding="utf-8"))
    if options.keep:
        connection.execute(f"copy {options.keep} to '{options.out}' (format parquet)")


if __name__ == "__main__":
    main()
