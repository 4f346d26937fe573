"""Writes the benchmark page: its tables, and each goal with its measurement."""

import datetime as dt
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path
from string import Template

from engagement.paths import memory_limit

ROOT = Path(__file__).parents[1]
TEMPLATE = Path(__file__).with_name("page.md")
BUILDS = (
    "build of nearly nothing", "present scores", "full build", "full build, doubled history", "daily run, doubled history", "daily run",
    "daily run, late data", "changed weight", "added signal",
)
# the goals: seconds, GiB, ratios
AIM_EVENTS, FULL_SECONDS, FULL_GIB, DAILY_SECONDS, NOTHING_SECONDS = 10_000_000, 180, 4, 60, 10
PRESENT_RATIO, HISTORY_RATIO, DOUBLED_RATIO = 2, 5, 1.2


def table(header, rows):
    """A Markdown table. All columns except the first are right-aligned."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value):
    """A number with about three digits: 0.123, 12.3, 1,234."""
    return "-" if value is None else f"{value:,.{2 if value < 1 else 1 if value < 100 else 0}f}"


def scaled(result, name):
    """Seconds of a run, scaled up to all accounts."""
    run = result["runs"][name]
    return run["seconds"] / run.get("share", 1)


def ratios(result):
    """{name: ratio} of one size."""
    runs = result["runs"]
    full = runs["full build"]
    by_join = min(scaled(result, f"history by join, {rows}") for rows in ("events", "daily points"))
    return {
        "full build / bare scan": full["seconds"] / runs["bare scan"]["seconds"],
        "present scores: models / plain SQL": runs["present scores"]["nodes_busy"] / runs["plain scores, full build"]["seconds"],
        "present scores: whole run / plain SQL": runs["present scores"]["seconds"] / runs["plain scores, full build"]["seconds"],
        "history: the quicker join / models": by_join / full["history_busy"],
        "daily run / full build": runs["daily run"]["seconds"] / full["seconds"],
        "daily run with doubled history / daily run": runs["daily run, doubled history"]["seconds"] / runs["daily run"]["seconds"],
        "daily run with late data / daily run": runs["daily run, late data"]["seconds"] / runs["daily run"]["seconds"],
    }


def bound(run):
    """The parts of a run's time."""
    slowest = ", ".join(f"`{name}` {number(seconds)} s" for name, seconds in run["slowest"][:3])
    return f"{number(run['seconds'] - run['nodes_busy'])} s without any node; slowest nodes {slowest}"


def aims(result):
    """[(aim, met or missed or not measured, measured, bounded by)], from the largest size."""
    runs, ratio = result["runs"], ratios(result)
    full, daily = runs["full build"], runs["daily run"]
    present, history = "present scores: models / plain SQL", "history: the quicker join / models"
    doubled = "daily run with doubled history / daily run"
    at_size = result["size"]["events"] >= AIM_EVENTS

    def verdict(is_met):
        return "met" if is_met else "missed"

    def timed(is_met):
        return verdict(is_met) if at_size else "not judged at this size"

    return [
        (
            f"A full build within {FULL_SECONDS // 60} minutes", timed(full["seconds"] <= FULL_SECONDS),
            f"{number(full['seconds'])} s", bound(full),
        ),
        (
            f"... and {FULL_GIB} GiB", timed(full["peak_mib"] <= FULL_GIB * 1024), f"{number(full['peak_mib'])} MiB",
            "`ENGAGEMENT_MEMORY` for DuckDB, and dbt itself",
        ),
        (
            f"Present-day scores within {PRESENT_RATIO} x plain SQL", timed(ratio[present] <= PRESENT_RATIO),
            f"{number(ratio[present])} x", bound(runs["present scores"]),
        ),
        (
            f"The history at least {HISTORY_RATIO} x faster than by join", timed(ratio[history] >= HISTORY_RATIO),
            f"{number(ratio[history])} x", f"the models that only the history needs: {number(full['history_busy'])} s",
        ),
        (
            f"A daily run within {DAILY_SECONDS} s", timed(daily["seconds"] <= DAILY_SECONDS), f"{number(daily['seconds'])} s",
            f"a build of nearly nothing takes {number(runs['build of nearly nothing']['seconds'])} s; {bound(daily)}",
        ),
        (
            f"A build of nearly nothing within {NOTHING_SECONDS} s", verdict(runs["build of nearly nothing"]["seconds"] <= NOTHING_SECONDS),
            f"{number(runs['build of nearly nothing']['seconds'])} s", bound(runs["build of nearly nothing"]),
        ),
        (
            f"A daily run within {DOUBLED_RATIO} x when the history doubles", timed(ratio[doubled] <= DOUBLED_RATIO),
            f"{number(ratio[doubled])} x", bound(runs["daily run, doubled history"]),
        ),
        *[
            (aim, verdict(result["checks"][run]), f"{number(runs[run]['seconds'])} s", bound(runs[run]))
            for aim, run in (
                ("A changed weight re-scores without reading raw files", "changed weight"),
                ("An added signal re-matches without reading raw files", "added signal"),
            )
        ],
        (
            "The scores are those of plain SQL, for every account",
            verdict(all(agreeing == accounts for agreeing, accounts in result["agreement"].values())),
            "{} of {} accounts".format(*map(sum, zip(*result["agreement"].values()))), "-",
        ),
    ]


