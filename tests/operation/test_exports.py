"""Exports as tools and spreadsheets write them: what the check says first, and what lands once landing.yml answers it.

The shapes follow the vendors' public documentation; the rows are made up.
"""

import csv
import gzip
import io
import re
import shlex

import duckdb
import pytest
import yaml

from engagement import check
from engagement.landing import land
from engagement.landing.contract import read_contract
from engagement.paths import BadUsage
from harness import SAMPLE

CRM = {
    "crm_accounts.csv": b"account_id,account_name,domain\n101,Acme,acme.com\n",
    "crm_contacts.csv": b"contact_id,account_id,email\n1,101,ana@acme.com\n",
}


def csv_text(*rows, delimiter=",", line_end="\n", quoting=csv.QUOTE_MINIMAL):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)
    return text.getvalue()


class Export:
    """A folder with the files of an export."""

    def __init__(self, folder, files):
        self.folder, self.connection = folder, duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'")
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def check(self, *options):
        """(exit code, what the command says)"""
        return check.main([str(self.folder), *options])

    def landed(self, table, *columns):
        """The usable rows."""
        land(self.connection, str(self.folder))
        values = ", ".join(f"cast({column} as varchar)" for column in columns)
        return self.connection.execute(f"select {values} from raw.{table} where landing_fault is null order by all").fetchall()

    def settings(self):
        return yaml.safe_load((self.folder / "landing.yml").read_text())

    def change(self, table, number=None, **options):
        """Adds to what landing.yml says of a table."""
        settings = self.settings() if (self.folder / "landing.yml").exists() else {}
        source = settings.setdefault(table, {})
        (source if number is None else source[number]).update(options)
        (self.folder / "landing.yml").write_text(yaml.safe_dump(settings))


@pytest.fixture
def export(tmp_path):
    return lambda files: Export(tmp_path, files)


def said(capsys):
    return capsys.readouterr().out


@pytest.mark.parametrize("companies", ["Associated Company IDs", "Associated Company IDs (Primary)"])
def test_hubspot_ui_export(export, capsys, companies):
    folder = export({
        "all-companies.csv": csv_text(
            ["Record ID", "Company name", "Company owner", "Create Date", "Country/Region", "Industry", "Number of Employees", "Company Domain Name",
             "Lifecycle Stage"],
            ["101", "Acme", "Rita Rep", "2024-01-02 10:00", "Germany", "COMPUTER_SOFTWARE", "1,500", "acme.com", "Lead"], quoting=csv.QUOTE_ALL),
        "all-contacts.csv": csv_text(
            ["Record ID", "First Name", "Last Name", "Email", "Job Title", companies, "Create Date"],
            ["1", "Ana", "Ruiz", "ana@acme.com", "CEO", "101", "2024-01-02 10:00"], ["2", "Bo", "", "bo@acme.com", "", "", "2024-01-02 10:00"]),
        "all-deals.csv": csv_text(
            ["Record ID", "Deal Name", "Deal Stage", "Close Date", "Amount", companies, "Create Date"],
            ["9", "New", "Closed Won (Sales Pipeline)", "2026-05-01 10:00", "$45,000.50", "101", "2026-01-01 10:00"]),
    })
    assert folder.check("--write") == 1
    output = said(capsys)
    for table in ("crm_accounts", "crm_contacts", "crm_opportunities"):
        assert f"looks like {table} of a HubSpot export" in output
    assert output.splitlines()[-2] == "Not ready: landing.yml must name the tables of some files." and "Written: " in output.splitlines()[-1]
    assert folder.check() == 0
    output = said(capsys)
    assert "Next: add a table of events" in output and output.endswith("Ready.\n")
    assert folder.landed("crm_accounts", "account_id", "account_name", "domain", "employee_count", "country", "created_at") == [
        ("101", "Acme", "acme.com", "1500", "Germany", "2024-01-02 10:00:00")]
    assert folder.landed("crm_contacts", "contact_id", "full_name", "account_id") == [("1", "Ana Ruiz", "101"), ("2", "Bo", None)]
    assert folder.landed("crm_opportunities", "opportunity_id", "account_id", "amount_usd", "stage") == [
        ("9", "101", "45000.5", "Closed Won (Sales Pipeline)")]


