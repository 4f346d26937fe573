"""Files to raw tables: every row is accounted for, a value never depends on the values around it, and only changes are read."""

import csv
import datetime as dt
import gzip
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from engagement.landing import LandingError, Sources, land, read_contract, store
from engagement.landing.forgotten import Forgotten, read_forgotten
from engagement.paths import BadUsage
from engagement.privacy import keyed_hash, write_list
from harness import ROOT, SAMPLE
from landing_values import typed

TABLES = {table.name: table for table in read_contract()}
# what most tests have a file of
USUAL = ["crm_accounts", "crm_contacts", "crm_opportunities", "crm_activities", "email_events", "web_events"]
WEB = ["event_id", "visitor_id", "email", "company_domain", "event_type", "page_url", "duration_seconds", "campaign", "occurred_at", "loaded_at"]
PAGE = {"event_type": "page_view", "occurred_at": "2026-05-28 02:00:00", "loaded_at": "2026-05-31 06:00:00"}
KEY = "k" * 32


class Raw:
    """A folder of raw files with a header for each usual table, and a database they land in."""

    def __init__(self, folder):
        self.folder = folder / "raw"
        self.folder.mkdir()
        self.connection = duckdb.connect(str(folder / "landed.duckdb"))
        self.connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        for name in USUAL:
            self.write(f"{name}.csv", ",".join(TABLES[name].column_names) + "\n")

    def write(self, name, content):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def csv(self, name, *rows, line_end="\n"):
        """A CSV file of a table; a row is a dict of text."""
        columns = TABLES[name.split("/")[0].split(".")[0]].column_names
        lines = [columns, *([f'"{row[column]}"' if row.get(column) else "" for column in columns] for row in rows)]
        return self.write(name, "".join(",".join(line) + line_end for line in lines))

    def pages(self, name, **urls):
        """A file of page views: {event id: page_url}."""
        return self.csv(name, *(PAGE | {"event_id": key, "page_url": url} for key, url in urls.items()))

    def land(self, forgotten=Forgotten()):
        return land(self.connection, str(self.folder), forgotten=forgotten)

    def query(self, sql):
        return self.connection.execute(sql).fetchall()

    def column(self, sql):
        return [value for value, in self.query(sql)]

    def refused(self, *parts):
        """Nothing lands, for the one reason that has these parts."""
        with pytest.raises(LandingError) as error:
            self.land()
        lines = str(error.value).splitlines()
        assert len(lines) == 3, lines
        for part in parts:
            assert part in lines[1], lines[1]


@pytest.fixture
def raw(tmp_path):
    return Raw(tmp_path)


# the folder

def test_the_sample_replaces_no_other_files_by_accident(raw, monkeypatch):
    """If env var RAW_DATA is lost, a build would score the sample."""
    monkeypatch.delenv("RAW_DATA", raising=False)
    with duckdb.connect() as connection:
        store.refuse_the_sample(connection)
        land(connection, str(SAMPLE))
        store.refuse_the_sample(connection)
        land(connection, str(raw.folder))
        with pytest.raises(BadUsage, match="the sample would replace the files that were loaded last. .* set RAW_DATA=sample/data"):
            store.refuse_the_sample(connection)
        monkeypatch.setenv("RAW_DATA", "sample/data")
        store.refuse_the_sample(connection)


# values

TIMES = {
    "2026-05-28 10:00:00": "2026-05-28 10:00:00", "2026-05-28T10:00:00Z": "2026-05-28 10:00:00",
    "2026-05-28 10:00:00 Asia/Tokyo": "2026-05-28 01:00:00", "2026-05-28 10:00:00 CET": "2026-05-28 08:00:00",
    "2026-05-28 10:00:00 PST": "2026-05-28 17:00:00", "2026-05-28 10:00:00 America/New_York": "2026-05-28 14:00:00",
    "2026-05-28 10:00:00+02": "2026-05-28 08:00:00", "2026-05-28 10:00:00 -0330": "2026-05-28 13:30:00",
    "2026-05-3 1:00:00+02": "2026-05-02 23:00:00", "2026-05-28T10:00:00.25+02:00": "2026-05-28 08:00:00.25",
    "  2026-05-31  ": "2026-05-31 00:00:00", "20260531": "2026-05-31 00:00:00", "2026/5/3 4:05": "2026-05-03 04:05:00",
    "1900-01-01": "1900-01-01 00:00:00", "2200-12-31 23:59:59": "2200-12-31 23:59:59",
    # no times, and times that no event can have
    "2026-02-30 10:00:00": None, "2026-05-28 10:00:00 Nowhere/Land": None, "31.05.2026": None, "2026115": None, "yesterday": None,
    "infinity": None, "1899-12-31 23:59:59": None, "2201-01-01": None, "294247-01-10 04:00:54.775806": None,
    "290309-12-22 (BC) 00:00:00": None, "0001-01-01": None, "9999-12-31 23:59:59": None, "": None,
    "9999-12-31 23:59:59 Asia/Tokyo": None, "2026-06-08 13:52 PM": None, "28 Foo 2026": None, "5/28/2026 10:00": None, "28-5-26": None,
    # what warehouses, trackers and spreadsheets write
    "2026-05-28 10:00:00.000 -0700": "2026-05-28 17:00:00", "2026-05-28T10:00:00.000+0000": "2026-05-28 10:00:00",
    "2026-05-28 10:00 UTC+02:00": "2026-05-28 08:00:00", "2026-05-28 10:00:00 CEST": "2026-05-28 08:00:00",
    "2026-05-28 10:00:00,5": "2026-05-28 10:00:00.5", "20260528103000": "2026-05-28 10:30:00",
    "1780000000": "2026-05-28 20:26:40", "1780000000.5": "2026-05-28 20:26:40.5", "1780000000123": "2026-05-28 20:26:40.123",
    "1780000000123456": "2026-05-28 20:26:40.123456", "2026-06-08 01:52 PM": "2026-06-08 13:52:00", "2026-06-08 12:05 a.m.": "2026-06-08 00:05:00",
    "May 28, 2026 10:00:00 AM": "2026-05-28 10:00:00", "28 May 2026 22:00": "2026-05-28 22:00:00", "28-May-2026": "2026-05-28 00:00:00",
    "Thu, 28 May 2026 10:00:00 +0200": "2026-05-28 08:00:00",
    "Thu May 28 2026 10:00:00 GMT+0200 (Central European Summer Time)": "2026-05-28 08:00:00",
    # Excel's usual form of a day, with the year before which it is 19xx
    "28-May-26": "2026-05-28 00:00:00", "28 May 26 2:03 PM": "2026-05-28 14:03:00", "1-Jan-70": "1970-01-01 00:00:00", "28 May 10:00": None,
    # ISO without signs, and a zone in brackets beside its offset, as Java writes it
    "20260528T103000Z": "2026-05-28 10:30:00", "20260528T103000+0200": "2026-05-28 08:30:00", "20260528 103000": "2026-05-28 10:30:00",
    "2026-05-28T10:30:00Z[UTC]": "2026-05-28 10:30:00", "2026-05-28T10:30+02:00[Europe/Berlin]": "2026-05-28 08:30:00",
    # the zone alone may stand in brackets; a day without a time stays that day
    "2026-05-28 10:00 (PST)": "2026-05-28 17:00:00", "2026-05-28 10:00 (GMT+2)": "2026-05-28 08:00:00",
    "2026-05-28 10:00 (Europe/Berlin)": "2026-05-28 08:00:00", "2026-05-28+02:00": "2026-05-28 00:00:00", "2026-05-28 CET": "2026-05-28 00:00:00",
    # short names that mean several zones, and offsets that are none
    "2026-05-28 10:00:00 BST": None, "2026-05-28 10:00:00 AST": None, "2026-05-28 10:00:00 SST": None, "2026-05-28 10:00:00 IST": None,
    "2026-05-28T10:00:00+99:99": None, "2026-05-28T10:00:00+0260": None, "2026-05-28 10:00:00 EST": "2026-05-28 14:00:00",
    "2026-05-28 10:00:00 CST": "2026-05-28 15:00:00", "2026-05-28 10:00:00 JST": "2026-05-28 01:00:00",
    # English months only, whole or as they are shortened
    "3 September 2026": "2026-09-03 00:00:00", "Sept. 3, 2026": "2026-09-03 00:00:00", "28 Ara 2026": None, "3 marraskuuta 2026": None,
    "12 Junk 2026": None, "28 Mayor 2026": None,
    # what copied texts and newer browsers have in the place of blanks
    "2026-05-28 10:00:00\u00a0": "2026-05-28 10:00:00", "May 28, 2026, 10:00:00\u202fAM": "2026-05-28 10:00:00", "\ufeff2026-05-28\t": "2026-05-28 00:00:00",
}


def test_a_time_is_read_by_itself_whatever_stands_around_it():
    for given in (list(TIMES), list(reversed(TIMES)), [text for text in TIMES for _ in range(80)]):
        assert typed("timestamp", *given) == [TIMES[text] for text in given]


