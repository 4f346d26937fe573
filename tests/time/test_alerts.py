"""Alerts: at which score, how often, for which role. Each is raised once, whatever is run again."""

import pytest

from harness import Days
from histories import DAY, TODAY, History, acme, with_neighbour


@pytest.fixture
def days(compiled):
    return Days(compiled)


def only(compiled, kind="threshold", **changes):
    """The seeds with one alert rule: the threshold of 40, without a cool-down."""
    rule = {
        "alert": "rule", "kind": kind, "threshold": "40", "window_days": None, "notify_role": "AE", "message": "Call them",
        "cooldown_days": "0", "basis": "custom", "is_active": "true",
    }
    return {"alert_rules": [rule | changes], **one_click_is_a_point(compiled)}


def one_click_is_a_point(compiled):
    """No decay, no breadth, no caps, no repeats: the score is the number of clicks."""
    signals = [{**row, "points": "1", "repeat_minutes": None} if row["signal"] == "email_click" else row for row in compiled.default_seeds["signals"]]
    models = [
        {**row, "decay_function": "none", "breadth_points": "0", "apply_caps": "false", "lookback_days": "20"}
        for row in compiled.default_seeds["scoring_models"]
    ]
    return {"signals": signals, "scoring_models": models}


def heavier_clicks(seeds):
    return {**seeds, "signals": [{**row, "points": "2"} if row["signal"] == "email_click" else row for row in seeds["signals"]]}


def clicks(*counts_by_days_ago):
    """A click a minute: many links within seconds are clicked by a machine."""
    history = History()
    for days_ago, count in counts_by_days_ago:
        for number in range(count):
            history.did("ana", "click", days_ago, campaign=f"c{number}", time=f"10:{number:02d}:00")
    return history


def alerts(days):
    """[(alert, days ago)] in the order of the days."""
    return [
        (alert, (TODAY - created_on).days)
        for alert, created_on in days.rows("select alert, created_on from score_alerts order by created_on, alert")
    ]


@pytest.mark.parametrize("threshold", [25, 40, 50])
def test_a_threshold_alerts_at_exactly_its_score(compiled, days, threshold):
    shipped = [row for row in compiled.default_seeds["alert_rules"] if row["threshold"] == str(threshold)]
    days.build(clicks((5, threshold - 1), (3, 1)).raw(), {"alert_rules": shipped, **one_click_is_a_point(compiled)})
    assert alerts(days) == [(shipped[0]["alert"], 3)]
    role = {25: "SDR", 40: "AE", 50: "Sales manager"}[threshold]
    assert days.rows("select recipient_role, measured, score from score_alerts") == [
        (role, threshold, threshold)
    ]


# clicks expire after 20 days, so the score falls again
@pytest.mark.parametrize("falls_to, again", [(36, False), (35, True)])
@pytest.mark.parametrize("built_days_ago", [(8,), (25, 10, 8)])
def test_an_alert_comes_again_only_after_the_score_fell_by_the_margin(compiled, days, falls_to, again, built_days_ago):
    groups = [(35, 40 - falls_to), (20, falls_to), (10, 40 - falls_to)]
    for days_ago in built_days_ago:
        days.build(clicks(*(group for group in groups if group[0] > days_ago)).raw(), only(compiled), TODAY - days_ago * DAY)
    assert alerts(days) == [("rule", 20)] + [("rule", 10)] * again


@pytest.fixture
def steady(compiled):
    """The same rule, and points that stay for ever: nothing changes by itself."""
    seeds = only(compiled)
    return {**seeds, "scoring_models": [{**row, "lookback_days": None} for row in seeds["scoring_models"]]}


@pytest.mark.parametrize("until", ["score_changes", "published_scores"])
def test_the_alerts_of_a_stopped_build_are_raised_by_the_next(days, steady, until):
    """Also on another day."""
    days.build(with_neighbour(clicks((8, 30))).raw(), steady, TODAY - DAY)
    late = with_neighbour(clicks((8, 30), (4, 12))).raw()
    days.build(late, steady, until=until)
    assert alerts(days) == []
    for _ in range(2):
        days.build(late, steady, TODAY + DAY)
    assert len(alerts(days)) == 1


