"""Marketing and web vendors in the shapes that other connectors and exports write: the same rows of the landing contract as in
the shape of sample/vendors/, which test_vendors.py compares with what a person expects."""

import json
import re
import shutil

import duckdb
import pytest

from harness import Days, read_csv, write_csv
from vendor_samples import SAMPLES, raw_data
from vendor_shapes import with_decimals

MARKETING = ["marketo", "pardot", "segment", "ga4", "linkedin_ads", "intent"]
FROM_LANDING = ["loaded_at", "row_id", "first_seen_at", "unreadable_values", "landing_fault", "landing_row"]


@pytest.fixture(scope="module")
def project(projects):
    return projects("salesforce")


@pytest.fixture(scope="module")
def rows(project, tmp_path_factory):
    """rows(vendor): the vendor's rows of the landing contract as the sample gives them; rows(vendor, change) those after
    `change` has rewritten the folder of the vendor."""
    known = {}

    def rows(vendor, change=None):
        if change is None and vendor in known:
            return known[vendor]
        folder = raw_data(tmp_path_factory.mktemp(vendor), vendor)
        if change:
            change(folder / vendor)
            return landed(project, vendor, folder)
        return known.setdefault(vendor, landed(project, vendor, folder))

    return rows


def landed(project, vendor, folder):
    """{table of the landing contract: the vendor's rows for it}, without what landing says of them."""
    models = [node["name"] for node in project.models.values() if re.fullmatch(rf"landing_{vendor}__\w+_events", node["name"])]
    connection, found = project.run(folder, wanted=models), {}
    for model in models:
        rows = connection.execute(f"select * exclude ({', '.join(FROM_LANDING)}) from staging.{model}")
        names = [name for name, *_ in rows.description]
        lines = [dict(zip(names, map(str, row))) for row in rows.fetchall()]
        found[model.split("__")[1]] = sorted(lines, key=lambda row: list(row.values()))
    return found


def renamed(folder, tables, columns=lambda name: name):
    """Files and columns with other names; a file that `tables` does not name keeps its own."""
    for file in sorted(folder.glob("*.csv")):
        lines = [{columns(name): value for name, value in row.items()} for row in read_csv(file)]
        file.unlink()
        write_csv(folder / f"{tables(file.stem)}.csv", lines)


def camel(name):
    """`lead_id` as APIs write it: leadId; connectors' own columns stay."""
    first, *others = name.split("_")
    return name if not first else first + "".join(part.title() for part in others)


def plural(name):
    return name.replace("activity", "activitie").removesuffix("s") + "s" if not name.endswith("s") else name


# Airbyte

def marketo_by_airbyte(folder):
    names = {"id": "marketoGUID", "_fivetran_synced": "_airbyte_extracted_at"}
    own = ["is_bot_activity", "user_agent", "webpage_url", "referrer_url", "new_status", "merge_ids", "link"]
    for file in sorted(folder.glob("activity_*.csv")):
        lines = [{name if name in own else names.get(name, camel(name)): value for name, value in row.items()} for row in read_csv(file)]
        file.unlink()
        write_csv(folder / f"{file.stem.replace('activity_', 'activities_').replace('linkedin', 'linked_in')}.csv", lines)
    renamed(folder, lambda name: name if name.startswith("activities") else name + "s",
            lambda name: {"_fivetran_synced": "_airbyte_extracted_at"}.get(name, name))


def pardot_by_airbyte(folder):
    names = {"_fivetran_synced": "_airbyte_extracted_at", "is_archived": "isDeleted"}
    renamed(folder, plural, lambda name: names.get(name, camel(name)))


def linkedin_by_airbyte(folder):
    files = {"lead_form_response": "lead_form_responses", "ad_analytics_by_member_company": "ad_member_company_analytics",
             "campaign_history": "campaigns", "organization": "organization_lookup"}
    names = {"_fivetran_synced": "_airbyte_extracted_at", "day": "start_date", "campaign_id": "sponsoredCampaign",
             "member_company": "string_of_pivot_values", "website": "localizedWebsite"}
    renamed(folder, files.get, lambda name: names.get(name, name if name == "company_domain" else camel(name)))


