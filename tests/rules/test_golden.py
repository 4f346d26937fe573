"""The golden cases: small histories whose score can be worked out by hand, each named after its rule."""

import pytest

from histories import DAY, TODAY, History, acme, models_with


def outcome(compiled, history, seeds=None, scoring_model="decayed", as_of=None):
    """(score_raw, score, band) of acme."""
    row = compiled.run(history.raw(), seeds, as_of, ["account_score_history"]).execute(
        "select score_raw, score, band from main.account_score_history where account_id = 'acme' and scoring_model = ?"
        " and score_date = (select as_of_date from intermediate.int_as_of_date)",
        [scoring_model],
    ).fetchone()
    return float(row[0]), row[1], row[2]


def test_two_people_of_acme_make_53_very_hot(compiled):
    assert outcome(compiled, acme()) == (53.0, 53, "Very Hot")


@pytest.mark.parametrize("days_ago, score_raw, score", [(30, 53, 53), (45, 37.4767, 37), (60, 26.5, 27)])
def test_points_are_whole_for_30_days_and_halve_every_30_days_after(compiled, days_ago, score_raw, score):
    raw, rounded, _ = outcome(compiled, acme(days_ago))
    assert (round(raw, 4), rounded) == (score_raw, score)


@pytest.mark.parametrize("days_ago, score_raw", [(179, 33 * 0.5 ** (149 / 30)), (180, 0)])
def test_nothing_counts_from_the_look_back_on(compiled, days_ago, score_raw):
    # only the signals: breadth has a window of 90 days
    assert outcome(compiled, acme(days_ago))[0] == pytest.approx(score_raw, abs=1e-12)


def test_breadth_from_three_people_leaves_two_people_at_33(compiled):
    assert outcome(compiled, acme(), models_with(compiled, breadth_min_contacts="3")) == (33.0, 33, "Hot")


def test_one_person_alone_is_no_breadth(compiled):
    assert outcome(compiled, acme(people=("ana",))) == (33.0, 33, "Hot")


@pytest.mark.parametrize("days_ago, people", [(89, 2), (90, 0)])
def test_a_person_is_engaged_for_less_than_90_days(compiled, days_ago, people):
    raw, _, _ = outcome(compiled, acme(days_ago), models_with(compiled, decay_function="none"))
    assert raw == 33 + 10 * people


def test_breadth_is_at_most_50(compiled):
    history = History()
    for number in range(7):
        history.contact(f"p{number}")
        history.did(f"p{number}", "click", 3)
    assert outcome(compiled, history)[0] == 7 * 5 + 50


@pytest.mark.parametrize("score, band", [(10, "Cold"), (11, "Warm"), (25, "Warm"), (26, "Hot"), (50, "Hot"), (51, "Very Hot")])
def test_band_bounds(compiled, score, band):
    history = History()
    history.did("ana", "demo request", 3)
    signals = [
        {**row, "points": str(score)} if row["signal"] == "demo_request" else row for row in compiled.default_seeds["signals"]
    ]
    assert outcome(compiled, history, {"signals": signals}) == (score, score, band)


@pytest.mark.parametrize("silent_days, score_raw", [(59, 53), (60, 26.5), (119, 26.5), (120, 13.25)])
def test_playbook_halves_after_60_silent_days_and_has_no_other_decay(compiled, silent_days, score_raw):
    # after 90 days no one is engaged any more; the playbook's silence rule is about the points themselves
    seeds = models_with(compiled, breadth_window_days="400")
    assert outcome(compiled, acme(silent_days), seeds, "playbook")[0] == score_raw


def test_our_own_acts_do_not_end_a_silence(compiled):
    history = acme(60)
    history.sales("ana", "call_attempt", 30)
    assert outcome(compiled, history, None, "playbook")[0] == 26.5


def test_not_interested_takes_everything_before_it_and_nothing_after(compiled):
    history = acme(11)
    history.did("ana", "demo request", 10, time="08:59:00")
    history.rows.event("crm_activities", 10, "golden", "", time="09:00:00", account_id="acme", contact_id="ana",
                       activity_type="call", outcome="not_interested")
    history.did("bo", "click", 10, time="10:00:00")
    assert outcome(compiled, history)[0] == 5


def test_unsubscribing_takes_what_one_person_earned(compiled):
    history = acme(11)
    history.did("ana", "unsubscribe", 10)
    # bo's opens, click and product page stay; one person is no breadth
    assert outcome(compiled, history)[0] == 3 + 5 + 5


@pytest.mark.parametrize("days_between", [0, 30])
def test_webinar_and_download_make_10_together(compiled, days_between):
    history = History()
    history.did("ana", "webinar", 3)
    history.did("ana", "download", 3 + days_between)
    assert outcome(compiled, history, models_with(compiled, decay_function="none"))[0] == 10


