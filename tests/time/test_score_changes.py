"""Every part of a change on a day that has only this part, worked out by hand, and the words that go with it."""

import pytest

from harness import CompiledProject, Days
from histories import DAY, TODAY, History, acme, with_neighbour
from test_days import PARTS, assert_journals_hold


@pytest.fixture
def days(compiled):
    return Days(compiled)


def change(days, days_ago=0):
    """({part: points} without zeros, explanation) of acme on a day."""
    columns = ", ".join(f"{part}_points" for part in PARTS)
    ((explanation, *points),) = days.rows(
        f"select explanation, {columns} from score_changes where account_id = 'acme' and change_date = ?", TODAY - days_ago * DAY
    )
    return {part: round(float(value), 4) for part, value in zip(PARTS, points) if abs(value) > 1e-8}, explanation


def aged(points, days):
    return round(points * 0.5 ** (days / 30), 4)


def test_new_engagement_with_what_is_capped(days):
    history = acme(40)
    history.did("ana", "click", 3)
    for number in range(11):
        history.did("bo", "open", 3, campaign=f"c{number}")
    days.build(history.raw())
    parts, explanation = change(days, 3)
    assert parts["new_engagement"] == 16
    # three old opens have faded to 3 x 0.5 ^ (7 / 30) the day before, and 11 new ones are 1 too many by themselves
    assert parts["cap"] == round(-(11 + 3 * 0.5 ** (7 / 30) - 10), 4)
    # both engaged people are at full value again or still fading: only ana engaged again
    assert parts["breadth"] == round(10 - 10 * 0.5 ** (6 / 30), 4)
    assert explanation.startswith("+13: Email opened (11), Email link clicked (5); engaged people +1.3; ageing -")
    assert "above the cap of a signal -3.6" in explanation
    assert days.rows("select change_kind, main_person_id from score_changes where change_date = ?", TODAY - 3 * DAY) == [("engagement", "bo")]
    assert_journals_hold(days)


def test_a_change_names_the_person_who_did_most(days):
    history = History()
    for number in range(3):
        history.rows.page(1, f"/pricing/{number}", "golden", "", email="ana@acme.example")
    history.rows.page(1, "/pricing/3", "golden", "", email="bo@acme.example")
    days.build(history.raw())
    assert days.rows("select explanation, main_person_id from score_changes where change_date = ?", TODAY - DAY) == [
        ("+60: Pricing page viewed (40); engaged people +20", "ana")
    ]


def test_an_account_that_left_under_other_rules_makes_no_late_data_a_change_of_rules(compiled, days):
    """Its last row in the journal is of the rules before, whichever of their hashes is larger."""
    def known(*late):
        history = with_neighbour(acme(15))
        for days_ago in late:
            history.did("ana", "click", days_ago)
        return history

    gone = known()
    gone.rows.account("gone", "Gone Inc", "gone.example", "golden")
    gone.rows.event("email_events", 0, "golden", "", email="x@gone.example", event_type="click")
    shipped = {"next_actions": compiled.default_seeds["next_actions"]}
    edited = {"next_actions": [{**row, "next_action": row["next_action"] + "!"} for row in shipped["next_actions"]]}
    for before, after in ((shipped, edited), (edited, shipped)):
        days = Days(compiled)
        days.build(gone.raw(), before)
        days.build(known().raw(), after, TODAY + DAY)
        days.build(known(10).raw(), after, TODAY + 2 * DAY)
        assert days.rows("select distinct change_kind from score_changes where account_id = 'acme' and change_date = ?", TODAY + DAY) == [("late data",)]


def test_no_row_for_a_day_on_which_nothing_changed(days):
    days.build(acme(20).raw())
    assert days.rows("select change_date, change_kind from score_changes") == [(TODAY - 20 * DAY, "engagement")]


def test_ageing(days):
    days.build(acme(40).raw())
    parts, explanation = change(days, 9)
    assert parts == {"ageing": round(53 * (0.5 ** (1 / 30) - 1), 4)} and explanation == "-1: ageing -1.2"