@pytest.mark.parametrize("vendor, change", [
    ("marketo", marketo_by_airbyte), ("pardot", pardot_by_airbyte), ("linkedin_ads", linkedin_by_airbyte),
])
def test_airbyte_gives_the_same_rows(rows, vendor, change):
    assert rows(vendor, change) == rows(vendor)


# exports

ATTRIBUTES = {"link": "Link", "webpage_url": "Webpage URL", "referrer_url": "Referrer URL", "user_agent": "User Agent",
              "is_bot_activity": "Is Bot Activity", "new_status": "New Status", "merge_ids": "Merge IDs"}


def marketo_by_bulk_extract(folder):
    """One file of all activities, as Marketo's bulk extract writes it; forms of LinkedIn are another story."""
    lines = []
    for file in sorted(folder.glob("activity_*.csv")):
        lines += [{
            "marketoGUID": row["id"], "leadId": row["lead_id"], "activityDate": row["activity_date"].replace(" ", "T") + "Z",
            "activityTypeId": row["activity_type_id"], "campaignId": row["campaign_id"],
            "primaryAttributeValueId": row["primary_attribute_value_id"], "primaryAttributeValue": row["primary_attribute_value"],
            "attributes": json.dumps({name: row[column] for column, name in ATTRIBUTES.items() if row.get(column)}),
        } for row in read_csv(file) if "linkedin" not in file.stem]
        file.unlink()
    write_csv(folder / "activities.csv", lines)
    people = [{"Id": row["id"], "Email Address": row["email"], "First Name": row["first_name"]} for row in read_csv(folder / "lead.csv")]
    (folder / "lead.csv").unlink()
    write_csv(folder / "people.csv", people)


def test_marketo_by_its_bulk_extract(rows):
    def without_linkedin(folder):
        (folder / "activity_fill_out_linkedin_lead_gen_form.csv").unlink()

    assert rows("marketo", marketo_by_bulk_extract) == rows("marketo", without_linkedin)


def test_rudderstack_and_upper_case_names(rows):
    def change(folder):
        renamed(folder, str, lambda name: {"uuid_ts": "LOADED_AT", "context_user_agent": "CONTEXT_USERAGENT"}.get(name, name.upper()))

    assert rows("segment", change) == rows("segment")


def test_ga4_as_parquet_with_nested_parameters(rows):
    def change(folder):
        duckdb.execute(f"copy (from read_json('{folder}/events.jsonl')) to '{folder}/nested.parquet'")
        described = duckdb.execute(f"describe select event_params from '{folder}/nested.parquet'").fetchone()[1]
        assert described.startswith("STRUCT") and described.endswith("[]")
        (folder / "events.jsonl").unlink()
        (folder / "events").mkdir()
        (folder / "nested.parquet").rename(folder / "events" / "events_20260504.parquet")

    assert rows("ga4", change) == rows("ga4")


def test_ga4_with_parameters_as_columns(rows):
    """As Fivetran writes it: names without `event_`, parameters with `param_`."""
    def change(folder):
        events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
        (folder / "events.jsonl").unlink()
        write_csv(folder / "event.csv", [{
            "name": event["event_name"], "timestamp": event["event_timestamp"], "bundle_sequence_id": event["event_bundle_sequence_id"],
            "user_pseudo_id": event["user_pseudo_id"], "user_id": event.get("user_id"),
        } | {
            f"param_{key}": next((next(iter(one["value"].values())) for one in event["event_params"] if one["key"] == key), None)
            for key in ("page_location", "ga_session_id", "engagement_time_msec", "campaign", "link_url", "file_name")
        } for event in events])

    assert rows("ga4", change) == rows("ga4")


