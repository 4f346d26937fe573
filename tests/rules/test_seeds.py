"""Every kind of bad seed is found, with file, line and what to write; the shipped seeds have no fault."""

import csv
import shutil
import time

import pytest

from engagement import build
from engagement import __main__ as cli
from engagement.seeds import check
from harness import ROOT, read_csv, read_yaml, write_csv

SEEDS = {
    seed["name"]: seed for file in ("_seeds.yml", "lists/_lists.yml") for seed in read_yaml(ROOT / "seeds" / file)["seeds"]
}
SHIPPED = {file.stem: read_csv(file) for file in (ROOT / "seeds").rglob("*.csv")}
# columns that any value is right in, because they are for people or any number is meant
FREE_COLUMNS = {
    ("signals", "points"), ("signals", "match_priority"), ("signals", "comment"), ("signal_tiers", "comment"),
    ("signal_combinations", "comment"), ("signal_overrides", "points"), ("signal_overrides", "comment"),
    ("scoring_models", "description"), ("next_actions", "priority"), ("machine_user_agents", "comment"),
    *((seed, "comment") for seed in (
        "domain_kinds", "event_words", "lifecycle_stages", "mailbox_rules", "message_patterns", "own_domains", "placeholders", "resets",
        "role_mailboxes",
    )),
}


def rule(column):
    return column.get("config", {}).get("meta", {})


def columns():
    return [
        pytest.param(name, column["name"], rule(column), id=f"{name}.{column['name']}")
        for name, seed in SEEDS.items() for column in seed["columns"]
    ]


def test_the_shipped_seeds_have_no_fault_and_nothing_that_is_hardly_meant():
    checked = check.check_seeds(ROOT / "seeds")
    assert (checked.faults, checked.notes) == ([], [])
    assert {name: len(table.rows) for name, table in checked.tables.items()} == {name: len(rows) for name, rows in SHIPPED.items()}


@pytest.mark.parametrize("seed, column, rule", columns())
def test_every_column_is_checked(seed, column, rule):
    assert rule or (seed, column) in FREE_COLUMNS


def changed(seed, row=0, **values):
    """The shipped seed with other values in one row."""
    rows = [dict(shipped) for shipped in SHIPPED[seed]] or [{
        column["name"]: {"scoring_model": "decayed", "signal": "email_click", "basis": "custom", "domain": "us.com"}.get(column["name"])
        for column in SEEDS[seed]["columns"]
    }]
    rows[row] |= values
    return {seed: rows}


def test_every_rule_of_every_column_is_enforced(seeds):
    """Break each rule of seeds/_seeds.yml once, in a row of its own; the fault must name the file, the line and the column."""
    for name, seed in SEEDS.items():
        rows, broken = changed(name)[name], list(broken_rules(seed))
        # an empty row is no row: something else stands in it, too
        others = {entry["name"]: "new" for entry in seed["columns"] if entry["name"] == "comment"}
        while broken:
            now, broken = broken[:len(rows)], broken[len(rows):]
            edited_rows = [row | others | {column: bad} for row, (column, _, bad) in zip(rows, now)] + rows[len(now):]
            faults = seeds.faults({name: edited_rows})
            for line, (column, kind, _) in enumerate(now, start=2):
                assert any(fault[:2] == (f"{name}.csv", line) and column in fault[2] for fault in faults), (name, column, kind, faults)


def broken_rules(seed):
    """(column, rule, a value that breaks it) of all columns of a seed."""
    for column in seed["columns"]:
        rules, column = rule(column), column["name"]
        bad = {
            "required": None, "one_of": "nonsense", "in_contract": "nonsense", "in_seed": "nonsense" if column != "signal_tier" else "9",
            "at_least": str(rules.get("at_least", 0) - 1), "more_than": str(rules.get("more_than", 0)),
            "at_most": str(rules.get("at_most", 0) + 1), "pattern": "^.*$", "lower_case": "Not Lower",
            "domain": "www.acme.example", "mailbox": "support@acme.example",
        }
        for kind in rules.keys() & bad.keys():
            if kind != "required" or len(seed["columns"]) > 1:
                yield column, kind, bad[kind]


# the edits that spreadsheet programs and people make; the harness puts the seed back

def edited(seeds, name, change):
    """What is said of a seed after `change`, which gets and returns its bytes."""
    file = seeds.file(name)
    file.write_bytes(change(file.read_bytes()))
    return seeds.check()


def said(checked):
    return [str(fault) for fault in checked.faults]