def test_a_formula_that_keeps_a_text_a_text_is_its_text(raw):
    """="0012", as tools write it so that spreadsheets keep its zeros. In every type, and in a key."""
    formulas = ('="{}"', ' ="{}" ', '=" {}"')
    for data_type, text, value in (
        ("timestamp", "2026-05-28 10:00", "2026-05-28 10:00:00"), ("number", "1.5", "1.5"), ("integer", "12", "12"), ("boolean", "yes", "true"),
        ("text", 'a "b" = c', 'a "b" = c'),
    ):
        assert typed(data_type, *(formula.format(text) for formula in formulas)) == [value] * 3
    assert typed("text", '=""', '="', '="a', 'a="b"', '="NULL"') == [None, '="', '="a', 'a="b"', "NULL"]
    raw.write("web_events.csv", 'event_id,email,event_type,occurred_at\n="0012","=""ana@acme.com""",page_view,"=""2026-05-28"""\n')
    raw.land()
    assert raw.query("select event_id, email, cast(occurred_at as varchar) from raw.web_events") == [("0012", "ana@acme.com", "2026-05-28 00:00:00")]


def test_numbers_flags_and_texts_are_read_by_themselves():
    numbers = {"12": "12.0", " 1.5 ": "1.5", "1e3": "1000.0", "-7": "-7.0", "1e14": "100000000000000.0", "1.800": "1.8", "0.125": "0.125",
               # signs that can only mean one number
               "1,5": "1.5", "45,000.50": "45000.5", "$45,000.50": "45000.5", "$45,000": "45000.0", "45.000 €": "45000.0", "-$5.20": "-5.2",
               "USD 45,000.50": "45000.5", "-eur 5.20": "-5.2", "45 000,50 EUR": "45000.5",
               "1 234 567,89": "1234567.89", "1 234 567,00 €": "1234567.0", "1'234'567": "1234567.0", "12\u202f345\u202f678": "12345678.0",
               "0,125": "0.125", "2024 2025": None, "5 1000": None, "12345 678": None, "12\t": "12.0", "\u00a012": "12.0",
               "1.234,50": "1234.5", "1 234,50": "1234.5", "1'234.50": "1234.5", "1,234,567": "1234567.0", "1.234.567": "1234567.0",
               # two numbers, or none
               "1,500": None, "1234,567": None, "1_000": None, "12%": None, "(5)": None,
               "1e15": None, "-1e308": None, "1e999": None, "nan": None, "infinity": None, "ten": None, "": None}
    assert typed("number", *numbers) == list(numbers.values())
    integers = {"12": "12", "12.0": "12", "1e3": "1000", "1,500": "1500", "$45,000": "45000", "1.234.567": "1234567",
                # never rounded: 4.000 may be 4 or 4000
                "4.000": None, "1.800": None, "26.5": None, "-0.5": None, "1,5": None, "3000000000": None, "1e20": None, "x": None}
    assert typed("integer", *integers) == list(integers.values())
    flags = {"true": "true", " FALSE ": "false", "1": "true", "0": "false", "yes": "true", "WAHR": "true", "FALSCH": "false", "ja": "true",
             "nein": "false", "oui": "true", "true\t": "true", "no\r\n": "false", "1.0": "true", "-1": "true", "sì": "true", "maybe": None, "": None}
    assert typed("boolean", *flags) == list(flags.values())
    texts = {"  a b  ": "a b", "   ": None, "": None, "NULL": "NULL", "a\nb": "a\nb", "x\x00y": "x\x00y", "\ta\u00a0": "a", "a\u00a0b": "a\u00a0b",
             "\u200bé\ufeff": "é", "\u3000": None}
    assert typed("text", *texts) == list(texts.values())


@pytest.mark.parametrize("nothing", ["NULL", "null", "\\N", "N/A", "-", "nan", "(not set)"])
def test_a_word_for_nothing_is_nothing_in_times_numbers_and_ids_of_events(raw, nothing):
    """As databases, spreadsheets and pandas write it."""
    opportunity = {"opportunity_id": "o", "account_id": "a", "stage": "open", "created_at": "2026-05-01", "loaded_at": "2026-05-02"}
    raw.csv("crm_opportunities.csv", *({**opportunity, "opportunity_id": column, column: nothing} for column in ("created_at", "closed_at", "amount_usd", "loaded_at")))
    raw.csv("web_events.csv", *(PAGE | {"event_id": nothing, "page_url": page} for page in ("/a", "/b", "/b")), PAGE | {"event_id": "0"})
    raw.land()
    assert raw.query("select count(*), count(landing_fault), sum(unreadable_values), count(first_seen_at) from raw.crm_opportunities") == [(4, 0, 0, 1)]
    # rows with the same content have the same id, and 0 is one
    ids = raw.column("select event_id from raw.web_events")
    assert len(set(ids)) == 3 and "0" in ids and all(key == "0" or key.startswith("row-") for key in ids)


def test_a_json_line_that_is_not_utf8_costs_its_own_row(raw):
    """Also in files that are read together, and with other faulty lines around it."""
    row = {**PAGE, "event_id": "KEY"}
    lines = [json.dumps(row).replace("KEY", key).encode("latin-1") for key in ("a", "b", "c\xe9", "d", "e\xff", "f")]
    lines = [line.decode("latin-1").replace("\\u00e9", "\xe9").replace("\\u00ff", "\xff").encode("latin-1") for line in lines]
    (raw.folder / "web_events.csv").unlink()
    (raw.folder / "web_events").mkdir()
    (raw.folder / "web_events" / "one.jsonl").write_bytes(b"\n".join([*lines[:3], b"[1]", *lines[3:], b"no object"]))
    (raw.folder / "web_events" / "two.jsonl").write_bytes(json.dumps({**row, "event_id": "z"}).encode())
    raw.land()
    assert raw.column("select event_id from raw.web_events order by event_id") == ["a", "b", "d", "f", "z"]
    assert raw.query("select file_name, line_number, fault from landing.unreadable_lines order by line_number") == [
        ("web_events/one.jsonl", number, fault) for number, fault in (
            (3, "it is not UTF-8"), (4, "it is not a JSON object"), (6, "it is not UTF-8"), (8, "it is not a JSON object"),
        )
    ]


FIELDS = ['Acme', '"Acme" "Corp"', ' "Acme"', '  "Acme"', '\t"Acme"', '"Acme"  ', '"A""B" ', '"a" "b" "c"', '"a,b" "c"', ' "a,b"', '']


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["", ",", ",,,"])
def test_a_row_is_the_same_beside_a_broken_line_and_in_any_encoding(raw, encoding, end):
    """Some programs end each row with separators, and write quotes in their own way."""
    def names(*others):
        rows = [f"a{number},{field},acme.com{end}" for number, field in enumerate(FIELDS)]
        text = "\n".join(["account_id,account_name,domain", *rows, *others, "é,Café,z.com", "è,Zürich,y.com", ""])
        (raw.folder / "crm_accounts.csv").write_bytes(text.encode(encoding))
        raw.land()
        return raw.query("select account_id, account_name, domain from raw.crm_accounts where account_id like 'a%' order by all")

    alone = names()
    assert len(alone) == len(FIELDS) and names("short") == names("too,many,values,here", "x") == alone
    assert raw.column("select fault from landing.unreadable_lines order by line_number") == ["it has too many values", "it has too few values"]
    assert dict(raw.query("select account_id, account_name from raw.crm_accounts where account_id in ('a0', 'a1', 'a2', 'a5')")) == {
        "a0": "Acme", "a1": "Acme Corp", "a2": "Acme", "a5": "Acme",
    }


def parquet(raw, path, key, columns=""):
    """A Parquet file with one page view."""
    (raw.folder / path).parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"copy (select '{key}' as event_id, timestamp '2026-05-28 09:00' as occurred_at{columns}) to '{raw.folder / path}' (format parquet)")


@pytest.mark.parametrize("kind", ["integer", "varchar"])
def test_a_parquet_file_may_have_a_column_named_file_index(raw, kind):
    (raw.folder / "web_events.csv").unlink()
    for name, number in (("a", 1), ("b", 0), ("c", 5)):
        parquet(raw, f"web_events/{name}.parquet", name, f", 'page_view' as event_type, cast({number} as {kind}) as file_index")
    raw.land()
    where = "select file_name, event_id from raw.web_events inner join landing.files using (file_id) order by all"
    assert raw.query(where) == [(f"web_events/{name}.parquet", name) for name in "abc"]
    (raw.folder / "web_events" / "b.parquet").unlink()
    raw.land()
    assert raw.query(where) == [(f"web_events/{name}.parquet", name) for name in "ac"]


