"""Tables of vendors: how landing reads them, how vars switch them on, and what check, the build and forgetting make of them."""

import gzip
import shutil
import subprocess

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import check, coverage, forget
from engagement.landing import LandingError, Sources, land
from engagement.landing.forgotten import Forgotten
from engagement.paths import BadUsage
from engagement.privacy import keyed_hash
from engagement.project_vars import sources_of
from harness import ROOT, Project, read_csv, write_csv
from pages import missing, output

SAMPLES = ROOT / "sample" / "vendors"
KEY = "a key that is long enough for this test"
ACCOUNT = {"id": "001A", "name": "Acme", "website": "acme.com", "created_date": "2026-01-01", "_fivetran_synced": "2026-05-01 00:00:00"}
CONTACT = {"id": "003A", "account_id": "001A", "email": "ana@acme.com", "_fivetran_synced": "2026-05-01 00:00:00"}


class Raw:
    """A folder of raw files, and a database that they are landed into."""

    def __init__(self, folder):
        self.folder, self.connection = folder, duckdb.connect()

    def write(self, name, *rows):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_csv(self.folder / name, rows)

    def land(self, *vendors, crm="", forgotten=Forgotten()):
        return land(self.connection, str(self.folder), Sources(vendors={vendor: vendor for vendor in vendors}, crm=crm), forgotten)

    def query(self, sql):
        return self.connection.execute(sql).fetchall()


@pytest.fixture
def raw(tmp_path):
    raw = Raw(tmp_path)
    raw.write("salesforce/account.csv", ACCOUNT)
    raw.write("salesforce/contact.csv", CONTACT)
    return raw


# landing

def test_a_vendor_is_read_into_a_schema_of_its_own_with_the_declared_columns(raw):
    """Own required tables may be missing, as the CRM brings them; a column that is declared and missing is null."""
    notes = raw.land("salesforce", crm="salesforce").notes
    assert raw.query("select id, name, industry from salesforce.account") == [("001A", "Acme", None)]
    assert raw.query("select count(*) from raw.crm_accounts") == [(0,)]
    assert any(note.startswith("Not found, taken as empty: crm_accounts, ") and "salesforce.lead" in note for note in notes)


@pytest.mark.parametrize("name, row", [
    ("salesforce/Account.csv.gz", None), ("Salesforce/ACCOUNT.csv", None), ("salesforce/account/2026.csv", None),
    ("salesforce/Account.csv", {"Id": "001A", "Billing Country": "France", "NumberOfEmployees": "7"}),
])
def test_names_of_files_and_columns_are_compared_in_one_spelling(tmp_path, name, row):
    raw = Raw(tmp_path)
    raw.write(name, row or {"id": "001A", "BILLINGCOUNTRY": "France", "number_of_employees": "7"})
    if name.endswith(".gz"):
        file = tmp_path / name
        file.write_bytes(gzip.compress(file.read_bytes()))
    raw.land("salesforce", crm="salesforce")
    assert raw.query("select id, billing_country, number_of_employees from salesforce.account") == [("001A", "France", 7)]


def test_a_value_that_cannot_be_read_is_null_and_counted_and_its_row_kept_as_it_came(raw):
    """Which columns a row needs is known to the models alone."""
    raw.write("salesforce/account.csv", ACCOUNT | {"created_date": "once", "is_deleted": "maybe"}, ACCOUNT | {"id": ""})
    raw.land("salesforce", crm="salesforce")
    assert raw.query("select created_date, unreadable_values, landing_fault, landing_row ->> '$.created_date' from salesforce.account order by id") == [
        (None, 2, None, "once"), (raw.query("select timestamp '2026-01-01'")[0][0], 0, None, None),
    ]