def test_late_data_after_quiet_days_are_late_data_and_alert(days, steady):
    """Runs in which no score changes count as runs."""
    for number in range(7):
        days.build(clicks((0, 39)).raw(), steady, TODAY + number * DAY)
    published = "select as_of_date, score from published_scores order by 1"
    before = days.rows(published)
    days.build(clicks((0, 39), (-2, 2)).raw(), steady, TODAY + 7 * DAY)
    assert days.rows("select change_date, score_before, score, change_kind from score_changes order by 1 desc limit 1") == [
        (TODAY + 6 * DAY, 39, 41, "late data")
    ]
    assert alerts(days) == [("rule", -6)] and days.rows(published)[:-1] == before


def test_rules_that_changed_in_a_quiet_run_are_no_reason_later(days, steady):
    for number in range(6):
        days.build(clicks((0, 39)).raw(), {**steady, "role_mailboxes": []} if number > 1 else steady, TODAY + number * DAY)
    days.build(clicks((0, 39), (-3, 2)).raw(), {**steady, "role_mailboxes": []}, TODAY + 6 * DAY)
    assert days.rows("select change_kind, configuration_points from score_changes order by change_date desc limit 1") == [("late data", 0)]
    assert alerts(days) == [("rule", -5)]


@pytest.mark.parametrize("first, last", [("1", "3"), ("3", "1")])
def test_of_two_rules_on_one_day_the_last_ones_count(compiled, days, steady, first, last):
    """In either order, because their hashes have an order, too. Nobody has that persona."""
    def weighing(weight):
        return {**steady, "personas": [{**row, "weight": weight} if row["persona"] == "executive" else row for row in compiled.default_seeds["personas"]]}

    days.build(clicks((5, 30)).raw(), weighing(first), TODAY - DAY)
    # a day before the newest one keeps the first rules
    for weight in (first, last):
        days.build(clicks((5, 30), (1, 2)).raw(), weighing(weight))
    days.build(clicks((5, 30), (4, 9), (1, 2)).raw(), weighing(last), TODAY + DAY)
    assert days.rows("select change_kind, configuration_points, late_data_points from score_changes order by change_date desc limit 1") == [
        ("late data", 0, 9)
    ]


@pytest.fixture(params=["comment", "next_actions", "alert_rules"])
def edited(compiled, steady, request):
    """The seeds with a change that can move no score."""
    rows = {**compiled.default_seeds, **steady}
    column, seed = {"comment": ("comment", "signals"), "next_actions": ("next_action", "next_actions"), "alert_rules": ("message", "alert_rules")}[request.param]
    return {**steady, seed: [{**row, column: "another text"} for row in rows[seed]]}


def test_rules_that_move_no_score_are_no_reason_of_late_data(days, steady, edited):
    for number in range(3):
        days.build(clicks((0, 39)).raw(), steady, TODAY + number * DAY)
    days.build(clicks((0, 39), (-1, 2)).raw(), edited, TODAY + 3 * DAY)
    assert days.rows("select change_kind, configuration_points from score_changes order by change_date desc limit 1") == [("late data", 0)]
    assert alerts(days) == [("rule", -2)]


def test_rules_that_move_no_score_hold_no_alert_of_the_day_back(days, steady, edited):
    days.build(clicks((8, 30)).raw(), steady, TODAY - DAY)
    days.build(clicks((8, 39)).raw(), steady)
    days.build(clicks((8, 30), (0, 12)).raw(), edited)
    assert alerts(days) == [("rule", 0)]


def test_a_corrected_day_alerts_once_until_the_score_falls_by_the_margin(days, steady):
    for days_ago, groups in ((1, [(20, 30)]), (0, [(20, 30), (0, 11)]), (-1, [(20, 30), (0, 8)]), (-3, [(20, 30), (0, 8), (-3, 3)])):
        days.build(clicks(*groups).raw(), steady, TODAY - days_ago * DAY)
    assert days.rows("select score from published_scores order by as_of_date") == [(30,), (41,), (38,), (41,)]
    assert alerts(days) == [("rule", 0)]
    days.build(clicks((20, 30), (0, 5)).raw(), steady, TODAY + 4 * DAY)
    days.build(clicks((20, 30), (0, 5), (-5, 6)).raw(), steady, TODAY + 5 * DAY)
    assert alerts(days) == [("rule", 0), ("rule", -5)]