def cell(seed, line, column, text):
    """Writes a text into a cell, with quotes around it if it needs them."""
    def change(content):
        lines = content.split(b"\n")
        index = [entry["name"] for entry in SEEDS[seed]["columns"]].index(column)
        row = next(csv.reader([lines[line - 1].decode()]))
        row[index] = text
        lines[line - 1] = ",".join(f'"{value}"' if set(value) & set(',"') else value for value in row).encode()
        return b"\n".join(lines)
    return change


def line(number, text):
    """Replaces a line."""
    def change(content):
        lines = content.split(b"\n")
        lines[number - 1] = text.encode()
        return b"\n".join(lines)
    return change


def header(before, after):
    return lambda content: content.replace(before.encode(), after.encode(), 1)


FIRST = "sdr_threshold,threshold,25,,SDR,The account is warm enough for a first call,14,playbook,true"
REFUSED = [
    # numbers
    ("signals", cell("signals", 7, "points", "2,5"), "seeds/signals.csv, line 7: points is '2,5'. Write 2.5."),
    ("signals", cell("signals", 7, "points", "1.234,5"), "line 7: points is '1.234,5'. Write 1234.5."),
    ("signals", cell("signals", 7, "points", "1,234.5"), "line 7: points is '1,234.5'. Write 1234.5."),
    ("signals", cell("signals", 7, "points", "1,800"), "line 7: points is '1,800'. Write 1800 or 1.800."),
    ("signals", cell("signals", 7, "points", "50%"), "line 7: points is '50%'. Write 50 or 0.5."),
    ("signals", cell("signals", 7, "points", "\u22125"), "line 7: points is '\u22125'. Write -5."),
    ("signals", cell("signals", 7, "points", "ten"), "line 7: points is 'ten'. Write a number, such as 2.5."),
    ("signals", cell("signals", 7, "points", "1-Feb"), "line 7: points is '1-Feb'. Write a number, such as 2.5."),
    ("signals", cell("signals", 7, "points", "nan"), "line 7: points is 'nan'. Write a number, such as 2.5."),
    ("signals", cell("signals", 7, "points", "0.3333333333"), "line 7: points is '0.3333333333'. Write at most 6 decimals: 0.333333."),
    ("signals", cell("signals", 7, "points", "1E+15"), "line 7: points is '1E+15'. Write a number with at most 6 digits before the point."),
    ("signals", cell("signals", 7, "points", "\u00a05"), r"line 7: points is '\xa05'. Remove the spaces around it."),
    ("signals", cell("signals", 7, "points", "#REF!"), "line 7: points is '#REF!', which is an error of a spreadsheet program. Write the value itself."),
    ("scoring_models", cell("scoring_models", 2, "lookback_days", "1.800"),
     "line 2: lookback_days is '1.800'. Write a whole number, such as 1800."),
    ("scoring_models", cell("scoring_models", 2, "lookback_days", "7.5"), "line 2: lookback_days is '7.5'. Write a whole number, such as 2."),
    ("scoring_models", cell("scoring_models", 2, "lookback_days", "99999999999"), "Write a number of at most 1000000."),
    # yes and no
    ("signals", cell("signals", 3, "is_active", "WAHR"), "line 3: is_active is 'WAHR'. Write true."),
    ("signals", cell("signals", 3, "is_active", "FALSCH"), "line 3: is_active is 'FALSCH'. Write false."),
    ("signals", cell("signals", 3, "is_active", "maybe"), "line 3: is_active is 'maybe'. Write true or false."),
    ("signals", cell("signals", 3, "is_active", ""), "line 3: is_active is empty. Fill it in."),
    ("signals", cell("signals", 3, "comment", "x" * 1001), ", which has 1,001 characters. Shorten it to 1,000."),
    # words
    ("signals", cell("signals", 2, "event_type", "pageview"),
     "line 2: no event can ever be this signal: event_type 'pageview' does not belong to channel web. Use one of: page_view, document_download,"
     " form_submit, video_view, identify."),
    ("signals", cell("signals", 2, "channel", "Web"), "line 2: channel is 'Web'. Write web."),
    ("signals", cell("signals", 2, "channel", "web "), "line 2: channel is 'web '. Remove the spaces around it."),
    ("signals", cell("signals", 2, "channel", "web\u00a0"), r"line 2: channel is 'web\xa0'. Remove the spaces around it."),
    ("signals", cell("signals", 2, "channel", "web\u200b"), r"line 2: channel is 'web\u200b'. Write web."),
    ("signals", cell("signals", 2, "channel", "e-mail"), "line 2: channel is 'e-mail'. Write email."),
    ("signals", cell("signals", 2, "channel", "fax"), "Use one of: sales, email, web, content, linkedin, ads, intent, product."),
    ("signals", cell("signals", 2, "signal_tier", "4"),
     "line 2: signal_tier is '4', which is not in seeds/signal_tiers.csv. Correct it, or add a row there."),
    ("signals", cell("signals", 2, "persona", "ceo"),
     "line 2: persona is 'ceo', which is not in seeds/personas.csv. Correct it, or add a row there (or use decision_maker)."),
    ("signals", cell("signals", 2, "signal", "product_page"), "line 3: signal=product_page is on line 2 as well. Keep one of the two."),
    ("score_bands", cell("score_bands", 3, "band", "Lukewarm"), "line 3: band is 'Warm', which is not in seeds/score_bands.csv."),
    ("page_categories", cell("page_categories", 2, "path_pattern", "pricing%"), "line 2: path_pattern 'pricing%' starts with neither / nor %"),
    ("personas", cell("personas", 2, "title_pattern", "*architect*"), "line 2: title_pattern is '*architect*', which is not a valid LIKE pattern. Use %"),
    # lines
    ("alert_rules", line(2, FIRST.replace("The account is", "The account, then, is")),
     'seeds/alert_rules.csv, line 2: has 11 values for 9 columns. Put quotes around a text with a comma: "so, for example".'),
    ("alert_rules", line(2, FIRST.replace("The account is warm", "\u201cThe account, is warm\u201d")), "line 2: has 10 values for 9 columns. Put quotes around"),
    ("alert_rules", line(2, FIRST + ",,"), "line 2: has 11 values for 9 columns. Remove 2 commas at its end."),
    ("alert_rules", line(2, "new,threshold,25"), "line 2: has 3 values for 9 columns. Add the 6 missing values; a comma is enough for an empty one."),
    ("alert_rules", line(2, " , , , , , , , , "), "line 2: has only spaces. Delete it."),
    ("alert_rules", line(2, '"' + FIRST), "line 2: a quote is opened and never closed. Close it, or write two quotes for a literal one."),
    ("alert_rules", line(2, FIRST.replace("The account is", '"The account" is')), "line 2: a quote is in the middle of a quoted text."),
    ("alert_rules", line(2, FIRST.replace("The account is", "x" * 140_000)), "line 2: a cell has more than 131,072 characters. Shorten it."),
    # headers
    ("signals", header("repeat_minutes,", ""), "line 1: column repeat_minutes is missing. Add it to the header; its cells can be empty."),
    ("signals", header("repeat_minutes", "repeat_minute"), "line 1: column 'repeat_minute' is unknown. Rename it repeat_minutes."),
    ("signals", header("label,", "Label ,"), "line 1: column 'Label ' is unknown. Rename it label."),
    ("signals", header("comment\n", "comment,colour\n"), "line 1: column 'colour' is unknown. Remove or rename it."),
    ("signals", header("comment\n", "comment,points\n"), "line 1: two columns are called points. Delete or rename one of them."),
    ("signal_tiers", lambda content: content.split(b"\n", 1)[1], "line 1: is not a header. The first line must be signal_tier,points,label,basis,comment"),
    ("signal_tiers", lambda content: b"\n" + content, "line 1: is empty. Delete it: the header must be the first line."),
    ("signal_tiers", lambda content: b"sep=,\n" + content, "line 1: is a note of Excel. Delete it: the header must be the first line."),
    # files
    ("signals", lambda content: content.replace(b",", b";"), "seeds/signals.csv is separated by semicolons. Save it with commas, in Excel as CSV UTF-8."),
    ("signal_tiers", lambda content: content.replace(b",", b"\t"), "seeds/signal_tiers.csv is separated by tabs. Save it with commas"),
    ("own_domains", lambda content: b'"domain";"comment"\r\n', "seeds/own_domains.csv is separated by semicolons."),
    ("alert_rules", lambda content: b"", "seeds/alert_rules.csv is empty. Its first line must be alert,kind,threshold,"),
    ("alert_rules", lambda content: b"\n\n", "seeds/alert_rules.csv is empty. Its first line must be alert,kind,threshold,"),
    ("signals", lambda content: content.replace(b"Pricing page", b"Caf\xe9 page", 1),
     "seeds/signals.csv, line 2: is not UTF-8: it has the byte 0xe9. Save the file as UTF-8, in Excel as CSV UTF-8."),
    ("signals", lambda content: content.decode().encode("utf-16"), "seeds/signals.csv is UTF-16. Save the file as UTF-8, in Excel as CSV UTF-8."),
]


