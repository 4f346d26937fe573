"""Compares scores, points and half-lives with the outcomes of the accounts, and proposes better points.

Reads the tables of the last build. Writes a report, a proposal and the tables `review_*` in the
database, which the next publication includes. Nothing is applied automatically.
"""

import argparse
import math
from dataclasses import replace
from pathlib import Path

import duckdb

from engagement import warehouse
from engagement.console import command_parser
from engagement.paths import CommandError
from engagement.review.proposals import write_proposal
from engagement.review.report import report
from engagement.review.results import Settings, review
from engagement.review.tables import write_tables
from engagement.warehouse.duckdb_file import DuckDBFile

TOO_OLD = "The database lacks tables that a review needs: {error}. Build it with this version first: make build"


def parser():
    defaults = Settings()
    options = command_parser("review", __doc__)
    options.add_argument("--database", type=Path, help="a file of DuckDB (default: the last build)")
    options.add_argument("--out", type=Path, help="folder of the report and the proposal (default: review, beside the database)")
    options.add_argument("--prior", type=positive, default=defaults.prior,
                         help="how far a signal can be from its points before any data, in log-odds (default: %(default)s)")
    options.add_argument("--false-discovery-rate", type=share, default=defaults.false_discovery_rate,
                         help="accepted share of proposed changes, and of half-lives, that are chance (default: %(default)s)")
    options.add_argument("--min-conversions", type=whole(1), default=defaults.min_conversions_for_points,
                         help="review points only if at least this many accounts converted (default: %(default)s)")
    options.add_argument("--draws", type=whole(1), default=defaults.draws, help="random sets of numbers to test the bands with (default: %(default)s)")
    options.add_argument("--seed", type=whole(0), default=defaults.seed, help="seed of the random numbers (default: %(default)s)")
    return options


def positive(text):
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("must be a number above 0")
    return value


def share(text):
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return value


def whole(least):
    """The type of an option that takes a whole number from `least`."""
    def whole_number(text):
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least}")
        return value

    return whole_number


def main(arguments=None):
    options = parser().parse_args(arguments)
    place = DuckDBFile(options.database, options.database.parent) if options.database else warehouse.current()
    out = options.out or place.folder / "review"
    settings = Settings(
        prior=options.prior, false_discovery_rate=options.false_discovery_rate,
        min_conversions_for_points=options.min_conversions, draws=options.draws, seed=options.seed,
    )
    try:
        with place.lock(), place.writable() as reader:
            page = run(reader, out, with_vars_of_build(reader, settings))
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise CommandError(TOO_OLD.format(error=str(error).splitlines()[0])) from None
    print(page)
    return 0


def with_vars_of_build(connection, settings):
    accounts, conversions = connection.execute("select measurement_min_accounts, measurement_min_conversions from runs.last_build").fetchone()
    return replace(settings, min_accounts=accounts, min_conversions=conversions)


def run(connection, out, settings=Settings()):
    """Reviews the open database: writes tables, report and proposal. Returns the report."""
    results, backtest, fits = review(connection, settings)
    write_tables(connection, results, backtest.as_of_date, backtest.config_version)
    overrides, models, candidate = write_proposal(connection, out, fits, backtest.as_of_date)
    changes = sum(fit.proposed is not None for fit in fits)
    page = report(results, backtest, settings.most_accounts) + (
        f"\nChanges proposed: {changes}, applied: none."
        + (f" To try them, add the rows of {overrides} and {models} to the seeds and run `make what-if ARGS=\"--model {candidate}\"`."
           if changes else "")
        + "\n"
    )
    (out / "report.md").write_text(page, encoding="utf-8")
    return page