def test_salesforce_data_export(export, capsys):
    def quoted(*rows):
        return csv_text(*rows, quoting=csv.QUOTE_ALL)

    folder = export({
        "Account.csv": quoted(
            ["Id", "IsDeleted", "MasterRecordId", "Name", "Type", "ParentId", "Website", "BillingCountry", "NumberOfEmployees", "CreatedDate"],
            ["001A", "0", "", "Acme", "Prospect", "", "https://www.acme.com/de", "Germany", "120", "2024-01-02T10:00:00.000Z"]),
        "Contact.csv": quoted(
            ["Id", "IsDeleted", "MasterRecordId", "AccountId", "LastName", "FirstName", "Email", "Title", "CreatedDate"],
            ["003A", "1", "", "001A", "Ruiz", "Ana", "ana@acme.com", "CEO", "2024-01-02 10:00:00"]),
        "Opportunity.csv": quoted(
            ["Id", "IsDeleted", "AccountId", "Name", "StageName", "Amount", "CloseDate", "IsClosed", "IsWon", "CreatedDate"],
            ["006A", "0", "001A", "New", "Prospecting", "1000.0", "2026-07-01", "0", "0", "2026-05-01T10:00:00.000+0000"]),
        "Task.csv": quoted(
            ["Id", "WhoId", "AccountId", "Subject", "TaskSubtype", "CallDisposition", "CompletedDateTime"],
            ["00TA", "003A", "001A", "Call", "Call", "Interested", "2026-05-02T10:00:00.000+0000"]),
        "Event.csv": quoted(
            ["Id", "WhoId", "AccountId", "Subject", "ActivityDateTime"], ["00UA", "003A", "001A", "Demo", "2026-05-03T10:00:00.000+0000"]),
    })
    folder.check("--write")
    assert said(capsys).count("of a Salesforce Data Export") == 5
    assert folder.landed("crm_accounts", "account_id", "domain", "lifecycle_stage", "employee_count") == [
        ("001A", "https://www.acme.com/de", "Prospect", "120")]
    assert folder.landed("crm_contacts", "full_name", "is_deleted", "account_id") == [("Ana Ruiz", "true", "001A")]
    assert folder.landed("crm_opportunities", "account_id", "amount_usd", "is_won", "closed_at") == [("001A", "1000.0", "false", "2026-07-01 00:00:00")]
    assert folder.landed("crm_activities", "activity_id", "activity_type", "outcome", "occurred_at") == [
        ("00TA", "Call", "Interested", "2026-05-02 10:00:00"), ("00UA", "meeting_held", None, "2026-05-03 10:00:00")]


def test_segment_warehouse_tables(export, capsys):
    folder = export(CRM | {
        "pages.csv": csv_text(
            ["id", "received_at", "anonymous_id", "user_id", "url", "path", "context_user_agent", "timestamp"],
            ["m1", "2026-05-28 10:00:01.5+00", "v1", "", "https://us.com/pricing", "/pricing", "Mozilla/5.0", "2026-05-28 10:00:00.25+00"]),
        "identifies.csv": csv_text(
            ["id", "received_at", "anonymous_id", "user_id", "email", "timestamp"],
            ["m2", "2026-05-28 10:05:01+00", "v1", "u1", "ana@acme.com", "2026-05-28 10:05:00+00"]),
    })
    folder.check("--write")
    said(capsys)
    assert folder.check() == 0
    # the visit is Ana's by the visitor id
    assert re.search(r"web_events +2 +2 +2 +100%", said(capsys))
    assert folder.landed("web_events", "event_id", "visitor_id", "email", "event_type", "page_url", "occurred_at", "loaded_at") == [
        ("m1", "v1", None, "page_view", "https://us.com/pricing", "2026-05-28 10:00:00.25", "2026-05-28 10:00:01.5"),
        ("m2", "v1", "ana@acme.com", "identify", None, "2026-05-28 10:05:00", "2026-05-28 10:05:01")]


