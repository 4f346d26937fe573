"""Compare scores, points and half-lives with what became of the accounts, and propose better points.

Reads the tables of the last build. Writes a report and a proposal to look at, and tables `review_*`
into the database, which the next publication brings along. Nothing is applied by itself.
"""

import argparse
import sys
from pathlib import Path

import duckdb

from engagement import paths, warehouse
from engagement.review.proposals import write_proposal
from engagement.review.report import report
from engagement.review.results import Settings, review
from engagement.review.tables import write_tables
from engagement.warehouse.duckdb_file import DuckDBFile

TOO_OLD = "The database lacks what a review reads: {error}. Build it with this version first: make build"


def parser():
    defaults = Settings()
    options = argparse.ArgumentParser(prog="python -m engagement review", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--database", type=Path, help="a file of DuckDB (default: the last build)")
    options.add_argument("--out", type=Path, help="folder of the report and the proposal (default: review, beside the database)")
    options.add_argument("--prior", type=positive, default=defaults.prior,
                         help="how far a signal may be from its points before the data speak, in log-odds (default: %(default)s)")
    options.add_argument("--false-discovery-rate", type=positive, default=defaults.false_discovery_rate,
                         help="share of the proposed changes that may be chance (default: %(default)s)")
    options.add_argument("--min-conversions", type=int, default=defaults.min_conversions_for_points,
                         help="points are reviewed if so many accounts converted (default: %(default)s)")
    options.add_argument("--draws", type=int, default=defaults.draws, help="random sets of numbers to try the bands under (default: %(default)s)")
    options.add_argument("--seed", type=int, default=defaults.seed, help="another seed gives other draws (default: %(default)s)")
    return options


def positive(text):
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("has to be above 0")
    return value


def main(arguments=None):
    """The exit code, see engagement.paths."""
    options = parser().parse_args(arguments)
    place = DuckDBFile(options.database, options.database.parent) if options.database else warehouse.current()
    out = options.out or place.folder / "review"
    settings = Settings(
        prior=options.prior, false_discovery_rate=options.false_discovery_rate,
        min_conversions_for_points=options.min_conversions, draws=options.draws, seed=options.seed,
    )
    try:
        with place.lock(), place.writable() as reader:
            page = run(reader, out, settings)
    except paths.CommandError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        print(TOO_OLD.format(error=str(error).splitlines()[0]), file=sys.stderr)
        return paths.FAILED
    print(page)
    return 0


def run(connection, out, settings=Settings()):
    """Review the open database: write tables, report and proposal; gives the report."""
    results, backtest, fits = review(connection, settings)
    write_tables(connection, results, backtest.as_of_date, backtest.config_version)
    overrides, models = write_proposal(connection, out, fits, backtest.as_of_date)
    changes = sum(fit.proposed is not None for fit in fits)
    page = report(results, backtest) + (
        f"\nChanges proposed: {changes}, applied: none."
        + (f" To try them, add the rows of {overrides} and {models} to the seeds and run `make what-if`." if changes else "")
        + "\n"
    )
    (out / "report.md").write_text(page, encoding="utf-8")
    return page


if __name__ == "__main__":
    sys.exit(main())