@pytest.mark.parametrize("seed, change, message", REFUSED, ids=[message for *_, message in REFUSED])
def test_an_edit_that_cannot_be_right_is_refused_with_its_line_and_what_to_write(seeds, seed, change, message):
    faults = said(edited(seeds, seed, change))
    assert any(message in fault for fault in faults), faults
    # nothing but the fault and what follows from it
    assert len(faults) <= 3, faults


@pytest.mark.parametrize("seed, change", [
    ("signals", lambda content: b"\xef\xbb\xbf" + content),
    ("signals", lambda content: content.replace(b"\n", b"\r\n")),
    ("signals", lambda content: content.replace(b"\n", b"\r\n", 9)),
    ("signals", lambda content: content.replace(b"true", b"TRUE").replace(b"false", b"no")),
    ("signals", lambda content: content.rstrip(b"\n")),
    ("signals", lambda content: content.replace(b"\n", b"\n\n") + b"," * 21 + b"\n" + b"," * 21 + b"\n"),
    ("signal_tiers", lambda content: content.replace(b"\n", b",,\n")),
    ("signal_tiers", lambda content: content.replace(b"\n", b", \n").replace(b", \n", b",\n", 1)),
    ("signals", header("signal,label", "Signal,LABEL")),
    ("signals", cell("signals", 2, "points", " 30.0 ")), ("signals", cell("signals", 2, "points", "1E+01")),
    ("signals", cell("signals", 2, "repeat_minutes", "30.0")), ("signals", cell("signals", 2, "signal_tier", "1.0")),
    ("scoring_models", cell("scoring_models", 2, "half_life_days", "30.5")),
])
def test_an_edit_that_is_as_good_is_taken(seeds, seed, change):
    checked = edited(seeds, seed, change)
    assert checked.faults == []
    values = [row.values for row in checked.tables[seed].rows]
    shipped = [row.values for row in seeds.check().tables[seed].rows]
    assert len(values) == len(shipped) and sum(one != other for one, other in zip(values, shipped)) <= 1