def test_expiry_of_people_and_of_signals(days):
    # 90 days later, no one is engaged any more
    days.build(acme(200).raw(), as_of=TODAY - 100 * DAY)
    parts, explanation = change(days, 110)
    assert parts["expiry"] == -round(20 * 0.5 ** (59 / 30), 4) and "expired -5.1" in explanation
    days.build(acme(200).raw())
    parts, _ = change(days, 20)
    assert parts == {"expiry": -round(33 * 0.5 ** (149 / 30), 4)}


def test_a_person_who_alone_never_counted_neither_expires_nor_is_reset(compiled, days):
    days.build(acme(200, people=("ana",)).raw(), as_of=TODAY - 100 * DAY)
    assert change(days, 110)[0] == {"ageing": round(33 * (0.5 ** (60 / 30) - 0.5 ** (59 / 30)), 4)}
    history = acme(3, people=("ana",))
    history.did("ana", "unsubscribe", 1)
    other = Days(compiled)
    other.build(history.raw())
    assert change(other, 1)[0] == {"reset": -33}


def test_a_second_person_brings_both_to_count_and_leaves_with_both(days):
    history = acme(3, people=("ana",))
    history.did("bo", "click", 2)
    history.did("bo", "unsubscribe", 1)
    days.build(history.raw())
    assert change(days, 2) == (
        {"new_engagement": 5, "breadth": 20}, "+25: Email link clicked (5); engaged people +20",
    )
    # bo's own points and his place among the people are reset; ana alone is not enough to count
    assert change(days, 1) == (
        {"reset": -15, "breadth": -10}, "-25: engaged people -10; reset -15",
    )


def test_not_interested_takes_everything(days):
    history = acme(3)
    history.sales("ana", "call", 1, "not_interested")
    days.build(history.raw())
    assert change(days, 1) == ({"reset": -53}, "-53: reset -53")


def test_a_combination(compiled, days):
    combinations = [{**row, "points": "25"} for row in compiled.default_seeds["signal_combinations"]]
    history = History()
    history.did("ana", "webinar", 5)
    history.did("ana", "download", 3)
    days.build(history.raw(), {"signal_combinations": combinations})
    assert change(days, 3) == (
        {"new_engagement": 5, "combination": 15}, "+20: Content downloaded (5); combination +15",
    )


def test_silence_of_60_days_halves_everything(compiled, days):
    models = [
        {**row, "is_primary": "true" if row["scoring_model"] == "playbook" else "false"} for row in compiled.default_seeds["scoring_models"]
    ]
    history = acme(60)
    days.build(history.raw(), {"scoring_models": models})
    assert change(days) == ({"silence": -26.5}, "-26: silence -26.5")
    # our own act of that day is halved with the rest
    outbound = acme(60)
    outbound.sales("ana", "call_attempt", 0)
    signals = [{**row, "points": "4"} if row["event_type"] == "call_attempt" else row for row in compiled.default_seeds["signals"]]
    other = Days(compiled)
    other.build(outbound.raw(), {"scoring_models": models, "signals": signals})
    parts, _ = change(other)
    assert parts == {"new_engagement": 4, "silence": -28.5}


def test_a_visitor_who_becomes_known(days):
    history = History()
    history.rows.page(40, "/pricing", "golden", "", visitor_id="v")
    history.rows.event("web_events", 2, "golden", "", visitor_id="v", email="ana@acme.example", event_type="identify",
                       page_url="https://www.seller.example/login")
    days.build(history.raw())
    assert change(days, 2) == (
        {"identity": aged(10, 8)}, "+8: Pricing page viewed (8.3)",
    )


def test_a_visitor_who_counted_for_the_account_before(days):
    history = History()
    history.rows.page(10, "/pricing", "golden", "", visitor_id="v", company_domain="acme.example")
    history.rows.event("web_events", 2, "golden", "", visitor_id="v", email="ana@acme.example", event_type="identify",
                       page_url="https://www.seller.example/login")
    history.did("bo", "click", 3)
    days.build(history.raw())
    # the points only get a name, but there is one person more
    assert change(days, 2) == (
        {"breadth": 20}, "+20: Pricing page viewed (10); already counted anonymously -10; engaged people +20",
    )