@pytest.mark.parametrize("days_between, together", [(30, 25), (31, 10)])
def test_a_pair_is_worth_its_points_in_total_within_its_days(compiled, days_between, together):
    combinations = [{**row, "points": "25"} for row in compiled.default_seeds["signal_combinations"]]
    history = History()
    history.did("ana", "download", 3)
    history.did("ana", "webinar", 3 + days_between)
    seeds = {**models_with(compiled, decay_function="none"), "signal_combinations": combinations}
    assert outcome(compiled, history, seeds)[0] == together


def test_a_product_page_is_5_and_not_5_and_1(compiled):
    history = History()
    history.did("ana", "product page", 3)
    assert outcome(compiled, history)[0] == 5


def test_an_open_by_a_decision_maker_is_5_and_not_6(compiled):
    history = History()
    history.contact("cfo", job_title="CFO")
    history.did("cfo", "open", 3)
    assert outcome(compiled, history)[0] == 5


def test_reloading_a_page_within_30_minutes_is_one_visit(compiled):
    history = History()
    for minute in (0, 20, 40, 59):
        history.did("ana", "product page", 3, time=f"08:{minute:02d}:00")
    history.did("ana", "product page", 3, time="09:29:00")
    assert outcome(compiled, history)[0] == 10


def test_leaving_a_webinar_and_joining_again_is_one_attendance(compiled):
    history = History()
    for time in ("15:00:00", "15:20:00", "15:59:00"):
        history.did("ana", "webinar", 3, time=time)
    assert outcome(compiled, history)[0] == 5


def test_vanity_does_not_make_an_account_hot(compiled):
    history = History()
    for number in range(60):
        history.did("ana", "open", 3, campaign=f"c{number}")
    assert outcome(compiled, history) == (10.0, 10, "Cold")


def test_a_visit_identified_later_counts_from_that_day_aged_from_its_own(compiled):
    history = History()
    history.rows.page(40, "/pricing", "golden", "", visitor_id="v")
    history.rows.event("web_events", 10, "golden", "", visitor_id="v", email="ana@acme.example", event_type="identify",
                       page_url="https://www.seller.example/login")
    assert outcome(compiled, history, as_of=TODAY - 11 * DAY)[0] == 0
    assert outcome(compiled, history, as_of=TODAY - 10 * DAY)[0] == 10
    assert outcome(compiled, history)[0] == pytest.approx(10 * 0.5 ** (10 / 30))


@pytest.mark.parametrize("closed_days_ago, as_of, is_prospect", [
    (0, TODAY, False), (0, TODAY - DAY, True),
    # a close date to come is a plan: the deal is won on the day we learn of it
    (-1, TODAY, False), (-1, TODAY - DAY, True),
])
def test_a_won_account_leaves_the_prospects_on_that_day(compiled, closed_days_ago, as_of, is_prospect):
    history = acme()
    history.rows.add("crm_opportunities", dict(
        opportunity_id="o", account_id="acme", stage="Closed Won", created_at=history.rows.at(30),
        closed_at=history.rows.at(closed_days_ago), loaded_at=history.rows.at(0),
    ), "golden", "")
    connection = compiled.run(history.raw(), as_of=as_of, wanted=("account_scores", "score_ledger"))
    assert connection.execute("select count(*) from main.account_scores").fetchone()[0] == is_prospect
    # the ledger still explains the score
    assert connection.execute("select sum(points) from main.score_ledger where scoring_model = 'decayed'").fetchone()[0] == 53


def test_a_lost_account_stays(compiled):
    history = acme()
    history.rows.add("crm_opportunities", dict(
        opportunity_id="o", account_id="acme", stage="Closed Lost", created_at=history.rows.at(30),
        closed_at=history.rows.at(5), loaded_at=history.rows.at(5),
    ), "golden", "")
    assert compiled.run(history.raw(), wanted=("account_scores",)).execute("select score from main.account_scores").fetchone()[0] == 53


def test_odd_event_names_are_kept_apart(compiled):
    history = History()
    history.sales("ana", "call|8:positive", 3)
    history.sales("ana", "call", 3, "8:positive|")
    kinds = compiled.run(history.raw(), wanted=("int_events",)).execute(
        "select count(*), count(distinct event_kind) from intermediate.int_events where channel = 'sales'"
    ).fetchone()
    assert kinds == (2, 2)


def test_a_number_beyond_reason_is_empty_and_counted(compiled):
    history = acme()
    history.rows.account("big", "Big", "big.example", "golden", account_tier="99999999999", employee_count="about 500")
    connection = compiled.run(history.raw(), wanted=("account_scores", "source_coverage"))
    assert connection.execute("select account_tier from main.account_scores where account_id = 'big'").fetchone() == (None,)
    assert connection.execute(
        "select unreadable_values from main.source_coverage where source_table = 'crm_accounts'"
    ).fetchone() == (2,)


def test_contacts_merged_in_a_circle_stay_people(compiled):
    history = History()
    for name, into in (("x", "y"), ("y", "z"), ("z", "x")):
        history.contact(name, merged_into_contact_id=into)
        history.did(name, "click", 3)
    assert outcome(compiled, history)[0] == 3 * 5 + 3 * 10


