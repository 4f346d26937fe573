"""A daily run reads what is new, identifies and matches what it concerns and nothing else, and comes to the tables of one build."""

import pytest

from harness import Days
from test_days import DAY, assert_same_events, events_of, with_neighbour
from test_golden import TODAY, acme

NOBODY = "nobody@elsewhere.example"
# what one build after the other leaves behind for the next
STEPS = ["int_due_records", "base_web__events", "int_due_events", "int_engagement_events", "int_due_actors", "int_signal_events"]


class EventDays(Days):
    """Days without what comes after the events."""

    def build(self, raw, seeds=None, until="int_daily_points"):
        super().build(raw, seeds, until=until)


@pytest.fixture
def days(compiled):
    return EventDays(compiled)


def long_ago():
    """Acme and its neighbour with nothing but old events, beside one of today by somebody else in each table they are in."""
    history = with_neighbour(acme(20))
    history.rows.page(40, "/pricing", "golden", "", visitor_id="v", company_domain="acme.example")
    for table, columns in {
        "email_events": {"email": NOBODY, "event_type": "click"}, "content_events": {"email": NOBODY, "event_type": "ebook_download"},
        "web_events": {"email": NOBODY, "event_type": "identify", "page_url": "https://www.seller.example/login"},
    }.items():
        history.rows.event(table, 0, "golden", "", **columns)
    return history


def read_again(days):
    """How many old records the last build read, of those of the last `reload_days` none."""
    return days.rows("select count(*) from intermediate.int_due_records where record_key in"
                     f" (select event_id from intermediate.int_engagement_events where loaded_at < '{TODAY - 5 * DAY}')")[0][0]


def matched_again(days):
    """The people of old events whose signals the last build worked out."""
    return {actor.removeprefix("person|") for actor, in days.rows(
        "select actor from intermediate.int_due_actors where actor like 'person|%' and actor not like '%' || ?", NOBODY)}


def assert_as_one_build(compiled, days, history, seeds=None):
    wanted = ("int_daily_points",)
    assert_same_events(events_of(days.connection), events_of(compiled.run(history.raw(), seeds, wanted=wanted)))


def test_the_same_files_again_change_nothing_and_only_the_last_days_are_read(days):
    history = long_ago()
    days.build(history.raw())
    before = events_of(days.connection)
    days.build(history.raw())
    assert events_of(days.connection) == before
    assert read_again(days) == 0 and matched_again(days) == set()


def test_a_late_file_with_old_load_times_is_read_with_its_load_day_and_no_other(compiled, days):
    history = long_ago()
    history.did("ana", "click", 40)
    days.build(history.raw())
    history.did("bo", "click", 40, campaign="late file")
    days.build(history.raw())
    # both clicks of that day, and not the page view, which is in another table
    assert read_again(days) == 2 and matched_again(days) == {"ana", "bo"}
    assert_as_one_build(compiled, days, history)


def test_a_corrected_record_stands_for_the_older_one(compiled, days):
    history = long_ago()
    days.build(history.raw())
    raw = history.raw()
    wrong = next(row for row in raw["content_events"] if row["event_type"] == "demo_request")
    raw["content_events"].append(wrong | {"event_type": "webinar_registered", "loaded_at": str(TODAY)})
    history.raw = lambda: raw
    days.build(raw)
    assert days.rows("select event_type from intermediate.int_engagement_events where event_id = ?", wrong["event_id"]) == [
        ("webinar_registered",)
    ]
    assert_as_one_build(compiled, days, history)


def test_a_row_that_was_cut_off_is_replaced_when_its_file_is_whole(compiled, days):
    history = long_ago()
    whole = history.raw()
    cut = dict(whole["web_events"][0]) | {"page_url": "https://www.seller.exa", "occurred_at": None, "loaded_at": None}
    days.build(whole | {"web_events": [cut, *whole["web_events"][1:]]})
    assert days.rows("select rejection_reason from staging.base_web__events where rejection_reason is not null")
    days.build(whole)
    assert_as_one_build(compiled, days, history)


def merged(history):
    history.contact("ana", merged_into_contact_id="bo", loaded_at=history.rows.at(0))