def test_columns_in_another_order_are_taken(seeds):
    rows = [dict(reversed(row.items())) for row in SHIPPED["signals"]]
    assert seeds.faults({"signals": rows}) == []


def test_a_value_in_a_column_without_a_name_is_named(seeds):
    checked = edited(seeds, "signal_tiers", lambda content: content.replace(b"\n", b",\n").replace(b"Clear interest,playbook,,", b"Clear interest,playbook,,x"))
    assert said(checked) == ["seeds/signal_tiers.csv, line 3: column 6 has the value 'x' but no name. Delete it, or name the column."]


@pytest.mark.parametrize("name, message", [
    ("signals - Copy.csv", "is not a seed of this project. Move it out of seeds, or describe its columns in seeds/_seeds.yml."),
    ("Signals.csv", "is written differently. Rename it signals.csv."),
    ("signals.CSV", "is written differently. Rename it signals.csv."),
    ("lists/signals.csv", "has the same name as seeds/lists/signals.csv. Move one of them out of seeds."),
])
def test_a_file_that_dbt_would_load_and_nobody_described_is_named(seeds, name, message):
    (seeds.folder / name).write_bytes(seeds.file("signals").read_bytes())
    faults = [str(fault) for fault in seeds.check().faults]
    assert len(faults) == 1 and faults[0].endswith(message), faults


def test_other_files_in_the_folder_are_none_of_its_business_and_a_missing_one_is_named(seeds):
    for name in (".~lock.signals.csv#", "~$signals.xlsx", "signals.csv.bak", "notes.txt"):
        (seeds.folder / name).write_text("anything")
    assert seeds.faults() == []
    seeds.file("alert_rules").unlink()
    assert seeds.faults() == [("alert_rules.csv", 0, "is missing. Put it back; a header without rows is enough.")]


# rules across rows

def new_signal(**values):
    row = dict.fromkeys(column["name"] for column in SEEDS["signals"]["columns"])
    return row | dict(
        signal="new", label="New", signal_tier="2", direction="inbound", funnel_stage="awareness", counts_for_breadth="false",
        basis="custom", is_active="true",
    ) | values


def with_signals(*rows):
    return {"signals": [*SHIPPED["signals"], *rows]}


@pytest.mark.parametrize("values, why", [
    (dict(channel="email", event_type="teleport"), "event_type 'teleport' does not belong to channel email. Use one of: sent, delivered, open,"),
    (dict(channel="email", event_type="page_view"), "does not belong to channel email"),
    (dict(event_type="click", channel="web"), "does not belong to channel web"),
    (dict(channel="email", page_category="pricing"), "events of channel email have no page_category. Leave it empty, or use another channel."),
    (dict(channel="web", outcome="positive"), "have no outcome"),
    (dict(channel="product", asset_pattern="%x%"), "have no asset_pattern"),
    (dict(channel="intent", persona="executive"), "have no persona"),
    (dict(page_category="pricing", outcome="positive"), "events of any channel have no page_category together with outcome."),
])
def test_a_signal_no_event_can_reach_is_refused(seeds, values, why):
    ((file, line, text),) = seeds.faults(with_signals(new_signal(**values)))
    assert (file, line) == ("signals.csv", len(SHIPPED["signals"]) + 2)
    assert text.startswith("no event can ever be this signal: ") and why in text, text
    assert seeds.faults(with_signals(new_signal(**values, is_active="false"))) == []


