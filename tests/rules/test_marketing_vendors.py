"""Marketing and web vendors in the shapes that other connectors and exports write: the same rows of the landing contract as in
the shape of sample/vendors/, which test_vendors.py compares with what a person expects."""

import json

import duckdb
import pytest

from harness import read_csv, write_csv
from test_vendors import SAMPLES, landed, projects, raw_data  # noqa: F401

MARKETING = ["marketo", "pardot", "segment", "ga4", "linkedin_ads", "intent"]


@pytest.fixture(scope="module")
def project(projects):  # noqa: F811
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
            for key in ("page_location", "ga_session_id", "engagement_time_msec", "campaign")
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


# what is missing

@pytest.mark.parametrize("vendor", MARKETING)
def test_what_is_missing_is_empty(rows, vendor):
    """Without any table there is no row. With tables of one column each, or of none that is known, there are rows without
    a time, which staging rejects."""
    def emptied(folder):
        for file in folder.iterdir():
            file.unlink()

    assert not any(rows(vendor, emptied).values())

    def shortened(folder):
        for file in folder.glob("*.csv"):
            lines = read_csv(file)
            first = next(iter(lines[0]))
            write_csv(file, [{first: line[first]} for line in lines])
        for file in folder.glob("*.jsonl"):
            file.write_text("".join(json.dumps({"event_name": json.loads(line)["event_name"]}) + "\n" for line in file.read_text().splitlines()))

    found = rows(vendor, shortened)
    assert any(found.values())
    assert all(row["occurred_at"] == "None" for lines in found.values() for row in lines)


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