def by_size(results, rows):
    """A table with a column per size from {name: [cell per size]}."""
    return table(["", *[f"{result['size']['events']:,} events" for result in results]], [(name, *cells) for name, cells in rows.items()])


def runs_table(results):
    def cell(result, name):
        run = result["runs"][name]
        return f"{number(run['seconds'])} s, {number(run['peak_mib'])} MiB"

    names = list(results[-1]["runs"])
    return by_size(results, {name[0].upper() + name[1:]: [cell(result, name) for result in results] for name in names})


def sizes_table(results):
    rows = {name: [f"{result['size'][name]:,}" for result in results] for name in ("accounts", "contacts", "days")}
    rows |= {
        f"rows of {part.replace('_', ' ')}": [f"{result['rows'][part]:,}" for result in results] for part in results[-1]["rows"]
    }
    return by_size(results, {name[0].upper() + name[1:]: cells for name, cells in rows.items()})


def profile(result, name):
    run = result["runs"][name]
    rows = [(f"`{node}`", number(seconds)) for node, seconds in run["slowest"]]
    rest = run["seconds"] - run["nodes_busy"]
    parts = f"processor time {number(run['cpu_seconds'])} s, data tests {number(run['tests'])} s, rest {number(rest)} s"
    return f"{name[0].upper() + name[1:]}: {number(run['seconds'])} s, {parts}.\n\n" + table(["node", "seconds"], rows)


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024 ** 3
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", info.read_text(), flags=re.MULTILINE) if info.is_file() else None
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("dbt-core", "dbt-duckdb", "duckdb"))
    return (
        f"{os.cpu_count()} cores ({found.group(1) if found else cpu}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def commit():
    found = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def today():
    return dt.date.today().strftime("%d %B %Y").lstrip("0")


def engines_table(results, engines):
    """A row per engine and size, with DuckDB's build of that size first. Times are those with a node at work."""
    rows = []
    for result in results:
        duckdb = result | {"version": "DuckDB", "agreement": result["agreement"]["full build"]}
        for one in [duckdb, *(other for other in engines if other["size"] == result["size"])]:
            full, daily = one["runs"]["full build"], one["runs"]["daily run"]
            rows.append((
                one["version"], f"{one['size']['events']:,}", f"{number(full['nodes_busy'])} s", f"{number(daily['nodes_busy'])} s",
                number(full["nodes_busy"] / duckdb["runs"]["full build"]["nodes_busy"]), "{} of {}".format(*one["agreement"]), one["commit"],
                ", ".join(f"`{name}` {number(seconds)} s" for name, seconds in full["slowest"][:3]),
            ))
    return table(["engine", "events", "full build", "daily run", "x DuckDB", "accounts that agree", "commit", "slowest nodes of the full build"], rows)


def page(results, max_joined_rows, engines=()):
    """The page, from the results of all sizes, largest last, and those of other engines."""
    largest = results[-1]
    shares = [
        f"{result['size']['events']:,} events {result['runs'][name]['share']:.0%}" + (" from daily points" if "points" in name else "")
        for result in results for name in result["runs"] if result["runs"][name].get("share", 1) < 1
    ]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        date=largest["date"], commit=largest["commit"], machine=machine(), engines=engines_table(results, engines),
        memory=memory_limit(),
        largest=f"{largest['size']['events']:,}", joined_rows=max_joined_rows // 10**6,
        shares=", ".join(shares) or "it was not necessary here",
        aims=table(["aim", "", "measured", "bounded by"], aims(largest)).replace("---:", "---"),
        sizes=sizes_table(results), runs=runs_table(results),
        ratios=by_size(results, {name: [number(ratios(result)[name]) for result in results] for name in ratios(largest)}),
        agreement=by_size(results, {
            "After the " + name: ["{} of {}".format(*result["agreement"][name]) for result in results] for name in largest["agreement"]
        }),
        profiles="\n\n".join(profile(largest, name) for name in BUILDS),
    )


def summary(results, engines=()):
    """A short version for the terminal."""
    yield runs_table(results)
    if engines:
        yield ""
        yield engines_table(results, engines)
    yield ""
    yield from (f"{verdict}: {aim}: {measured}" for aim, verdict, measured, _ in aims(results[-1]))
