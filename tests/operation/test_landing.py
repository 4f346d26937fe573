"""Files to raw tables: every row is accounted for, a value never depends on the values around it, and only changes are read."""

import csv
import gzip
import json
import subprocess
import sys
import time

import duckdb
import pytest

from engagement.landing import LandingError, create_raw_tables, land, read_contract
from engagement.landing.forgotten import Forgotten, read_forgotten
from engagement.paths import BadUsage
from engagement.privacy import keyed_hash, write_list
from harness import ROOT

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
        file.parent.mkdir(exist_ok=True)
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


# values

def typed(data_type, *values):
    """How values of one column are read, all in one file."""
    table, column = {
        "timestamp": ("crm_opportunities", "closed_at"), "number": ("crm_opportunities", "amount_usd"),
        "integer": ("crm_accounts", "employee_count"), "boolean": ("crm_opportunities", "is_won"), "text": ("crm_accounts", "industry"),
    }[data_type]
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    create_raw_tables(connection, {table: [{column: value} for value in values]})
    return [value for value, in connection.execute(f"select cast({column} as varchar) from raw.{table} order by row_id").fetchall()]


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
    "290309-12-22 (BC) 00:00:00": None, "0001-01-01": None, "9999-12-31 23:59:59": None, "1780000000": None, "": None,
}


def test_a_time_is_read_by_itself_whatever_stands_around_it():
    for given in (list(TIMES), list(reversed(TIMES)), [text for text in TIMES for _ in range(80)]):
        assert typed("timestamp", *given) == [TIMES[text] for text in given]


def test_numbers_flags_and_texts_are_read_by_themselves():
    numbers = {"12": "12.0", " 1.5 ": "1.5", "1e3": "1000.0", "-7": "-7.0", "1e14": "100000000000000.0",
               "1e15": None, "-1e308": None, "1e999": None, "nan": None, "infinity": None, "1,5": None, "ten": None, "": None}
    assert typed("number", *numbers) == list(numbers.values())
    integers = {"12": "12", "26.5": "27", "-0.5": "0", "3000000000": None, "1e20": None, "x": None}
    assert typed("integer", *integers) == list(integers.values())
    flags = {"true": "true", " FALSE ": "false", "1": "true", "0": "false", "yes": "true", "maybe": None, "": None}
    assert typed("boolean", *flags) == list(flags.values())
    texts = {"  a b  ": "a b", "   ": None, "": None, "NULL": "NULL", "a\nb": "a\nb", "x\x00y": "x\x00y"}
    assert typed("text", *texts) == list(texts.values())


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
        "7": ("[1, 2]", "12", "1.5", "2026-05-01 00:00:00", "2026-05-01 06:00:00", "0", "None"),
        "b": ("true", "13", "2.5", "2026-05-01 00:00:00", "2026-05-01 04:00:00", "0", "None"),
        "c": ("{'a': 1}", "None", "None", "None", "2026-05-01 00:00:00", "2", fault.format("created_at")),
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
    ]
    raw.write("web_events.csv", (",".join(WEB) + "\n").encode() + b"".join(lines))
    notes = raw.land().notes
    assert any("web_events: 5 unreadable lines of" in note and "rejected_records" in note for note in notes)
    assert raw.query("select left(event_id, 9), length(event_id), landing_fault from raw.web_events order by length(event_id)") == [
        ("a", 1, None), ("two\nlines", 9, None), ("x" * 9, 5_000_000, None),
    ]
    assert raw.query("select line_number, fault, left(line_text, 8) from landing.unreadable_lines order by 1") == [
        (3, "it is not UTF-8", "caf?,,,,"), (4, "it has too few values", "few,,,,p"), (5, "it has too many values", "many,,,,"),
        (6, "text follows a closing quote", '"q"uote,'), (10, "it has too few values", "cut,,,,p"),
    ]


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
        assert raw.query("select event_type, page_url from raw.web_events") == [(text.strip(" ") or None, text.strip(" ") or None)] * 2
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
    assert note.startswith(f"crm_accounts: {raw.folder}/crm_accounts.csv has the unknown columns Bemerkung, (without a name) and lacks the columns parent_account_id,")


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
    assert raw.column("select record_key from landing.removed_keys order by row_id") == ["a", "b"]
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
    assert raw.column("select record_key from landing.removed_keys order by record_key") == ["a", "b", "c"]
    raw.pages("web_events.csv", a="/1", c="/2", d="/1", e="/1")
    raw.land()
    assert dict(raw.query("select event_id, row_id from raw.web_events"))["d"] == after[-1][2]


def test_what_is_left_of_an_event_that_lost_a_load_is_compared_again(raw):
    (raw.folder / "web_events.csv").unlink()
    raw.pages("web_events/a.csv", w="/old", x="/x")
    raw.pages("web_events/b.csv", w="/new")
    raw.land()
    last, = raw.column("select max(row_id) from raw.web_events")
    (raw.folder / "web_events" / "b.csv").unlink()
    raw.land()
    assert raw.query(f"select event_id, page_url from raw.web_events where row_id > {last}") == [("w", "/old")]


def test_a_fault_leaves_everything_as_it_was(raw):
    raw.pages("web_events.csv", a="/1")
    raw.land()
    tables = ("raw.web_events", "raw.email_events", "landing.files", "landing.removed_keys", "landing.unreadable_lines")
    before = [raw.query(f"from {table} order by all") for table in tables]
    raw.csv("email_events.csv", PAGE | {"event_id": "e"})
    raw.write("web_events.csv", ",".join(WEB) + '\nb,"never closed\n')
    raw.refused("web_events: ", "web_events.csv is no CSV from line 2 on: a quote is opened and never closed. Correct or remove that line")
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
        f"The raw data in {raw.folder} do not keep the landing contract; nothing was built.",
        f"  - {raw.folder}/web_event.csv is no raw table. Did you mean web_events? Rename or move it. Expected the tables {', '.join(TABLES)}.",
        f"  - crm_accounts: required, but not found. Expected {raw.folder}/crm_accounts.csv, crm_accounts.parquet or a folder crm_accounts/"
        " of such files, with the column account_id.",
        "  docs/your-data.md has the contract; env var RAW_DATA says where the files are.",
    ]