@pytest.mark.parametrize("as_of, score", [("2025-11-30", 0.3125), ("2025-12-01", 0.3125)])
def test_naming_a_visitor_does_not_undo_the_silence_of_its_account(compiled, as_of, score):
    """The account had the visit through its company domain before it became a person's."""
    common = {"event_type": "page_view", "visitor_id": "v", "page_url": "https://www.seller.example/pricing"}
    raw = {
        "crm_accounts": [{"account_id": "a", "domain": "a.example", "created_at": "2025-01-01", "loaded_at": "2025-01-01"}],
        "crm_contacts": [{"contact_id": "p", "account_id": "a", "email": "p@a.example", "created_at": "2025-01-01", "loaded_at": "2025-01-01"}],
        "web_events": [
            common | {"event_id": "w1", "company_domain": "a.example", "occurred_at": "2025-01-10 10:00:00", "loaded_at": "2025-01-10 11:00:00"},
            common | {"event_id": "w2", "email": "p@a.example", "event_type": "identify", "occurred_at": "2025-12-01 10:00:00",
                      "loaded_at": "2025-12-01 11:00:00"},
        ],
    }
    assert compiled.scores(raw, None, as_of)["playbook", "a"] == score


def account(compiled, history, columns, seeds=None):
    """Columns of acme in `account_scores`."""
    connection = compiled.run(history.raw(), seeds, wanted=("account_scores",))
    return connection.execute(f"select {columns} from main.account_scores where account_id = 'acme'").fetchone()


def test_who_said_no_is_not_asked_about_the_demo(compiled):
    history = History()
    history.did("ana", "demo request", 10)
    wanted = "last_engagement_type, next_action"
    assert account(compiled, history, wanted) == ("Demo requested", "Ask if the demo has been scheduled")
    history.sales("ana", "call", 5, "not_interested")
    assert account(compiled, history, wanted) == ("Demo requested", "Keep in awareness campaigns")
    history.did("bo", "demo request", 4)
    assert account(compiled, history, wanted) == ("Demo requested", "Ask if the demo has been scheduled")


def test_reasons_are_what_people_did_for_points_that_show(compiled):
    """The floor is no reason, and 0.03 points would read +0.0."""
    signals = [{**row, "points": "-20"} if row["signal"] == "webinar_attended" else row for row in compiled.default_seeds["signals"]]
    history = History()
    history.did("ana", "open", 175)
    assert account(compiled, history, "score, top_reasons") == (0, None)
    history.did("ana", "click", 3)
    history.did("ana", "webinar", 3)
    assert account(compiled, history, "score, top_reasons", {"signals": signals}) == (0, "Email link clicked +5.0")


def told(compiled, raw, as_of=None):
    """{account: (status, score, main reason, last engagement, hash)} as sent to the CRM."""
    rows = compiled.run(raw, None, as_of, ["crm_account_updates"]).execute(
        "select account_id, account_status, score, main_reason, last_engagement_label, update_hash from crm_account_updates"
    ).fetchall()
    return {account: tuple(values) for account, *values in rows}


@pytest.mark.parametrize("change, status", [
    ({}, "prospect"), ({"is_deleted": "true"}, "deleted"), ({"merged_into_account_id": "other"}, "merged"),
    ({"lifecycle_stage": "Customer"}, "customer"), ({"won": True}, "won"),
    ({"merged_into_account_id": "gone"}, "deleted"),
])
def test_the_crm_is_told_the_score_of_a_prospect_and_only_the_status_of_another_account(compiled, change, status):
    raw = acme().raw()
    account, = raw["crm_accounts"]
    if change.pop("won", False):
        raw["crm_opportunities"] = [{"opportunity_id": "o", "account_id": "acme", "stage": "Closed Won", "created_at": "2026-05-01",
                                     "closed_at": "2026-05-30", "loaded_at": "2026-05-30"}]
    raw["crm_accounts"] = [
        account | change, account | {"account_id": "other", "domain": "other.example"},
        account | {"account_id": "gone", "domain": "gone.example", "is_deleted": "true"},
    ]
    found = told(compiled, raw)
    assert found["acme"][:4] == ((status, 53, "Demo requested", "Demo requested 28 May") if status == "prospect" else (status, None, None, None))
    assert (found["other"][0], found["gone"][0]) == ("prospect", "deleted")


def test_what_the_crm_is_told_is_another_hash_only_when_it_differs(compiled):
    """Points that fade below the decimal point are no news."""
    raw = acme(40).raw()
    found = {as_of: told(compiled, raw, as_of)["acme"] for as_of in ("2026-05-20", "2026-05-21", "2026-05-22", "2026-05-31", "2026-06-01")}
    assert [score for _, score, *_ in found.values()] == [53, 53, 52, 42, 41]
    assert len({row[-1] for row in found.values()}) == len({row[:-1] for row in found.values()}) == 4