def test_days_that_could_be_months_are_asked_about_and_landing_yml_answers(raw):
    raw.write("salesforce/account.csv", ACCOUNT | {"created_date": "3/4/2026"})
    with pytest.raises(LandingError, match="salesforce.account: .* writes created_date as '3/4/2026'"):
        raw.land("salesforce", crm="salesforce")
    (raw.folder / "landing.yml").write_text("salesforce.account:\n  dates: day_first\n")
    raw.land("salesforce", crm="salesforce")
    assert str(raw.query("select created_date from salesforce.account")[0][0]) == "2026-04-03 00:00:00"


def test_other_files_of_a_vendor_are_left_alone(raw):
    raw.write("salesforce/Contract.csv", {"Id": "1"})
    raw.write("hubspot/company.csv", {"id": "1"})
    notes = raw.land("salesforce", crm="salesforce").notes
    assert f"{raw.folder}/salesforce: not read, because no model needs them: Contract.csv." in notes
    assert f"{raw.folder}/hubspot was not read, because var vendors doesn't include hubspot." in notes


def test_the_crm_has_to_be_there(raw):
    shutil.rmtree(raw.folder / "salesforce")
    with pytest.raises(LandingError, match="salesforce: named in var crm, but .*/salesforce/ has none of its tables account, "):
        raw.land("salesforce", crm="salesforce")
    # without it own tables are asked for, as ever
    with pytest.raises(LandingError, match="crm_accounts: required, but not found"):
        raw.land()


def test_a_vendor_that_is_switched_off_or_moved_leaves_nothing_behind(raw):
    raw.land("salesforce", crm="salesforce")
    assert raw.land("salesforce", crm="salesforce").files_read == 0
    land(raw.connection, str(raw.folder), Sources(vendors={"salesforce": "crm_copy"}, crm="salesforce"))
    schemas = "select distinct schema_name from duckdb_tables() where database_name = 'memory' and schema_name not in ('raw', 'landing')"
    assert raw.query(schemas) == [("crm_copy",)]
    raw.write("crm_accounts.csv", {"account_id": "a"})
    raw.write("crm_contacts.csv", {"contact_id": "c"})
    raw.land()
    assert raw.query(schemas) == []
    assert raw.query("select count(*) from landing.files where source_table like 'salesforce%'") == [(0,)]


def test_a_database_of_the_vendors_name_is_refused(raw, tmp_path):
    """DuckDB could not tell salesforce.account from the table account of the database salesforce."""
    raw.connection = duckdb.connect(str(tmp_path / "salesforce.duckdb"))
    with pytest.raises(BadUsage, match="The database and the schema of salesforce are both called salesforce"):
        raw.land("salesforce", crm="salesforce")


# forgetting

def forgets(*identifiers):
    return Forgotten(frozenset(keyed_hash(KEY, identifier, "forget") for identifier in identifiers), KEY)


def test_forgotten_people_are_left_out_of_vendors_tables_each_tools_ids_by_themselves(raw):
    """Outreach counts from 1, as others do: its prospect 7 is not the CRM's contact 7."""
    raw.write("salesforce/contact.csv", CONTACT, CONTACT | {"id": "7", "email": "bo@acme.com"})
    raw.write("salesforce/task.csv", {"id": "1", "who_id": "7"}, {"id": "2", "who_id": "003A"})
    raw.write("outreach/prospect.csv", {"id": "7", "emails": '["ana@acme.com", "a.ruiz@acme.com"]'}, {"id": "8", "emails": "bo@acme.com"})
    raw.write("outreach/call.csv", {"id": "1", "relationship_prospect_id": "7"}, {"id": "2", "relationship_prospect_id": "8"})
    on = {"crm": "salesforce"}
    raw.land("salesforce", "outreach", **on)
    ids = {name: f"select id from {name} order by 1" for name in ("salesforce.contact", "salesforce.task", "outreach.prospect", "outreach.call")}

    raw.land("salesforce", "outreach", **on, forgotten=forgets("7"))
    assert {name: raw.query(sql) for name, sql in ids.items()} == {
        "salesforce.contact": [("003A",)], "salesforce.task": [("2",)], "outreach.prospect": [("7",), ("8",)], "outreach.call": [("1",), ("2",)],
    }
    raw.land("salesforce", "outreach", **on)
    person = forget.identify(raw.connection, "a.ruiz@acme.com", Sources(vendors={"salesforce": "", "outreach": ""}, crm="salesforce"))
    assert person.emails == {"a.ruiz@acme.com", "ana@acme.com"} and person.contact_ids == {"003A", "outreach 7"}
    raw.land("salesforce", "outreach", **on, forgotten=forgets(*person.identifiers))
    assert {name: raw.query(sql) for name, sql in ids.items()} == {
        "salesforce.contact": [("7",)], "salesforce.task": [("1",)], "outreach.prospect": [("8",)], "outreach.call": [("2",)],
    }