def moved(history):
    history.rows.account("third", "Third Inc", "other.example", "golden")
    history.rows.contact("someone", "third", "someone@third.example", "golden")


def renamed(history):
    history.rows.account("other", "Other Inc", "renamed.example", "golden", loaded_at=history.rows.at(0))


def identified(history):
    history.rows.event("web_events", 0, "golden", "", visitor_id="v", email="x@other.example", event_type="identify",
                       page_url="https://www.seller.example/login")


def promoted(history):
    history.contact("ana", job_title="CFO", loaded_at=history.rows.at(0))


@pytest.mark.parametrize("change, who", [
    # whoever has an event that leads somewhere else now
    (merged, {"ana", "bo"}), (moved, {"x@other.example"}), (renamed, {"x@other.example"}), (identified, {"x@other.example"}),
    (promoted, {"ana"}),
])
def test_what_is_learned_of_people_concerns_their_own_events(compiled, days, change, who):
    days.build(long_ago().raw())
    history = long_ago()
    change(history)
    days.build(history.raw())
    assert read_again(days) == 0 and matched_again(days) == who
    assert_as_one_build(compiled, days, history)


@pytest.mark.parametrize("killed_after", STEPS)
def test_a_build_that_is_killed_half_way_forgets_nothing(compiled, days, killed_after):
    days.build(long_ago().raw())
    history = long_ago()
    for change in (merged, identified):
        change(history)
    history.did("bo", "click", 40, campaign="late file")
    days.build(history.raw(), until=killed_after)
    days.build(history.raw())
    assert_as_one_build(compiled, days, history)


def with_other(compiled, seed, name, key, **columns):
    return {seed: [row | columns if row[key] == name else row for row in compiled.default_seeds[seed]]}


@pytest.mark.parametrize("seed, key, name, columns, all_matched", [
    ("signals", "signal", "email_click", {"points": "7", "half_life_days": "9", "max_points": "8", "label": "Clicked"}, False),
    ("signal_tiers", "signal_tier", "1", {"points": "11"}, False),
    ("scoring_models", "scoring_model", "decayed", {"half_life_days": "10"}, False),
    ("signals", "signal", "email_click", {"is_active": "false"}, True),
    ("signals", "signal", "email_click", {"repeat_minutes": "100000"}, True),
    ("page_categories", "page_category", "product", {"page_category": "pricing"}, True),
])
def test_a_changed_rule_matches_again_only_if_it_decides_what_matches(compiled, days, seed, key, name, columns, all_matched):
    history = long_ago()
    days.build(history.raw())
    seeds = with_other(compiled, seed, name, key, **columns)
    days.build(history.raw(), seeds)
    # raw rows are never read again for a rule
    assert read_again(days) == 0
    assert matched_again(days) == ({"ana", "bo", "x@other.example"} if all_matched else set())
    assert_as_one_build(compiled, days, history, seeds)


def test_an_added_signal_is_matched_with_all_that_ever_happened(compiled, days):
    history = long_ago()
    days.build(history.raw())
    click = next(row for row in compiled.default_seeds["signals"] if row["signal"] == "email_click")
    seeds = {"signals": [*compiled.default_seeds["signals"],
                         click | {"signal": "acme_click", "points": "3", "match_priority": "99", "repeat_minutes": None}]}
    days.build(history.raw(), seeds)
    assert read_again(days) == 0
    assert days.rows("select count(*) from intermediate.int_signal_events where signal = 'acme_click'") == [(2,)]
    assert_as_one_build(compiled, days, history, seeds)


@pytest.mark.parametrize("seed, row", [
    ("free_email_domains", {"domain": "other.example"}), ("machine_user_agents", {"user_agent_pattern": "%robot%"}),
])
def test_other_lists_of_free_domains_and_machines_concern_their_own_events(compiled, days, seed, row):
    history = long_ago()
    history.did("ana", "open", 20, user_agent="A Robot", campaign="read by a robot")
    days.build(history.raw())
    seeds = {seed: [*compiled.default_seeds[seed], row]}
    days.build(history.raw(), seeds)
    assert matched_again(days) == {"x@other.example" if seed == "free_email_domains" else "ana"}
    assert_as_one_build(compiled, days, history, seeds)