def test_ga4_days_are_files_of_one_folder(rows):
    """The events of a day, and those within the day, which are the same."""
    def change(folder):
        lines = (folder / "events.jsonl").read_text().splitlines(keepends=True)
        (folder / "events.jsonl").unlink()
        (folder / "events").mkdir()
        (folder / "events" / "events_20260504.jsonl").write_text("".join(lines[:6]))
        (folder / "events" / "events_intraday_20260505.jsonl").write_text("".join(lines[4:]))

    assert rows("ga4", change) == rows("ga4")


def test_linkedin_by_campaign_manager(rows):
    """Downloads of Campaign Manager have the address and the names of form and campaign as columns."""
    campaigns = {"5001": "Robots", "5002": "Plant safety"}

    def change(folder):
        lines = read_csv(folder / "lead_form_response.csv")
        (folder / "lead_form_response.csv").unlink()
        write_csv(folder / "leads.csv", [{
            "Lead ID": row["id"], "Created At": row["submitted_at"], "Form Name": row["form_name"], "Test Lead": row["test_lead"],
            "Campaign Name": campaigns[json.loads(row["lead_metadata_info"])["sponsoredLeadMetadataInfo"]["campaign"].split(":")[-1]],
            "Email Address": json.loads(row["form_response"])["answers"][1]["answerDetails"]["textQuestionAnswer"]["answer"],
        } for row in lines])

    assert rows("linkedin_ads", change) == rows("linkedin_ads")


def test_intent_reports_with_other_names(rows):
    def change(folder):
        names = {"Company Domain": "Domain", "Topic": "Topic Name", "Date": "Date Stamp", "signal_type": "Signal", "time": "Signal Date",
                 "company_domain": "Company Website", "score": "Intent Score", "occurred_at": "Date"}
        renamed(folder, {"bombora_company_surge": "Company Surge", "g2_buyer_intent": "G2", "intent_signal": "signals",
                         "expected_events": "x"}.get, lambda name: names.get(name, name))

    assert rows("intent", change) == rows("intent")


@pytest.mark.parametrize("vendor", ["marketo", "pardot", "segment", "linkedin_ads"])
def test_ids_as_decimals_mean_the_same(rows, vendor):
    """Here users and companies have numbers."""
    def numbered(row):
        return {name: re.sub(r"^(u|urn:li:organization:)(?=[0-9]+$)", "", value or "") for name, value in row.items()}

    def change(folder, written=with_decimals):
        for file in folder.glob("*.csv"):
            if lines := [numbered(row) for row in read_csv(file)]:
                write_csv(file, written(lines))

    assert rows(vendor, change) == rows(vendor, lambda folder: change(folder, list))


# what is missing

@pytest.mark.parametrize("vendor", MARKETING)
def test_without_tables_there_is_no_row(rows, vendor):
    def emptied(folder):
        for file in folder.iterdir():
            file.unlink()

    assert not any(rows(vendor, emptied).values())


@pytest.mark.parametrize("missing", ["event_params", "user_id", "user_pseudo_id", "event_bundle_sequence_id", "event_timestamp", "event_name"])
def test_ga4_without_a_column_has_the_rest(rows, missing):
    def without(folder):
        events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
        (folder / "events.jsonl").write_text("".join(json.dumps({name: value for name, value in event.items() if name != missing}) + "\n" for event in events))

    found, whole = rows("ga4", without)["web_events"], rows("ga4")["web_events"]
    kept = {"event_params": ["visitor_id", "email", "event_type"], "event_bundle_sequence_id": ["page_url", "email", "event_type", "duration_seconds"],
            "user_id": ["visitor_id", "page_url"], "user_pseudo_id": ["page_url", "email"], "event_timestamp": ["page_url", "email"],
            # only a download has the address of its file
            "event_name": ["visitor_id", "email"]}[missing]
    assert {tuple(row[name] for name in kept) for row in found} == {tuple(row[name] for name in kept) for row in whole}


