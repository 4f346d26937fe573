#!/usr/bin/env python3
"""Fail on any spelling that dbt has deprecated.

dbt checks most spellings in YAML only for the adapters whose config keys it knows; DuckDB is not among them. Here the
check runs for DuckDB too, so that the project stays clean on the engines where dbt does look.
"""

import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas

TARGET_PATH = "target/deprecations"  # not that of builds, which would have to parse everything again


def main():
    # a private name of dbt-core 1.11: its absence must not pass for "nothing found"
    jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
    os.chdir(Path(__file__).parents[1])
    found = []

    def collect(event):
        if "Deprecat" in event.info.name and event.info.name != "DeprecationsSummary":
            found.append(event.info.msg)

    result = dbtRunner(callbacks=[collect]).invoke([
        "--quiet", "--show-all-deprecations", "parse", "--no-partial-parse", "--target-path", TARGET_PATH,
    ])
    for message in found:
        print(message, file=sys.stderr)
    print(f"{len(found)} deprecated spellings found.")
    return 1 if found or not result.success else 0


if __name__ == "__main__":
    sys.exit(main())