def test_a_folder_holds_a_column_only_if_its_files_lack_it(raw):
    """Spark and others write event_type=click/part-0.parquet."""
    (raw.folder / "web_events.csv").unlink()
    parquet(raw, "web_events/event_type=page_view/a.parquet", "a")
    parquet(raw, "web_events/event_type=form_submit/b.parquet", "b")
    parquet(raw, "web_events/misc/c.parquet", "c", ", 'video_view' as event_type")
    parquet(raw, "web_events/event_type=identify/d.parquet", "d", ", 'page_view' as event_type")
    parquet(raw, "web_events/occurred_at=2026-05-01/e.parquet", "e", ", 'page_view' as event_type")
    parquet(raw, "web_events/campaign=spring/f.parquet", "f", ", 'page_view' as event_type")
    raw.land()
    assert raw.query("select event_id, event_type, campaign, cast(occurred_at as varchar) from raw.web_events order by all") == [
        (key, kind, "spring" if key == "f" else None, "2026-05-28 09:00:00")
        for key, kind in zip("abcdef", ("page_view", "form_submit", "video_view", "page_view", "page_view", "page_view"))
    ]


def test_a_link_to_nothing_is_named(raw):
    (raw.folder / "ad_events.csv").symlink_to(raw.folder / "gone.csv")
    with pytest.raises(LandingError, match=r"ad_events: .*ad_events.csv is a link to a file that isn't there. Bring the file back"):
        raw.land()


def test_zeros_that_a_crash_left_cost_their_own_line(raw):
    raw.write("crm_accounts.csv", "account_id,domain\na,acme.com\n" + "\0" * 60)
    raw.land()
    assert raw.query("select account_id, domain from raw.crm_accounts") == [("a", "acme.com")]


def test_changed_placeholders_read_the_files_again(raw):
    raw.csv("web_events.csv", PAGE | {"event_id": "ohne"})
    raw.land()
    assert raw.column("select event_id from raw.web_events") == ["ohne"]
    land(raw.connection, str(raw.folder), Sources(placeholders=("ohne",)))
    assert raw.column("select event_id like 'row-%' from raw.web_events") == [True]


@pytest.mark.parametrize("text, year", [("15.03.99", 1999), ("15.03.70", 1970), ("15.03.26", 2026), ("15. 3. 2026", 2026)])
def test_a_day_first_with_two_digits_or_blanks_has_its_year(raw, text, year):
    (raw.folder / "landing.yml").write_text("crm_opportunities:\n  dates: day_first\n")
    raw.csv("crm_opportunities.csv", {"opportunity_id": "o", "account_id": "a", "stage": "open", "created_at": text, "loaded_at": "2026-05-02"})
    raw.land()
    assert raw.column("select year(created_at) from raw.crm_opportunities") == [year]


@pytest.mark.parametrize("column, value", [
    ("occurred_at", "294247-01-10 04:00:54.775806"), ("loaded_at", "290309-12-22 (BC) 00:00:00"), ("occurred_at", "soon"),
])
def test_an_absurd_time_costs_its_own_row_and_is_shown_as_it_came(raw, column, value):
    raw.csv("web_events.csv", PAGE | {"event_id": "good"}, PAGE | {"event_id": "bad", column: value})
    raw.land()
    assert raw.query("select event_id, landing_fault from raw.web_events order by event_id desc") == [
        ("good", None), ("bad", f"{column} is not a time of the years 1900 to 2200"),
    ]
    row, = raw.column("select landing_row from raw.web_events where event_id = 'bad'")
    assert json.loads(row) == dict.fromkeys(TABLES["web_events"].column_names) | PAGE | {"event_id": "bad", column: value}


def test_a_number_that_is_none_is_counted_and_its_row_is_used(raw):
    stage = {"created_at": "2026-01-01", "loaded_at": "2026-01-01"}
    raw.csv("crm_opportunities.csv", stage | {"opportunity_id": "a", "amount_usd": "1e308"},
            stage | {"opportunity_id": "b", "amount_usd": "ten", "is_won": "perhaps"}, stage | {"opportunity_id": "c", "amount_usd": "10"})
    raw.land()
    assert raw.query("select opportunity_id, amount_usd, unreadable_values, landing_fault from raw.crm_opportunities order by 1") == [
        ("a", None, 1, None), ("b", None, 2, None), ("c", 10.0, 0, None),
    ]


def test_parquet_values_of_any_type_are_read_or_cost_their_row(raw):
    (raw.folder / "crm_accounts.csv").unlink()
    (raw.folder / "crm_accounts").mkdir()
    others = ", ".join(f"null as {name}" for name in TABLES["crm_accounts"].column_names if name not in (
        "account_id", "account_name", "employee_count", "annual_revenue_usd", "created_at", "loaded_at"))
    for number, (account, name, employees, revenue, created, loaded) in enumerate([
        ("7", "[1, 2]", "12::smallint", "1.5::decimal(9, 2)", "date '2026-05-01'", "timestamp '2026-05-01 06:00:00'"),
        ("'b'", "true", "'13'", "'2.5'", "'2026-05-01'", "timestamptz '2026-05-01 06:00:00+02'"),
        ("'c'", "{'a': 1}", "1e300", "1e300", "make_timestamptz(9223372036854775806)", "'2026-05-01'"),
        ("'d'", "'x'", "true", "date '2026-05-01'", "date '5000000-01-01'", "timestamp 'infinity'"),
        ("'e'", "'x'", "1", "1", "20260501", "timestamp_ns '2026-05-01 06:00:00'"),
    ]):
        duckdb.sql(f"copy (select {account} as account_id, {name} as account_name, {employees} as employee_count,"
                   f" {revenue} as annual_revenue_usd, {created} as created_at, {loaded} as loaded_at, {others})"
                   f" to '{raw.folder}/crm_accounts/{number}.parquet'")
    raw.land()
    rows = {row[0]: tuple(map(str, row[1:])) for row in raw.query(
        "select account_id, account_name, employee_count, annual_revenue_usd, created_at, loaded_at, unreadable_values, landing_fault"
        " from raw.crm_accounts"
    )}
    fault = "{} is not a time of the years 1900 to 2200"
    assert rows == {
        "7": ("[1,2]", "12", "1.5", "2026-05-01 00:00:00", "2026-05-01 06:00:00", "0", "None"),
        "b": ("true", "13", "2.5", "2026-05-01 00:00:00", "2026-05-01 04:00:00", "0", "None"),
        "c": ('{"a":1}', "None", "None", "None", "2026-05-01 00:00:00", "2", fault.format("created_at")),
        "d": ("x", "None", "None", "None", "None", "2", fault.format("created_at")),
        "e": ("x", "1", "1.0", "2026-05-01 00:00:00", "2026-05-01 06:00:00", "0", "None"),
    }


# lines and files

def test_a_large_file_with_quoted_line_ends_is_read_whole(raw):
    """In several pieces at once, with values that look like rows."""
    row = 'w{0},v{0},p@big.com,,page_view,"https://us.com/{0}?a=\n1,2,3,4,5,6,7,8,9,10\n""x"", ",,,2026-05-30 10:00:00,2026-05-31 06:00:00\n'
    header = ",".join(WEB) + "\n"
    raw.write("web_events.csv", header + "".join(row.format(number) for number in range(150_000)))
    assert (raw.folder / "web_events.csv").stat().st_size > 16_000_000
    raw.connection.execute("set threads = 4")
    raw.land()
    assert raw.query("select count(*), count(distinct event_id), count(distinct page_url), count(landing_fault) from raw.web_events") == [
        (150_000, 150_000, 150_000, 0)
    ]
    assert raw.column("select page_url from raw.web_events where event_id = 'w77'") == ['https://us.com/77?a=\n1,2,3,4,5,6,7,8,9,10\n"x",']


def test_lines_that_cannot_be_read_cost_only_themselves(raw):
    good = b"%s,,,,page_view,/,,,2026-05-01,2026-05-01\n"
    lines = [
        good % b"a", b"caf\xe9,,,,page_view,/,,,2026-05-01,2026-05-01\n", b"few,,,,page_view\n", b"many,,,,page_view,/,,,2026-05-01,2026-05-01,x\n",
        b'"q"uote,,,,page_view,/,,,2026-05-01,2026-05-01\n', good % b'"two\nlines"', good % (b"x" * 5_000_000), b"cut,,,,pa",
        # a letter in UTF-8: the file as a whole is not Windows-1252
    ]
    lines[0] = "é,,,,page_view,/,,,2026-05-01,2026-05-01\n".encode()
    raw.write("web_events.csv", (",".join(WEB) + "\n").encode() + b"".join(lines))
    notes = raw.land().notes
    assert any("web_events: 5 unreadable lines of" in note and "rejected_records" in note for note in notes)
    assert raw.query("select left(event_id, 9), length(event_id), landing_fault from raw.web_events order by length(event_id)") == [
        ("é", 1, None), ("two\nlines", 9, None), ("x" * 9, 5_000_000, None),
    ]
    assert raw.query("select line_number, fault, left(line_text, 8) from landing.unreadable_lines order by 1") == [
        (3, "it is not UTF-8", "caf?,,,,"), (4, "it has too few values", "few,,,,p"), (5, "it has too many values", "many,,,,"),
        (6, "text follows a closing quote", '"q"uote,'), (10, "it has too few values", "cut,,,,p"),
    ]


