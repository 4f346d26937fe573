"""The tables a review leaves in the database, with their comments. They are published; no model reads them."""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from engagement.warehouse.mirror import dialect, relation, together

NUMBER = "decimal(28, 12)"
ROWS_AT_ONCE = 1000  # of an insert


@dataclass(frozen=True)
class Table:
    """A table `main.<name>`; `columns` is {column: (type, comment)}."""

    name: str
    comment: str
    columns: dict[str, tuple[str, str]]


LOW, HIGH = "Lower bound of its 95 % interval. Null: it cannot be said.", "Upper bound of its 95 % interval. Null: it cannot be said."
OUTCOME = ("varchar", "What counts as converted: opportunity_created or won.")
MODEL = ("varchar", "Scoring model.")
STAMP = {
    "as_of_date": ("date", "As-of date of the build that was reviewed."),
    "config_version": ("varchar", "Version of the rules of that build. A review of other rules says nothing about these."),
}

RANKING = Table("review_ranking", "One row per scoring model and outcome: how well scores rank the accounts of a landmark.", {
    "scoring_model": MODEL, "outcome": OUTCOME,
    "landmarks": ("integer", "Landmarks of the backtest."),
    "n": ("integer", "Rows of the backtest: an account counts once per landmark."),
    "converted": ("integer", "Rows that converted."),
    "converted_accounts": ("integer", "Different accounts that converted."),
    "auc": (NUMBER, "Chance that an account that will convert scores higher than one of the same landmark that will not; 0.5 is chance. Null: not enough data."),
    "auc_low": (NUMBER, LOW), "auc_high": (NUMBER, HIGH),
    "verdict": ("varchar", "\"enough data\", or that too few accounts converted."),
})
DIFFERENCES = Table("review_model_differences", "One row per scoring model beside the primary one and outcome: which ranks better, on the same rows.", {
    "scoring_model": MODEL, "primary_model": ("varchar", "The primary scoring model."), "outcome": OUTCOME,
    "auc_difference": (NUMBER, "AUC of the scoring model less that of the primary one. Null: not enough data."),
    "auc_difference_low": (NUMBER, LOW), "auc_difference_high": (NUMBER, HIGH),
    "rank_correlation": (NUMBER, "Rank correlation (Spearman) of both scores over the rows of the backtest. Null: one of them is constant."),
    "verdict": ("varchar", "\"enough data\", or that too few accounts converted."),
})
CONVERSIONS = Table("review_conversions", "One row per kind of group, group, scoring model and outcome: how much more often its accounts convert than the others of the same landmarks.", {
    "group_kind": ("varchar", "band, threshold (a score of at least that) or signal (shown)."),
    "group_name": ("varchar", "The band, threshold or signal."),
    "scoring_model": MODEL, "outcome": OUTCOME,
    "n": ("integer", "Rows of the group."), "accounts": ("integer", "Different accounts among them."), "converted": ("integer", "Rows that converted."),
    "rate": (NUMBER, "Share of the rows that converted, 0 to 1. Null: not enough data."),
    "rate_low": (NUMBER, "Lower bound of its 95 % Wilson interval, of as many independent rows as these are worth. Null: not enough data."),
    "rate_high": (NUMBER, "Upper bound of its 95 % Wilson interval, of as many independent rows as these are worth. Null: not enough data."),
    "risk_ratio": (NUMBER, "Rate over the rate of the other accounts of the same landmarks. Null: not enough data, or one side has no conversion."),
    "risk_ratio_low": (NUMBER, LOW), "risk_ratio_high": (NUMBER, HIGH),
    "verdict": ("varchar", "\"enough data\", or what there is too little of."),
})
POINTS = Table("review_points", "One row per signal: the points that the outcomes suggest. Nothing is applied by itself.", {
    "signal": ("varchar", "Signal."), "points": (NUMBER, "Points of one event in the primary scoring model."),
    "max_points": (NUMBER, "Most that the signal can add to a score. Null: no cap."),
    "log_odds_alone": (NUMBER, "Log-odds of converting with the signal over without it, within landmarks. Null: not enough data."),
    "log_odds": (NUMBER, "The same next to all other signals: a partial effect. Null: not fitted."),
    "suggested_points": (NUMBER, "Points that the partial effect is worth. Null: it cannot be said."),
    "suggested_points_low": (NUMBER, LOW), "suggested_points_high": (NUMBER, HIGH),
    "proposed_points": (NUMBER, "Points to put into the seed: whole, within the cap. Null: no change is proposed."),
    "similar_signals": ("varchar", "Signals of the same channel that may be worth the proposed points as well. Null: none, or no proposal."),
    "finding": ("varchar", "\"change\", or why not."),
})
POINT_TEST = Table("review_point_test", "One row if points were tested: the score as it is and with points fitted on early landmarks, on later ones.", {
    "early_landmarks": ("integer", "Landmarks the points were fitted on."), "late_landmarks": ("integer", "Later landmarks both were tested on."),
    "auc": (NUMBER, "AUC of the score on the later landmarks."), "auc_proposed": (NUMBER, "AUC of the score with the fitted points."),
    "auc_difference_low": (NUMBER, "Lower bound of the 95 % interval of the difference. Null: it cannot be said."),
    "auc_difference_high": (NUMBER, "Upper bound of the 95 % interval of the difference. Null: it cannot be said."),
    "log_likelihood": (NUMBER, "Log-likelihood of the later outcomes given the score."),
    "log_likelihood_proposed": (NUMBER, "Log-likelihood of the later outcomes given the score with the fitted points."),
    "is_better": ("boolean", "True: later landmarks rank clearly better with the fitted points and are likelier, so changes may be proposed."),
})
HALF_LIVES = Table("review_half_lives", "One row per signal that decays: the half-life of the decayed sum that makes the outcomes likeliest.", {
    "signal": ("varchar", "Signal."), "full_value_days": ("integer", "Days at full value, taken as given."),
    "configured_days": (NUMBER, "Half-life in the primary scoring model, in days."),
    "half_life_days": (NUMBER, "Estimated half-life in days. Null: no estimate."),
    "half_life_days_low": (NUMBER, "Lower bound of its 95 % interval. Null: two days or less, or no estimate."),
    "half_life_days_high": (NUMBER, "Upper bound of its 95 % interval. Null: two years or more, or no estimate."),
    "finding": ("varchar", "\"estimated\", or why not."),
})
SALES_CYCLES = Table("review_sales_cycles", "One row per band: how long opportunities that began in it take to be won, open ones included.", {
    "band": ("varchar", "Band of the primary scoring model on the day the opportunity was created."),
    "opportunities": ("integer", "Opportunities."), "accounts": ("integer", "Different accounts among them."), "won": ("integer", "Opportunities won by the as-of date."),
    "median_days_to_won": (NUMBER, "Days until half of the opportunities are won (Kaplan and Meier). Null: not enough data, or fewer than half are won after the longest time seen."),
    "median_days_low": (NUMBER, LOW), "median_days_high": (NUMBER, HIGH),
})
FORECAST = Table("review_forecast", "One row per forecast date and scoring model: how many accounts are expected to become opportunities within the horizon.", {
    "forecast_on": ("date", "The as-of date, or a landmark."), "scoring_model": MODEL, "accounts": ("integer", "Accounts asked about."),
    "expected": (NUMBER, "Expected opportunities, from what was known on that day. Null: not enough data."),
    "expected_low": (NUMBER, LOW), "expected_high": (NUMBER, HIGH),
    "actual": ("integer", "Accounts that became opportunities. Null: not known yet."),
    "is_within": ("boolean", "True when the actual number lies within the interval. Null: not known yet, or no interval."),
})
STABILITY = Table("review_stability", "One row per prospect account with one of the highest scores: whether its band survives other points and half-lives.", {
    "account_id": ("varchar", "Account id of the CRM."), "score": ("integer", "Score under the rules as they are."), "band": ("varchar", "Band under the rules as they are."),
    "draws": ("integer", "How many times all numbers were moved at random."),
    "same_band_share": (NUMBER, "Share of the draws that keep the band, 0 to 1."),
    "low_score": ("integer", "Score that 5 % of the draws stay below."), "low_band": ("varchar", "Its band."),
    "high_score": ("integer", "Score that 5 % of the draws exceed."), "high_band": ("varchar", "Its band."),
})
TABLES = (RANKING, DIFFERENCES, CONVERSIONS, POINTS, POINT_TEST, HALF_LIVES, SALES_CYCLES, FORECAST, STABILITY)


def write_tables(reader, results, as_of_date, config_version):
    """Replace all review tables, in one transaction; `results` is {table name: [dict of each row]}."""
    sql, statements = dialect(reader), []
    for table in TABLES:
        columns, name = table.columns | STAMP, relation(reader, "main", table.name)
        described = ", ".join(f"{column} {sql.text if kind == 'varchar' else kind}" for column, (kind, _) in columns.items())
        statements += [f"drop table if exists {name}", f"create table {name} ({described}){sql.stored}"]
        statements += sql.describe("table", name, table.comment, {column: comment for column, (_, comment) in columns.items()})
        stamp = {"as_of_date": as_of_date, "config_version": config_version}
        rows = [f"({', '.join(sql.literal(clean((row | stamp)[column])) for column in columns)})" for row in results.get(table.name, [])]
        statements += [f"insert into {name} values {', '.join(rows[start:start + ROWS_AT_ONCE])}" for start in range(0, len(rows), ROWS_AT_ONCE)]
    together(reader, statements)


def clean(value):
    """A value as a table may hold it: no NaN and no infinity, nothing of numpy."""
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[D]").astype(dt.date)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return round(value, 12) if math.isfinite(value) and abs(value) < 1e15 else None
    return value