def test_ga4_flattened_export(export, capsys):
    """In microseconds, and of unidentified visitors."""
    folder = export(CRM | {"ga4.csv.gz": gzip.compress(csv_text(
        ["event_date", "event_timestamp", "event_name", "user_pseudo_id", "page_location"],
        ["20260528", "1780000000123456", "page_view", "123.456", "https://us.com/pricing"],
        ["20260528", "1780000001123456", "user_engagement", "123.456", "https://us.com/pricing"]).encode())})
    folder.check("--write")
    assert "GA4 identifies no people." in said(capsys)
    assert folder.check() == 0
    output = said(capsys)
    assert "web_events: no row leads to an account. Compare its ids" in output and "no signal matches user_engagement (1). Signals match" in output
    assert folder.landed("web_events", "visitor_id", "event_type", "occurred_at")[0] == ("123.456", "page_view", "2026-05-28 20:26:40.123456")


def test_marketo_activity_export(export, capsys):
    """It holds no addresses, so it is not ready until someone adds them."""
    columns = ["marketoGUID", "leadId", "activityDate", "activityTypeId", "campaignId", "primaryAttributeValueId", "primaryAttributeValue", "attributes"]
    row = ["122323", "6", "2026-05-28T06:56:35Z", "open", "11614", "4", "Spring", '{"Device":"x"}']
    folder = export(CRM | {"activities.csv": csv_text(columns, row)})
    assert folder.check("--write") == 1
    output = said(capsys)
    assert "It lacks email. Marketo identifies people by leadId only. Add the lead's Email Address" in output
    (folder.folder / "activities.csv").write_text(csv_text([*columns, "Email Address"], [*row, "ana@acme.com"]))
    folder.change("email_events", columns=folder.settings()["email_events"]["columns"] | {"email": "Email Address"})
    assert folder.check() == 0 and "Ready." in said(capsys)
    assert folder.landed("email_events", "event_id", "email", "event_type", "campaign", "occurred_at") == [
        ("122323", "ana@acme.com", "open", "Spring", "2026-05-28 06:56:35")]


def test_german_excel_csv(export, capsys):
    folder = export(CRM | {
        "crm_accounts.csv": csv_text(
            ["account_id", "account_name", "domain", "employee_count", "annual_revenue_usd", "Bemerkung", "", ""],
            ["101", "Müller & Söhne", "acme.com", "1.800", "1.800", "groß", "", ""], delimiter=";", line_end="\r\n").encode("cp1252"),
        "crm_contacts.csv": csv_text(["contact_id", "email", "is_deleted"], ["1", "ana@acme.com", "FALSCH"], ["2", "bo@acme.com", "WAHR"],
                                     delimiter=";", line_end="\r\n").encode("cp1252"),
        "email_events.csv": csv_text(["email", "event_type", "occurred_at"], ["ana@acme.com", "click", "28.05.2026 10:00"],
                                     delimiter=";", line_end="\r\n"),
    })
    assert folder.check() == 1
    output = said(capsys)
    assert "separated by semicolons" in output and "read as Windows-1252" in output and "ignored columns: Bemerkung, (without a name)" in output
    assert "Here it can only be day_first, so write `dates: day_first` under `email_events:` in landing.yml." in output
    folder.change("email_events", dates="day_first", time_zone="Europe/Berlin")
    folder.change("crm_accounts", decimal=",")
    assert folder.check() == 0
    assert folder.landed("crm_accounts", "account_name", "employee_count", "annual_revenue_usd") == [("Müller & Söhne", "1800", "1800.0")]
    assert folder.landed("crm_contacts", "contact_id", "is_deleted") == [("1", "false"), ("2", "true")]
    assert folder.landed("email_events", "email", "occurred_at") == [("ana@acme.com", "2026-05-28 08:00:00")]