@pytest.mark.parametrize("vendor, table, column", [
    ("marketo", "lead", "email"), ("marketo", "campaign", "campaign"), ("marketo", "program", "campaign"), ("pardot", "prospect", "email"),
    ("pardot", "list_email", "campaign"), ("segment", "users", "email"), ("linkedin_ads", "organization", "company_domain"),
    ("linkedin_ads", "campaign_history", "campaign"),
])
def test_without_a_table_to_look_up_in_its_column_is_empty(rows, vendor, table, column):
    def without(row):
        return {name: value for name, value in row.items() if name not in (column, "asset")}

    found = rows(vendor, lambda folder: (folder / f"{table}.csv").unlink())
    whole = rows(vendor)
    differing = 0
    for contract_table, lines in found.items():
        kept = {row.get("event_id") + str(row.get("event_type")): row for row in whole[contract_table]}
        for row in lines:
            before = kept[row["event_id"] + str(row.get("event_type"))]
            assert without(row) == without(before)
            differing += row != before
    assert differing


# values

VALUES = {
    # an open that Marketo takes for a bot's is a machine's, whatever the browser
    ("marketo", "email_events", "op10-03"): {"user_agent": "Marketo bot activity", "campaign": "2026-05 Spring launch.Invitation"},
    ("marketo", "email_events", "cl11-01"): {"link_url": "https://www.ours.example/pricing?mkt_tok=abc", "email": "ana.ruiz@northwind-robotics.example"},
    # a lead that was merged into one that was merged
    ("marketo", "email_events", "op10-07"): {"email": "ana.ruiz@northwind-robotics.example"},
    # a lead that was deleted
    ("marketo", "email_events", "op10-08"): {"email": "None"},
    ("marketo", "web_events", "vi1-01"): {"page_url": "/pricing", "campaign": "None"},
    ("marketo", "web_events", "vi1-05"): {"page_url": "www.ours.example/whitepaper"},
    ("marketo", "web_events", "fi2-01"): {"page_url": "https://www.ours.example/contact", "campaign": "Website"},
    # a program known by its id only
    ("marketo", "content_events", "ch104-06"): {"asset": "Webinar: Safe robots", "event_type": "Attended On-demand"},
    ("pardot", "email_events", "3010"): {"link_url": "https://www.ours.example/pricing?pi=1", "campaign": "2026-05 Spring mail"},
    # nobody was known before the prospect was
    ("pardot", "web_events", "visitor 9003"): {"visitor_id": "pardot 9003", "occurred_at": "2026-02-01 08:00:00"},
    ("pardot", "web_events", "page view 92"): {"duration_seconds": "200.0", "campaign": "Spring", "email": "None", "visitor_id": "pardot 9001"},
    ("segment", "web_events", "p2"): {"email": "jon.abebe@litware-bank.example", "visitor_id": "an-1"},
    ("segment", "web_events", "i3"): {"email": "hugo.marsh@adatum-energy.example"},
    ("segment", "web_events", "p7"): {"page_url": "https://www.ours.example/integrations"},
    ("segment", "product_events", "t5"): {"event_type": "Report Exported", "email": "cara.lindt@contoso-freight.example"},
    ("linkedin_ads", "web_events", "r1"): {"email": "gia.conti@tailspin-foods.example", "campaign": "Robots"},
    ("linkedin_ads", "ad_events", "5002 1003 2026-05-06"): {"company_domain": "https://www.fabrikam-health.example/home", "campaign": "Plant safety", "platform": "linkedin"},
    ("intent", "intent_events", "g2 tailspin-foods.example g2 Pricing Ours Robots 2026-05-12 14:00:00"): {"surge_score": "None", "topic": "g2 Pricing Ours Robots"},
    ("intent", "intent_events", "bombora northwind-robotics.example Industrial robots 2026-05-10 00:00:00"): {"surge_score": "84.0"},
}


@pytest.mark.parametrize("vendor, table, event", VALUES)
def test_values_of_the_landing_contract(rows, vendor, table, event):
    (row,) = (row for row in rows(vendor)[table] if row["event_id"] == f"{vendor} {event}")
    expected = VALUES[vendor, table, event]
    assert {name: row[name] for name in expected} == expected