@pytest.mark.parametrize("kind, numbers", [("acceleration", ("15", "7")), ("new_contacts", ("2", "14")), ("threshold", ("20", None))])
@pytest.mark.parametrize("days_late", [0, 4])
def test_every_kind_of_alert_is_raised_for_late_data(compiled, days, kind, numbers, days_late):
    seeds = only(compiled, kind, threshold=numbers[0], window_days=numbers[1])
    def raw(is_complete):
        history = with_neighbour(clicks((15, 1)))
        for number in range(15) if is_complete else ():
            for person in ("ana", "bo"):
                history.did(person, "click", 3, campaign=f"k{number}", time=f"11:{number:02d}:00")
        return history.raw()

    for number in range(-3, 3):
        days.build(raw(number + 3 >= days_late), seeds, TODAY + number * DAY)
    assert len(alerts(days)) == 1


def test_a_cool_down_holds_an_alert_back(compiled, days):
    history = clicks((40, 40), (15, 40))
    for cooldown, expected in (("25", [40, 15]), ("26", [40])):
        fresh = Days(compiled)
        fresh.build(history.raw(), only(compiled, cooldown_days=cooldown))
        assert [days_ago for _, days_ago in alerts(fresh)] == expected
    # measured from the last alert that was raised, not from one held back
    groups = [(90, 40), (60, 40), (30, 40)]
    for days_ago, _ in groups:
        known = clicks(*(group for group in groups if group[0] >= days_ago))
        days.build(known.raw(), only(compiled, cooldown_days="50"), TODAY - days_ago * DAY)
    assert [days_ago for _, days_ago in alerts(days)] == [90, 30]
    fresh = Days(compiled)
    fresh.build(clicks(*groups).raw(), only(compiled, cooldown_days="50"))
    assert alerts(fresh) == alerts(days)


def test_running_again_refreshing_in_full_and_looking_back_raise_nothing(compiled, days):
    history, seeds = clicks((40, 40), (15, 45)), only(compiled)
    days.build(history.raw(), seeds)
    first = days.rows("select * from score_alerts order by alert_id")
    assert len(first) == 2
    days.build(history.raw(), seeds)
    days.build(history.raw(), seeds, full_refresh=True)
    days.build(history.raw(), seeds, TODAY - 20 * DAY)
    days.build(history.raw(), seeds, TODAY + DAY)
    days.build(history.raw(), seeds, TODAY + 2 * DAY, full_refresh=True)
    assert days.rows("select * from score_alerts order by alert_id") == first


def test_other_rules_alert_nobody_for_what_had_happened_before(compiled, days):
    """A changed weight lifts the account over the threshold: nothing has happened at the account."""
    history, seeds = clicks((15, 30)), only(compiled)
    days.build(history.raw(), seeds)
    for number in range(3):
        days.build(history.raw(), heavier_clicks(seeds), TODAY + number * DAY)
    assert days.rows("select score from account_scores") == [(60,)] and alerts(days) == []


def test_what_happens_under_other_rules_alerts(compiled, days):
    history, seeds = clicks((15, 15)), only(compiled)
    days.build(history.raw(), seeds)
    days.build(clicks((15, 15), (-1, 5)).raw(), heavier_clicks(seeds), TODAY + DAY)
    assert alerts(days) == [("rule", -1)]


@pytest.mark.parametrize("rule", [{}, {"kind": "acceleration", "window_days": "7"}])
def test_a_day_that_was_published_under_other_rules_raises_no_alert(compiled, days, rule):
    """The day is still open, so it is written again, but whoever saw its score saw another one."""
    seeds = only(compiled, **rule)
    days.build(clicks((0, 30)).raw(), seeds)
    days.build(clicks((0, 30)).raw(), heavier_clicks(seeds), TODAY + DAY)
    assert days.rows("select score from account_scores") == [(60,)] and alerts(days) == []


def test_a_lower_threshold_raises_no_alert_for_a_published_day(compiled, days):
    days.build(clicks((0, 30)).raw(), only(compiled))
    for number in (1, 2):
        days.build(clicks((0, 30)).raw(), only(compiled, threshold="25"), TODAY + number * DAY)
    assert alerts(days) == []


def test_late_data_that_lift_a_score_over_the_threshold_alert_once(compiled, days):
    seeds = only(compiled)
    days.build(clicks((15, 39)).raw(), seeds)
    late = clicks((15, 39), (10, 1))
    for number in range(1, 4):
        days.build(late.raw(), seeds, TODAY + number * DAY)
    # on the first day that was open when they came
    assert alerts(days) == [("rule", 0)]