def test_the_check_looks_at_every_line_of_a_windows_1252_file(export, capsys):
    """The lines with its letters, too: their numbers may have two meanings, and their times no zone."""
    folder = export(CRM | {
        "crm_accounts.csv": "account_id;account_name;domain;employee_count\n101;Müller;acme.com;1.200\n102;Groß;b.com;1.300\n".encode("cp1252"),
        "crm_activities.csv": "activity_id;account_id;activity_type;outcome;occurred_at\n1;101;call;Gespräch für später;2026-05-28 10:00\n".encode("cp1252"),
    })
    assert folder.check() == 0
    output = said(capsys)
    assert "crm_accounts: 2 values of employee_count taken as empty, such as" in output and "Which sign comes before decimals?" in output
    assert "occurred_at '2026-05-28 10:00' is read as 2026-05-28 10:00:00 UTC." in output
    assert "Times without a zone are taken as UTC (crm_activities)." in output


def test_a_line_in_another_encoding_is_named_with_what_to_do(export, capsys):
    folder = export({**CRM, "crm_accounts.csv": CRM["crm_accounts.csv"] + "102,Müller,b.com\n".encode("cp1252")})
    assert folder.check() == 0
    assert (
        "crm_accounts: 1 line cannot be read, such as line 3 of crm_accounts.csv: it is not UTF-8."
        " If the file has another encoding, write it under `crm_accounts:` in landing.yml, such as `encoding: windows-1252`."
    ) in said(capsys)


def test_json_lines_with_keys_within_keys(export, capsys):
    folder = export(CRM | {
        "events.jsonl.gz": gzip.compress(
            '{"event":{"id":"1","name":"page_view"},"ts":1790841600000,"context":{"page":{"url":"/pricing"},"agent":"x"},"user":{"email":"ana@acme.com"}}\n'
            '{"event":{"id":"2","name":"page_view"},"ts":1790841600000,"context":{"page":{"url":"/a"}},"user":null,"context.page.url":"/whole"}\n'.encode()),
    })
    names = {"event_id": "event.id", "event_type": "event.name", "occurred_at": "ts", "page_url": "context.page.url", "email": "user.mail"}
    folder.change("web_events", files="events.jsonl.gz", columns=names)
    assert folder.check() == 1
    output = said(capsys)
    assert "lacks the column user.mail." in output and "Name a key within another one with a point, such as page.url." in output
    folder.change("web_events", columns={**names, "email": "user.email"})
    assert folder.check() == 0 and "ignored columns" not in said(capsys)
    assert folder.landed("web_events", "event_id", "email", "page_url", "occurred_at") == [
        ("1", "ana@acme.com", "/pricing", "2026-10-01 08:00:00"), ("2", None, "/whole", "2026-10-01 08:00:00"),
    ]


def test_a_folder_of_data_that_nothing_reads_is_a_loss(export, capsys):
    folder = export(CRM)
    for name in ("mailings/2026/05.csv", "pictures/logo.png", "notes/readme.txt"):
        (folder.folder / name).parent.mkdir(parents=True)
        (folder.folder / name).write_text("x")
    assert folder.check() == 0
    before, after = said(capsys).split("Look at:")
    assert f"{folder.folder}/mailings was not read, although it holds data such as 2026/05.csv. Name it as `files` of a table in landing.yml" in after
    assert f"{folder.folder}/pictures is not part" in before and f"{folder.folder}/notes is not part" in before and "mailings" not in before
    assert land(folder.connection, str(folder.folder)).notes[0].startswith(f"{folder.folder}/mailings was not read")


def test_google_sheets_csv(export, capsys):
    folder = export(CRM | {
        "crm_opportunities.csv": csv_text(
            ["Opportunity ID", "Account ID", "Stage", "Is Won", "Amount USD", "Closed At"], ["1", "101", "Won", "TRUE", "$1,234.50", "5/28/2026"],
            ["", "", "", "", "$1,234.50", ""], line_end="\r\n"),
        "Content log.csv": csv_text(["Email", "Event Type", "Occurred At"], ["ana@acme.com", "ebook_download", "2026-05-28 10:00:00"], line_end="\r\n"),
    })
    folder.check("--write")
    output = said(capsys)
    assert "Content log.csv looks like content_events" in output and "writes closed_at as '5/28/2026'" in output
    folder.change("crm_opportunities", dates="month_first")
    assert folder.check() == 0
    assert "crm_opportunities: 1 row cannot be used: opportunity_id is missing." in said(capsys)
    assert folder.landed("crm_opportunities", "account_id", "is_won", "amount_usd", "closed_at") == [("101", "true", "1234.5", "2026-05-28 00:00:00")]
    assert folder.landed("content_events", "email", "event_type") == [("ana@acme.com", "ebook_download")]