def test_ga4_gives_a_page_the_attention_of_its_session(rows):
    """90 seconds until the scroll and 120 after it; another page and another session have their own."""
    views = {(row["page_url"], row["occurred_at"]): row["duration_seconds"] for row in rows("ga4")["web_events"] if row["event_type"] == "page_view"}
    assert views["https://www.ours.example/pricing", "2026-05-04 10:00:00"] == "210.0"
    assert views["https://www.ours.example/product?gclid=1", "2026-05-06 09:00:00"] == "0.5"
    assert views["https://www.ours.example/blog/robots", "2026-05-08 11:00:00"] == "None"


def test_what_marketo_takes_for_a_bots_scores_nothing(project, tmp_path):
    connection = project.run(raw_data(tmp_path / "raw", "marketo"), wanted=["int_signal_events", "int_event_identities"])
    machines = {event for event, in connection.execute("select event_id from intermediate.int_event_identities where is_machine").fetchall()}
    assert {"marketo op10-03", "marketo cl11-03"} <= machines
    scored = {event for event, in connection.execute("select event_id from intermediate.int_signal_events").fetchall()}
    assert "marketo op10-01" in scored and not scored & {"marketo op10-03", "marketo cl11-03"}


def test_a_company_on_g2_is_a_signal_without_a_score(project, tmp_path):
    connection = project.run(raw_data(tmp_path / "raw", "intent"), wanted=["int_signal_events"])
    signals = dict(connection.execute("select event_id, signal from intermediate.int_signal_events").fetchall())
    assert signals["intent g2 www.tailspin-foods.example g2 Compare Ours Robots 2026-05-12 14:05:00"] == "review_site_visit"
    assert signals["intent bombora northwind-robotics.example Industrial robots 2026-05-10 00:00:00"] == "intent_surge"
    assert not any("Machine vision" in event for event in signals)


# day after day

def test_days_give_what_one_build_gives(project, tmp_path):
    """What is looked up for an event may come after it, change, or go."""
    folder, days = raw_data(tmp_path / "raw", "marketo"), Days(project)
    for vendor in ("pardot", "segment", "ga4"):
        shutil.copytree(SAMPLES / vendor, folder / vendor, ignore=shutil.ignore_patterns("expected_events.csv"))
    later = ["marketo/lead.csv", "marketo/campaign.csv", "marketo/activity_merge_leads.csv", "pardot/list_email.csv", "segment/users.csv"]
    kept = {name: (folder / name).read_text() for name in later}
    events = (folder / "ga4" / "events.jsonl").read_text().splitlines(keepends=True)

    def looked_up():
        days.build(folder, until="int_event_identities")
        found = events_of(days.connection)
        assert found == events_of(project.run(folder, wanted=["int_event_identities"]))
        return found

    for name in later:
        (folder / name).unlink()
    (folder / "ga4" / "events.jsonl").write_text("".join(events[:1]))
    assert looked_up()["marketo cl11-01 click"][0] is None
    for name, text in kept.items():
        (folder / name).write_text(text)
    (folder / "ga4" / "events.jsonl").write_text("".join(events))
    assert looked_up()["marketo cl11-01 click"][0] == "ana.ruiz@northwind-robotics.example"
    (folder / "marketo" / "lead.csv").write_text(kept["marketo/lead.csv"].replace("ana.ruiz@northwind-robotics.example", "ana@northwind-robotics.example"))
    (folder / "segment" / "tracks.csv").unlink()
    found = looked_up()
    assert found["marketo cl11-01 click"][0] == "ana@northwind-robotics.example" and "segment t1 form_submit" not in found


def events_of(connection):
    """{event and type: what is known of it}"""
    columns = "event_id || ' ' || event_type, email, account_id, person_id, asset, value, occurred_at"
    rows = connection.execute(f"select {columns} from intermediate.int_event_identities").fetchall()
    return {event: values for event, *values in rows}