@pytest.mark.parametrize("values, other", [
    (dict(channel="email", event_type="click"), "email_click"),
    (dict(channel="content", asset_pattern="%guide%"), "demo_request"),
    (dict(event_type="click", asset_pattern="%x%"), "email_click"),
    (dict(channel="email", event_type="open", persona="executive"), "email_open_decision_maker"),
    (dict(channel="web", event_type="page_view", min_value="60", match_priority="10"), "time_on_site"),
])
def test_two_signals_for_the_same_event_with_the_same_rank_are_refused(seeds, values, other):
    faults = seeds.faults(with_signals(new_signal(**values)))
    line_of_other = [row["signal"] for row in SHIPPED["signals"]].index(other) + 2
    assert any(f"can match the same event as signal {other} on line {line_of_other} with the same rank" in text for *_, text in faults), faults
    assert seeds.faults(with_signals(new_signal(**values) | dict(match_priority="77"))) == []


@pytest.mark.parametrize("one, other, clash", [
    ("/guides/%", "/blog/%", False), ("/guides/%", "/guides/roi%", True), ("%roi%", "%webinar%", True),
    ("/a", "/b", False), ("/a", "/a%", True), ("/a_", "/ab%", True),
])
def test_patterns_clash_unless_their_beginnings_differ(seeds, one, other, clash):
    rows = [
        new_signal(signal=name, channel="web", event_type="page_view", asset_pattern=pattern, match_priority="99")
        for name, pattern in (("one", one), ("other", other))
    ]
    faults = seeds.faults(with_signals(*rows))
    assert bool(faults) is clash, faults


