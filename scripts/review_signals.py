"""Compare the points and half-lives in the seeds with what became of the accounts, and propose other points.

Reads the landmark tables of a build on DuckDB; writes the tables of schema `review`, which `signal_performance` and
`half_life_estimates` show after the next build, and a proposal for a person to review. Nothing is applied by itself.
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np

from half_lives import estimate_half_life
from engagement.console import table
from signal_points import POINT_UNIT, fit_points, judge_over_time, proposed_points, suggestions, time_split
from engagement.paths import CommandError as NotPublished, database_file, lock_of

OUTCOMES = {"opportunity_created": "opportunities created", "won": "deals won"}
# the outcome that points and half-lives are for
MAIN_OUTCOME = "opportunity_created"
CANDIDATE = "reviewed"
OVERRIDE_COLUMNS = ["scoring_model", "signal", "points", "full_value_days", "half_life_days", "max_points", "basis", "comment"]


@dataclass
class Landmarks:
    """Rows are accounts on landmarks, in order; columns of the two matrices are signals."""

    landmark_on: np.ndarray  # (rows,) days
    horizon_ends_on: np.ndarray  # (rows,) days
    accounts: np.ndarray  # (rows,) whole numbers from 0
    converted: dict  # outcome -> (rows,) 0 or 1
    signals: list  # dicts of signal, points, full_value_days, half_life_days, is_own_act
    shown: np.ndarray  # (rows, signals) 1: at least once within var signal_window_days
    age: np.ndarray  # (rows, signals) days since the latest within var half_life_window_days; infinite: none
    reviewable: dict  # outcome -> (signals,) true: enough data
    config_version: str
    as_of_date: object  # date


def dicts(connection, sql):
    """The rows of a query as dicts."""
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row)) for row in found.fetchall()]


def read_landmarks(connection):
    """All that the review needs, from the tables of a build."""
    rows = connection.execute("""
        select distinct landmark_on, horizon_ends_on, account_id, opportunity_created, won
        from intermediate.int_landmark_accounts
        order by landmark_on, account_id
    """).fetchnumpy()
    signals = dicts(connection, """
        select
            numbers.signal, cast(numbers.points as double) as points, numbers.full_value_days,
            cast(numbers.half_life_days as double) as half_life_days, not signals.is_engagement as is_own_act
        from intermediate.int_scoring_model_signals as numbers
        inner join rules.scoring_models as models on numbers.scoring_model = models.scoring_model and models.is_primary
        inner join intermediate.int_signals as signals on numbers.signal = signals.signal
        where signals.funnel_stage <> 'opportunity'
        order by numbers.signal
    """)
    # both tables are sorted as their places in the matrices
    cells = connection.execute("""
        with numbered_rows as (
            select landmark_on, account_id, row_number() over (order by landmark_on, account_id) - 1 as row
            from (select distinct landmark_on, account_id from intermediate.int_landmark_accounts)
        ),
        numbered_signals as (
            select signal, row_number() over (order by signal) - 1 as col
            from intermediate.int_signals
            where funnel_stage <> 'opportunity'
        )
        select row, col, recent_event_count > 0 as is_shown, cast(latest_age_days as double) as age
        from intermediate.int_landmark_signals
        inner join numbered_rows using (landmark_on, account_id)
        inner join numbered_signals using (signal)
    """).fetchnumpy()
    shape = len(rows["account_id"]), len(signals)
    shown, age = np.zeros(shape), np.full(shape, np.inf)
    shown[cells["row"], cells["col"]] = cells["is_shown"]
    age[cells["row"], cells["col"]] = np.ma.filled(cells["age"], np.inf)
    reviewable = {
        outcome: {signal for (signal,) in connection.execute(
            "select signal from intermediate.int_signal_conversions where outcome = ? and review_verdict = 'enough data'", [outcome]
        ).fetchall()} for outcome in OUTCOMES
    }
    version, as_of = connection.execute(
        "select config_version, as_of_date from intermediate.int_config_version cross join intermediate.int_as_of_date"
    ).fetchone()
    converted = {outcome: rows[outcome].astype(float) for outcome in OUTCOMES}
    for outcome, names in reviewable.items():
        if len(np.unique(converted[outcome])) < 2:
            names.clear()  # whatever everybody does, no signal tells apart
    return Landmarks(
        rows["landmark_on"].astype("datetime64[D]"), rows["horizon_ends_on"].astype("datetime64[D]"),
        np.unique(rows["account_id"], return_inverse=True)[1], converted,
        signals, shown, age,
        {outcome: np.array([row["signal"] in names for row in signals], dtype=bool) for outcome, names in reviewable.items()},
        version, as_of,
    )


def review_points(landmarks, outcome, options):
    """(fits, TimeTest): one dict per signal with enough data, as in table review.signal_fits; ([], None) without any."""
    columns = np.flatnonzero(landmarks.reviewable[outcome])
    if len(columns) == 0:
        return [], None
    signals = [landmarks.signals[column] for column in columns]
    shown, converted = landmarks.shown[:, columns], landmarks.converted[outcome]
    points = np.array([signal["points"] for signal in signals])
    fit = fit_points(shown, converted, points, landmarks.accounts, options.prior)
    early, late = time_split(landmarks.landmark_on, landmarks.horizon_ends_on, options.late_share)
    time_test = judge_over_time(shown, converted, points, early, late, options.prior, options.random_splits, options.seed)
    texts = suggestions(fit, time_test, points, [signal["is_own_act"] for signal in signals], options.false_discovery_rate)

    def number(values, place):
        return None if values is None else float(values[place])

    return [{
        "outcome": outcome, "signal": signal["signal"],
        "adjusted_log_odds": number(fit.log_odds, place), "adjusted_log_odds_low": number(fit.log_odds_low, place),
        "adjusted_log_odds_high": number(fit.log_odds_high, place),
        "suggested_points": number(fit.points, place), "suggested_points_low": number(fit.points_low, place),
        "suggested_points_high": number(fit.points_high, place), "suggestion": texts[place],
    } for place, signal in enumerate(signals)], time_test


def review_half_lives(landmarks):
    """One dict per signal with enough data that decays, as in table review.half_life_fits."""
    fits, points = [], np.array([signal["points"] for signal in landmarks.signals])
    for column in np.flatnonzero(landmarks.reviewable[MAIN_OUTCOME]):
        signal = landmarks.signals[column]
        others = (landmarks.shown @ points - landmarks.shown[:, column] * points[column]) / POINT_UNIT
        estimate = estimate_half_life(
            landmarks.age[:, column], others, landmarks.converted[MAIN_OUTCOME], landmarks.accounts, signal["full_value_days"]
        )
        fits.append({
            "signal": signal["signal"], "half_life_days": estimate.days, "half_life_days_low": estimate.low,
            "half_life_days_high": estimate.high, "finding": estimate.finding,
        })
    return fits


def write_fits(connection, landmarks, name, fits):
    """Replace the content of one review table."""
    connection.execute(f"delete from review.{name}")
    for fit in fits:
        row = {**fit, "as_of_date": landmarks.as_of_date, "config_version": landmarks.config_version}
        connection.execute(f"insert into review.{name} ({', '.join(row)}) values ({', '.join('?' for _ in row)})", list(row.values()))


def proposal(connection, landmarks, fits):
    """Rows of a signal_overrides.csv for the candidate: the primary model's own, with the points that should change."""
    rows = {row["signal"]: row for row in dicts(connection, f"""
        select overrides.* replace ('{CANDIDATE}' as scoring_model)
        from rules.signal_overrides as overrides
        inner join rules.scoring_models as models on overrides.scoring_model = models.scoring_model and models.is_primary
    """)}
    points = {signal["signal"]: signal["points"] for signal in landmarks.signals}
    for fit in fits:
        if fit["outcome"] == MAIN_OUTCOME and fit["suggestion"] == "change":
            name = fit["signal"]
            blank = dict.fromkeys(OVERRIDE_COLUMNS) | {"scoring_model": CANDIDATE, "signal": name}
            rows[name] = {
                **rows.get(name, blank), "points": f"{float(proposed_points(points[name], fit['suggested_points'])):g}", "basis": "fitted",
                "comment": f"{points[name]:g} before; the data of {landmarks.as_of_date} say {fit['suggested_points']:.1f}"
                           f" ({fit['suggested_points_low']:.1f} to {fit['suggested_points_high']:.1f})",
            }
    return [rows[name] for name in sorted(rows)]


