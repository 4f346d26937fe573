"""Every kind of bad seed row is found, with file, row and what to do; the shipped seeds have no fault."""

import time

import pytest

from harness import ROOT, read_yaml

SEEDS = {
    seed["name"]: seed for file in ("_seeds.yml", "lists/_lists.yml") for seed in read_yaml(ROOT / "seeds" / file)["seeds"]
}
# columns that any value is right in, because they are for people or any number is meant
FREE_COLUMNS = {
    ("signals", "points"), ("signals", "match_priority"), ("signals", "comment"), ("signal_tiers", "comment"),
    ("signal_combinations", "comment"), ("signal_overrides", "points"), ("signal_overrides", "comment"),
    ("scoring_models", "description"), ("next_actions", "priority"), ("machine_user_agents", "comment"),
    *((seed, "comment") for seed in (
        "domain_kinds", "event_words", "lifecycle_stages", "mailbox_rules", "own_domains", "placeholders", "resets", "role_mailboxes",
    )),
}


def rule(column):
    return column.get("config", {}).get("meta", {})


def columns():
    return [
        pytest.param(name, column["name"], rule(column), id=f"{name}.{column['name']}")
        for name, seed in SEEDS.items() for column in seed["columns"]
    ]


def test_the_shipped_seeds_have_no_fault(compiled):
    assert compiled.seed_faults({}) == []


@pytest.mark.parametrize("seed, column, rule", columns())
def test_every_column_is_checked(seed, column, rule):
    assert rule or (seed, column) in FREE_COLUMNS


def changed(compiled, seed, row=0, **values):
    """The shipped seed with other values in one row."""
    rows = [dict(shipped) for shipped in compiled.default_seeds[seed]] or [{
        "scoring_model": "decayed", "signal": "email_click", "basis": "custom", "domain": "us.com",
    }]
    rows[row] |= values
    return {seed: rows}


def test_every_rule_of_every_column_is_enforced(compiled):
    """Break each rule of seeds/_seeds.yml once; the fault must name the seed and the column."""
    for name, seed in SEEDS.items():
        for column in seed["columns"]:
            rules, column = rule(column), column["name"]
            bad = {
                "required": None, "one_of": "nonsense", "in_seed": "nonsense" if column != "signal_tier" else "9",
                "at_least": str(rules.get("at_least", 0) - 1), "more_than": str(rules.get("more_than", 0)),
                "at_most": str(rules.get("at_most", 0) + 1), "pattern": "^.*$", "lower_case": "Not Lower",
            }
            for kind in rules.keys() & bad.keys():
                faults = compiled.seed_faults(changed(compiled, name, **{column: bad[kind]}))
                assert any(fault[0] == name and column in fault[2] for fault in faults), (name, column, kind, faults)


def new_signal(**values):
    row = dict.fromkeys(column["name"] for column in SEEDS["signals"]["columns"])
    return row | dict(
        signal="new", label="New", signal_tier="2", direction="inbound", funnel_stage="awareness", counts_for_breadth="false",
        basis="custom", is_active="true",
    ) | values


@pytest.mark.parametrize("values", [
    dict(channel="email", event_type="teleport"),
    dict(channel="email", event_type="page_view"),
    dict(event_type="click", channel="web"),
    dict(channel="email", page_category="pricing"),
    dict(channel="web", outcome="positive"),
    dict(channel="product", asset_pattern="%x%"),
    dict(channel="intent", persona="executive"),
    dict(page_category="pricing", outcome="positive"),
])
def test_a_signal_no_event_can_reach_is_refused(compiled, values):
    seeds = {"signals": [*compiled.default_seeds["signals"], new_signal(**values)]}
    assert [fault for fault in compiled.seed_faults(seeds) if fault[1] == "signal=new" and "can ever be" in fault[2]]


@pytest.mark.parametrize("values, other", [
    (dict(channel="email", event_type="click"), "email_click"),
    (dict(channel="content", asset_pattern="%guide%"), "demo_request"),
    (dict(event_type="click", asset_pattern="%x%"), "email_click"),
    (dict(channel="email", event_type="open", persona="executive"), "email_open_decision_maker"),
    (dict(channel="web", event_type="page_view", min_value="60", match_priority="10"), "time_on_site"),
])
def test_two_signals_for_the_same_event_with_the_same_rank_are_refused(compiled, values, other):
    seeds = {"signals": [*compiled.default_seeds["signals"], new_signal(**values)]}
    faults = [fault for fault in compiled.seed_faults(seeds) if "same rank" in fault[2]]
    assert any({"new", other} <= set(" ".join(fault[1:3]).replace("=", " ").split()) for fault in faults), faults
    seeds["signals"][-1]["match_priority"] = "77"
    assert compiled.seed_faults(seeds) == []


@pytest.mark.parametrize("one, other, clash", [
    ("/guides/%", "/blog/%", False), ("/guides/%", "/guides/roi%", True), ("%roi%", "%webinar%", True),
    ("/a", "/b", False), ("/a", "/a%", True), ("/a_", "/ab%", True),
])
def test_patterns_clash_unless_their_beginnings_differ(compiled, one, other, clash):
    rows = [
        new_signal(signal=name, channel="web", event_type="page_view", asset_pattern=pattern, match_priority="99")
        for name, pattern in (("one", one), ("other", other))
    ]
    faults = compiled.seed_faults({"signals": [*compiled.default_seeds["signals"], *rows]})
    assert bool(faults) is clash, faults


