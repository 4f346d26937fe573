"""Writes the review as a Markdown page, from the rows of its tables."""

from engagement.review.data import MAIN_OUTCOME
from engagement.review.results import ENOUGH
from engagement.seeds.files import counted


def report(results, backtest, most_accounts):
    """The page as text. `most_accounts` are tested for their stability."""
    days = [str(day) for day in backtest.landmark_on]
    span = f"{counted(len(days), 'landmark')} from {days[0]} to {days[-1]}" if days else "No landmark is usable yet"
    return "\n".join([
        f"# Review {f'as of {backtest.as_of_date}' if backtest.as_of_date else 'of no data'}", "",
        f"{span}, {counted(len(backtest.landmarks), 'row')}, {counted(backtest.horizon_days, 'day')} to convert. Accounts are compared with"
        " accounts of the same landmark. Intervals are 95 %.",
        *ranking(results), *conversions(results, backtest.primary), *points(results), *half_lives(results), *sales_cycles(results),
        *forecast(results, backtest.primary), *stability(results, most_accounts), "",
    ])


def section(title, text, header, rows):
    """The lines of one question, with a note if there are no rows."""
    lines = ["", f"## {title}", "", text, ""]
    if not rows:
        return [*lines, "Not enough data."]
    align = ["---:" if name.startswith(">") else "---" for name in header]
    return [
        *lines, "| " + " | ".join(name.lstrip(">") for name in header) + " |", "| " + " | ".join(align) + " |",
        *("| " + " | ".join("" if value is None else str(value).replace("|", "\\|") for value in row) + " |" for row in rows),
    ]


def number(value, form):
    return None if value is None else format(value, form)


def interval(row, name, form):
    """Bounds in words. An open end has no number."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low is None and high is None:
        return None
    if low is None or high is None:
        return f"up to {high:{form}}" if low is None else f"from {low:{form}}"
    return f"{low:{form}} to {high:{form}}"


def ranking(results):
    yield from section(
        "Does the score rank accounts?",
        "AUC: how often an account that will convert scores higher than one of the same landmark that won't. 0.5 is chance.",
        ["scoring model", "outcome", ">rows", ">converted", ">AUC", "interval", "verdict"],
        [(row["scoring_model"], row["outcome"], row["n"], row["converted"], number(row["auc"], ".3f"), interval(row, "auc", ".3f"), row["verdict"])
         for row in results["review_ranking"]],
    )
    for row in results["review_model_differences"]:
        if row["outcome"] == MAIN_OUTCOME and row["auc_difference_low"] is not None:
            yield ""
            yield (
                f"{row['scoring_model']} against {row['primary_model']}: {row['auc_difference']:+.3f} ({interval(row, 'auc_difference', '+.3f')})."
            )


def conversions(results, primary):
    rows = [
        (row["group_kind"], row["group_name"], row["n"], row["converted"], number(row["rate"], ".1%"), interval(row, "rate", ".1%"),
         number(row["risk_ratio"], ".2f"), interval(row, "risk_ratio", ".2f"))
        for row in results["review_conversions"]
        if row["outcome"] == MAIN_OUTCOME and row["verdict"] == ENOUGH and row["group_kind"] != "signal"
        and row["scoring_model"] == primary
    ]
    return section(
        "Do warmer accounts become opportunities more often?",
        "Ratio: the rate divided by the rate of the other accounts of the same landmarks.",
        ["group", "", ">rows", ">converted", ">rate", "interval", ">ratio", "interval"], rows,
    )


def points(results):
    # proposals come first
    rows = sorted(
        (row for row in results["review_points"] if row["log_odds_alone"] is not None),
        key=lambda row: (row["proposed_points"] is None, -row["log_odds_alone"]),
    )
    yield from section(
        "Should signals be worth different points?",
        "Suggested points take all other signals into account. A change is proposed only if it is clear, and later landmarks rank clearly better with it.",
        ["signal", ">points", ">log-odds alone", ">suggested", "interval", ">proposed", "finding"],
        [(row["signal"], number(row["points"], "g"), number(row["log_odds_alone"], "+.2f"), number(row["suggested_points"], ".1f"),
          interval(row, "suggested_points", ".1f"), number(row["proposed_points"], "g"), row["finding"]) for row in rows],
    )
    for row in rows:
        if row["similar_signals"]:
            yield ""
            yield f"{row['signal']}: these signals may also be worth {row['proposed_points']:g} points: {row['similar_signals']}."
    for test in results["review_point_test"]:
        change = interval(test, "auc_difference", "+.3f")
        yield ""
        yield (
            f"Score on the {test['late_landmarks']} latest landmarks, with points fitted on {test['early_landmarks']} earlier ones: "
            + (f"AUC {test['auc_proposed']:.3f} against {test['auc']:.3f} (difference {change})," if change else "too few conversions for an AUC,")
            + f" log-likelihood {test['log_likelihood_proposed']:.1f} against {test['log_likelihood']:.1f}."
        )


def half_lives(results):
    estimated = [row for row in results["review_half_lives"] if row["finding"] == "estimated"]
    yield from section(
        "How fast do signals lose their meaning?",
        "Half-life in days, after the days at full value, for the decayed sum of all events of the signal.",
        ["signal", ">full value", ">configured", ">estimated", "interval"],
        [(row["signal"], row["full_value_days"], number(row["configured_days"], "g"), number(row["half_life_days"], ".0f"),
          interval(row, "half_life_days", ".0f")) for row in estimated],
    )
    if others := len(results["review_half_lives"]) - len(estimated):
        yield ""
        yield f"No estimate for {counted(others, 'more signal' if estimated else 'signal')}; `review_half_lives` says why."


def sales_cycles(results):
    return section(
        "Do opportunities of warm accounts close faster?",
        "Median days until an opportunity is closed, won or lost. Open opportunities count as not closed yet.",
        ["band", ">opportunities", ">closed", ">median", "interval"],
        [(row["band"], row["opportunities"], row["closed"], number(row["median_days_to_close"], ".0f"), interval(row, "median_days", ".0f"))
         for row in results["review_sales_cycles"]],
    )


def forecast(results, primary):
    rows = [row for row in results["review_forecast"] if row["scoring_model"] == primary and row["expected"] is not None]
    yield from section(
        "How many accounts will become opportunities?",
        "A past forecast uses the landmarks that were over by then. The interval covers chance, estimated rates and differences between months.",
        [">day", ">accounts", ">expected", "interval", ">actual"],
        [(row["forecast_on"], row["accounts"], number(row["expected"], ".1f"), interval(row, "expected", ".1f"), row["actual"]) for row in rows],
    )
    judged = [row["is_within"] for row in rows if row["is_within"] is not None]
    if judged:
        yield ""
        yield f"Actual numbers within the interval: {sum(judged)} of {len(judged)}."


def stability(results, most_accounts):
    rows = results["review_stability"]
    bands = list(dict.fromkeys(row["band"] for row in sorted(rows, key=lambda row: -row["score"])))
    of_band = {band: [row for row in rows if row["band"] == band] for band in bands}
    tested = "" if len(rows) < most_accounts else f" Only the {most_accounts} prospects with the highest scores are tested."
    return section(
        "Would accounts keep their band under different numbers?",
        "All points and half-lives are varied at random, at once. The table counts accounts that keep their band in at least 90 % of the draws."
        + tested,
        ["band", ">accounts", ">keep it"],
        [(band, len(mine), sum(row["same_band_share"] >= 0.9 for row in mine)) for band, mine in of_band.items()],
    )
