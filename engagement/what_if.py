"""Show what another scoring model would change, before anybody merges it.

A candidate is a row of seeds/scoring_models.csv that is not primary, with rows of seeds/signal_overrides.csv for the
signals whose numbers differ. This builds what the comparison needs into a database file of its own and prints bands,
ranks, alerts and the quality of the ranking beside those of the primary model. The main database is not touched.
"""

import argparse
import csv
import os
import sys
from pathlib import Path

import duckdb

from engagement.console import table

ROOT = Path(__file__).parents[1]
MEASURES = {"auc": "AUC", "top_decile_rate": "converted in the top decile"}


def candidates(project, wanted=None):
    """(names of the models to compare, error): all that are not primary, or the wanted one; an error says what to do."""
    with open(project / "seeds" / "scoring_models.csv", newline="", encoding="utf-8") as file:
        is_primary = {row["scoring_model"]: row["is_primary"].strip().lower() == "true" for row in csv.DictReader(file)}
    others = [name for name, primary in is_primary.items() if not primary]
    how = (
        "Add a row to seeds/scoring_models.csv with is_primary=false, such as a copy of the primary one under another name, and one row"
        " to seeds/signal_overrides.csv for each signal whose numbers differ. `make review` writes such rows to build/review."
    )
    if wanted is None:
        return (others, None) if others else ([], f"There is no scoring model beside the primary one. {how}")
    if wanted in others:
        return [wanted], None
    if wanted in is_primary:
        return [], f"Scoring model {wanted} is the primary one: there is nothing to compare it with. {how}"
    return [], f"There is no scoring model {wanted} in seeds/scoring_models.csv; beside the primary one there is {', '.join(others) or 'none'}. {how}"


def build(project, database):
    """Build all that the comparison needs; true if dbt succeeds. dbt prints its own errors."""
    from dbt.cli.main import dbtRunner

    # closed after the build, so that it can be read here
    os.environ |= {"ENGAGEMENT_DB": str(database), "ENGAGEMENT_KEEP_OPEN": "false"}
    database.parent.mkdir(parents=True, exist_ok=True)
    return dbtRunner().invoke([
        "--quiet", "build", "--select", "+scoring_model_comparison", "--exclude-resource-type", "test",
        "--exclude-resource-type", "unit_test", "--project-dir", str(project), "--profiles-dir", str(project),
        "--target-path", str(project / "target" / "what_if"),
    ]).success


def number(value, form):
    return None if value is None else format(value, form)


def interval(low, high, form):
    return None if low is None else f"{low:{form}} to {high:{form}}"


def rows_of(connection, model, *measures):
    """The rows of one model's measures in their order: measure, detail, value, both values, difference, low, high, verdict."""
    return connection.execute(
        "select measure, detail, value, primary_value, other_value, difference, difference_low, difference_high, verdict"
        " from scoring_model_comparison where other_scoring_model = ? and list_contains(?, measure) order by measure, detail_order",
        [model, list(measures)],
    ).fetchall()


def comparison(connection, model):
    """The lines about one candidate."""
    (primary,), (as_of,) = (connection.execute(query).fetchone() for query in (
        "select scoring_model from rules.scoring_models where is_primary", "select as_of_date from intermediate.int_as_of_date",
    ))
    yield f"What if {model} were the primary scoring model instead of {primary}? As of {as_of}."

    bands = [band for (band,) in connection.execute("select band from rules.score_bands order by sort_order").fetchall()]
    counts = [int(row[2]) for row in rows_of(connection, model, "band_movement")]
    moved = [counts[place * len(bands):(place + 1) * len(bands)] for place in range(len(bands))]
    yield ""
    yield f"Accounts today by band in {primary} (down) and in {model} (across):"
    yield from table(
        [(band, *row) for band, row in zip(bands, moved)], [("", 20, False), *[(band, 12, True) for band in bands]]
    )
    changed = sum(counts) - sum(row[place] for place, row in enumerate(moved))
    yield f"{changed} of {sum(counts)} accounts would change their band."

    ((_, _, correlation, *_, verdict),) = rows_of(connection, model, "rank_correlation")
    yield f"Rank correlation of today's scores: {verdict if correlation is None else format(correlation, '.3f')}."

    yield ""
    yield from table(
        [(detail, number(before, ".2f"), number(after, ".2f"), number(change, "+.2f"))
         for _, detail, _, before, after, change, *_ in rows_of(connection, model, "alerts_per_week")],
        [("Alerts a week", 40, False), (primary, 14, True), (model, 14, True), ("Change", 8, True)],
    )

    yield ""
    yield from table(
        [(f"{detail.replace('_', ' ')}: {MEASURES[measure]}", number(before, ".3f"), number(after, ".3f"), number(change, "+.3f"),
          interval(low, high, "+.3f") or verdict)
         for measure, detail, _, before, after, change, low, high, verdict in rows_of(connection, model, *MEASURES)],
        [("Landmark backtest", 52, False), (primary, 14, True), (model, 14, True), ("Change", 8, True), ("95 % interval", 60, True)],
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m engagement what-if", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="scoring model to compare with the primary one (default: every other one)")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder of the dbt project (default: this one)")
    parser.add_argument("--database", type=Path, default=Path("build/what_if.duckdb"),
                        help="DuckDB file to build into (default: build/what_if.duckdb)")
    options = parser.parse_args(arguments)

    models, error = candidates(options.project, options.model)
    if error:
        return error
    sys.stdout.reconfigure(errors="replace")
    if not build(options.project, options.database.resolve()):
        return "The candidate could not be built; the reasons are above."
    with duckdb.connect(str(options.database), read_only=True) as connection:
        for model in models:
            print("\n".join(comparison(connection, model)), end="\n\n")
    print(f"Database: {options.database.resolve()}")
    return 0