@pytest.mark.parametrize("seed, row, values, fault", [
    ("scoring_models", 1, dict(is_primary="true"), "2 primary scoring models (lines 2, 3)"),
    ("scoring_models", 0, dict(is_primary="false"), "0 primary scoring models"),
    ("scoring_models", 0, dict(silence_days="60"), "only one of silence_days and silence_factor is filled"),
    ("score_bands", 1, dict(min_score="26"), "min_score is the same as on line 3, so they overlap"),
    ("score_bands", 0, dict(min_score="1"), "does not start at 0, so there is a gap"),
    ("score_bands", 0, dict(sort_order="3"), "sort_order is not higher than on line 2"),
    ("fit_grades", 0, dict(min_fit_score="50"), "they overlap"),
    ("fit_grades", 3, dict(min_fit_score="5"), "does not start at 0, so there is a gap"),
    ("personas", 2, dict(weight="2"), "weight is '2', but '1' on line 2 for the same persona former: they differ in weight"),
    ("personas", 2, dict(is_decision_maker="true"), "they differ in is_decision_maker"),
    ("personas", 0, dict(persona="decision_maker"), "called decision_maker"),
    ("page_categories", 0, dict(path_pattern="pricing%"), "no path can match"),
    ("page_categories", 0, dict(path_pattern="/platform"), "is on line"),
    ("page_categories", 0, dict(path_pattern="/docs/"), "ends with /"),
    ("personas", 0, dict(title_pattern="co-founder"), "characters other than letters and digits"),
    ("personas", 0, dict(title_pattern="co  founder"), "characters other than letters and digits"),
    ("resets", 1, dict(event_type="page_view"), "event_type 'page_view' does not belong to channel email. Use one of: sent,"),
    ("resets", 1, dict(outcome="not_interested"), "events of channel email have no outcome"),
    ("resets", 1, dict(event_type=None), "are both empty"),
    ("event_words", 0, dict(means="opened"), "means is 'opened', which is not a word of column event_type. Use one of: sent,"),
    ("event_words", 0, dict(column_name="outcome"), "has no words in column outcome. Use event_type."),
    ("event_words", 0, dict(word="CLICKED"), "another spelling of it, has open"),
    ("opportunity_stages", 0, dict(stage="closed/won"), "another spelling of it, has open"),
    ("lifecycle_stages", 0, dict(stage="cus-tomer"), "another spelling of it, has prospect"),
    ("alert_rules", 3, dict(window_days=None), "window_days is empty"),
    ("alert_rules", 0, dict(window_days="7"), "window_days is filled, but a threshold has no window"),
    ("fit_rules", 2, dict(value="many"), "needs a number"),
    ("fit_rules", 2, dict(attribute="country"), "needs an attribute that is a number"),
    ("signal_combinations", 0, dict(second_signal="webinar_attended"), "are the same"),
    ("signal_combinations", 0, dict(first_signal="careers_page"), "signal careers_page is not active"),
    ("signals", 0, dict(signal="pricing_page "), "'pricing_page '"),
    ("signals", 0, dict(asset_pattern="%"), "not a valid LIKE pattern"),
    ("signals", 0, dict(asset_pattern="50\\%"), "not a valid LIKE pattern"),
    ("signals", 0, dict(asset_pattern="%a%b%c"), "more than 2 % before its end"),
    ("personas", 0, dict(title_pattern="a%%%b"), "more than 2 % before its end"),
    ("fit_rules", 2, dict(attribute="country", operator="like", value="%a%b%c%"), "more than 2 % before its end"),
    # what can match nothing
    ("fit_rules", 2, dict(attribute="country", operator="like", value="^ger.*"), "not a valid LIKE pattern"),
    ("fit_rules", 2, dict(attribute="account_tier", operator="equals", value="gold"), "account_tier is a number"),
    ("fit_rules", 2, dict(attribute="employee_count", operator="equals", value="1,000"), "employee_count is a number"),
    ("fit_rules", 2, dict(value="1e400"), "needs a number"),
    ("fit_rules", 2, dict(attribute="annual_revenue_usd", operator="like", value="5%"), "operator like needs text"),
    ("page_categories", 0, dict(path_pattern="/zork.html"), "has '.html', which paths are compared without"),
    ("page_categories", 0, dict(path_pattern="/zork/index.html"), "which paths are compared without"),
    ("page_categories", 0, dict(path_pattern="/request a quote"), "Write a hyphen for it: '/request-a-quote'."),
    ("page_categories", 0, dict(path_pattern="/zork?x=1"), "has '?', which paths are compared without"),
    ("own_domains", 0, dict(domain="*.acme.example"), "Write a domain alone"),
    ("own_domains", 0, dict(domain="https://acme.example"), "Write a domain alone"),
    ("own_domains", 0, dict(domain="acme"), "Write a domain alone"),
    ("lifecycle_stages", 0, dict(stage="(inactive)"), "nothing is left"),
    ("event_words", 0, dict(word="(-)"), "nothing is left"),
    ("next_actions", 0, dict(last_signal="call_attempt"), "is outbound, so it is never the last engagement"),
    ("next_actions", 0, dict(last_signal="pricing_page", channel="email"), "channel is email, but signal pricing_page has web"),
    ("event_words", 0, dict(word="Bounce", means="ignored"), "is a word of email_events itself"),
    ("event_words", 0, dict(source_table="crm_activities", column_name="activity_type", word="Call-Attempt", means="meeting"),
     "is the event_type of signal"),
    # two spellings of one
    ("page_categories", 0, dict(path_pattern="/PRICING"), "in another spelling"),
    ("personas", 2, dict(persona="other", title_pattern="FORMER"), "in another spelling"),
    ("machine_user_agents", 1, dict(user_agent_pattern=SHIPPED["machine_user_agents"][0]["user_agent_pattern"].upper()), "in another spelling"),
    ("message_patterns", 1, SHIPPED["message_patterns"][0] | dict(text_pattern="CANCELED:%"), "in another spelling"),
    ("message_patterns", 1, dict(text_pattern="%"), "not a valid LIKE pattern"),
    ("signal_combinations", 1, dict(first_signal="content_download", second_signal="webinar_attended"), "is the same pair as combination"),
    ("mailbox_rules", 1, dict(same_as_domain="pm.me", ignores_dots="true"), "is the same as another domain by line 4"),
    ("mailbox_rules", 1, dict(ignores_dots="false"), "ignores_dots differs from that of gmail.com on line 2"),
    ("mailbox_rules", 1, dict(same_as_domain="googlemail.com"), "is the domain itself"),
    # what could never happen
    ("score_bands", 3, dict(band="Won"), "is a state of accounts without a band"),
    ("alert_rules", 0, dict(threshold="3"), "no score is below 0"),
    ("alert_rules", 3, dict(window_days="181"), "Use a number of at most 180"),
])
def test_rows_that_contradict_each_other_are_refused(seeds, seed, row, values, fault):
    faults = seeds.faults(changed(seed, row, **values))
    assert any(file == f"{seed}.csv" and fault in text for file, _, text in faults), faults


def test_a_meaning_of_the_wrong_row_is_blamed_on_it_alone(seeds):
    """A row whose cells are wrong is not compared with others: one fault, one message."""
    assert len(seeds.faults(changed("score_bands", 0, min_score="zero"))) == 1
    assert len(seeds.faults(changed("scoring_models", 0, is_primary="ja"))) == 1