def test_excel_unicode_text(export, capsys):
    """UTF-16 with tabs, in a .txt."""
    folder = export({"crm_contacts.csv": CRM["crm_contacts.csv"],
                     "crm_accounts.txt": "account_id\taccount_name\tdomain\r\n101\t東京電力\tacme.com\r\n".encode("utf-16")})
    assert folder.check() == 0 and "separated by tabs; read as UTF-16" in said(capsys)
    assert folder.landed("crm_accounts", "account_id", "account_name") == [("101", "東京電力")]


def test_webinar_attendee_report(export, capsys):
    """With lines about the report above the header, and of people who did not come."""
    folder = export(CRM | {"attendees.csv": "\ufeffAttendee Report\nReport Generated:,05/29/2026 09:00:00 AM\nTopic,Webinar ID\nPricing,123\nAttendee Details\n" + csv_text(
        ["Attended", "User Name (Original Name)", "First Name", "Last Name", "Email", "Registration Time", "Approval Status", "Join Time", "Leave Time",
         "Time in Session (minutes)", "Is Guest", "Country/Region Name"],
        ["Yes", "Ana", "Ana", "Ruiz", "ana@acme.com", "05/20/2026 09:00:00 AM", "approved", "05/28/2026 10:00:00 PM", "05/28/2026 11:00:00 PM", "60", "Yes", "X"],
        ["No", "Bo", "Bo", "", "bo@acme.com", "05/20/2026 09:00:00 AM", "approved", "--", "--", "--", "--", "X"])})
    folder.check("--write")
    assert "attendees.csv looks like content_events of a Zoom webinar attendee report" in said(capsys)
    assert folder.settings()["content_events"]["skip_lines"] == 5
    folder.change("content_events", dates="month_first", time_zone="America/New_York")
    assert folder.check() == 0
    assert "content_events: 1 row cannot be used: occurred_at is missing" in said(capsys)
    assert folder.landed("content_events", "email", "event_type", "occurred_at") == [("ana@acme.com", "webinar_attended", "2026-05-29 02:00:00")]


def test_zoho_crm_export(export, capsys):
    """Its contacts have the columns of a list of HubSpot's, and an account id beside them."""
    account, other = "zcrm_4876876000000333001", "zcrm_4876876000000333002"
    times = ["2026-01-01 10:00:00"]
    folder = export({
        "Accounts_2026_05_31.csv": csv_text(
            ["Record Id", "Account Owner.id", "Account Owner", "Account Name", "Phone", "Website", "Parent Account.id", "Parent Account", "Account Type", "Created Time"],
            [account, "zcrm_1", "Bo", "Acme", "", "www.acme.com", other, "Acme Group", "Prospect", *times]),
        "Contacts_2026_05_31.csv": csv_text(
            ["Record Id", "Contact Owner.id", "First Name", "Last Name", "Account Name.id", "Account Name", "Email", "Title", "Created Time"],
            ["zcrm_8", "zcrm_1", "Ana", "Ruiz", account, "Acme", "ana@gmail.com", "CFO", *times]),
        "Deals_2026_05_31.csv": csv_text(
            ["Record Id", "Deal Owner.id", "Amount", "Deal Name", "Closing Date", "Account Name.id", "Account Name", "Stage", "Created Time"],
            ["zcrm_9", "zcrm_1", "$ 1,200.00", "Acme 2026", "2026-05-20", account, "Acme", "Closed-Lost to Competition", *times]),
    })
    folder.check("--write")
    assert "Contacts_2026_05_31.csv looks like crm_contacts of a Zoho CRM export" in said(capsys)
    assert folder.check() == 0
    assert folder.landed("crm_accounts", "account_id", "account_name", "domain", "parent_account_id", "lifecycle_stage") == [
        (account, "Acme", "www.acme.com", other, "Prospect")]
    assert folder.landed("crm_contacts", "contact_id", "account_id", "email", "full_name", "job_title") == [
        ("zcrm_8", account, "ana@gmail.com", "Ana Ruiz", "CFO")]
    assert folder.landed("crm_opportunities", "opportunity_id", "account_id", "amount_usd", "stage", "closed_at") == [
        ("zcrm_9", account, "1200.0", "Closed-Lost to Competition", "2026-05-20 00:00:00")]


