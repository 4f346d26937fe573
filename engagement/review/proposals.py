"""Writes the proposal of a review as two seed files for a person to review. Nothing is applied automatically."""

import csv
import itertools
from decimal import Decimal

from engagement.review.data import dicts

CANDIDATE = "reviewed"


def candidate_name(connection):
    """`reviewed`, or the first of `reviewed_2`, `reviewed_3` ... that no scoring model has."""
    taken = {name.lower() for name, in connection.execute("select scoring_model from rules.scoring_models").fetchall()}
    names = itertools.chain([CANDIDATE], (f"{CANDIDATE}_{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def override_rows(connection, fits, as_of_date, candidate):
    """Rows of signal_overrides.csv for the candidate: the primary model's own rows, with the proposed points."""
    columns = [name for name, *_ in connection.execute("describe rules.signal_overrides").fetchall()]
    rows = {row["signal"]: {**row, "scoring_model": candidate} for row in dicts(connection, """
        select overrides.*
        from rules.signal_overrides as overrides
        inner join rules.scoring_models as models on overrides.scoring_model = models.scoring_model and models.is_primary
    """)}
    for fit in fits:
        if fit.proposed is not None:
            blank = dict.fromkeys(columns) | {"scoring_model": candidate, "signal": fit.signal}
            rows[fit.signal] = {
                **rows.get(fit.signal, blank), "points": f"{fit.proposed:g}", "basis": "fitted",
                "comment": f"{fit.points:g} before; the outcomes until {as_of_date} suggest {fit.suggested:.1f}",
            }
    return columns, [rows[name] for name in sorted(rows)]


def candidate_model(connection, candidate):
    """The row of scoring_models.csv for the proposal: the primary model under another name."""
    (row,) = dicts(connection, "select * from rules.scoring_models where is_primary")
    return row | {
        "scoring_model": candidate, "is_primary": False, "basis": "fitted",
        "description": f"{row['scoring_model']} with reviewed points",
    }


def write_proposal(connection, folder, fits, as_of_date):
    """Writes signal_overrides.csv and scoring_models.csv to the folder. Returns their paths, and the name of the candidate."""
    candidate = candidate_name(connection)
    columns, rows = override_rows(connection, fits, as_of_date, candidate)
    model = candidate_model(connection, candidate)
    overrides, models = folder / "signal_overrides.csv", folder / "scoring_models.csv"
    write_csv(overrides, columns, rows)
    write_csv(models, list(model), [model])
    return overrides, models, candidate


def write_csv(path, columns, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows([{name: cell(value) for name, value in row.items()} for row in rows])


def cell(value):
    """A value as text for a seed; None is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) else value
