"""Measures the project on invented data against plain SQL on the same files, and writes docs/benchmark.md.

    make benchmark                                       10 million events, 20,000 accounts, 100,000 contacts, 730 days
    make benchmark EVENTS="1000000 3000000 10000000"     several sizes, with accounts in proportion
    make benchmark EVENTS=100000 ARGS="--accounts 400 --contacts 2000"
    make benchmark TARGET=postgres                       a full build and a daily run on another engine, beside DuckDB's

Everything runs in a copy of the project in the work folder, with its own databases, so your builds aren't touched.
Data is generated once per size. A size is measured again only if the project has changed since.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

from benchmarks import page as benchmark_page
from benchmarks.engines import EngineSize
from benchmarks.size import COPIED, MAX_JOINED_ROWS, Failure, Size
from engagement.paths import ROOT, CommandError
from engagement.warehouse.target import DUCKDB, current_target

# databases, their copies, published files, spilled memory and raw files
BYTES_PER_EVENT = 2000


def fingerprint():
    """A hash of every file that a measurement depends on: all copied files except Python tests and the page's words."""
    digest = hashlib.sha256()
    files = (file.relative_to(ROOT) for name in COPIED for file in sorted([ROOT / name, *(ROOT / name).rglob("*")]))
    for file in files:
        if file.suffix in (".sql", ".yml", ".csv", ".py") and "python" not in file.parts and file != Path("benchmarks/page.py"):
            digest.update(str(file).encode() + (ROOT / file).read_bytes())
    return digest.hexdigest()


def sizes(options):
    """The requested sizes, smallest first. Accounts and contacts are those of the largest one."""
    largest = max(options.events)
    return [
        {
            "events": events, "accounts": max(options.accounts * events // largest, 20),
            "contacts": max(options.contacts * events // largest, 20), "days": options.days,
        }
        for events in sorted(set(options.events))
    ]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=int, nargs="*", default=[10_000_000], help="number of events; several numbers run one size each")
    parser.add_argument("--accounts", type=int, default=20_000, help="accounts of the largest size")
    parser.add_argument("--contacts", type=int, default=100_000, help="contacts of the largest size")
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--work", type=Path, default=os.environ.get("BENCHMARK_WORK") or "build/benchmark",
                        help="work folder (default: env var BENCHMARK_WORK, else build/benchmark)")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmark.md", help="page to write")
    parser.add_argument("--remove", action="store_true", help="remove data and databases of a size after measuring it")
    options = parser.parse_args(arguments)
    if min(options.events) < 1000 or options.days < 90:
        parser.error("use at least 1000 events and 90 days")

    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    needed, free = max(options.events) * BYTES_PER_EVENT / 1e9, shutil.disk_usage(work).free / 1e9
    print(f"The largest size needs about {needed:.1f} GB in {work}; {free:.0f} GB are free.", flush=True)
    if needed > free:
        return "That is not enough. Set BENCHMARK_WORK to another folder, or choose fewer events."

    try:
        target, project, names = current_target(), fingerprint(), []
        for size in sizes(options):
            names.append(measure(work, size, target, project))
            if options.remove:
                shutil.rmtree(work / names[-1], ignore_errors=True)
    except (Failure, CommandError) as failure:
        return str(failure)
    results = [json.loads(file.read_text()) for name in names if (file := work / f"{name}.json").is_file()]
    engines = [json.loads(file.read_text()) for name in names for file in sorted(work.glob(f"{name}-*.json"))]
    if len(results) < len(names):
        return f"The page shows engines beside DuckDB. Measure these sizes on DuckDB too: make benchmark EVENTS='{' '.join(map(str, options.events))}'"
    options.page.write_text(benchmark_page.page(results, MAX_JOINED_ROWS, engines), encoding="utf-8")
    print("\n".join(["", *benchmark_page.summary(results, engines), "", f"Page: {options.page}"]))
    return 0


def measure(work, size, target, project):
    """Measures a size on the engine of a target, unless that was done with this version of the project. Returns the size's name."""
    name = f"{size['events']}-events"
    what = name if target.kind == DUCKDB else f"{name}-{target.name}"
    kept, started = work / f"{what}.json", time.monotonic()

    def say(text):
        print(f"{what}, {time.monotonic() - started:5.0f} s: {text}", flush=True)

    result = json.loads(kept.read_text()) if kept.is_file() else {}
    if (result.get("project"), result.get("size")) == (project, size):
        print(f"{what} was already measured with this version of the project. Remove {kept} to measure it again.")
    else:
        measured = Size(work / name, size, say)
        result = (measured if target.kind == DUCKDB else EngineSize(measured, target)).measure()
        kept.write_text(json.dumps({"project": project, "commit": benchmark_page.commit(), "date": benchmark_page.today(), **result}, indent=1))
    return name


if __name__ == "__main__":
    sys.exit(main())