def test_late_data_are_a_part_of_the_first_open_day(days):
    days.build(acme(3).raw())
    history = acme(3)
    history.did("ana", "click", 10)
    days.build(history.raw(), as_of=TODAY + DAY)
    assert change(days) == ({"late_data": 5}, "+5: late data +5")
    assert days.rows("select count(*) from score_changes where change_date = ?", TODAY - 10 * DAY) == [(0,)]
    # nor does a second run of the day forget them; what the next day brings is its own
    days.build(history.raw(), as_of=TODAY + DAY)
    assert change(days) == ({"late_data": 5}, "+5: late data +5")
    history.did("bo", "click", -1)
    days.build(history.raw(), as_of=TODAY + DAY)
    assert change(days, -1)[0]["new_engagement"] == 5 and change(days)[0] == {"late_data": 5}
    # what comes later on the same day is late for the day settled by then, in every run of the day
    history.did("ana", "click", 12, campaign="later")
    for _ in range(2):
        days.build(history.raw(), as_of=TODAY + DAY)
        assert change(days, -1)[0]["late_data"] == 5 and change(days)[0] == {"late_data": 5}
    assert_journals_hold(days)


def test_changed_rules_are_a_part_of_the_first_open_day(compiled, days):
    days.build(acme(3).raw())
    tiers = [{**row, "points": "6"} if row["signal_tier"] == "2" else row for row in compiled.default_seeds["signal_tiers"]]
    days.build(acme(3).raw(), {"signal_tiers": tiers}, TODAY + DAY)
    assert change(days) == ({"configuration": 4}, "+4: changed rules +4")
    # the row of the day the points were earned keeps the points they had
    assert change(days, 3)[0] == {"new_engagement": 33, "breadth": 20}
    assert_journals_hold(days)


def test_changed_rules_stay_the_reason_in_later_runs(compiled, days):
    tiers = {"signal_tiers": [{**row, "points": "6"} if row["signal_tier"] == "2" else row for row in compiled.default_seeds["signal_tiers"]]}
    history = acme(3)
    days.build(history.raw())
    # a second run of the day, and one of the next day
    for seeds, as_of in ((tiers, TODAY), (tiers, TODAY), (tiers, TODAY + DAY)):
        days.build(history.raw(), seeds, as_of)
        assert change(days) == ({"configuration": 4}, "+4: changed rules +4")
    history.did("ana", "click", 10)
    days.build(history.raw(), tiers, TODAY + DAY)
    assert change(days) == ({"configuration": 4}, "+4: changed rules +4") and change(days, -1)[0] == {"late_data": 6}
    assert_journals_hold(days)


def test_of_rules_and_late_data_on_one_day_each_keeps_its_points(compiled, days):
    tiers = {"signal_tiers": [{**row, "points": "6"} if row["signal_tier"] == "2" else row for row in compiled.default_seeds["signal_tiers"]]}
    history = acme(3)
    days.build(history.raw())
    days.build(history.raw(), tiers)
    history.did("ana", "click", 10)
    days.build(history.raw(), tiers)
    assert change(days) == ({"configuration": 4, "late_data": 6}, "+10: changed rules +4; late data +6")
    # rules that are put back are no reason any more
    days.build(history.raw())
    assert change(days) == ({"configuration": 5}, "+5: changed rules +5")
    assert_journals_hold(days)


def test_an_account_that_the_crm_learns_of_later_begins_at_0(days):
    known = acme(3).raw()
    known["email_events"].append({"event_id": "other", "email": "x@other.example", "event_type": "click", "occurred_at": str(TODAY), "loaded_at": str(TODAY)})
    other = {**known["crm_accounts"][0], "account_id": "other", "domain": "other.example"}
    days.build({**known, "crm_accounts": [other], "crm_contacts": []})
    days.build({**known, "crm_accounts": [other, *known["crm_accounts"]]}, as_of=TODAY + DAY)
    assert change(days) == ({"late_data": 53}, "+53: late data +53")
    assert days.rows("select score_before, band_before, band from score_changes where account_id = 'acme'") == [(0, "Cold", "Very Hot")]