@pytest.mark.parametrize("seed", ["score_bands", "fit_grades", "scoring_models", "signals"])
def test_a_seed_that_scoring_cannot_do_without_must_not_be_empty(seeds, seed):
    assert any(file == f"{seed}.csv" for file, *_ in seeds.faults({seed: []}))


# what is allowed, and hardly meant

def notes(seeds, changes):
    checked = seeds.check(changes)
    assert checked.faults == []
    return [str(note) for note in checked.notes]


def test_points_that_a_cap_takes_away_get_a_sentence(seeds):
    assert notes(seeds, changed("signals", 0, points="1000", max_points="10")) == [
        "seeds/signals.csv, line 2: points are 1000, but max_points is 10: in scoring model decayed all events of an account together"
        " count 10. Raise max_points, or lower points."
    ]
    # the tier's points, an inactive signal, a model without caps, and an override
    assert len(notes(seeds, changed("signals", 0, max_points="9"))) == 1
    assert notes(seeds, changed("signals", 0, max_points="9", is_active="false")) == []
    override = changed("signal_overrides", scoring_model="playbook", signal="pricing_page", points="99", max_points="9")
    assert notes(seeds, override) == []
    override["signal_overrides"][0]["scoring_model"] = "decayed"
    (note,) = notes(seeds, override)
    assert note.startswith("seeds/signal_overrides.csv, line 2: points are 99, but max_points is 9")


def test_an_override_without_a_number_gets_a_sentence(seeds):
    assert notes(seeds, changed("signal_overrides", scoring_model="playbook", signal="pricing_page", points=None)) == [
        "seeds/signal_overrides.csv, line 2: no number is filled in, so this row changes nothing. Fill in points or full_value_days or"
        " half_life_days or max_points, or remove the row."
    ]


def test_a_band_without_a_next_action_gets_a_sentence(seeds, compiled):
    top = {**compiled.default_seeds["score_bands"][3], "band": "Blazing", "min_score": "100", "sort_order": "5"}
    (note,) = notes(seeds, {"score_bands": [*compiled.default_seeds["score_bands"], top]})
    assert note == (
        "seeds/score_bands.csv, line 6: band Blazing has no row in seeds/next_actions.csv without other conditions, so accounts in it may"
        " have no next action."
    )


def test_a_seed_without_rows_that_count_says_what_that_means(seeds):
    assert notes(seeds, {"alert_rules": []}) == ["seeds/alert_rules.csv has no row: nobody is alerted."]
    inactive = [row | {"is_active": "false"} for row in SHIPPED["alert_rules"]]
    assert notes(seeds, {"alert_rules": inactive}) == ["seeds/alert_rules.csv has no active row: nobody is alerted."]


# how it is said

def test_faults_are_sorted_by_file_and_line_and_the_first_are_shown(seeds):
    rows = [row | {"points": "2,5"} for row in SHIPPED["signals"]]
    bands = [row | {"min_score": "x"} for row in SHIPPED["score_bands"]]
    lines = seeds.check({"signals": rows, "score_bands": bands}).lines()
    assert lines[:5] == [
        *(f"seeds/score_bands.csv, line {number}: min_score is 'x'. Write a whole number, such as 2." for number in range(2, 6)),
        "seeds/signals.csv, line 2: points is '2,5'. Write 2.5.",
    ]
    assert len(lines) == 21 and lines[-1] == f"and {len(rows) + len(bands) - 20} more"


def test_the_command_and_the_build_say_it_before_dbt_starts(seeds, small_database, monkeypatch, capsys):
    monkeypatch.chdir(seeds.folder.parent)
    (seeds.folder.parent / "dbt_project.yml").touch()
    shutil.copy(ROOT / "profiles.yml", seeds.folder.parent)
    monkeypatch.setattr(build, "enter_project", lambda: None)
    monkeypatch.setattr(build, "run_dbt", lambda *arguments, **options: pytest.fail("dbt has started"))
    assert cli.run("seeds", []) == 0
    assert capsys.readouterr().out.startswith("26 seeds with ")
    write_csv(seeds.file("signals"), changed("signals", 2, points="2,5")["signals"])
    write_csv(seeds.file("score_bands"), changed("score_bands", 0, min_score="1")["score_bands"])
    try:
        faults = [
            "seeds/score_bands.csv, line 2: min_score of the lowest row does not start at 0, so there is a gap below it. Start one row at 0.",
            "seeds/signals.csv, line 4: points is '2,5'. Write 2.5.",
        ]
        assert cli.run("seeds", []) == 1
        assert capsys.readouterr().err.splitlines() == faults
        assert build.main([]) == 1
        *lines, last = capsys.readouterr().out.splitlines()
        assert lines == faults and last.startswith(f"Not published. {faults[0]} 1 more above. Nothing is published yet.")
    finally:
        seeds.restore()


