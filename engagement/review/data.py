"""Reads the rows of the backtest from the tables of a build."""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from engagement.review.half_lives import Events

OUTCOMES = ("opportunity_created", "won")
# the outcome that points and half-lives are fitted to
MAIN_OUTCOME = "opportunity_created"


@dataclass(frozen=True)
class Signal:
    """A signal that can predict an opportunity, with its numbers in the primary scoring model."""

    signal: str
    points: float
    max_points: float = np.inf  # infinite if there is no cap, or the model applies none
    full_value_days: int = 0
    half_life_days: float | None = None  # None means no decay
    is_own_act: bool = False
    channel: str | None = None


@dataclass(frozen=True)
class Backtest:
    """Accounts on landmarks. All arrays of `rows` have the same order. Columns of matrices are signals."""

    landmarks: np.ndarray  # (rows,) whole numbers from 0, the oldest landmark first
    landmark_on: np.ndarray  # (landmarks,) days
    horizon_days: int
    accounts: np.ndarray  # (rows,) whole numbers from 0
    converted: dict[str, np.ndarray]  # outcome -> (rows,) 0 or 1
    signals: list[Signal]
    shown: np.ndarray  # (rows, signals) 1 if shown within var signal_window_days
    units: np.ndarray  # (rows, signals) events after decay, in the primary scoring model
    scores: dict[str, np.ndarray] = field(default_factory=dict)  # scoring model -> (rows,) unrounded
    shown_scores: dict[str, np.ndarray] = field(default_factory=dict)  # scoring model -> (rows,) whole numbers
    bands: dict[str, np.ndarray] = field(default_factory=dict)  # scoring model -> (rows,) names
    primary: str = "primary"
    config_version: str = ""
    as_of_date: dt.date | None = None
    min_accounts: int = 20
    min_conversions: int = 5

    @property
    def score(self):
        """(rows,): the score in the primary scoring model."""
        return self.scores[self.primary]

    def points_of(self, points):
        """(rows,): the signals' part of the score if they were worth `points`, after caps."""
        caps = np.array([signal.max_points for signal in self.signals])
        return np.minimum(self.units * points, caps).sum(axis=1) if self.signals else np.zeros(len(self.landmarks))

    def converted_accounts(self, outcome):
        return len(np.unique(self.accounts[self.converted[outcome] == 1]))


def dicts(connection, sql, *values):
    """The rows of a query as dicts."""
    found = connection.execute(sql, list(values))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row)) for row in found.fetchall()]


def arrays(connection, sql):
    """The columns of a query as numpy arrays without nulls."""
    return {name: np.ma.getdata(values) for name, values in connection.execute(sql).fetchnumpy().items()}


def read_backtest(connection, min_accounts=20, min_conversions=5):
    """The Backtest of a build. It also creates the temporary table `review_rows`, which numbers the rows."""
    connection.execute("""
        create or replace temporary table review_rows as
        select
            row_number() over (order by landmark_on, account_id) - 1 as place, landmark_on, account_id,
            dense_rank() over (order by landmark_on) - 1 as landmark, dense_rank() over (order by account_id) - 1 as account,
            opportunity_created, won
        from intermediate.int_landmark_accounts
        where is_used and is_eligible
    """)
    rows = arrays(connection, "select * exclude (account_id) from review_rows order by place")
    (context,) = dicts(connection, """
        select scoring_model as primary_model, config_version, as_of_date
        from rules.scoring_models cross join intermediate.int_config_version cross join intermediate.int_as_of_date
        where is_primary
    """)
    signals = read_signals(connection, context["primary_model"])
    shape = len(rows["place"]), len(signals)
    shown, units = np.zeros(shape), np.zeros(shape)
    column = {signal.signal: place for place, signal in enumerate(signals)}
    for matrix, sql in ((shown, SHOWN), (units, UNITS)):
        for signal, cells in by_signal(connection, sql).items():
            if signal in column:
                matrix[cells["place"], column[signal]] = cells["value"]
    scores, shown_scores, bands = read_scores(connection, shape[0])
    landmark_on = np.unique(rows["landmark_on"]).astype("datetime64[D]")
    (horizon_days,), = connection.execute("select coalesce(max(horizon_ends_on - landmark_on), 0) from intermediate.int_landmarks").fetchall()
    return Backtest(
        rows["landmark"], landmark_on, horizon_days, rows["account"],
        {outcome: rows[outcome].astype(float) for outcome in OUTCOMES}, signals, shown, units, scores, shown_scores, bands,
        context["primary_model"], context["config_version"], context["as_of_date"], min_accounts, min_conversions,
    )