def test_ids_with_the_decimals_of_a_spreadsheet_are_those_of_one_person_each(raw):
    raw.write("salesforce/contact.csv", CONTACT)
    raw.write("outreach/prospect.csv", {"id": "7.0", "emails": "ana@acme.com"}, {"id": "8.0", "emails": "bo@acme.com"})
    raw.write("outreach/call.csv", {"id": "1", "relationship_prospect_id": "[7]"}, {"id": "2", "relationship_prospect_id": "[8.0]"})
    raw.land("salesforce", "outreach", crm="salesforce")
    person = forget.identify(raw.connection, "bo@acme.com", Sources(vendors={"salesforce": "", "outreach": ""}, crm="salesforce"))
    assert person.contact_ids == {"outreach 8"} and person.emails == {"bo@acme.com"}
    raw.land("salesforce", "outreach", crm="salesforce", forgotten=forgets(*person.identifiers))
    assert raw.query("select id from outreach.prospect") == [("7.0",)] and raw.query("select id from outreach.call") == [("1",)]


# commands

@pytest.fixture
def said(capsys):
    def run(*arguments):
        exit_code = check.main(list(arguments))
        return exit_code, capsys.readouterr().out

    return run


def test_check_names_vendor_tables_and_the_next_command(said):
    given = "{vendors: [salesforce, segment], crm: salesforce}"
    exit_code, output = said(str(SAMPLES), "--vars", given)
    assert exit_code == 0 and f"Next: RAW_DATA={SAMPLES} make build VARS='{given}'\nReady." in output
    assert "salesforce.account " in output and "segment.pages " in output and "ga4 was not read, because var vendors doesn't include ga4" in output


@pytest.mark.parametrize("given, fault", [
    ("{vendors: [salesfroce]}", "Var vendors names 'salesfroce', which is unknown. Use one of: "),
    ("{vendors: salesforce}", "Var vendors is 'salesforce'. Write a list: [salesforce]."),
    ("{vendors: [marketo], crm: salesforce}", "Var crm is 'salesforce', which is not switched on. Add it to var vendors"),
    ("{vendors: [marketo], crm: marketo}", "Var crm is 'marketo', which brings no accounts. Use one of "),
])
def test_a_wrong_var_is_named_by_the_check_and_by_dbt(tmp_path, given, fault):
    success, output = Project(tmp_path / "project").dbt("parse", "--vars", given)
    assert not success and fault in output
    with pytest.raises(BadUsage) as error:
        check.main([str(SAMPLES), "--vars", given])
    assert str(error.value).startswith(fault)


def test_commands_look_for_raw_tables_in_the_schemas_of_the_vars():
    given = {"raw_schema": "crm", "vendors": ["salesforce", "marketo"], "salesforce_schema": "sfdc", "crm": "salesforce"}
    assert sources_of(given) == Sources("crm", {"salesforce": "sfdc", "marketo": "marketo"}, "salesforce")


def test_vars_without_a_value_name_no_vendor(tmp_path):
    success, output = Project(tmp_path / "project").dbt("parse", "--vars", "{vendors: null, crm: null}")
    assert success, output
    assert sources_of({"vendors": None, "crm": None}).vendors == {}


