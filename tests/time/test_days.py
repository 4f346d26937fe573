"""Built day after day, with late, corrected and merged rows, the tables are those of one build, and journals keep what they said."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import Days
from histories import DAY, TODAY, History, acme, models_with, with_neighbour
from random_histories import DENSE, DOMAINS, EXAMPLES, FIRST_DAY, RAW, in_contract_order, seed_changes

EPSILON = 1e-9
EVENT_MODELS = ["int_signal_events", "int_daily_points"]
PARTS = [
    "opening", "new_engagement", "identity", "combination", "breadth", "ageing", "expiry", "cap", "silence", "reset", "configuration",
    "late_data",
]
# an example is several builds
FEW = settings(max_examples=max(EXAMPLES // 4, 1), deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


def history_of(connection):
    return {
        tuple(row[:3]): (*map(float, row[3:7]), *row[7:]) for row in connection.execute(
            "select scoring_model, account_id, score_date, score_raw, signal_points, breadth_points, cap_points,"
            " score, band, engaged_contacts from main.account_score_history"
        ).fetchall()
    }


def assert_same_history(days, full):
    assert days.keys() == full.keys()
    wrong = [
        (key, days[key], full[key]) for key in full
        if max(abs(one - other) for one, other in zip(days[key][:4], full[key][:4])) > EPSILON or days[key][4:] != full[key][4:]
    ]
    assert not wrong, f"{len(wrong)} rows differ between days and a full build, such as {wrong[:3]}"


def events_of(connection):
    """{table: its rows in order} of what a run adds to, and of what is counted from it."""
    return {name: connection.execute(f"select * from intermediate.{name} order by all").fetchall() for name in EVENT_MODELS}


def assert_same_events(days, full):
    for name, rows in days.items():
        wrong = [f"{'+' if row in rows else '-'} {row}" for row in {*rows} ^ {*full[name]}]
        assert rows == full[name], f"{name} differs between days and a full build: {wrong[:4]}"


def assert_journals_hold(days):
    parts = " + ".join(f"{part}_points" for part in PARTS)
    assert days.rows(f"select * from score_changes where change_points <> {parts} or change_points <> score_raw - score_raw_before") == []
    assert days.rows("select alert_id from score_alerts group by 1 having count(*) > 1") == []
    assert days.rows(
        "select account_id, change_date, lag(score_raw) over (partition by account_id order by change_date) as before, score_raw_before"
        " from score_changes qualify abs(before - score_raw_before) > 1e-7"
    ) == [], "a row does not begin where the row before it ended"
    assert days.rows(
        "select account_id, score_raw, last_score_raw from account_scores"
        " inner join (select account_id, arg_max(score_raw, change_date) as last_score_raw from score_changes group by 1) using (account_id)"
        " where abs(score_raw - last_score_raw) > 1e-7"
    ) == [], "the last row does not end at the score"


def journal(days):
    return {
        name: set(days.rows(f"select * from {name} where {condition}"))
        for name, condition in {
            "published_scores": "true", "score_alerts": "true",
            # the day before the newest run is not settled yet
            "score_changes": "change_date < (select max(as_of_date) from score_changes)",
        }.items()
    }


@FEW
@given(data=st.data())
def test_random_days_give_the_tables_of_one_build(compiled, data):
    """Rows, accounts and corrections among them, arrive on random days in random order, some leave again, rules change once;
    the journals only grow."""
    raw = data.draw(st.one_of(RAW, DENSE))
    moved = data.draw(st.lists(st.tuples(st.sampled_from(raw["crm_accounts"]), st.sampled_from(DOMAINS)), max_size=2))
    raw = in_contract_order(compiled, raw | {
        "crm_accounts": raw["crm_accounts"] + [row | {"domain": domain, "loaded_at": "2025-07-01"} for row, domain in moved],
    })
    seeds = {**compiled.default_seeds, **data.draw(seed_changes(compiled.default_seeds))}
    # other rules of matching, too
    seeds["signals"] = [
        row | data.draw(st.sampled_from([{}, {}, {}, {"is_active": "false"}, {"match_priority": "99"}])) for row in seeds["signals"]
    ]
    seeds["page_categories"] = seeds["page_categories"][data.draw(st.integers(0, 3)):]
    builds = data.draw(st.integers(2, 4))
    arrival = {(table, n): data.draw(st.integers(0, builds - 1)) for table, rows in raw.items() for n in range(len(rows))}
    leaving = {key: data.draw(st.integers(1, 20)) for key in arrival}
    as_of = FIRST_DAY + data.draw(st.integers(0, 40)) * DAY
    days, said = Days(compiled), {}
    for number in range(builds):
        known = {
            table: [row for n, row in enumerate(rows) if arrival[table, n] <= number < leaving[table, n]]
            for table, rows in raw.items()
        }
        if number:
            as_of += data.draw(st.sampled_from([0, 1, 1, 2, 30])) * DAY
        used = compiled.default_seeds if number == 0 and data.draw(st.booleans()) else seeds
        days.build(known, used, as_of)
        assert_journals_hold(days)
        now = journal(days)
        assert all(said.get(name, set()) <= rows for name, rows in now.items()), "a journal forgot or changed a row"
        said = now
    full = compiled.run(known, seeds, as_of, wanted=["account_score_history"])
    assert_same_events(events_of(days.connection), events_of(full))
    assert_same_history(history_of(days.connection), history_of(full))


@FEW
@given(data=st.data())
def test_nine_days_at_once_say_what_day_by_day_says(compiled, data):
    """Without late rows the journals do not depend on how often the project is run."""
    raw = in_contract_order(compiled, data.draw(DENSE))
    for row in raw["web_events"]:
        row["loaded_at"] = row["occurred_at"]
    seeds = data.draw(seed_changes(compiled.default_seeds))
    # no cool-down, and all within the days that the first run alerts of
    seeds["alert_rules"] = [{**row, "cooldown_days": "0"} for row in compiled.default_seeds["alert_rules"]]
    last = FIRST_DAY + 6 * DAY
    daily, once = Days(compiled), Days(compiled)
    day = FIRST_DAY - DAY
    while day < last:
        daily.build({
            table: [row for row in rows if table != "web_events" or row["occurred_at"][:10] <= str(day)] for table, rows in raw.items()
        }, seeds, day)
        day += DAY * data.draw(st.sampled_from([1, 2, 5]))
    daily.build(raw, seeds, last)
    once.build(raw, seeds, last)
    rounded = ", ".join(f"round({part}_points, 6)" for part in PARTS if part != "opening")
    changes = f"select account_id, change_date, score_before, score, {rounded} from score_changes where change_date >= '{FIRST_DAY}' and change_kind <> 'none'"
    assert set(daily.rows(changes)) == set(once.rows(changes))
    alerts = "select alert_id, measured, score, band from score_alerts"
    assert set(daily.rows(alerts)) == set(once.rows(alerts))


@pytest.fixture
def days(compiled):
    return Days(compiled)


@pytest.fixture
def refreshed(days):
    """The accounts whose settled days the builds since then have computed again."""
    def since(build):
        days.rows("update intermediate.int_score_history set signal_points = -7 where score_date <= ?", TODAY - 5 * DAY)
        build()
        return {account for account, in days.rows(
            "select account_id from intermediate.int_score_history where score_date = ? group by 1 having min(signal_points) > -7", TODAY - 5 * DAY
        )}

    return since


def test_a_daily_run_computes_the_open_days_only(days, refreshed):
    days.build(with_neighbour(acme(3)).raw())
    assert refreshed(lambda: days.build(with_neighbour(acme(3)).raw(), as_of=TODAY + DAY)) == set()
    # and the oldest day has left
    assert days.rows("select min(score_date), count(*) from account_score_history where scoring_model = 'decayed'") == [
        (TODAY + DAY - 399 * DAY, 2 * 400)
    ]


def test_a_late_event_computes_its_own_account_again_and_no_other(days, refreshed):
    history = with_neighbour(acme(3))
    days.build(history.raw())
    history.did("ana", "click", 10)
    assert refreshed(lambda: days.build(history.raw(), as_of=TODAY + DAY)) == {"acme"}
    assert days.rows("select score from account_score_history where account_id = 'acme' and scoring_model = 'decayed'"
                     f" and score_date in ('{TODAY - 11 * DAY}', '{TODAY - 10 * DAY}') order by score_date") == [(0,), (5,)]


def test_a_domain_that_moves_to_another_visit_gives_the_history_of_a_full_build(compiled, days):
    """The account knew another visit first, so silences took something else. Nothing else tells the two apart."""
    def raw(first):
        history = History()
        for visitor, person in (("v1", "ana"), ("v2", "bo")):
            history.rows.page(160, "/pricing", "golden", "", visitor_id=visitor, company_domain="acme.example" if visitor == first else None)
            history.rows.event("web_events", 90, "golden", "", visitor_id=visitor, email=f"{person}@acme.example", event_type="identify")
        history.did("ana", "unsubscribe", 80)
        return history.raw()

    days.build(raw("v1"))
    days.build(raw("v2"), as_of=TODAY + DAY)
    assert history_of(days.connection) == history_of(compiled.run(raw("v2"), as_of=TODAY + DAY))


@pytest.mark.parametrize("loser", ["person", "account"])
def test_a_reset_takes_nothing_before_it_is_known_whose_it_is(compiled, loser):
    """The visitor sends the form ten days ago, and is identified as ana two days ago."""
    history = History()
    history.did("ana", "webinar", 20)
    form = {"visitor_id": "v", "event_type": "form_submit", "page_url": "https://www.seller.example/stop"}
    history.rows.event("web_events", 10, "golden", "", **form)
    history.rows.event("web_events", 2, "golden", "", visitor_id="v", email="ana@acme.example", event_type="identify")
    row = {"reset": "form", "channel": "web", "event_type": "form_submit", "takes_from": loser, "basis": "custom", "is_active": "true"}
    seeds = {"resets": [*compiled.default_seeds["resets"], row]}
    connection = compiled.run(history.raw(), seeds)
    scores = dict(connection.execute(
        "select score_date, score from account_score_history where scoring_model = 'decayed' and score_date >= ?", [TODAY - 11 * DAY]
    ).fetchall())
    assert scores == {day: 5 if day < TODAY - 2 * DAY else 0 for day in scores} and len(scores) == 12


def test_a_merged_contact_changes_breadth_from_then_on(days):
    history = acme(3)
    days.build(history.raw())
    merged = acme(3)
    merged.contact("ana", merged_into_contact_id="bo", loaded_at=merged.rows.at(0))
    days.build(merged.raw(), as_of=TODAY + DAY)
    assert days.rows("select score, engaged_contacts from account_scores") == [(33, 1)]
    assert days.rows("select explanation, breadth_points, late_data_points from score_changes order by change_date desc limit 1") == [
        ("-20: late data -20", 0, -20)
    ]


def test_a_day_whose_run_was_killed_before_the_journals_is_explained_by_the_next(compiled, days):
    """The history knows the day then, and the journals do not."""
    raw, other = acme(180).raw(), Days(compiled)
    days.build(raw)
    days.build(raw, as_of=TODAY + DAY, until="account_score_history")
    days.build(raw, as_of=TODAY + 2 * DAY)
    other.build(raw)
    other.build(raw, as_of=TODAY + 2 * DAY)
    changes = f"select * from score_changes where change_date >= '{TODAY}'"
    assert days.rows(changes) == other.rows(changes) != []


def change_of_weight(compiled, history):
    history.contact("ana", job_title="Chief Gardener")
    return history, {"personas": [{**row, "weight": "2"} for row in compiled.default_seeds["personas"]]}


def change_of_reset(compiled, history):
    history.did("ana", "unsubscribe", 2)
    return history, None


def change_of_identity(compiled, history, days_ago=2):
    # the visitor of an old page view turned out to be of another account, so acme only loses
    history.rows.event("web_events", days_ago, "golden", "", visitor_id="v", email="cy@third.example", event_type="identify",
                       page_url="https://www.seller.example/login")
    return history, None


@pytest.mark.parametrize("change", [change_of_weight, change_of_reset, change_of_identity])
def test_what_is_learned_later_gives_the_history_of_a_full_build(compiled, days, refreshed, change):
    def known():
        history = with_neighbour(acme(5))
        history.rows.account("third", "Third Inc", "third.example", "golden")
        history.contact("ana", job_title="Chief Gardener")
        history.rows.page(10, "/pricing", "golden", "", visitor_id="v", company_domain="acme.example")
        return history

    days.build(known().raw())
    history, seeds = change(compiled, known())
    again = refreshed(lambda: days.build(history.raw(), seeds, TODAY + DAY))
    assert "acme" in again and "other" not in again
    days.connection.execute("update intermediate.int_score_history set signal_points = 0 where signal_points = -7")
    full = compiled.run(history.raw(), seeds, TODAY + DAY)
    acme_only = [{key: row for key, row in history_of(connection).items() if key[1] == "acme"} for connection in (days.connection, full)]
    assert_same_history(*acme_only)


@pytest.mark.parametrize("identified, in_truth", [(4, 7), (7, 4)])
def test_a_visitor_who_was_identified_on_another_day_gives_the_history_of_a_full_build(compiled, days, identified, in_truth):
    """By the last settled day acme has lost the visit in both cases, and the days between are wrong."""
    def known(days_ago):
        history = with_neighbour(History())
        history.rows.account("third", "Third Inc", "third.example", "golden")
        history.rows.page(10, "/pricing", "golden", "", visitor_id="v", company_domain="acme.example")
        return change_of_identity(compiled, history, days_ago)[0].raw()

    days.build(known(identified))
    days.build(known(in_truth), as_of=TODAY + DAY)
    full = compiled.run(known(in_truth), as_of=TODAY + DAY)
    assert_same_history(history_of(days.connection), history_of(full))


def test_an_account_that_is_deleted_leaves_the_history(days):
    days.build(with_neighbour(acme(3)).raw())
    days.build(acme(3).raw(), as_of=TODAY + DAY)
    assert days.rows("select distinct account_id from account_score_history") == [("acme",)]


def test_a_day_before_the_last_one_gives_the_history_of_that_day(compiled, days):
    """A look back and the way forward again; what had expired by then stays so."""
    for day in (TODAY, TODAY - 10 * DAY, TODAY + DAY):
        days.build(acme(200).raw(), as_of=day)
        full = compiled.run(acme(200).raw(), None, day, wanted=["account_score_history"])
        assert_same_history(history_of(days.connection), history_of(full))


@pytest.mark.parametrize("seeds, all_days", [
    ({"next_actions": []}, False), ({"alert_rules": []}, False), ("bands", False), ("points", True),
])
def test_only_rules_that_score_compute_the_history_again(compiled, days, refreshed, seeds, all_days):
    if seeds == "points":
        seeds = {"signal_tiers": [{**row, "points": "7"} for row in compiled.default_seeds["signal_tiers"]]}
    if seeds == "bands":
        seeds = {"score_bands": [{**row, "min_score": "40"} if row["band"] == "Hot" else row for row in compiled.default_seeds["score_bands"]]}
    days.build(acme(3).raw())
    assert refreshed(lambda: days.build(acme(3).raw(), seeds, TODAY + DAY)) == ({"acme"} if all_days else set())


def test_published_scores_are_never_rewritten(compiled, days):
    days.build(acme(3).raw())
    published = days.rows("select * from published_scores")
    assert [(row[1], row[2], row[4]) for row in published] == [(TODAY, 1, 53)]
    # the same again: nothing new
    days.build(acme(3).raw())
    assert days.rows("select * from published_scores") == published
    # other weights on the same day: a second publication; a full refresh changes none of it
    half = {"signal_tiers": [{**row, "points": "2"} for row in compiled.default_seeds["signal_tiers"]]}
    said = journal(days)
    days.build(acme(3).raw(), half, full_refresh=True)
    assert all(rows <= journal(days)[name] for name, rows in said.items()) and all(said.values())
    rows = days.rows("select * from published_scores order by publication_number")
    assert rows[0] == published[0] and [(row[2], row[4]) for row in rows] == [(1, 53), (2, 36)] and rows[0][7] != rows[1][7]
    # nor do other rules that come to the same score: it was published under them, too
    days.build(acme(3).raw(), half | {"next_actions": []})
    assert days.rows("select publication_number, score from published_scores order by 1") == [(1, 53), (2, 36), (3, 36)]
    # a run for an earlier day publishes nothing, raises no alerts, and leaves the journal as it is
    before = journal(days)
    days.build(acme(30).raw(), half, TODAY - 10 * DAY)
    assert journal(days) == before
    assert days.rows("select score from account_scores") == [(36,)]


def test_the_queue_counts_the_points_that_a_reset_left(days):
    history = History()
    for number in range(3):
        history.rows.page(3, f"/pricing/{number}", "golden", "", email="ana@acme.example")
    history.sales("ana", "call", 2, outcome="not_interested")
    history.rows.page(1, "/pricing/3", "golden", "", email="ana@acme.example")
    history.did("ana", "click", 1)
    days.build(history.raw())
    assert days.rows("select score, new_points_7_days from sales_queue") == [(15, 15)]


@pytest.mark.parametrize("tolerance, clicks, trend", [("2", 1, "up"), ("5", 1, "flat"), ("4", 1, "up"), ("2", 0, "flat")])
def test_a_trend_is_flat_up_to_its_tolerance(compiled, days, tolerance, clicks, trend):
    history = acme(20)
    for _ in range(clicks):
        history.did("ana", "click", 2)
    days.build(history.raw(), models_with(compiled, trend_tolerance=tolerance))
    assert days.rows("select trend, score_change_7_days, acceleration, score_28_days_ago from account_scores") == [
        (trend, 5 * clicks, 5 * clicks, 0)
    ]


def test_acceleration_is_the_change_less_the_change_before(days):
    history = acme(20)
    for number, days_ago in enumerate((10, 2, 2)):
        history.did("ana", "click", days_ago, campaign=f"c{number}")
    days.build(history.raw())
    assert days.rows("select score_change_7_days, acceleration from account_scores") == [(10, 5)]


def test_a_fall_is_a_trend_down(days):
    history = acme(20)
    history.did("bo", "unsubscribe", 2)
    days.build(history.raw())
    assert days.rows("select score, trend, score_change_7_days, acceleration from account_scores") == [(20, "down", -33, -33)]


def test_a_band_is_held_since_the_day_it_was_reached_and_a_reset_ends_the_stay(days):
    history = acme(20)
    days.build(history.raw())
    status = "select band, band_order, band_since, band_28_days_ago, days_since_sales_touch, last_engagement_type from account_scores"
    assert days.rows(status) == [("Very Hot", 4, TODAY - 20 * DAY, "Cold", None, "Demo requested")]
    # a call in which they are not interested is a touch, and no engagement
    history.sales("ana", "call", 2, outcome="not_interested")
    days.build(history.raw())
    assert days.rows(status) == [("Cold", 1, TODAY - 2 * DAY, "Cold", 2, "Demo requested")]
    assert days.rows("select band, band_order from account_score_history where score_date = ?", TODAY - 3 * DAY) == [("Very Hot", 4)]


def test_new_people_are_those_of_the_last_28_days(days):
    history = History()
    for name, days_ago in (("old", 28), ("new", 27), ("newer", 1)):
        history.contact(name)
        history.did(name, "click", days_ago)
    history.did("old", "click", 2)
    days.build(history.raw())
    assert days.rows("select engaged_contacts, new_engaged_contacts from account_scores") == [(3, 2)]