def test_copies_of_files_are_made_in_the_folder_for_temporary_files(raw, tmp_path, monkeypatch):
    """What a killed build leaves there is removed later."""
    monkeypatch.setenv("ENGAGEMENT_TMP", str(tmp_path / "tmp"))
    local, folders = store.local, []
    monkeypatch.setattr(store, "local", lambda connection, file, folder: folders.append(Path(folder)) or local(connection, file, folder))
    raw.write("crm_contacts.csv", b"contact_id,full_name\nc1,Ren\xe9\n")
    raw.land()
    assert folders and {folder.parent for folder in folders} == {tmp_path / "tmp"} and list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("content", [
    "\ufeff{header}\n{a}\n{b}\n", "{header}\r\n{a}\r\n{b}\r\n", "{header}\n{a}\r\n{b}\n", "{header}\r\n{a}\n{b}", "\ufeff{header}\n\n{a}\r\n\n{b}\n\n",
])
def test_line_ends_of_any_kind_also_mixed_and_byte_order_marks_are_read(raw, content):
    row = '{},,,,page_view,"/x\ny",,,2026-05-01,2026-05-01'
    raw.write("web_events.csv", content.format(header=",".join(WEB), a=row.format("a"), b=row.format("b")))
    raw.land()
    assert raw.query("select event_id, page_url from raw.web_events order by 1") == [("a", "/x\ny"), ("b", "/x\ny")]


@pytest.mark.parametrize("last", ["b,,,,page_view,/,,,2026-05-01,2026-05-01", "b,too few"])
def test_the_line_ends_of_an_old_mac_are_read(raw, last):
    raw.write("web_events.csv", "\r".join([",".join(WEB), "a,,,,page_view,/,,,2026-05-01,2026-05-01", last]))
    raw.land()
    assert raw.column("select event_id from raw.web_events order by 1") == ["a", "b"][:1 if "few" in last else 2]
    assert raw.column("select line_number from landing.unreadable_lines") == ([3] if "few" in last else [])


def test_a_carriage_return_inside_a_line_is_part_of_its_value(raw):
    raw.write("web_events.csv", ",".join(WEB) + "\na\rb,,,,page_view,/,,,2026-05-01,2026-05-01\n")
    raw.land()
    assert raw.column("select event_id from raw.web_events") == ["a\rb"]


@pytest.mark.parametrize("text", ['a,b"c\nd\r\ne\tf', '"', '""', '",\n"', ' "x" ', "a\r\n", "\r", ',",', 'x"\r\n"y'])
def test_a_file_that_is_read_line_by_line_has_the_same_values(raw, text):
    """A broken line in it makes the difference."""
    columns = WEB
    for broken in ("", "too few\r\n"):
        with open(raw.folder / "web_events.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([columns, *([key, "", "", "", text, text, "", "", "2026-05-01", "2026-05-01"] for key in "ab")])
            file.write(broken)
        raw.land()
        assert raw.query("select event_type, page_url from raw.web_events") == [(text.strip() or None, text.strip() or None)] * 2
        assert raw.column("select count(*) from landing.unreadable_lines") == [bool(broken)]


def test_columns_may_come_in_any_order_and_case(raw):
    columns = [f' "{name.upper()}"' for name in reversed(WEB)]
    raw.write("web_events.csv", ",".join(columns) + "\n2026-05-31,2026-05-30,camp,,/x,page_view,acme.com,,,w1\n")
    raw.land()
    assert raw.query("select event_id, page_url, campaign, cast(loaded_at as varchar) from raw.web_events") == [
        ("w1", "/x", "camp", "2026-05-31 00:00:00")]


def test_names_of_columns_are_known_without_case_blanks_and_hyphens_others_are_ignored_and_missing_ones_are_null(raw):
    raw.write("crm_accounts.csv", "Account ID,Account-Name,Domain,Bemerkung,,LOADEDAT\na,Acme,acme.com,x,y,2026-01-01\n")
    notes = raw.land().notes
    assert raw.query("select account_id, account_name, domain, industry, employee_count, created_at, unreadable_values, landing_fault"
                     " from raw.crm_accounts") == [("a", "Acme", "acme.com", None, None, None, 0, None)]
    (note,) = [note for note in notes if note.startswith("crm_accounts: ")]
    assert note.startswith(
        f"crm_accounts: {raw.folder}/crm_accounts.csv: ignored columns: Bemerkung, (without a name); missing columns: parent_account_id,"
    )


def test_parquet_columns_are_known_and_missing_alike(raw):
    (raw.folder / "crm_contacts.csv").unlink()
    (raw.folder / "crm_contacts").mkdir()
    duckdb.sql(f"""copy (select 7 as "Contact Id", true as "isDeleted", 'x' as note, date '2026-01-01' as loaded_at) to '{raw.folder}/crm_contacts/1.parquet'""")
    raw.land()
    assert raw.query("select contact_id, is_deleted, email, landing_fault from raw.crm_contacts") == [("7", True, None, None)]


def test_thousands_of_files_are_quick_and_keep_their_rows_apart(raw):
    (raw.folder / "web_events.csv").unlink()
    for number in range(2000):
        raw.pages(f"web_events/{number:04}.csv", **{f"w{number}": "/"})
    began = time.monotonic()
    raw.land()
    assert time.monotonic() - began < 15
    assert raw.query(
        "select count(*), count(distinct file_name) from raw.web_events inner join landing.files using (file_id)"
        " where file_name like '%/0' || lpad(replace(event_id, 'w', ''), 3, '0') || '.csv' or length(event_id) = 5"
    ) == [(2000, 2000)]
    began = time.monotonic()
    raw.pages("web_events/1999.csv", w1999="/changed")
    assert raw.land().files_read == 1
    assert time.monotonic() - began < 3
    assert raw.column("select count(*) from raw.web_events where page_url = '/changed'") == [1]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "broken.csv", "csv.gz"])
def test_signs_of_patterns_in_names_of_files_are_letters(raw, kind, monkeypatch):
    monkeypatch.chdir(raw.folder.parent)
    (raw.folder / "web_events.csv").unlink()
    raw.folder = raw.folder.rename("raw[1-2]")
    names = ["may[1]", "may1", "may?", "may*", "may[]", "m*y[[]1]"]
    for name in names:
        row = {"event_id": name, "event_type": "x", "occurred_at": "2026-05-01"}
        file = raw.folder / "web_events" / f"{name}.{kind}"
        if kind == "parquet":
            file.parent.mkdir(exist_ok=True)
            duckdb.sql("select * from (values (?, 'x', '2026-05-01')) as rows (event_id, event_type, occurred_at)", params=[name]).write_parquet(str(file))
            continue
        content = json.dumps(row) if kind == "jsonl" else ",".join(row) + "\n" + ",".join(row.values()) + "\ntoo,few" * (kind == "broken.csv")
        raw.write(f"web_events/{name}.{kind}", gzip.compress(content.encode()) if kind == "csv.gz" else content)
    raw.land()
    assert raw.query("select event_id, parse_filename(file_name) from raw.web_events inner join landing.files using (file_id) order by 1") == [
        (name, f"{name}.{kind}") for name in sorted(names)]
    assert raw.column("select count(*) from landing.unreadable_lines") == [len(names) if kind == "broken.csv" else 0]


def test_landing_yml_can_name_a_file_with_signs_of_patterns(raw):
    raw.write("members [1].csv", "email,occurred_at\na@x.com,2026-05-01\n")
    raw.write("[may]/members.csv", "email,occurred_at\nb@x.com,2026-05-01\n")
    raw.write("landing.yml", "content_events: {files: ['Members [1].csv', '[may]'], constants: {event_type: x}}")
    raw.land()
    assert raw.column("select email from raw.content_events order by 1") == ["a@x.com", "b@x.com"]


# changes

def rows_of(raw):
    return dict(raw.query("select event_id, page_url from raw.web_events order by 1"))


def test_only_new_and_changed_files_are_read(raw):
    (raw.folder / "web_events.csv").unlink()
    raw.pages("web_events/a.csv", a="/1")
    assert raw.land().files_read == 6
    assert raw.land().files_read == 0
    raw.pages("web_events/b.csv", b="/1")
    assert raw.land().files_read == 1
    assert rows_of(raw) == {"a": "/1", "b": "/1"}
    # the same size, another row: an export of an old day that was delivered again, corrected
    raw.pages("web_events/a.csv", c="/1")
    assert raw.land().files_read == 1
    assert rows_of(raw) == {"b": "/1", "c": "/1"}
    (raw.folder / "web_events" / "b.csv").unlink()
    assert raw.land().files_read == 0
    assert rows_of(raw) == {"c": "/1"}
    assert raw.query("select count(*), sum(row_count) from landing.files where source_table = 'web_events'") == [(1, 1)]