def test_a_wrong_path_is_named(raw):
    raw.folder = raw.folder / "nowhere"
    raw.refused("No raw table was found. Does the folder exist?")


@pytest.mark.parametrize("name", [
    "content_events.csv.gz", "content_events.tsv", "content_events.json", "content_events", "content_events.parquet.tmp",
    "content_events/a.csv.gz", "content_events/a.parquet.tmp", "content_events/2026/a.csv",
])
def test_a_file_that_is_not_read_is_named(raw, name):
    (raw.folder / name).parent.mkdir(parents=True, exist_ok=True)
    raw.write(name, "x")
    raw.refused(f"{raw.folder}/{name} cannot be read: its name has to end in .csv or .parquet", "Convert, rename or remove it.")


def test_other_files_are_left_alone_and_said(raw):
    raw.csv("content_events.CSV", {"event_id": "a"} | PAGE)
    (raw.folder / "other").mkdir()
    for name in ("README.md", "content_events.CSV/.DS_Store", ".hidden.csv"):
        if "/" not in name:
            raw.write(name, "x")
    notes = raw.land().notes
    assert raw.column("select count(*) from raw.content_events") == [1]
    for name in ("README.md", "other"):
        assert f"{raw.folder}/{name} is not part of the landing contract and was not read." in notes
    assert f"{raw.folder}/.hidden.csv is hidden and was not read." in notes
    assert "ad_events: not found, taken as empty." in notes


def test_a_misspelt_folder_is_named(raw):
    raw.write("contentevents/a.csv", "x")
    raw.refused("contentevents is no raw table. Did you mean content_events?")


def test_a_table_that_is_there_twice_is_named(raw):
    raw.pages("web_events/a.csv", a="/")
    raw.refused("web_events: found more than once (", "web_events.csv", "Keep one of them.")


@pytest.mark.parametrize("content, fault", [
    (b"", "is empty. Expected a header with the columns email, event_type, occurred_at"),
    ("event_id,email".encode("utf-16"), "is written in UTF-16. Save it as UTF-8."),
    (gzip.compress(b"event_id", mtime=0), "is compressed (gzip). Unpack it."),
    (b"PK\x03\x04rest", "is a spreadsheet or an archive. Export it as CSV."),
    (b"x" * 3_000_000, "has no header: its first line is longer than 1 MB. Is it a CSV file?"),
    (b"event_id;email;event_type\n", "separates its columns by semicolons. Export it with commas."),
    (b"event_id\temail\tevent_type\n", "separates its columns by tabs. Export it with commas."),
    (b"event_id,\xe9mail\n", "has a header that is not UTF-8. Save it as UTF-8."),
    (b"event_id,mail,event_type,asset,campaign\n", "lacks the columns email, occurred_at. Found event_id, mail, event_type, asset, campaign. Expected"),
    (b"event_id,email,Email,event_type,asset,campaign,occurred_at,loaded_at\n", "has twice the column email. Found event_id, email, Email,"),
])
def test_a_file_that_is_no_csv_of_the_contract_is_named_with_its_real_fault(raw, content, fault):
    file = raw.write("content_events.csv", content)
    raw.refused(f"content_events: {file} {fault}")


@pytest.mark.parametrize("cut", [0, 100, -100])
def test_a_parquet_file_that_was_cut_is_named(raw, cut):
    raw.pages("web_events.csv", a="/")
    (raw.folder / "web_events").mkdir()
    for name in "ab":
        duckdb.sql(f"copy (from read_csv('{raw.folder}/web_events.csv', all_varchar = true)) to '{raw.folder}/web_events/{name}.parquet'")
    (raw.folder / "web_events.csv").unlink()
    file = raw.folder / "web_events" / "b.parquet"
    file.write_bytes(file.read_bytes()[:cut])
    raw.refused(f"web_events: {file} is no readable Parquet file (", "Deliver it again.")


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
    before = raw.column("select max(row_id) from raw.web_events")[0]
    # accounts, opportunities and intent hold no people, so they are not read again
    assert raw.land(forgets("ana@acme.com", "v1", "C3")).files_read == 4
    assert raw.column("select event_id from raw.web_events") == ["c"]
    assert raw.column("select contact_id from raw.crm_contacts") == ["C2"]
    assert raw.query("select line_text from landing.unreadable_lines order by 1") == [("(holds data of a forgotten person)",), ("f,,bo@acme.com",)]
    # the next build learns of it
    assert set(raw.column(f"select record_key from landing.removed_keys where row_id > {before}")) == {"a", "b", "c"}
    assert raw.land(forgets("ana@acme.com", "v1", "C3")).files_read == 0
    raw.land()
    assert raw.column("select count(*) from raw.web_events") == [4]


def test_a_list_that_is_missing_or_of_another_key_stops_the_build(tmp_path, monkeypatch):
    file = tmp_path / "forgotten.csv"
    monkeypatch.setenv("FORGOTTEN_PEOPLE", str(file))
    monkeypatch.delenv("DBT_ENV_SECRET_PRIVACY_KEY", raising=False)
    with pytest.raises(BadUsage, match="which does not exist. Nothing was built, as forgotten people would come back"):
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