def test_late_data_do_not_re_arm_an_alert(compiled, days):
    """A score that fell from 41 to 37 has not fallen by the margin, and is lifted to 41 again by a late click."""
    seeds, told = only(compiled), ((40, 4), (25, 37))
    days.build(clicks(*told).raw(), seeds, TODAY - 8 * DAY)
    days.build(clicks(*told, (12, 4)).raw(), seeds, TODAY - 7 * DAY)
    assert days.rows("select score from account_scores") == [(41,)] and alerts(days) == [("rule", 25)]


def test_a_past_above_the_threshold_that_nobody_was_told_of_holds_no_alert_back(compiled, days):
    """Late data raises days reported as 32 to 41, and expires before the account reaches 41 by itself."""
    seeds, told = only(compiled), ((25, 36),)
    days.build(clicks(*told).raw(), seeds, TODAY - 8 * DAY)
    late = (*told, (29, 5))
    days.build(clicks(*late).raw(), seeds, TODAY - 7 * DAY)
    assert days.rows("select max(score) from account_score_history") == [(41,)] and alerts(days) == []
    days.build(clicks(*late, (6, 5)).raw(), seeds, TODAY - 6 * DAY)
    assert alerts(days) == [("rule", 6)]


def test_an_account_that_the_crm_learns_of_later_alerts_once(compiled, days):
    seeds, raw = only(compiled), clicks((10, 45)).raw()
    raw["email_events"].append({"event_id": "other", "email": "x@other.example", "event_type": "click", "occurred_at": str(TODAY), "loaded_at": str(TODAY)})
    unknown = {**raw, "crm_accounts": [{**raw["crm_accounts"][0], "account_id": "other", "domain": "other.example"}], "crm_contacts": []}
    days.build(unknown, seeds)
    for number in range(1, 4):
        days.build({**raw, "crm_accounts": raw["crm_accounts"] + unknown["crm_accounts"]}, seeds, TODAY + number * DAY)
    assert alerts(days) == [("rule", 0)]


def test_an_alert_of_today_stays_when_more_of_the_day_is_loaded(compiled, days):
    seeds = only(compiled)
    days.build(clicks((0, 40)).raw(), seeds)
    assert alerts(days) == [("rule", 0)]
    # the night after: some of yesterday's clicks are found to be of the day before
    days.build(clicks((1, 20), (0, 20)).raw(), seeds, TODAY + DAY)
    days.build(clicks((1, 40)).raw(), seeds, TODAY + DAY)
    assert alerts(days) == [("rule", 0)]


def test_a_won_account_alerts_nobody_from_that_day_on(compiled):
    for won_days_ago, expected in ((15, []), (14, [("rule", 15)])):
        history = clicks((15, 40), (5, 2))
        # the first deal counts
        for opportunity, closed_days_ago in (("o", won_days_ago), ("later", 2)):
            history.rows.add("crm_opportunities", dict(
                opportunity_id=opportunity, account_id="acme", stage="Closed Won", created_at=history.rows.at(30),
                closed_at=history.rows.at(closed_days_ago), loaded_at=history.rows.at(0),
            ), "golden", "")
        days = Days(compiled)
        days.build(history.raw(), only(compiled))
        assert alerts(days) == expected
        assert days.rows("select account_id, won_on, score_when_won from account_handoffs") == [
            ("acme", TODAY - won_days_ago * DAY, 40)
        ]
        assert days.rows("select * from sales_queue") == []


@pytest.mark.parametrize("window_before, expected", [(0, True), (5, True), (6, False)])
def test_acceleration_is_gain_less_the_gain_of_the_window_before(compiled, days, window_before, expected):
    history = clicks((12, window_before), (3, 20))
    days.build(history.raw(), only(compiled, "acceleration", threshold="15", window_days="7"))
    assert alerts(days) == ([("rule", 3)] if expected else [])


def test_standing_still_after_a_fall_is_no_acceleration(compiled, days):
    # 30 clicks expire
    days.build(clicks((30, 30)).raw(), only(compiled, "acceleration", threshold="15", window_days="7"))
    assert alerts(days) == [("rule", 30)]


def test_new_contacts_within_the_window(compiled, days):
    history = History()
    for name, days_ago in (("cleo", 40), ("dana", 26), ("eve", 13), ("finn", 12)):
        history.contact(name)
        history.did(name, "click", days_ago)
        history.did(name, "click", days_ago - 1)
    # 26 and 13 are 13 days apart, 40 and 26 are 14; with finn there are still two
    days.build(history.raw(), only(compiled, "new_contacts", threshold="2", window_days="14"))
    assert alerts(days) == [("rule", 13)]
    assert days.rows("select measured, score, band from score_alerts") == [(2, 3, "Cold")]