def test_of_a_changed_file_only_the_rows_that_differ_get_a_new_number(raw):
    raw.pages("web_events.csv", a="/1", b="/1", c="/1")
    raw.land()
    before = dict(raw.query("select event_id, row_id from raw.web_events"))
    raw.csv("web_events.csv", *(PAGE | {"event_id": key, "page_url": url} for key, url in [("d", "/1"), ("c", "/2"), ("a", "/1"), ("a", "/1")]))
    raw.land()
    after = raw.query("select event_id, page_url, row_id from raw.web_events order by event_id, row_id")
    assert [row[:2] for row in after] == [("a", "/1"), ("a", "/1"), ("c", "/2"), ("d", "/1")]
    # a: now twice in the file, so both are new
    assert all(row[2] > max(before.values()) for row in after)
    raw.pages("web_events.csv", a="/1", c="/2", d="/1", e="/1")
    raw.land()
    assert dict(raw.query("select event_id, row_id from raw.web_events"))["d"] == after[-1][2]


def test_a_fault_leaves_everything_as_it_was(raw):
    raw.pages("web_events.csv", a="/1")
    raw.land()
    tables = ("raw.web_events", "raw.email_events", "landing.files", "landing.unreadable_lines")
    before = [raw.query(f"from {table} order by all") for table in tables]
    raw.csv("email_events.csv", PAGE | {"event_id": "e"})
    raw.write("web_events.csv", ",".join(WEB) + '\nb,"never closed\n')
    raw.refused("web_events: ", "web_events.csv is not CSV from line 2 on: a quote is opened and never closed. Correct or remove that line")
    assert [raw.query(f"from {table} order by all") for table in tables] == before


def test_landing_that_is_killed_leaves_the_state_before(raw, tmp_path):
    raw.pages("web_events.csv", a="/1")
    raw.land()
    raw.connection.close()
    raw.pages("web_events.csv", **{f"b{number}": "/2" for number in range(100_000)})
    code = ("import sys, duckdb; from engagement.landing import land; import engagement.landing.store as store; import os, signal\n"
            "create = store.Landing.replace_differing\n"
            "def killed(self, *arguments): create(self, *arguments); os.kill(os.getpid(), signal.SIGKILL)\n"
            "store.Landing.replace_differing = killed\n"
            "land(duckdb.connect(sys.argv[1]), sys.argv[2])")
    ended = subprocess.run([sys.executable, "-c", code, tmp_path / "landed.duckdb", raw.folder], cwd=ROOT, check=False)
    assert ended.returncode == -9
    raw.connection = duckdb.connect(str(tmp_path / "landed.duckdb"))
    assert rows_of(raw) == {"a": "/1"}
    raw.land()
    assert len(rows_of(raw)) == 100_000


# refusals: one message for each file

def test_everything_that_is_wrong_is_said_at_once(raw):
    (raw.folder / "crm_accounts.csv").unlink()
    raw.write("web_event.csv", "a\n1\n")
    with pytest.raises(LandingError) as error:
        raw.land()
    assert str(error.value).splitlines() == [
        f"The raw data in {raw.folder} doesn't match the landing contract. Nothing was built.",
        f"  - {raw.folder}/web_event.csv is not a raw table. Did you mean web_events? Rename it, or name its table in landing.yml."
        f" Expected the tables {', '.join(TABLES)}.",
        f"  - crm_accounts: required, but not found. Expected {raw.folder}/crm_accounts.csv, .tsv, .txt, .jsonl (each also with .gz), .parquet,"
        " or a folder crm_accounts/ of such files, with the column account_id.",
        "  Run `make check` to see what is understood. docs/your-data.md describes the contract. Env var RAW_DATA names the folder.",
    ]


def test_a_wrong_path_is_named(raw):
    folder = raw.folder
    raw.folder = folder / "nowhere"
    raw.refused(f"The folder {folder}/nowhere does not exist. Give an existing folder.")
    raw.folder = folder / "web_events.csv"
    raw.refused("web_events.csv is a file. Give the folder that contains it.")


@pytest.mark.parametrize("name, remedy", [
    ("content_events.json", "is JSON. Write it as JSON lines (.jsonl): one object per line."),
    ("content_events.xlsx", "is a spreadsheet. Save each sheet as CSV (UTF-8)."), ("Opens.XLSX", "is a spreadsheet."),
    ("export.zip", "is an archive. Unpack it."), ("content_events.zip", "is an archive. Unpack it."),
    ("content_events", "cannot be read: its name ends in nothing. Expected .csv, .tsv,"),
    ("content_events.parquet.tmp", "is not a raw table. Did you mean content_events?"),
    ("content_events.csv.bz2", "has an unknown compression. Unpack it, or use gzip."),
    ("content_events/a.parquet.tmp", "cannot be read: its name ends in .tmp."), ("content_events/a.parquet.gz", "cannot be read: its name ends in .gz."),
    ("Account.csv", "is not a raw table. Rename it, or name its table in landing.yml."),
])
def test_a_file_that_is_not_read_is_named_with_what_to_do(raw, name, remedy):
    raw.write(name, "x")
    raw.refused(f"{raw.folder}/{name} {remedy}")


@pytest.mark.parametrize("name", [
    "content_events.csv.gz", "content_events.tsv", "content_events.TXT", "Content_Events.CSV", "content_events.jsonl", "content_events.ndjson.gz",
    "content_events/a.csv.gz", "content_events/A.CSV", "content_events/2026/05/a.csv", "content_events/day=2026-05-31/a.jsonl",
])
def test_files_of_all_kinds_are_read(raw, name):
    if "json" in name:
        content = json.dumps({"Email": "a@acme.com", "event_type": "ebook_download", "occurred_at": 1780000000123, "asset": None, "more": {"a": [1]}})
    else:
        content = "email\tevent_type\tasset\toccurred_at\na@acme.com\tebook_download\t\t1780000000123\n"
    (raw.folder / name).parent.mkdir(parents=True, exist_ok=True)
    raw.write(name, gzip.compress(content.encode()) if name.endswith(".gz") else content)
    raw.land()
    assert raw.query("select email, event_type, asset, cast(occurred_at as varchar), landing_fault from raw.content_events") == [
        ("a@acme.com", "ebook_download", None, "2026-05-28 20:26:40.123", None)]


JSON_LINES = {
    '\ufeff{"email": "mark@x.com"}': True, '{"email": "comma@x.com",}': True, '{"email": "pair@x.com", "asset": "\\ud83d\\ude00"}': True,
    '{"email": "number@x.com", "asset": NaN}': True, '{"email": "key@x.com", "~cam\\"paign/": "x"}': True, '{"email": "deep@x.com", "asset": ' + "[" * 3_000 + "]" * 3_000 + "}": True,
    # a key that one line has, and an empty line, which is nothing
    '{"email": "rare@x.com", "rare": 1}': True, "": None,
    # half of a letter that takes two: cut by another program
    '{"email": "half@x.com", "asset": "spring \\ud83d"}': False,
    "[1]": False, '{"email": ': False, '{"email": "comment@x.com"} // first': False, '{"email": "zero@x.com\0"}': False, '{"email": "two@x.com"} {"email": "two@x.com"}': False,
}


@pytest.mark.parametrize("is_compressed", [False, True])
def test_each_json_line_is_either_used_or_rejected(raw, is_compressed):
    content = "\n".join(JSON_LINES).encode()
    raw.write("landing.yml", "content_events: {constants: {event_type: x, occurred_at: 2026-05-01}}")
    raw.write("content_events.jsonl", gzip.compress(content) if is_compressed else content)
    assert any("ignored columns: rare" in note for note in raw.land().notes)
    used = raw.column("select split_part(email, '@', 1) from raw.content_events order by 1")
    assert used == sorted(line.split('"')[3].split("@")[0] for line, is_used in JSON_LINES.items() if is_used)
    assert raw.query("select line_number, line_text from landing.unreadable_lines order by 1") == [
        (number, line) for number, (line, is_used) in enumerate(JSON_LINES.items(), start=1) if is_used is False]


HEADER, ROW = ["account_id", "account_name", "domain", "country"], ["a", "Müller’s Söhne; Cie, KG", "acme.com", ""]


@pytest.mark.parametrize("encoding, separator, line_end, note", [
    ("utf-8", ",", "\n", None), ("utf-8-sig", ";", "\r\n", "separated by semicolons"), ("cp1252", ";", "\r\n", "read as Windows-1252"),
    ("cp1252", ",", "\n", "read as Windows-1252"), ("utf-16", "\t", "\r\n", "separated by tabs; read as UTF-16"), ("utf-16-le", "|", "\n", "read as UTF-16"),
])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("is_compressed", [False, True])
def test_encodings_and_separators_that_are_unmistakable_are_read_and_said(raw, encoding, separator, line_end, note, quoting, is_compressed):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line_end, quoting=quoting).writerows([HEADER, ROW])
    (raw.folder / "crm_accounts.csv").unlink()
    content = text.getvalue().encode(encoding)
    raw.write("crm_accounts.csv", gzip.compress(content) if is_compressed else content)
    notes = [line for line in raw.land().notes if "crm_accounts" in line]
    assert raw.query("select account_id, account_name, domain, country, landing_fault from raw.crm_accounts") == [(*ROW[:3], None, None)]
    assert (note or "missing columns") in " ".join(notes) and ("compressed" in " ".join(notes)) is is_compressed