# in no time

def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_all_seeds_are_checked_in_a_moment():
    assert seconds(lambda: check.check_seeds(ROOT / "seeds")) < 3


def test_a_pattern_that_would_run_away_is_refused_in_no_time(seeds):
    """It is not compared with another row's pattern before it is refused, which could take years."""
    def patterns(first):
        return lambda: seeds.faults(with_signals(new_signal(signal="one", asset_pattern=first), new_signal(signal="two", asset_pattern="a" * 900)))

    assert seconds(patterns("%a" * 20 + "%b")) < 10 * seconds(patterns("b%"))


def test_every_attribute_that_a_fit_rule_may_name_can_be_met(compiled):
    account = {
        "account_tier": "1", "industry": "Software", "employee_count": "200", "annual_revenue_usd": "5000000", "country": "Germany", "lifecycle_stage": "lead",
    }
    attributes = next(rule(column)["one_of"] for column in SEEDS["fit_rules"]["columns"] if column["name"] == "attribute")
    rules = [{"fit_rule": name, "attribute": name, "operator": "equals", "value": account[name], "points": "1"} for name in attributes]
    raw = {"crm_accounts": [{"account_id": "a", "created_at": "2026-01-01", "loaded_at": "2026-01-01"} | account]}
    met = compiled.run(raw, {"fit_rules": rules}, wanted=("int_met_fit_rules",)).execute("select fit_rule from intermediate.int_met_fit_rules")
    assert {name for name, in met.fetchall()} == {*attributes}


def test_at_equal_priority_the_longest_pattern_wins_and_a_slash_is_the_home_page(compiled):
    times = dict.fromkeys(("created_at", "occurred_at", "loaded_at"), "2026-01-01")
    personas = [
        {"persona": name, "title_pattern": pattern, "weight": "1", "is_decision_maker": "false", "priority": "1"}
        for name, pattern in (("short", "chief"), ("long", "chief digital"), ("other", "digital"))
    ]
    pages = [
        {"page_category": name, "path_pattern": pattern, "priority": "1"}
        for name, pattern in (("home", "/"), ("short", "/a"), ("long", "/a/b"), ("any", "%/b"))
    ]
    raw = {
        "crm_contacts": [{"contact_id": "c", "job_title": "Chief Digital Officer"} | times],
        "web_events": [{"event_id": path, "page_url": f"https://us.example{path}"} | times for path in ("/", "/en", "/a", "/a/b", "/c")],
    }
    built = compiled.run(raw, {"personas": personas, "page_categories": pages}, wanted=("int_contacts", "int_signal_candidates"))
    assert built.execute("select persona from intermediate.int_contacts").fetchall() == [("long",)]
    found = built.execute("""
        select distinct events.asset, candidates.page_category
        from intermediate.int_events as events
        inner join intermediate.int_signal_candidates as candidates on events.event_kind = candidates.event_kind
    """).fetchall()
    assert dict(found) == {"/": "home", "/en": "home", "/a": "short", "/a/b": "long", "/c": None}


LONG = "a" * 100_000


@pytest.mark.parametrize("seed, column, raw, model", [
    ("personas", "title_pattern", {"crm_contacts": {"contact_id": "c", "job_title": LONG}}, "int_contacts"),
    ("page_categories", "path_pattern", {"web_events": {"event_id": "e", "page_url": "/" + LONG}}, "int_signal_candidates"),
    ("signals", "asset_pattern", {"content_events": {"event_id": "e", "asset": LONG}}, "int_signal_candidates"),
    ("machine_user_agents", "user_agent_pattern", {"email_events": {"event_id": "e", "user_agent": LONG}}, "int_machine_agents"),
    ("fit_rules", "value", {"crm_accounts": {"account_id": "a", "industry": LONG}}, "int_met_fit_rules"),
])
def test_a_text_that_is_made_to_take_long_does_not(compiled, seeds, seed, column, raw, model):
    times = dict.fromkeys(("created_at", "occurred_at", "loaded_at"), "2026-01-01")
    raw = {table: [row | times] for table, row in raw.items()}
    rows = compiled.default_seeds[seed]

    def with_pattern(pattern):
        new = rows[0] | {column: pattern}
        new |= {"signals": new_signal(asset_pattern=pattern), "fit_rules": new | dict(fit_rule="new", attribute="industry", operator="like")}.get(seed, {})
        return {seed: [*rows, new]}

    def work(pattern):
        return lambda: compiled.run(raw, with_pattern(pattern), wanted=(model,))

    assert not [text for *_, text in seeds.faults(with_pattern("%a%b")) if "%" in text]
    assert seconds(work("%a%b")) < 10 * seconds(work("b%"))