@pytest.mark.parametrize("target", ["check", "build", "forget", "what-if"])
def test_make_hands_vars_over(target):
    """The stamp of the virtual environment is taken as new, and the command is only shown."""
    given = "{vendors: [salesforce], crm: salesforce, as_of_date: '2026-05-31'}"
    made = subprocess.run(
        ["make", "--no-print-directory", "-o", ".venv/build", target, "RUN=echo", f"VARS={given}", "ARGS=--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )
    assert made.stdout == f"engagement {target} --vars {given} --help\n"


THREE = ("--vars", "{vendors: [salesforce, marketo, segment], crm: salesforce}")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Three vendors as the command builds and publishes them."""
    folder = tmp_path_factory.mktemp("vendors")
    shutil.copytree(SAMPLES, folder / "raw")
    project = Project(folder / "project", folder / "raw")
    with project.here(*THREE):
        assert cli.run("build", ["--no-dashboard", *THREE]) == 0
    return project


def test_three_vendors_are_built_and_the_report_names_their_tables(built):
    with duckdb.connect(str(built.database), read_only=True) as connection:
        lines = list(coverage.report(connection))
    assert (built.database.parent / "serving" / "marts.duckdb").is_file()
    assert any(line.startswith("Rows of salesforce: account ") for line in lines)
    assert missing(output("docs/your-data.md", "Rows of segment"), "\n".join(lines)) == []
    assert {owner for owner, in built.query("select distinct owner_email from account_scores")} == {"rita.rep@ours.example", "sam.seller@ours.example"}
    assert built.query("select count(*) > 3, count(*) filter (score > 0) > 0 from account_scores") == [(True, True)]
    vendors = built.query("select distinct split_part(event_id, ' ', 1) from intermediate.int_events order by 1")
    assert vendors == [("marketo",), ("salesforce",), ("segment",)]


def test_changed_and_vanished_rows_of_vendors_are_noticed_by_the_next_run(built):
    """An event without a time, too: it is listed with its text, and no other row is."""
    pages = built.raw_data / "segment" / "pages.csv"
    _, second, third, *others = read_csv(pages)
    no_time = dict.fromkeys(("timestamp", "original_timestamp", "received_at"), "soon")
    write_csv(pages, [second | {"url": "https://www.ours.example/pricing"}, third | no_time, *others])
    marts = ("account_scores", "score_ledger", "rejected_records", "source_coverage", "account_timeline")
    before, selected = {mart: built.table(mart) for mart in marts}, ["--select", *(f"+{mart}" for mart in marts)]
    success, output = built.dbt("run", *selected, *THREE)
    assert success, output
    daily = {mart: built.table(mart) for mart in marts}
    success, output = built.dbt("run", "--full-refresh", *selected, *THREE)
    assert success, output
    assert {mart: built.table(mart) for mart in marts} == daily
    assert daily["account_timeline"] != before["account_timeline"]
    assert built.query("select rejection_reason, raw_row like '%soon%' from rejected_records where source_table = 'web_events'") == [
        ("occurred_at is missing", True)
    ]


def test_nothing_is_left_of_a_vendor_that_was_switched_off(built):
    """Its people would stay in the database, and forgetting one of them could never end."""
    relations = "select schema_name || '.' || name from (from duckdb_views() select schema_name, view_name as name union all from duckdb_tables() select schema_name, table_name)"
    with duckdb.connect(str(built.database)) as connection:
        connection.execute("create table staging.landing_notes as select 1 as mine")
    # any command that builds
    success, output = built.dbt("run", "--select", "int_numbers", "--vars", "{vendors: [salesforce], crm: salesforce}")
    assert success, output
    left = {name for name, in built.query(relations)}
    assert [name for name in left if "segment" in name or "marketo" in name] == []
    assert {"staging.landing_salesforce__crm_contacts", "staging.landing_notes"} <= left