def test_bytes_that_may_be_of_any_encoding_are_refused_in_the_header_and_cost_their_line_below(raw):
    raw.write("crm_accounts.csv", "account_id,account_name,płeć\na,Łódź,x\n".encode("cp1250"))
    raw.refused("crm_accounts.csv is neither UTF-8 nor Windows-1252. Save it as UTF-8, or name its `encoding` in landing.yml.")
    raw.write("crm_accounts.csv", "account_id,account_name\na,Café\nb,B\n".encode("cp1252"))
    raw.land()
    # one byte proves nothing
    assert raw.column("select account_id from raw.crm_accounts") == ["b"]
    raw.write("crm_accounts.csv", "account_id,account_name\na,Łódź\nb,B\n".encode("cp1250"))
    raw.land()
    assert raw.column("select account_id from raw.crm_accounts") == ["b"]
    raw.write("landing.yml", "crm_accounts: {encoding: windows-1250}")
    raw.land()
    assert raw.query("select account_id, account_name from raw.crm_accounts order by 1") == [("a", "Łódź"), ("b", "B")]


@pytest.mark.parametrize("columns", ["account_id,phone,fax,account_name", "account_id,account_name,phone,fax", "phone,fax,account_id,account_name"])
def test_a_byte_that_is_no_text_costs_its_line_beside_columns_that_nobody_reads(raw, columns):
    """DuckDB breaks at it if it reads only some columns."""
    lines = [{"account_id": "a", "account_name": "Łódź"}, {"account_id": "b", "account_name": "B"}, {"account_id": "c", "fax": "Łódź"}]
    raw.write("crm_accounts.csv", "\n".join([columns, *(",".join(line.get(name, "") for name in columns.split(",")) for line in lines)]).encode("cp1250"))
    raw.land()
    assert raw.column("select account_id from raw.crm_accounts") == ["b"]
    assert raw.query("select line_number, fault from landing.unreadable_lines order by 1") == [(2, "it is not UTF-8"), (4, "it is not UTF-8")]


def test_the_separator_line_of_excel_is_no_header(raw):
    raw.write("crm_accounts.csv", "sep=;\r\naccount_id;domain\r\na;acme.com\r\n")
    raw.land()
    assert raw.query("select account_id, domain from raw.crm_accounts") == [("a", "acme.com")]


@pytest.mark.parametrize("above", ["\n", "\n \r\n", ";;;\n", '"","",\n\n'])
def test_lines_without_values_above_the_header_are_no_header(raw, above):
    raw.write("crm_accounts.csv", above + "account_id;domain\na;acme.com\n;\nb;beta.com\n")
    raw.land()
    assert raw.query("select account_id, domain, landing_fault from raw.crm_accounts order by all") == [
        ("a", "acme.com", None), ("b", "beta.com", None), (None, None, "account_id is missing")]


def test_files_of_a_remote_folder_are_read_alike(raw, monkeypatch):
    """DuckDB lists and reads them; here they lie on the disk after all."""
    from engagement.landing import files, layouts, store

    for module in (files, layouts, store):
        monkeypatch.setattr(module, "is_remote", lambda folder: True)
    assert raw.land().files_read == 6
    raw.write("landing.yml", "content_events: {files: [webinars], constants: {event_type: webinar_attended}}")
    raw.write("webinars/may.txt", "email\toccurred_at\na@acme.com\t2026-05-01\n".encode("utf-16"))
    raw.write("product_events.jsonl.gz", gzip.compress(b'{"event_type": "login", "occurred_at": "2026-05-01"}\nnonsense\n'))
    raw.write("ad_events.csv.gz", gzip.compress(b"event_type;occurred_at\nclick;2026-05-01\ntoo;many;values\n"))
    raw.write("linkedin_events/a/b.csv", "event_type,campaign,occurred_at\nprofile_view,Fr\xfchling f\xfcr alle,2026-05-01\n".encode("cp1252"))
    assert raw.land().files_read == 4
    for table in ("content_events", "product_events", "ad_events", "linkedin_events"):
        assert raw.query(f"select count(*), count(landing_fault) from raw.{table}") == [(1, 0)], table
    assert raw.column("select campaign from raw.linkedin_events") == ["Frühling für alle"]
    assert raw.query("select source_table, fault from landing.unreadable_lines order by 1") == [
        ("ad_events", "it has too many values"), ("product_events", "it is not a JSON object")]
    assert raw.land().files_read == 0


def test_daily_files_share_one_question_about_dates(raw):
    (raw.folder / "web_events.csv").unlink(missing_ok=True)
    for day in ("01", "02", "03"):
        raw.csv(f"web_events/{day}.csv", PAGE | {"event_id": day, "occurred_at": f"31.05.2026 {day}:00"})
    raw.csv("web_events/04.csv", PAGE | {"event_id": "d", "occurred_at": "5/6/2026"})
    with pytest.raises(LandingError) as error:
        raw.land()
    said = str(error.value)
    assert len(said.splitlines()) == 4 and "/01.csv (and 2 more) writes occurred_at as '31.05.2026 01:00'" in said and "/04.csv writes" in said


@pytest.mark.parametrize("value, question", [
    ("05/06/2026", "writes occurred_at as '05/06/2026'. Does the day or the month come first? Write `dates: day_first, or month_first,` under"),
    ("31.05.2026 10:00", "Here it can only be day_first, so write `dates: day_first` under `web_events:` in landing.yml."),
    ("5/31/26", "Here it can only be month_first, so write `dates: month_first` under `web_events:` in landing.yml."),
])
def test_days_and_months_are_never_guessed(raw, value, question):
    raw.csv("web_events.csv", PAGE | {"event_id": "a", "occurred_at": value}, PAGE | {"event_id": "b", "occurred_at": value}, PAGE | {"event_id": "c"})
    raw.refused(f"web_events: {raw.folder}/web_events.csv ", question)
    # all such files are named at once
    raw.csv("email_events.csv", PAGE | {"event_id": "a", "occurred_at": value, "email": "a@x.com"})
    raw.write("crm_accounts.csv", 'account_id,domain\na,"never closed\n')
    with pytest.raises(LandingError) as error:
        raw.land()
    assert len(str(error.value).splitlines()) == 5, str(error.value)
    raw.csv("email_events.csv")
    raw.csv("crm_accounts.csv")
    # single rows cost only themselves
    raw.csv("web_events.csv", PAGE | {"event_id": "a", "occurred_at": value}, PAGE | {"event_id": "b"}, PAGE | {"event_id": "c"})
    raw.land()
    assert raw.column("select event_id from raw.web_events where landing_fault is null order by 1") == ["b", "c"]


def test_where_semicolons_separate_columns_a_point_before_three_digits_is_no_decimal_sign(raw):
    """1.800 is 1800 in a German export, without a setting that says so."""
    columns = "opportunity_id;account_id;stage;amount_usd\n"
    raw.write("crm_opportunities.csv", columns + "a;x;open;1.800\nb;x;open;1.800,50\nc;x;open;12.5\n")
    raw.land()
    assert raw.query("select opportunity_id, amount_usd, unreadable_values from raw.crm_opportunities order by 1") == [
        ("a", None, 1), ("b", 1800.5, 0), ("c", 12.5, 0)]
    raw.write("landing.yml", "crm_opportunities: {decimal: ','}")
    raw.land()
    assert raw.column("select amount_usd from raw.crm_opportunities order by opportunity_id") == [1800, 1800.5, None]


# rows that do not say when they were loaded, or which event they are

def test_a_row_without_a_load_time_has_the_time_at_which_it_was_first_seen(raw, monkeypatch):
    from engagement.landing import store

    clock = [dt.datetime(2026, 5, 1, 6), dt.datetime(2026, 5, 2, 6), dt.datetime(2026, 5, 3, 6), dt.datetime(2026, 5, 4, 6)]
    monkeypatch.setattr(store, "utc_now", lambda: clock[0])

    def write(*emails, loaded_at=""):
        raw.write("crm_contacts.csv", "contact_id,email,loaded_at\n" + "".join(f"{email},{email}@x.com,{loaded_at}\n" for email in emails))

    def loaded():
        raw.land()
        return dict(raw.query("select contact_id, cast(cast(loaded_at as date) as varchar) from raw.crm_contacts order by 1"))

    write("a", "b")
    assert loaded() == {"a": "2026-05-01", "b": "2026-05-01"}
    clock.pop(0)
    write("a", "b", "c")
    assert loaded() == {"a": "2026-05-01", "b": "2026-05-01", "c": "2026-05-02"}
    clock.pop(0)
    assert loaded()["c"] == "2026-05-02"
    # read again in another way, but with the same contents
    monkeypatch.setattr(store, "VERSION", store.VERSION + 1)
    assert set(loaded().values()) == {"2026-05-02"}
    write("a", loaded_at="2026-04-01")
    assert loaded() == {"a": "2026-04-01"}


