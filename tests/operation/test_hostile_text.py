"""Text that means to be something else is text: it is not run, and no row but its own suffers from it."""

import itertools
import json
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engagement import alerts as send_alerts
from engagement import console, scores
from engagement.seeds import check_seeds
from engagement.seeds.cells import LONGEST_TEXT
from sample.hard_cases import Rows
from harness import ROOT, read_csv, read_yaml
from histories import TODAY, acme

HOSTILE = [
    "'; drop table main.account_scores; --", '" or 1 = 1 --', "x' union select null --", "{{ ref('nothing') }}{% for",
    "$(touch /tmp/owned)`id`; rm -rf /", "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", 'a,b"c\nd\r\ne\tf', "\x00 NUL \x00", "\x1b[2J\x1b]0;x\x07",
    "\u202egnp.exe", "\u2066left\u2069", "شركة النخيل", "חברה בע״מ", "👩‍👩‍👧‍👦🏳️‍🌈", "e" + "\u0301" * 200, "\ufeff", "\u2028\u2029\x85",
    "\ufffd\U0010ffff\ue000", "%", "_", "\\", "|", "NULL", "NaN", "infinity", "1e999", "0001-01-01", "İſßﬃ", "<script>alert(1)</script>",
    "<!channel> <@U1> &amp;", "http://[::1", "://", "@", "a@b@c", "..%2f..%00", "[1, 2]", '{"a": 1}', "x" * 20_000,
]
MARTS = ["account_scores", "score_ledger", "score_contributions", "contact_scores", "account_group_scores", "score_alerts", "score_changes",
         "sales_queue", "account_handoffs", "account_timeline", "rejected_records", "source_coverage", "unmapped_events", "unmatched_engagement",
         "unusable_values", "campaign_engagement"]


def hostile_rows(compiled, texts):
    """For each text: a row of each table with it in all text columns but the key, one with it as key, one with it as times;
    and an account that has it for a name, with a person who does enough for an alert."""
    rows = Rows(TODAY)
    for number, text in enumerate(texts):
        name = f"evil{number}"
        rows.account(name, text, f"{name}.example", "hostile")
        rows.contact(f"{name}-person", name, f"person@{name}.example", "hostile", full_name=text, job_title=text)
        for _ in range(3):
            rows.event("content_events", 1, "hostile", "", email=f"person@{name}.example", event_type="demo_request", campaign=text + str(_))
    tables = {}
    for table, row, _, _ in rows.rows:
        tables.setdefault(table, []).append(row)
    for table, types in compiled.raw_columns.items():
        key = next(iter(types))
        times = {name: str(TODAY) for name, data_type in types.items() if data_type == "timestamp"}
        for number, text in enumerate(texts):
            everywhere = {name: text for name, data_type in types.items() if data_type != "timestamp"}
            tables.setdefault(table, []).extend([
                times | everywhere | {key: f"hostile {number}"},
                times | {key: text},
                {key: f"hostile times {number}"} | dict.fromkeys(times, text),
            ])
    return tables


@pytest.fixture(scope="module")
def harmless(compiled):
    """Call it with hostile texts; checks that the tables of an account beside them stay as they were, and returns a connection."""
    plain = acme().raw()
    alone = compiled.run(plain, wanted=MARTS)

    def check(texts):
        hostile = hostile_rows(compiled, texts)
        mixed = compiled.run(
            {table: [*plain.get(table, []), *hostile.get(table, [])] for table in {**plain, **hostile}}, wanted=MARTS,
        )
        assert_same_tables(alone, mixed)
        return mixed

    return check


def assert_same_tables(*connections):
    for mart in ("account_scores", "score_ledger", "score_contributions", "contact_scores", "score_changes", "account_timeline"):
        before, after = (
            connection.execute(f"select * from main.{mart} where account_id = 'acme' order by all").fetchall() for connection in connections
        )
        assert before and before == after, mart


def test_hostile_text_in_every_column_of_every_table(harmless):
    connection = harmless(HOSTILE)
    # nothing is lost: every row is used or rejected
    assert connection.execute("select sum(raw_rows - staged_rows - rejected_rows) from main.source_coverage").fetchone() == (0,)
    for raw_row, in connection.execute("select raw_row from main.rejected_records").fetchall():
        json.loads(raw_row)

    # what people and other programs read is well-formed
    connection.execute("create or replace temp view alert_rules as from rules.alert_rules")
    alerts = [send_alerts.Alert(*row) for row in connection.execute(send_alerts.ALERTS.format(longest=send_alerts.LONGEST_NAME)).fetchall()]
    hostile = [alert for alert in alerts if alert.account_id.startswith("evil")]
    assert len({alert.account_id for alert in hostile}) >= len(HOSTILE) - 2
    for alert in hostile:
        assert json.loads(send_alerts.message([alert], "json"))["account_id"] == alert.account_id
    for group in send_alerts.grouped(hostile, "slack"):
        slack = json.loads(send_alerts.message(group, "slack"))
        header, *sections, context = slack["blocks"]
        blocks = [block["text"]["text"] for block in (header, *sections)] + [element["text"] for element in context["elements"]]
        for text in (slack["text"], *blocks):
            assert not any(markup in text for markup in ("<!", "<@", "<script")) and len(text) <= 3000
    rows = connection.execute(scores.TOP_ACCOUNTS, [None, None, 1000]).fetchall()
    lines = list(console.table(rows, scores.COLUMNS))
    assert len(lines) == len(rows) + 2
    for line in lines:
        assert line.splitlines() == [line] and not set(line) & set("\x00\x07\x1b\u202e\u2066"), line