def test_an_attendee_report_with_formulas_around_its_values(export, capsys):
    """As Webex writes it: UTF-16, tabs, and each time as a formula. A day and a time are joined without theirs."""
    lines = ['Name\tAttendee Email\tDate\tJoin Time\tDuration', '"Ana Ruiz"\t"ana@acme.com"\t="2026-05-18"\t="10:00 pm"\t="48 mins"', ""]
    folder = export(CRM | {"report.txt": "\n".join(lines).encode("utf-16")})
    folder.change("content_events", files="report.txt", columns={"email": "Attendee Email", "occurred_at": ["Date", "Join Time"]},
                  constants={"event_type": "webinar_attended"})
    assert folder.check() == 0
    assert "occurred_at '2026-05-18 10:00 pm' is read as 2026-05-18 22:00:00 UTC" in said(capsys)
    assert folder.landed("content_events", "email", "occurred_at") == [("ana@acme.com", "2026-05-18 22:00:00")]


def lost_emails(lost, kept):
    return {"email_events.csv": csv_text(["email", "event_type", "occurred_at"], *[["ana@acme.com", "click", "18 Mai 2026"]] * lost,
                                         *[["ana@acme.com", "click", "18 May 2026"]] * kept)}


def test_a_folder_whose_build_is_not_published_is_not_ready(export, capsys):
    """By the limits of `refuse_lost_data` in engagement/publish.py."""
    folder = export(CRM | lost_emails(2, 1))
    assert folder.check() == 1
    assert "email_events: 2 of 3 rows cannot be used. So nothing is published (var most_unusable_share)." in said(capsys)
    assert folder.check("--vars", "{most_unusable_share: 0.7}") == 0
    folder = export(CRM | lost_emails(2, 2))
    assert folder.check() == 0 and said(capsys).endswith("Ready.\n")
    for share in ("half", "1.5", "-1", ".nan"):
        with pytest.raises(BadUsage, match=r"Var most_unusable_share is \S+. Write a number from 0 to 1, such as 0.5."):
            folder.check("--vars", f"{{most_unusable_share: {share}}}")


def test_a_folder_without_a_usable_event_is_not_ready(export, capsys):
    """Tables without a limit of their own have one together: a build without an event isn't published."""
    attended = ["ana@acme.com", "webinar_attended"]
    folder = export(CRM | {"content_events.csv": csv_text(["email", "event_type", "occurred_at"], [*attended, "--"], [*attended, ""])})
    assert folder.check() == 1
    found = said(capsys)
    assert "None of 2 rows of events can be used, so nothing is published." in found and "add a table of events" not in found


def test_snowflake_unload_and_bigquery_json_lines(export, capsys):
    folder = export(CRM | {
        "web_events.csv.gz": gzip.compress(b'"VISITOR_ID","EMAIL","EVENT_TYPE","PAGE_URL","OCCURRED_AT"\n'
                                           b'"v1","ana@acme.com","page_view","https://us.com/","2026-05-28 10:00:00.000 -0700"\n'),
        "product_events.jsonl": '{"email":"ana@acme.com","event_type":"login","occurred_at":"2026-05-28 10:00:00 UTC","seats":3}\n',
    })
    assert folder.check() == 0 and said(capsys).endswith("Ready.\n")
    assert folder.landed("web_events", "email", "occurred_at") == [("ana@acme.com", "2026-05-28 17:00:00")]
    assert folder.landed("product_events", "event_type", "occurred_at") == [("login", "2026-05-28 10:00:00")]