def test_a_folder_that_is_named_in_another_way_or_moved_is_not_read_again(raw, monkeypatch):
    raw.write("crm_contacts/may.csv", "contact_id,email\na,a@x.com\n")
    (raw.folder / "crm_contacts.csv").unlink()
    raw.write("web_events.csv", "event_type,occurred_at\nx,2026-05-01\ntoo,many,values\n")
    assert raw.land().files_read == 6
    rows = "from raw.crm_contacts union all by name from raw.web_events union all by name from landing.unreadable_lines order by all"
    before = raw.query(rows)
    monkeypatch.chdir(raw.folder.parent)
    for folder in ("raw", "./raw", f"{raw.folder}/"):
        raw.folder = folder
        assert raw.land().files_read == 0
    raw.folder = Path("raw").rename("moved")
    assert raw.land().files_read == 0
    assert raw.query(rows) == before


def test_a_database_that_remembers_whole_paths_keeps_the_times_at_which_rows_were_first_seen(raw):
    raw.write("crm_contacts.csv", "contact_id,email\na,a@x.com\n")
    raw.land()
    raw.query(f"update landing.files set file_name = '{raw.folder}/' || file_name, first_seen_at = timestamp '2026-05-01'")
    raw.query("update landing.contracts set read_as = 'of an older version'")
    raw.land()
    assert raw.column("select cast(loaded_at as varchar) from raw.crm_contacts") == ["2026-05-01 00:00:00"]


def test_an_event_without_an_id_has_a_hash_of_its_contents(raw):
    (raw.folder / "web_events.csv").unlink()
    raw.write("web_events/a.csv", "visitor_id,event_type,page_url,occurred_at\nv,page_view,/a,2026-05-01 10:00:00\nv,page_view,/b,2026-05-01 10:00:00\n")
    raw.write("web_events/b.csv", "event_id,occurred_at,visitor_id,event_type,page_url,note\n,2026-05-01T10:00:00Z,v,page_view,/a,x\nw1,2026-05-01,v,page_view,/a,\n")
    raw.land()
    ids = dict(raw.query("select row_number() over (order by file_id, row_id), event_id from raw.web_events"))
    assert ids[1] == ids[3] != ids[2] and ids[4] == "w1" and all(ids[n].startswith("row-") for n in (1, 2, 3))
    assert raw.column("select count(landing_fault) from raw.web_events") == [0]
    raw.write("crm_accounts.csv", "account_id,account_name\n,Total\n")
    raw.land()
    assert raw.column("select landing_fault from raw.crm_accounts") == ["account_id is missing"]


# landing.yml

def test_landing_yml_says_which_file_and_column_is_which(raw):
    (raw.folder / "web_events.csv").unlink()
    raw.write("Accounts export.csv", "Report of 31 May\n\nRecord;Firma;Web;Umsatz\n7;Müller;acme.com;1.800\n".encode("cp1252"))
    (raw.folder / "crm_accounts.csv").unlink()
    raw.write("zoom/may.csv", "Email,Join day,Join clock,First,Last\na@acme.com,31/05/2026,10:00 PM,Ana,Ruiz\n")
    raw.write("zoom/june.csv", "Email,Join day,Join clock,First,Last\nb@acme.com,01/06/2026,9:00 AM,Bo,\n")
    raw.write("requests.jsonl", '{"who": "c@acme.com", "at": 1780000000}')
    raw.write("notes/a.xlsx", "x")
    raw.write("plan.xlsx", "x")
    raw.write("landing.yml", """
ignore: ["*.xlsx"]
crm_accounts:
  files: Accounts export.csv
  skip_lines: 2
  separator: ";"
  encoding: windows-1252
  decimal: ","
  columns: {account_id: Record, account_name: Firma, domain: Web, annual_revenue_usd: Umsatz}
content_events:
  - files: [zoom]
    dates: day_first
    time_zone: Europe/Berlin
    columns: {occurred_at: [Join day, Join clock]}
    constants: {event_type: webinar_attended, asset: May webinar}
  - files: "requests*.jsonl"
    columns: {email: who, occurred_at: at}
    constants: {event_type: demo_request}
""")
    raw.land()
    assert raw.query("select account_id, account_name, domain, annual_revenue_usd from raw.crm_accounts") == [("7", "Müller", "acme.com", 1800.0)]
    assert raw.query("select email, event_type, asset, cast(occurred_at as varchar) from raw.content_events order by 1") == [
        ("a@acme.com", "webinar_attended", "May webinar", "2026-05-31 20:00:00"),
        ("b@acme.com", "webinar_attended", "May webinar", "2026-06-01 07:00:00"),
        ("c@acme.com", "demo_request", None, "2026-05-28 20:26:40"),
    ]
    assert raw.land().files_read == 0
    raw.write("landing.yml", (raw.folder / "landing.yml").read_text().replace("Europe/Berlin", "America/New_York"))
    # only the table whose settings changed
    assert raw.land().files_read == 3
    assert raw.column("select cast(occurred_at as varchar) from raw.content_events where email like 'a@%'") == ["2026-06-01 02:00:00"]


@pytest.mark.parametrize("text, fault", [
    ("crm_acounts: {separator: ','}", "crm_acounts is not a raw table. Did you mean crm_accounts?"),
    ("crm_accounts: {seperator: ','}", "crm_accounts.seperator is unknown. Did you mean separator? Expected files, columns,"),
    ("crm_accounts: {separator: ':'}", "crm_accounts.separator is ':'. Expected one of"),
    ("crm_accounts: {columns: {acount_id: Id}}", "crm_accounts.columns.acount_id is not a column of crm_accounts. Did you mean account_id?"),
    ("crm_accounts: {columns: [Id]}", "crm_accounts.columns must be a mapping, such as `account_id: Id`."),
    ("crm_accounts: {columns: {account_id: }}", "crm_accounts.columns.account_id is empty. Name the column of the file, or remove the line."),
    ("crm_accounts: {dates: european}", "crm_accounts.dates is 'european'. Expected one of 'day_first', 'month_first'."),
    ("crm_accounts: {time_zone: Europe/Berln}", "crm_accounts.time_zone is 'Europe/Berln', which is not a time zone. Did you mean Europe/Berlin?"),
    ("crm_accounts: {encoding: utf-9}", "crm_accounts.encoding is 'utf-9', which is not an encoding. Use utf-8, windows-1252 or utf-16, for example."),
    ("crm_accounts: {skip_lines: two}", "crm_accounts.skip_lines is 'two'. Expected the number of lines above the header, at most 10,000."),
    ("crm_accounts: {skip_lines: 99999999999999999999}", "crm_accounts.skip_lines is 99999999999999999999. Expected the number of lines"),
    *((f"web_events: {{encoding: {codec}}}", f"web_events.encoding is '{codec}', which is not an encoding.") for codec in ("idna", "base64", "rot13")),
    # short names that mean several zones
    *((f"web_events: {{time_zone: {zone}}}", f"web_events.time_zone is '{zone}', which is not a time zone") for zone in ("BST", "AST", "EST")),
    ("crm_accounts: {separator: [comma]}", "crm_accounts.separator is ['comma']. Expected one of ',', ';',"),
    ("crm_accounts: {decimal: '.'}\nweb_events: {dates: day_first}\ncrm_accounts: {dates: day_first}",
     "landing.yml, line 3 is not YAML: the key crm_accounts is there twice, so join the two."),
    ("crm_accounts: {files: nothing.csv}", "crm_accounts.files names nothing.csv, but"),
    ("web_events: [{}, {files: a.csv}]", "web_events[1].files is missing. If a table has several sources, each must name its files."),
    ("web_events: {constants: {event_type: [a]}}", "web_events.constants.event_type must be one value."),
    ("web_events: x", "web_events must hold one or more of files, columns,"),
    ("web_events: {a: [}", "line 1 is not YAML: "), ("web_events: {files: 2026-13-01}", "is not YAML: month must be in 1..12."), ("- a", "must hold tables, such as `crm_accounts:`"),
])
def test_a_fault_of_landing_yml_names_the_key(raw, text, fault):
    raw.write("landing.yml", text)
    with pytest.raises(LandingError) as error:
        raw.land()
    line = str(error.value).splitlines()[1]
    assert line.startswith("  - landing.yml") and fault in line, line


def test_a_column_that_landing_yml_names_has_to_be_there(raw):
    raw.write("landing.yml", "web_events: {columns: {page_url: URL}}")
    raw.refused(f"web_events: {raw.folder}/web_events.csv lacks the column URL. Found event_id,")


def test_two_sources_of_landing_yml_for_one_file_are_one_fault(raw):
    raw.write("landing.yml", "web_events: [{files: web_events.csv}, {files: web_events.csv}]")
    raw.refused("landing.yml: two sources of web_events name web_events.csv. Keep one of them.")