@settings(max_examples=2, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.text(max_size=200), min_size=30, max_size=30))
def test_random_text_in_every_column_of_every_table(harmless, texts):
    harmless(texts)


# the seeds

SEEDS = {seed["name"]: {column["name"]: column.get("config", {}).get("meta", {}) for column in seed["columns"]}
         for file in ("_seeds.yml", "lists/_lists.yml") for seed in read_yaml(ROOT / "seeds" / file)["seeds"]}


def text_columns(compiled, seed):
    return [column for column, kind in compiled.seeds[seed].items() if "varchar" in kind]


def test_words_of_the_seeds_that_are_for_people_may_be_anything(compiled, seeds):
    """In every cell that no rule but the need to fill it speaks of, and no other seed."""
    texts, hostile_seeds, cells = itertools.cycle(text[:LONGEST_TEXT] for text in HOSTILE), {}, 0
    # what a fit rule may be compared with depends on its operator
    named = {rule.get("in_seed") for columns in SEEDS.values() for rule in columns.values()} | {"fit_rules.value"}
    for seed, rows in compiled.default_seeds.items():
        free = [
            column for column in text_columns(compiled, seed)
            if SEEDS[seed][column].keys() <= {"required"} and f"{seed}.{column}" not in named
        ]
        if free:
            hostile_seeds[seed] = [row | {column: next(texts) for column in free} for row in rows]
        cells += len(free) * len(rows)
    assert cells > 3 * len(HOSTILE) and seeds.faults(hostile_seeds) == []
    shipped, hostile = (compiled.run(acme().raw(), seeds=words, wanted=MARTS) for words in (None, hostile_seeds))
    for query in ("select account_id, score_raw, band from main.account_scores", "select account_id, signal, points from main.score_ledger",
                  "select alert_id, account_id from main.score_alerts"):
        before, after = (connection.execute(query + " order by all").fetchall() for connection in (shipped, hostile))
        assert before and before == after
    actions = {row["sales_action"] for row in hostile_seeds["score_bands"]}
    assert {action for action, in hostile.execute("select sales_action from main.account_scores").fetchall()} <= actions


def test_hostile_text_in_every_text_column_of_every_seed_is_read_as_it_is_and_refused_with_its_row(compiled, sample_project):
    # before Python 3.11 dbt refuses a file with NUL; the longest would be in a thousand messages
    texts = [text for text in HOSTILE if (sys.version_info >= (3, 11) or "\x00" not in text) and len(text) < 1000]
    seeds = {}
    for seed, shipped in compiled.default_seeds.items():
        like = (shipped or [dict.fromkeys(SEEDS[seed])])[0]
        seeds[seed] = [*shipped, *(like | dict.fromkeys(text_columns(compiled, seed), text) for text in texts)]
        sample_project.write_seed(seed, seeds[seed])
    success, output = sample_project.dbt("seed")
    assert success, output
    for seed, rows in seeds.items():
        columns = text_columns(compiled, seed)
        read = sample_project.query(f"select {', '.join(columns)} from rules.{seed}")
        assert read == [tuple(row[column] for column in columns) for row in rows], seed

    faults = check_seeds(sample_project.folder / "seeds").faults
    jinja = "{{ ref('nothing') }}{% for"
    assert any(fault.text.startswith(f"channel is '{jinja}'. Use one of: ") for fault in faults)
    # no row that is shipped is blamed for them
    assert all(fault.line > len(compiled.default_seeds[Path(fault.file).stem]) + 1 for fault in faults), faults


def test_seed_files_that_are_no_csv_are_named_with_their_line(sample_project):
    """Each fault in a file of its own; a file whose lines end in two ways is as good as any."""
    for file in (ROOT / "seeds").rglob("*.csv"):
        sample_project.seed_file(file.stem).write_bytes(file.read_bytes())

    def spoil(name, change):
        file = sample_project.seed_file(name)
        header, first, *lines = file.read_bytes().splitlines()
        file.write_bytes(b"\n".join([header, change(first), *lines, b""]))

    spoil("signals", lambda row: row + b"x" * 200_000)
    spoil("personas", lambda row: b'"' + row)
    spoil("page_categories", lambda row: b'"a"b,' + row.split(b",", 1)[1])
    spoil("alert_rules", lambda row: row + b",more,values")
    spoil("score_bands", lambda row: row.rsplit(b",", 1)[0])
    mixed = ["signal_tiers", "crawler_agents"]
    for name in mixed:
        spoil(name, lambda row: row + b"\r")
    success, output = sample_project.dbt("seed")
    assert not success
    for name, fault in {
        "signals": "CSV contains a field longer than the maximum length of 131072 characters on line 2",
        "personas": "CSV Error on Line: 2", "page_categories": "CSV Error on Line: 2",
        "alert_rules": "Row 0 has", "score_bands": "CSV Error on Line: 2",
    }.items():
        said = output.split(f"Failure in seed {name} (seeds/{name}.csv)", 1)[1].split("Failure in seed")[0]
        assert fault in said, (name, said)
    for name in mixed:
        assert f"Failure in seed {name}" not in output
        read = sample_project.query(f"select * from rules.{name}")
        shipped = [list(row.values()) for row in read_csv(next((ROOT / "seeds").rglob(f"{name}.csv")))]
        # the first value of a row is its key, and the last one stands at the line end
        assert [(str(row[0]), row[-1]) for row in read] == [(row[0], row[-1]) for row in shipped]