# the command

def test_the_check_names_a_missing_folder_and_keeps_an_existing_landing_yml(export, capsys):
    folder = export(CRM)
    assert check.main([str(folder.folder / "nowhere")]) == 1
    output = said(capsys)
    assert "nowhere does not exist. Give an existing folder." in output and output.splitlines()[-1] == "Not ready: 1 to fix."
    (folder.folder / "landing.yml").write_text("crm_accounts: {decimal: ','}\n")
    (folder.folder / "companies.csv").write_text("Record ID,Company name\n1,A\n")
    with pytest.raises(check.BadUsage, match="exists and was left as it is"):
        folder.check("--write")
    assert folder.settings() == {"crm_accounts": {"decimal": ","}}


def test_the_check_goes_on_where_a_build_stops(export, capsys):
    """One broken file among good ones; the counts of the others are there."""
    folder = export(CRM | {
        "email_events.csv": "email,kind,occurred_at\nana@acme.com,open,2026-05-01\n", "web_events.csv": 'event_type,occurred_at\npage_view,"2026\n',
        "crm_opportunities.csv": "opportunity_id,account_id,stage,amount_usd\n1,999,open,ten\n",
    })
    assert folder.check() == 1
    output = said(capsys)
    assert re.search(r"crm_contacts +1 +1 +1 +100%", output)
    assert "email_events.csv looks like email_events (event_type: kind)." in output and "lacks the column event_type. Found email, kind, occurred_at." in output
    assert "is not CSV from line 2 on: a quote is opened and never closed" in output
    assert "crm_opportunities: no row leads to an account. Compare its account ids" in output
    assert "crm_opportunities: 1 value of amount_usd taken as empty, such as 'ten'." in output
    assert output.splitlines()[-1] == "Not ready: 2 to fix."


def test_the_check_understands_every_table_of_the_sample(capsys):
    assert check.main([str(SAMPLE)]) == 0
    said = capsys.readouterr().out
    assert said.endswith("Ready.\n") and "not there" not in said
    for table in read_contract():
        assert re.search(rf"^{table.name} +1 ", said, flags=re.MULTILINE), table.name
    assert "hologram_view (1)" in said


def test_the_check_names_activities_that_no_signal_asks_for(export, capsys):
    """A signal for any activity with an outcome asks for no type; one for any product event asks for all."""
    folder = export(CRM | {
        "crm_activities.csv": "contact_id,activity_type,occurred_at\n1,smoke_signal,2026-05-30\n1,Demo Attended,2026-05-30\n",
        "product_events.csv": "email,event_type,occurred_at\nana@acme.com,anything,2026-05-30\n",
    })
    assert folder.check() == 0
    output = said(capsys)
    assert "crm_activities: no signal matches smoke_signal (1). Signals match call, call_attempt, demo_attended," in output
    assert "Other words for these are rows of seeds/event_words.csv." in output
    assert "product_events: no signal matches" not in output


def test_the_raw_schema_of_a_var_is_checked_alike(export, capsys):
    files = CRM | {"web_events.csv": b"event_type,occurred_at,email\nx,2026-05-01,ana@acme.com\nx,never,\n"}
    assert export(files).check() == 0
    expected = said(capsys)
    assert export(files).check("--vars", "raw_schema: My raw") == 0
    assert [line for line in said(capsys).splitlines() if "web_events" in line] == [line for line in expected.splitlines() if "web_events" in line]


def test_the_next_command_can_be_pasted(export, capsys, tmp_path):
    (tmp_path / "my exports").mkdir()
    folder = Export(tmp_path / "my exports", CRM | {"web_events.csv": b"event_type,occurred_at\nx,2026-05-01\n"})
    assert folder.check("--vars", "{vendors: [], crm: ''}") == 0
    command = next(line for line in said(capsys).splitlines() if line.startswith("Next: "))
    assert shlex.split(command)[1:] == [f"RAW_DATA={folder.folder}", "make", "build", "VARS={vendors: [], crm: ''}"]