def test_new_contacts_alert_although_no_score_has_moved(compiled, days):
    history = History()
    for name in ("cleo", "dana"):
        history.contact(name)
        history.did(name, "click", 3)
    seeds = only(compiled, "new_contacts", threshold="2", window_days="14")
    signals = [row | {"points": "0"} if row["signal"] == "email_click" else row for row in seeds["signals"]]
    days.build(history.raw(), seeds | {"signals": signals})
    assert alerts(days) == [("rule", 3)]


def test_an_inactive_rule_alerts_nobody(compiled, days):
    days.build(clicks((3, 40)).raw(), only(compiled, is_active="false"))
    assert alerts(days) == []


def test_an_alert_holds_ids_and_numbers_and_no_names(compiled, days):
    history = acme(3)
    history.did("bo", "product page", 0, page_url="https://www.seller.example/product/9")
    history.did("ana", "demo request", 0, asset="another")
    rules = [{**row, "threshold": "60"} for row in compiled.default_seeds["alert_rules"] if row["alert"] == "ae_threshold"]
    days.build(history.raw(), {"alert_rules": rules})
    assert days.rows("select alert, kind, account_id, created_on, raised_on, recipient_role, measured, threshold, score, band from score_alerts") == [
        ("ae_threshold", "threshold", "acme", TODAY, TODAY, "AE", 68, 60, 68, "Very Hot")
    ]


def test_the_queue_ranks_by_band_then_fit_then_score(compiled, days):
    history = acme(3)
    for name, owner, tier, count in (
        ("warm", "rep1@seller.example", "1", 20), ("poor fit", "rep1@seller.example", "3", 50),
        ("good fit", "rep1@seller.example", "1", 40), ("cold", "rep1@seller.example", "1", 5), ("unowned", None, "1", 20),
    ):
        history.rows.account(
            name, name, f"{name.replace(' ', '')[:8]}.example", "golden", owner_email=owner, account_tier=tier,
            **({"industry": "Mining", "employee_count": "10", "annual_revenue_usd": "1", "country": "Chad"} if tier == "3" else {}),
        )
        for number in range(count):
            history.rows.event("email_events", 3, "golden", "", email=f"x@{name.replace(' ', '')[:8]}.example", event_type="click",
                               campaign=f"c{number}")
    days.build(history.raw(), one_click_is_a_point(compiled))
    assert days.rows("select owner_email, queue_rank, account_id, score from sales_queue order by owner_email, queue_rank") == [
        ("rep1@seller.example", 1, "good fit", 40), ("rep1@seller.example", 2, "acme", 29), ("rep1@seller.example", 3, "poor fit", 50),
        ("rep1@seller.example", 4, "warm", 20), (None, 1, "unowned", 20),
    ]
    ((reason, contact),) = days.rows("select reason, contact_name from sales_queue where account_id = 'acme'")
    assert contact == "Ana" and reason.endswith(
        "Best day of the week: 28 May, +29: Demo requested (10), Product page viewed (10), Webinar attended (5) and 2 more"
    )


def test_nobody_without_points_is_the_person_to_talk_to(days):
    # an unknown visitor of the company looks at prices; ana and bo have done nothing
    history = History()
    for number in range(3):
        history.rows.event("web_events", 3, "golden", "", visitor_id="v1", company_domain="acme.example", event_type="page_view",
                           page_url=f"https://www.seller.example/pricing/{number}")
    days.build(history.raw())
    assert days.rows("select score, contact_name, contact_job_title from sales_queue") == [(30, None, None)]
    assert days.rows("select full_name, score, contact_rank from contact_scores order by contact_rank") == [("Ana", 0, 1), ("Bo", 0, 2)]


def test_a_day_that_did_not_raise_the_score_is_no_best_day(days):
    # an open brings 1 point, ageing takes 0.9
    history = acme(45)
    history.did("bo", "open", 0, campaign="another")
    days.build(history.raw())
    assert days.rows("select score_change, change_points > 0 from score_changes order by change_date desc limit 1") == [(0, True)]
    ((reason,),) = days.rows("select reason from sales_queue")
    assert "Best day" not in reason