def read_signals(connection, model):
    """The signals of a scoring model that can predict an opportunity, in the order of the matrices."""
    return [
        Signal(
            row["signal"], float(row["points"]),
            np.inf if row["max_points"] is None else float(row["max_points"]),
            row["full_value_days"], None if row["half_life_days"] is None else float(row["half_life_days"]),
            not row["is_engagement"], row["channel"],
        )
        for row in dicts(connection, """
            select numbers.*, signals.is_engagement, signals.channel
            from intermediate.int_scoring_model_signals as numbers
            inner join intermediate.int_signals as signals on numbers.signal = signals.signal
            where numbers.scoring_model = ? and signals.funnel_stage <> 'opportunity'
            order by numbers.signal
        """, model)
    ]


SHOWN = """
    select shown.signal, review_rows.place, 1.0 as value
    from intermediate.int_landmark_signals as shown
    inner join review_rows on shown.landmark_on = review_rows.landmark_on and shown.account_id = review_rows.account_id
"""

# the share of points left after silences, as macro value_on computes it
SILENCE_LEFT = "coalesce(pow(earned.silence_factor, greatest(history.silence_count - earned.silences_before, 0)), 1)"

# like macro value_on, for one event worth one point
UNITS = f"""
    select
        earned.signal, review_rows.place,
        sum(
            earned.event_count * cast(earned.persona_weight as double)
            * coalesce(pow(0.5, greatest(review_rows.landmark_on - earned.decays_from, 0) / earned.half_life_days), 1)
            * {SILENCE_LEFT}
        ) as value
    from intermediate.int_earned_points as earned
    inner join rules.scoring_models as models on earned.scoring_model = models.scoring_model and models.is_primary
    inner join review_rows
        on earned.account_id = review_rows.account_id
        and earned.starts_on <= review_rows.landmark_on and earned.ends_on > review_rows.landmark_on
    inner join main.account_score_history as history
        on history.scoring_model = earned.scoring_model and history.account_id = review_rows.account_id
        and history.score_date = review_rows.landmark_on
    where earned.entry_type = 'event'
    group by earned.signal, review_rows.place
"""


def by_signal(connection, sql):
    """{signal: arrays of the other columns} from a query with a column `signal`."""
    cells = arrays(connection, f"from ({sql}) order by signal")
    names, starts = np.unique(cells.pop("signal").astype(str), return_index=True)
    ends = [*starts[1:], len(cells["place"])]
    return {
        str(name): {key: values[start:end] for key, values in cells.items()}
        for name, start, end in zip(names, starts, ends)
    }


def read_scores(connection, row_count):
    """{scoring model: (rows,)} of unrounded scores, of scores as they are shown, and of bands"""
    found = arrays(connection, """
        select scores.scoring_model, review_rows.place, cast(scores.rank_score as double) as rank_score, scores.score, scores.band
        from intermediate.int_landmark_scores as scores
        inner join review_rows on scores.landmark_on = review_rows.landmark_on and scores.account_id = review_rows.account_id
        where scores.is_used
    """)
    models = connection.execute("select scoring_model from rules.scoring_models order by scoring_model").fetchall()
    scores, shown_scores, bands = {}, {}, {}
    for (model,) in models:
        mine = found["scoring_model"] == model
        for values, column, nothing in ((scores, "rank_score", 0), (shown_scores, "score", 0), (bands, "band", "")):
            values[model] = np.full(row_count, nothing, dtype=found[column].dtype)
            values[model][found["place"][mine]] = found[column][mine]
    return scores, shown_scores, bands


def read_events(connection, signal):
    """Events of one signal, of any age, that were known for each row."""
    cells = arrays(connection, f"""
        select
            review_rows.place, cast(review_rows.landmark_on - points.occurred_on as double) as age,
            cast(sum(points.event_count) as double) as events
        from intermediate.int_daily_points as points
        inner join review_rows
            on points.account_id = review_rows.account_id and points.counts_from <= review_rows.landmark_on
            and coalesce(points.counts_until, date '9999-12-31') > review_rows.landmark_on
            and coalesce(points.reset_on, date '9999-12-31') > review_rows.landmark_on
        where points.signal = '{signal.replace("'", "''")}'
        group by 1, 2
        order by 1, 2
    """)
    return Events(cells["place"].astype(int), cells["age"], cells["events"])
