"""The tables that a review writes to the database, with their comments. They are published; no model reads them."""

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


LOW, HIGH = "Lower bound of its 95 % interval. Null if unknown.", "Upper bound of its 95 % interval. Null if unknown."
OUTCOME = ("varchar", "What counts as a conversion: opportunity_created or won.")
MODEL = ("varchar", "Scoring model.")
STAMP = {
    "as_of_date": ("date", "As-of date of the build that was reviewed."),
    "config_version": ("varchar", "Version of that build's rules. The review is only about these rules."),
}

RANKING = Table("review_ranking", "One row per scoring model and outcome: how well scores rank the accounts of a landmark.", {
    "scoring_model": MODEL, "outcome": OUTCOME,
    "landmarks": ("integer", "Landmarks of the backtest."),
    "n": ("integer", "Rows of the backtest. An account has one row for each landmark."),
    "converted": ("integer", "Rows that converted."),
    "converted_accounts": ("integer", "Different accounts that converted."),
    "auc": (NUMBER, "Chance that an account that will convert scores higher than one of the same landmark that won't. 0.5 is chance. Null if there isn't enough data."),
    "auc_low": (NUMBER, LOW), "auc_high": (NUMBER, HIGH),
    "verdict": ("varchar", "\"enough data\", or a note that too few accounts converted."),
})
DIFFERENCES = Table("review_model_differences", "One row per outcome and scoring model other than the primary one: which of the two ranks better, on the same rows.", {
    "scoring_model": MODEL, "primary_model": ("varchar", "The primary scoring model."), "outcome": OUTCOME,
    "auc_difference": (NUMBER, "AUC of the scoring model minus that of the primary one. Null if there isn't enough data."),
    "auc_difference_low": (NUMBER, LOW), "auc_difference_high": (NUMBER, HIGH),
    "rank_correlation": (NUMBER, "Rank correlation (Spearman) of both scores over the rows of the backtest. Null if one of them is constant."),
    "verdict": ("varchar", "\"enough data\", or a note that too few accounts converted."),
})
CONVERSIONS = Table("review_conversions", "One row per kind of group, group, scoring model and outcome: how much more often its accounts convert than other accounts of the same landmarks.", {
    "group_kind": ("varchar", "band, threshold (a score of at least this) or signal (shown)."),
    "group_name": ("varchar", "The band, threshold or signal."),
    "scoring_model": MODEL, "outcome": OUTCOME,
    "n": ("integer", "Rows of the group."), "accounts": ("integer", "Different accounts among these rows."), "converted": ("integer", "Rows that converted."),
    "rate": (NUMBER, "Share of the rows that converted, 0 to 1. Null if there isn't enough data."),
    "rate_low": (NUMBER, "Lower bound of its 95 % Wilson interval, for the equivalent number of independent rows. Null if there isn't enough data."),
    "rate_high": (NUMBER, "Upper bound of its 95 % Wilson interval, for the equivalent number of independent rows. Null if there isn't enough data."),
    "risk_ratio": (NUMBER, "Rate divided by the rate of the other accounts of the same landmarks. Null if there isn't enough data, or one side has no conversion."),
    "risk_ratio_low": (NUMBER, LOW), "risk_ratio_high": (NUMBER, HIGH),
    "verdict": ("varchar", "\"enough data\", or a note on which data is too scarce."),
})
POINTS = Table("review_points", "One row per signal: the points that the outcomes suggest. Nothing is applied automatically.", {
    "signal": ("varchar", "Signal."), "points": (NUMBER, "Points of one event in the primary scoring model."),
    "max_points": (NUMBER, "Cap: the most points the signal can add to a score. Null means no cap."),
    "log_odds_alone": (NUMBER, "Log-odds ratio of converting with and without the signal, within landmarks. Null if there isn't enough data."),
    "log_odds": (NUMBER, "The same with all other signals in the model: the partial effect. Null if not fitted."),
    "suggested_points": (NUMBER, "Points that the partial effect is worth. Null if unknown."),
    "suggested_points_low": (NUMBER, LOW), "suggested_points_high": (NUMBER, HIGH),
    "proposed_points": (NUMBER, "Proposed points for the seed: whole, and within the cap. Null if no change is proposed."),
    "similar_signals": ("varchar", "Signals of the same channel that may also be worth the proposed points. Null if there are none, or no proposal."),
    "finding": ("varchar", "\"change\", or the reason to keep the points."),
})
POINT_TEST = Table("review_point_test", "One row if points were tested: current points against points fitted on early landmarks, both tested on later landmarks.", {
    "early_landmarks": ("integer", "Landmarks used to fit the points."), "late_landmarks": ("integer", "Later landmarks used to test both."),
    "auc": (NUMBER, "AUC of the score on the later landmarks."), "auc_proposed": (NUMBER, "AUC of the score with the fitted points."),
    "auc_difference_low": (NUMBER, "Lower bound of the 95 % interval of the difference. Null if unknown."),
    "auc_difference_high": (NUMBER, "Upper bound of the 95 % interval of the difference. Null if unknown."),
    "log_likelihood": (NUMBER, "Log-likelihood of the later outcomes given the score."),
    "log_likelihood_proposed": (NUMBER, "Log-likelihood of the later outcomes given the score with the fitted points."),
    "is_better": ("boolean", "True if later landmarks rank clearly better, and are more likely, with the fitted points. Changes are proposed only then."),
})
HALF_LIVES = Table("review_half_lives", "One row per signal that decays: the half-life that makes the outcomes most likely.", {
    "signal": ("varchar", "Signal."), "full_value_days": ("integer", "Days at full value, as in the rules."),
    "configured_days": (NUMBER, "Half-life in the primary scoring model, in days."),
    "half_life_days": (NUMBER, "Estimated half-life in days. Null if there is no estimate."),
    "half_life_days_low": (NUMBER, "Lower bound of its 95 % interval. Null if it is two days or less, or there is no estimate."),
    "half_life_days_high": (NUMBER, "Upper bound of its 95 % interval. Null if it is two years or more, or there is no estimate."),
    "finding": ("varchar", "\"estimated\", or the reason why not."),
})
SALES_CYCLES = Table("review_sales_cycles", "One row per band: how long opportunities created in it take to be closed, including open ones.", {
    "band": ("varchar", "Band of the primary scoring model on the day the opportunity was created."),
    "opportunities": ("integer", "Opportunities."), "accounts": ("integer", "Different accounts with one."), "closed": ("integer", "Opportunities won or lost by the as-of date."),
    "median_days_to_close": (NUMBER, "Days until half of the opportunities are won or lost (Kaplan and Meier). Null if there isn't enough data, or fewer than half are closed after the longest observed time."),
    "median_days_low": (NUMBER, LOW), "median_days_high": (NUMBER, HIGH),
})
FORECAST = Table("review_forecast", "One row per forecast date and scoring model: how many accounts are expected to become opportunities within the horizon.", {
    "forecast_on": ("date", "Day of the forecast (UTC): the as-of date, or a landmark."), "scoring_model": MODEL, "accounts": ("integer", "Eligible accounts on that day."),
    "expected": (NUMBER, "Expected opportunities, from what was known on that day. Null if there isn't enough data."),
    "expected_low": (NUMBER, LOW), "expected_high": (NUMBER, HIGH),
    "actual": ("integer", "Accounts that became opportunities. Null while the horizon isn't over."),
    "is_within": ("boolean", "True if the actual number is within the interval. Null while the horizon isn't over, or without an interval."),
})
STABILITY = Table("review_stability", "One row per prospect account among those with the highest scores: whether it keeps its band with other points and half-lives.", {
    "account_id": ("varchar", "Account id in the CRM."), "score": ("integer", "Score under the current rules."), "band": ("varchar", "Band under the current rules."),
    "draws": ("integer", "Number of draws, each with all numbers varied at random."),
    "same_band_share": (NUMBER, "Share of the draws that keep the band, 0 to 1."),
    "low_score": ("integer", "Score that 5 % of the draws are below."), "low_band": ("varchar", "Band of that score."),
    "high_score": ("integer", "Score that 5 % of the draws exceed."), "high_band": ("varchar", "Band of that score."),
})
TABLES = (RANKING, DIFFERENCES, CONVERSIONS, POINTS, POINT_TEST, HALF_LIVES, SALES_CYCLES, FORECAST, STABILITY)


def write_tables(reader, results, as_of_date, config_version):
    """Replaces all review tables in one transaction. `results` is {table name: [dict of each row]}."""
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
    """A value that a table can hold: no NaN, no infinity and no numpy types."""
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[D]").astype(dt.date)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return round(value, 12) if math.isfinite(value) and abs(value) < 1e15 else None
    return value