@pytest.mark.parametrize("seed, row, values, fault", [
    ("scoring_models", 1, dict(is_primary="true"), "2 scoring models are primary"),
    ("scoring_models", 0, dict(is_primary="false"), "0 scoring models are primary"),
    ("scoring_models", 0, dict(silence_days="60"), "only one of silence_days and silence_factor is filled"),
    ("score_bands", 1, dict(min_score="26"), "they overlap"),
    ("score_bands", 0, dict(min_score="1"), "does not start at 0, so there is a gap"),
    ("score_bands", 0, dict(sort_order="3"), "sort_order is not above"),
    ("fit_grades", 0, dict(min_fit_score="50"), "they overlap"),
    ("fit_grades", 3, dict(min_fit_score="5"), "does not start at 0, so there is a gap"),
    ("personas", 2, dict(weight="2"), "differ in weight"),
    ("personas", 0, dict(persona="decision_maker"), "called decision_maker"),
    ("page_categories", 0, dict(path_pattern="pricing%"), "no path can fit"),
    ("page_categories", 0, dict(path_pattern="/platform"), "stands 2 times"),
    ("page_categories", 0, dict(path_pattern="/docs/"), "ends with /"),
    ("personas", 0, dict(title_pattern="co-founder"), "other marks than letters and digits"),
    ("resets", 1, dict(event_type="page_view"), "no event of the landing contract"),
    ("resets", 1, dict(outcome="not_interested"), "no event of the landing contract"),
    ("resets", 1, dict(event_type=None), "are both empty"),
    ("event_words", 0, dict(means="opened"), "which is no word of column event_type"),
    ("event_words", 0, dict(column_name="outcome"), "has no words in column outcome"),
    ("event_words", 0, dict(word="CLICKED"), "means something else"),
    ("alert_rules", 3, dict(window_days=None), "window_days is empty"),
    ("fit_rules", 2, dict(value="many"), "needs a number"),
    ("fit_rules", 2, dict(attribute="country"), "needs a number"),
    ("signal_combinations", 0, dict(second_signal="webinar_attended"), "are the same"),
    ("signal_combinations", 0, dict(first_signal="careers_page"), "is not active"),
    ("signals", 0, dict(signal="product_page"), "stands 2 times"),
    ("signals", 0, dict(signal="pricing_page "), "pricing_page "),
    ("signals", 0, dict(asset_pattern="%"), "no sound LIKE pattern"),
    ("signals", 0, dict(asset_pattern="50\\%"), "no sound LIKE pattern"),
    ("signals", 0, dict(asset_pattern="%a%b%c"), "more than 2 % before its end"),
    ("personas", 0, dict(title_pattern="a%%%b"), "more than 2 % before its end"),
    ("fit_rules", 2, dict(attribute="country", operator="like", value="%a%b%c%"), "more than 2 % before its end"),
])
def test_rows_that_contradict_each_other_are_refused(compiled, seed, row, values, fault):
    faults = compiled.seed_faults(changed(compiled, seed, row, **values))
    assert any(found[0] == seed and fault in found[2] and found[3] for found in faults), faults
    assert all(None not in found for found in faults)


@pytest.mark.parametrize("seed", ["score_bands", "fit_grades", "scoring_models"])
def test_a_seed_that_scoring_cannot_do_without_must_not_be_empty(compiled, seed):
    assert any(fault[0] == seed for fault in compiled.seed_faults({seed: []}))


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_a_pattern_that_would_run_away_is_refused_in_no_time(compiled):
    """It is not compared with another row's pattern before it is refused, which could take years."""
    def patterns(first):
        return lambda: compiled.seed_faults({"signals": [
            *compiled.default_seeds["signals"], new_signal(signal="one", asset_pattern=first), new_signal(signal="two", asset_pattern="a" * 900),
        ]})

    assert seconds(patterns("%a" * 20 + "%b")) < 10 * seconds(patterns("b%"))


LONG = "a" * 100_000


@pytest.mark.parametrize("seed, column, raw, model", [
    ("personas", "title_pattern", {"crm_contacts": {"contact_id": "c", "job_title": LONG}}, "int_contacts"),
    ("page_categories", "path_pattern", {"web_events": {"event_id": "e", "page_url": "/" + LONG}}, "int_signal_candidates"),
    ("signals", "asset_pattern", {"content_events": {"event_id": "e", "asset": LONG}}, "int_signal_candidates"),
    ("machine_user_agents", "user_agent_pattern", {"email_events": {"event_id": "e", "user_agent": LONG}}, "int_machine_agents"),
    ("fit_rules", "value", {"crm_accounts": {"account_id": "a", "industry": LONG}}, "int_account_fit"),
])
def test_a_text_that_is_made_to_take_long_does_not(compiled, seed, column, raw, model):
    times = dict.fromkeys(("created_at", "occurred_at", "loaded_at"), "2026-01-01")
    raw = {table: [row | times] for table, row in raw.items()}
    rows = compiled.default_seeds[seed]

    def with_pattern(pattern):
        new = rows[0] | {column: pattern}
        new |= {"signals": new_signal(asset_pattern=pattern), "fit_rules": new | dict(fit_rule="new", attribute="industry", operator="like")}.get(seed, {})
        return {seed: [*rows, new]}

    def work(pattern):
        return lambda: compiled.run(raw, with_pattern(pattern), wanted=(model,))

    assert not [fault for fault in compiled.seed_faults(with_pattern("%a%b")) if "%" in fault[2]]
    assert seconds(work("%a%b")) < 10 * seconds(work("b%"))