def candidate_model(connection):
    """The row of scoring_models.csv that the proposal needs: the primary model under another name."""
    row = dicts(connection, "select * from rules.scoring_models where is_primary")[0]
    row |= {"scoring_model": CANDIDATE, "is_primary": False, "basis": "fitted", "description": f"{row['scoring_model']} with reviewed points"}
    return row


def cell(value):
    """A value as it is written in a seed; null is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) else value


def write_csv(path, columns, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows([{name: cell(value) for name, value in row.items()} for row in rows])


def short(value, form):
    return None if value is None else format(value, form)


def interval(low, high):
    """An interval in words; an open end has no number."""
    if low is None and high is None:
        return None
    return f"up to {high:.1f}" if low is None else f"from {low:.1f}" if high is None else f"{low:.1f} to {high:.1f}"


def report(connection, landmarks, fits, time_tests, half_lives):
    """The lines to print."""
    yield f"As of {landmarks.as_of_date}: {len(np.unique(landmarks.landmark_on))} landmarks, {len(landmarks.accounts)} rows."
    for outcome, title in OUTCOMES.items():
        converted = landmarks.converted[outcome]
        accounts = len(np.unique(landmarks.accounts[converted == 1]))
        yield ""
        yield f"{title.capitalize()}: {int(converted.sum())} rows of {accounts} accounts converted."
        mine = {fit["signal"]: fit for fit in fits if fit["outcome"] == outcome}
        if not mine:
            yield "Not enough data for any signal."
            continue
        alone = dict(connection.execute(
            "select signal, cast(log_odds as double) from intermediate.int_signal_conversions where outcome = ?", [outcome]
        ).fetchall())
        points = {signal["signal"]: signal["points"] for signal in landmarks.signals}
        yield from table([
            (name, short(points[name], "g"), short(alone[name], "+.2f"), short(fit["adjusted_log_odds"], "+.2f"),
             short(fit["suggested_points"], ".1f"),
             interval(fit["suggested_points_low"], fit["suggested_points_high"]), fit["suggestion"])
            for name, fit in sorted(mine.items(), key=lambda item: -item[1]["adjusted_log_odds"])
        ], [("Signal", 28, False), ("Points", 6, True), ("Log-odds alone", 14, True), ("next to others", 14, True),
            ("as points", 9, True), ("95 % interval", 15, True), ("Suggestion", 60, False)])
        test = time_tests[outcome]
        if test:
            yield (
                f"AUC on later landmarks: {test.auc_of_points:.3f} with the points as they are, {test.auc_of_fit:.3f} with points fitted"
                f" on earlier ones. A random split says {test.auc_of_random_split:.3f}: optimism {test.optimism:+.3f}."
            )
    if half_lives:
        configured = {signal["signal"]: signal for signal in landmarks.signals}
        yield ""
        yield "Half-lives in days, after the days at full value:"
        yield from table([
            (fit["signal"], configured[fit["signal"]]["full_value_days"], short(configured[fit["signal"]]["half_life_days"], "g"),
             short(fit["half_life_days"], ".0f"),
             interval(fit["half_life_days_low"], fit["half_life_days_high"]), fit["finding"])
            for fit in half_lives
        ], [("Signal", 28, False), ("Full value", 10, True), ("Configured", 10, True), ("Estimated", 9, True),
            ("95 % interval", 15, True), ("Finding", 60, False)])


def review(connection, options):
    """Run the whole review on an open database; gives the lines to print."""
    landmarks = read_landmarks(connection)
    fits, time_tests = [], {}
    for outcome in OUTCOMES:
        found, time_tests[outcome] = review_points(landmarks, outcome, options)
        fits += found
    half_lives = review_half_lives(landmarks)
    write_fits(connection, landmarks, "signal_fits", fits)
    write_fits(connection, landmarks, "half_life_fits", half_lives)
    rows, model = proposal(connection, landmarks, fits), candidate_model(connection)
    write_csv(options.out / "signal_overrides.csv", OVERRIDE_COLUMNS, rows)
    write_csv(options.out / "scoring_models.csv", list(model), [model])
    yield from report(connection, landmarks, fits, time_tests, half_lives)
    changes = sum(fit["outcome"] == MAIN_OUTCOME and fit["suggestion"] == "change" for fit in fits)
    yield ""
    yield f"Changes proposed: {changes}, applied: none. See {options.out / 'signal_overrides.csv'}"
    yield "The marts signal_performance and half_life_estimates show this review after the next build."


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", type=Path, default=database_file(),
                        help="the DuckDB file (default: env var ENGAGEMENT_DB, else build/engagement.duckdb)")
    parser.add_argument("--out", type=Path, default=Path("build/review"), help="folder of the proposal (default: build/review)")
    parser.add_argument("--prior", type=float, default=0.5,
                        help="how far a signal's log-odds may be from its points, before the data speak: the standard deviation (default: 0.5)")
    parser.add_argument("--false-discovery-rate", type=float, default=0.05,
                        help="share of the proposed changes that may be chance (default: 0.05)")
    parser.add_argument("--late-share", type=float, default=0.3, help="share of the landmarks that test the fit of the others (default: 0.3)")
    parser.add_argument("--random-splits", type=int, default=20, help="how many splits by chance to compare with (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="seed of these splits (default: 1)")
    options = parser.parse_args(arguments)
    if not options.database.is_file():
        return f"There is no database {options.database}. Run `make build` first, or say where it is with --database."
    sys.stdout.reconfigure(errors="replace")
    try:
        # a build that began meanwhile would try in vain to open the database, and end minutes later
        with lock_of(options.database), duckdb.connect(str(options.database)) as connection:
            for line in review(connection, options):
                print(line)
    except NotPublished as reason:
        print(reason, file=sys.stderr)
        return reason.exit_code
    except duckdb.CatalogException:
        return f"{options.database} lacks tables that the review needs. Build the whole project with `make build`."
    except duckdb.Error as error:
        return f"{options.database} cannot be used: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