@pytest.mark.parametrize("back_after, goes_on_after, part", [(4, 3, "late_data"), (500, 101, "opening")])
def test_a_journal_goes_on_where_it_ended(days, back_after, goes_on_after, part):
    """An account that is missing for days, and a project that is not built for longer than a journal looks back."""
    days.build(with_neighbour(acme(3)).raw())
    gone = with_neighbour(acme(3)).raw()
    gone = {**gone, "crm_accounts": [row for row in gone["crm_accounts"] if row["account_id"] != "acme"], "crm_contacts": []}
    for number in () if back_after > 400 else (1, 3):
        days.build(gone, as_of=TODAY + number * DAY)
    history = with_neighbour(acme(3))
    history.did("bo", "click", -1)
    days.build(history.raw(), as_of=TODAY + back_after * DAY)
    rows = days.rows(f"select change_date, score_before, score_raw_before, {part}_points <> 0 from score_changes"
                     " where account_id = 'acme' order by change_date")
    assert rows[1] == (TODAY + goes_on_after * DAY, 53, 53, True)
    assert_journals_hold(days)
    assert days.rows("select sum(change_points) from score_changes where account_id = 'acme'") == days.rows(
        "select score_raw from account_scores where account_id = 'acme'"
    )


def test_a_journal_built_by_itself_writes_no_settled_day_again(compiled, days):
    days.build(acme(3).raw())
    history = acme(3)
    history.did("ana", "click", 10)
    days.build(history.raw(), as_of=TODAY + DAY)
    before = days.rows("select * from score_changes order by change_date")
    days.build(history.raw(), as_of=TODAY + DAY, only="score_changes")
    assert days.rows("select * from score_changes order by change_date") == before


def test_a_day_stays_open_until_it_is_settled(compiled, days):
    """What is loaded a night after is no late data."""
    days.build(acme(3).raw())
    history = acme(3)
    history.did("ana", "click", 0)
    days.build(history.raw(), as_of=TODAY + DAY)
    assert change(days) == ({"new_engagement": 5}, "+5: Email link clicked (5)")


def test_a_score_does_not_fall_below_0(compiled, days):
    signals = [{**row, "points": "-9"} if row["signal"] == "email_click" else row for row in compiled.default_seeds["signals"]]
    history = History()
    history.did("ana", "product page", 3)
    history.did("ana", "click", 2)
    history.did("ana", "webinar", 1)
    days.build(history.raw(), {"signals": signals})
    assert change(days, 2) == ({"new_engagement": -9, "cap": 4}, "-5: Email link clicked (-9); no score below 0 +4")
    assert change(days, 1) == ({"new_engagement": 5, "cap": -4}, "+1: Webinar attended (5); no score below 0 -4")


@pytest.mark.parametrize("days_ago", range(0, 30, 6))
def test_one_account_through_a_month(days, days_ago):
    """The score of any day is the sum of all changes up to it."""
    history = acme(25)
    history.sales("bo", "call", 12, "not_interested")
    history.did("ana", "product page", 11)
    history.did("bo", "click", 5)
    days.build(history.raw())
    day = TODAY - days_ago * DAY
    assert days.rows("select sum(change_points) from score_changes where change_date <= ?", day) == days.rows(
        "select score_raw from account_score_history where scoring_model = 'decayed' and score_date = ?", day
    )


def test_a_journal_that_asks_for_more_days_than_the_history_has_begins_with_the_history(parsed_projects):
    days = Days(CompiledProject({"history_days: 400": "history_days: 20"}))
    days.build(acme(30).raw())
    assert days.rows("select min(change_date), arg_min(opening_points, change_date), arg_min(explanation, change_date) from score_changes") == [
        (TODAY - 19 * DAY, 53, "+53: opening balance +53")
    ]
    days.build(acme(30).raw(), as_of=TODAY + DAY)
    assert_journals_hold(days)