def test_other_files_are_left_alone_and_said(raw):
    raw.csv("content_events.CSV", {"event_id": "a"} | PAGE)
    (raw.folder / "other").mkdir()
    for name in ("README.md", ".hidden.csv"):
        raw.write(name, "x")
    notes = raw.land().notes
    assert raw.column("select count(*) from raw.content_events") == [1]
    for name in ("README.md", "other"):
        assert f"{raw.folder}/{name} is not part of the landing contract and was not read." in notes
    assert "Hidden files were not read: .hidden.csv." in notes
    assert "Not found, taken as empty: account_domains, linkedin_events, ad_events, intent_events, product_events." in notes


def test_a_misspelt_folder_is_named(raw):
    raw.write("contnt_events/a.csv", "x")
    raw.refused("contnt_events is not a raw table. Did you mean content_events?")


def test_a_table_that_is_there_twice_is_named(raw):
    raw.pages("web_events/a.csv", a="/")
    raw.refused("web_events: found more than once (", "web_events.csv", "Keep one of them.")


@pytest.mark.parametrize("content, fault", [
    (b"", "is empty. Expected a header with the columns email, event_type, occurred_at"),
    (b"PK\x03\x04rest", "is a spreadsheet or an archive. Export it as CSV."),
    (b"x" * 3_000_000, "has no header: its first line is longer than 1 MB. Is it a CSV file?"),
    (b"event_id;email;event_type\n", "lacks the column occurred_at. Found event_id, email, event_type. Expected"),
    (b"event_id,\xb3mail\n", "is neither UTF-8 nor Windows-1252. Save it as UTF-8, or name its `encoding` in landing.yml."),
    (b"event_id,mail,event_type,asset,campaign\n", "lacks the columns email, occurred_at. Found event_id, mail, event_type, asset, campaign. Expected"),
    (b"event_id,email,Email,event_type,asset,campaign,occurred_at,loaded_at\n", "has the column email twice. Found event_id, email, Email,"),
])
def test_a_file_that_is_no_csv_of_the_contract_is_named_with_its_real_fault(raw, content, fault):
    file = raw.write("content_events.csv", content)
    raw.refused(f"content_events: {file} {fault}")


def test_an_empty_file_beside_others_and_a_readme_are_only_named(raw):
    (raw.folder / "web_events.csv").unlink(missing_ok=True)
    raw.pages("web_events/a.csv", a="/")
    empty = raw.write("web_events/b.csv", b"")
    readmes = [raw.write(name, b"# Read this") for name in ("web_events/README.txt", "web_events/readme.md", "Readme.txt")]
    notes = raw.land().notes
    assert f"{empty} is empty, and brings no rows." in notes
    assert all(f"{readme} is not part of the landing contract and was not read." in notes for readme in readmes)
    # a day that comes later is read, and a day that loses its rows is a fault
    raw.pages("web_events/b.csv", b="/")
    assert f"{empty} is empty, and brings no rows." not in raw.land().notes
    raw.write("web_events/b.csv", b"")
    raw.refused(f"web_events: {empty} is empty.")


def test_a_file_of_a_vendor_without_known_columns_is_named(raw):
    """A table of a vendor has no required column, so nothing else would tell."""
    sources = Sources(vendors={"marketo": "marketo"})
    for content, fault in (
        ("_airbyte_raw_id,_airbyte_extracted_at,_airbyte_data\n", "Airbyte has put the whole row into _airbyte_data: let it flatten the root level."),
        ("a,b\n", "has none of the columns that are read. Found a, b. Expected its columns, each once"), ("", "is empty. Expected a header with its columns."),
    ):
        file = raw.write("marketo/leads.csv", content)
        with pytest.raises(LandingError) as error:
            land(raw.connection, str(raw.folder), sources)
        fault_line, = [line for line in str(error.value).splitlines() if line.startswith("  - ")]
        assert str(file) in fault_line and fault in fault_line


@pytest.mark.parametrize("cut", [0, 100, -100])
def test_a_parquet_file_that_was_cut_is_named(raw, cut):
    raw.pages("web_events.csv", a="/")
    (raw.folder / "web_events").mkdir()
    for name in "ab":
        duckdb.sql(f"copy (from read_csv('{raw.folder}/web_events.csv', all_varchar = true)) to '{raw.folder}/web_events/{name}.parquet'")
    (raw.folder / "web_events.csv").unlink()
    file = raw.folder / "web_events" / "b.parquet"
    file.write_bytes(file.read_bytes()[:cut])
    raw.refused(f"web_events: {file} is not a readable Parquet file (", "Export it again.")


def test_gzip_files_that_are_not_whole_are_named(raw):
    rows = [{"event_type": "x", "occurred_at": "2026-05-01", "event_id": str(number ** 3)} for number in range(20_000)]
    contents = {
        "csv": "".join(",".join(row) + "\n" for row in ([*rows[0]], *(row.values() for row in rows))),
        "jsonl": "".join(json.dumps(row) + "\n" for row in rows),
    }
    files = []
    for kind, content in contents.items():
        whole = gzip.compress(content.encode())
        for name, broken in {
            "cut in its first lines": whole[:12], "cut": whole[:len(whole) // 2], "cut before its checksum": whole[:-8], "not compressed": content.encode(),
            "changed": whole[:5_000] + b"xy" + whole[5_002:], "with text after its end": whole + b"junk",
        }.items():
            files.append(raw.write(f"product_events/{name}.{kind}.gz", broken))
        raw.write(f"product_events/whole.{kind}.gz", whole)
    with pytest.raises(LandingError) as error:
        raw.land()
    assert str(error.value).splitlines()[1:-1] == [f"  - product_events: {file} is not a whole gzip file. Export it again." for file in sorted(files)]


# forgotten people

def test_rows_of_forgotten_people_are_left_out_also_of_files_that_landed_before(raw):
    def forgets(*identifiers):
        return Forgotten(frozenset(keyed_hash(KEY, value, "forget") for value in identifiers), KEY)

    raw.csv("crm_contacts.csv", *({"contact_id": key, "email": email, "created_at": "2026-01-01", "loaded_at": "2026-01-01"}
                                  for key, email in (("C1", "Ana@acme.com"), ("C2", "bo@acme.com"), ("C3", ""))))
    web = raw.csv("web_events.csv", PAGE | {"event_id": "a", "email": " ana@ACME.com "}, PAGE | {"event_id": "b", "visitor_id": "v1"},
                  PAGE | {"event_id": "c", "email": "bo@acme.com"}, PAGE | {"event_id": "d", "occurred_at": "never", "visitor_id": "v1"})
    web.write_bytes(web.read_bytes() + b"e,,ana@acme.com\nf,,bo@acme.com\n")
    assert raw.land().files_read == 6 and raw.column("select count(*) from raw.web_events") == [4]
    # accounts, opportunities and intent hold no people, so they are not read again
    assert raw.land(forgets("ana@acme.com", "v1", "C3")).files_read == 4
    assert raw.column("select event_id from raw.web_events") == ["c"]
    assert raw.column("select contact_id from raw.crm_contacts") == ["C2"]
    assert raw.query("select line_text from landing.unreadable_lines order by 1") == [("(holds data of a forgotten person)",), ("f,,bo@acme.com",)]
    assert raw.land(forgets("ana@acme.com", "v1", "C3")).files_read == 0
    raw.land()
    assert raw.column("select count(*) from raw.web_events") == [4]


def test_a_list_that_is_missing_or_of_another_key_stops_the_build(tmp_path, monkeypatch):
    file = tmp_path / "forgotten.csv"
    monkeypatch.setenv("FORGOTTEN_PEOPLE", str(file))
    monkeypatch.delenv("DBT_ENV_SECRET_PRIVACY_KEY", raising=False)
    with pytest.raises(BadUsage, match="which does not exist. Nothing was built, because forgotten people would come back"):
        read_forgotten()
    file.write_text("identifier_hash,forgotten_on,key_hash\n")
    assert read_forgotten() == Forgotten()
    write_list(file, {keyed_hash(KEY, "ana@acme.com", "forget"): "2026-05-01"}, KEY)
    with pytest.raises(BadUsage, match="DBT_ENV_SECRET_PRIVACY_KEY is not set"):
        read_forgotten()
    monkeypatch.setenv("DBT_ENV_SECRET_PRIVACY_KEY", "o" * 32)
    with pytest.raises(BadUsage, match="was made with another key"):
        read_forgotten()
    monkeypatch.setenv("DBT_ENV_SECRET_PRIVACY_KEY", KEY)
    assert len(read_forgotten().hashes) == 1


def test_the_contract_changes_and_everything_is_read_again(raw, monkeypatch):
    from engagement.landing import store

    raw.pages("web_events.csv", a="/1")
    assert raw.land().files_read == 6
    monkeypatch.setattr(store, "VERSION", store.VERSION + 1)
    assert raw.land().files_read == 6
    assert rows_of(raw) == {"a": "/1"} and raw.land().files_read == 0


def test_views_of_an_older_version_of_the_project_are_replaced(raw):
    raw.connection.execute("create schema raw; create view raw.web_events as select 1 as event_id")
    raw.pages("web_events.csv", a="/1")
    raw.land()
    assert rows_of(raw) == {"a": "/1"}
