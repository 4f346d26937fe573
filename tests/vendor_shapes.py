"""The samples of vendors, which have the tables of Fivetran, in the shapes that Airbyte and the vendors' own exports have.

Each function takes {table: rows} and gives {file: rows}. Names are those of the connectors' public schemas, spelled out or made by
their rule, and not taken from the sources YAML that the test is about.
"""


def camel(name, first=str.lower):
    head, *others = name.split("_")
    return first(head) + "".join(map(str.capitalize, others))


def renamed(rows, name_of):
    return [{name_of(name): value for name, value in row.items()} for row in rows]


def lists(rows, key, column):
    """{key: all values of the column}"""
    found = {}
    for row in rows:
        found.setdefault(row[key], []).append(row[column])
    return found


def airbyte_name(column, rule):
    return "_airbyte_extracted_at" if column == "_fivetran_synced" else rule(column)


NAMES_ANOTHER_RECORD = ("_id", "_vid", "_to_merge", "associatedcompanyid", "member_company")


def with_decimals(rows, own_key=None):
    """Ids that name other records are numbers with decimals, as pandas and Parquet write a column with gaps."""
    return [
        {
            name: f"{value}.0" if name.endswith(NAMES_ANOTHER_RECORD) and name != own_key and str(value).isdigit() else value
            for name, value in row.items()
        } for row in rows
    ]


def decimals_of(tables):
    kinds = [f"engagement_{kind}" for kind in ("call", "meeting", "email", "task", "note")]
    keys = dict.fromkeys(kinds, "engagement_id") | {"deal": "deal_id", "owner": "owner_id"}
    return {f"{table}.csv": with_decimals(rows, keys.get(table)) for table, rows in tables.items()}


# Salesforce: names of its objects and fields

def airbyte_of_salesforce(tables):
    return {
        f"{camel(table, str.capitalize)}.csv": renamed(rows, lambda name: airbyte_name(name, lambda column: camel(column, str.capitalize)))
        for table, rows in tables.items()
    }


def export_of_salesforce(tables):
    """The Data Export: flags are 1 and 0, and nothing says when a row was loaded."""
    flags = {"true": "1", "false": "0"}
    return {
        file: [{name: flags.get(value, value) for name, value in row.items() if name[0] != "_"} for row in rows]
        for file, rows in airbyte_of_salesforce(tables).items()
    }


# HubSpot

AIRBYTE_HUBSPOT = {
    "company": "companies", "contact": "contacts", "deal": "deals", "owner": "owners", "engagement_call": "engagements_calls",
    "engagement_meeting": "engagements_meetings", "engagement_email": "engagements_emails", "engagement_task": "engagements_tasks",
    "engagement_note": "engagements_notes", "email_event": "email_events", "email_campaign": "campaigns", "form": "forms",
    "contact_form_submission": "contacts_form_submissions", "contact_merge_audit": "contacts_merged_audit", "contact_web_analytics": "contacts_web_analytics",
    # no stream of Airbyte
    "marketing_event": "marketing_event", "marketing_event_participant": "marketing_event_participant",
}
AIRBYTE_HUBSPOT_COLUMNS = {
    "deal_id": "id", "engagement_id": "id", "owner_id": "id", "guid": "id", "is_deleted": "archived", "_fivetran_deleted": "archived",
    "deal_pipeline_stage_id": "properties_dealstage", "contact_id": "contact_id", "marketing_event_id": "marketing_event_id",
}


def airbyte_of_hubspot(tables):
    """JSON lines: an event of an email is one record, and an engagement or a deal has the ids of what it is about."""
    def name_of(table):
        def rule(column):
            if table in ("contact_form_submission", "contact_merge_audit"):
                return {"contact_id": "canonical-vid"}.get(column, column.replace("_", "-"))
            if column.startswith("properties_") or column in AIRBYTE_HUBSPOT_COLUMNS:
                return AIRBYTE_HUBSPOT_COLUMNS.get(column, column)
            return column.replace("property_", "properties_", 1) if column.startswith("property_") else camel(column)
        return lambda column: airbyte_name(column, rule)

    found = {table: [dict(row) for row in rows] for table, rows in tables.items()}
    parts = [{row["id"]: row for row in tables[f"email_event_{part}"]} for part in ("click", "open", "bounce", "status_change")]
    for row in found["email_event"]:
        for part in parts:
            row |= part.get(row["id"], {})
    contacts = lists(tables["engagement_contact"], "engagement_id", "contact_id")
    companies = lists(tables["engagement_company"], "engagement_id", "company_id")
    for kind in ("call", "meeting", "email", "task", "note"):
        for row in found[f"engagement_{kind}"]:
            row |= {"contacts": contacts.get(row["engagement_id"], []), "companies": companies.get(row["engagement_id"], [])}
    primary_first = sorted(tables["deal_company"], key=lambda row: row["type_id"] != "5")
    companies, merged = lists(primary_first, "deal_id", "company_id"), lists(tables["merged_deal"], "deal_id", "merged_deal_id")
    for row in found["deal"]:
        row["property_hubspot_owner_id"] = row.pop("owner_id")
        row |= {"companies": companies.get(row["deal_id"], []), "property_hs_merged_object_ids": ";".join(merged.get(row["deal_id"], []))}
    return {f"{new}.jsonl": renamed(found[table], name_of(table)) for table, new in AIRBYTE_HUBSPOT.items()}


OLDER_HUBSPOT_COLUMNS = {
    "property_hs_call_disposition": "disposition", "property_hs_call_status": "status", "property_hs_meeting_outcome": "meeting_outcome",
    "property_hs_meeting_start_time": "start_time", "property_hs_email_status": "status", "property_hs_email_from_email": "from_email",
    "property_hs_task_status": "status",
}
NOT_IN_OLDER_HUBSPOT = ("_fivetran_deleted", "property_hs_timestamp", "property_hs_email_direction", "property_hs_email_to_email")


def older_fivetran_of_hubspot(tables):
    """Before HubSpot's API v3: what all engagements have is in the table `engagement`, and recipients are in a table of their own.
    Ids are numbers with decimals, as a table with gaps has them after pandas."""
    kinds = [f"engagement_{kind}" for kind in ("call", "meeting", "email", "task", "note")]
    details = {row["engagement_id"]: row for kind in kinds for row in tables[kind]}
    decimals = {"property_hubspot_owner_id", "email_campaign_id", "property_associatedcompanyid", "contact_id"}
    return {
        f"{table}.csv": [
            {name: f"{value}.0" if name in decimals and str(value).isdigit() else value for name, value in row.items()} for row in rows
        ] for table, rows in tables.items() if table not in (*kinds, "engagement")
    } | {
        f"{kind}.csv": [
            {OLDER_HUBSPOT_COLUMNS.get(name, name): value for name, value in row.items() if name not in NOT_IN_OLDER_HUBSPOT} for row in tables[kind]
        ] for kind in kinds
    } | {
        "engagement.csv": [
            {"id": row["id"], "type": row["type"], "timestamp": details[row["id"]]["property_hs_timestamp"],
             "active": "false" if details[row["id"]]["_fivetran_deleted"] == "true" else "true", "_fivetran_synced": row["_fivetran_synced"]}
            for row in tables["engagement"]
        ]
    }


HUBSPOT_COLUMNS = {
    "all-companies": ("company", {
        "id": "Record ID", "property_name": "Company name", "property_domain": "Company Domain Name", "property_hs_additional_domains": "Additional Domains",
        "property_hs_parent_company_id": "Parent Company ID", "property_hs_merged_object_ids": "Merged Company IDs", "property_industry": "Industry",
        "property_numberofemployees": "Number of Employees", "property_annualrevenue": "Annual Revenue", "property_country": "Country/Region",
        "property_lifecyclestage": "Lifecycle Stage", "property_hs_ideal_customer_profile": "Ideal Customer Profile Tier",
        "property_hubspot_owner_id": "Company owner", "property_createdate": "Create Date",
    }),
    "all-contacts": ("contact", {
        "id": "Record ID", "property_firstname": "First Name", "property_lastname": "Last Name", "property_email": "Email",
        "property_hs_additional_emails": "Additional email addresses", "property_jobtitle": "Job Title", "property_associatedcompanyid": "Associated Company IDs",
        "property_hs_merged_object_ids": "Merged contact IDs", "property_hs_calculated_merged_vids": "hs_calculated_merged_vids", "property_createdate": "Create Date",
    }),
    "all-deals": ("deal", {
        "deal_id": "Record ID", "property_dealname": "Deal Name", "deal_pipeline_stage_id": "Deal Stage", "property_amount": "Amount",
        "property_amount_in_home_currency": "Amount in company currency", "property_hs_is_closed": "Is Deal Closed?", "property_hs_is_closed_won": "Is Closed Won",
        "property_closedate": "Close Date", "property_createdate": "Create Date", "companies": "Associated Company IDs",
    }),
    "all-calls": ("engagement_call", {
        "engagement_id": "Record ID", "property_hs_activity_type": "Call and meeting type", "property_hs_call_disposition": "Call outcome",
        "property_hs_call_status": "Call status", "property_hs_timestamp": "Activity date", "contacts": "Associated Contact IDs", "companies": "Associated Company IDs",
    }),
    "all-meetings": ("engagement_meeting", {
        "engagement_id": "Record ID", "property_hs_activity_type": "Call and meeting type", "property_hs_meeting_outcome": "Meeting outcome",
        "property_hs_meeting_start_time": "Meeting start time", "property_hs_timestamp": "Activity date", "contacts": "Associated Contact IDs",
        "companies": "Associated Company IDs",
    }),
}
DISPOSITIONS = {"f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected", "73a0d17f-1163-4015-bdd5-ec830791da20": "No answer"}


def export_of_hubspot(tables):
    """The lists that HubSpot exports: owners by name, stages and outcomes in words, deleted records left out."""
    owners = {row["owner_id"]: f"{row['first_name']} {row['last_name']}" for row in tables["owner"]}
    stages = {row["stage_id"]: f"{row['label']} (Sales Pipeline)" for row in tables["deal_pipeline_stage"]}
    merged = {row["merged_deal_id"] for row in tables["merged_deal"]}
    companies_of_deals = lists(sorted(tables["deal_company"], key=lambda row: row["type_id"] != "5"), "deal_id", "company_id")
    contacts = lists(tables["engagement_contact"], "engagement_id", "contact_id")
    companies = lists(tables["engagement_company"], "engagement_id", "company_id")

    def shown(row):
        row = row | {
            "companies": ";".join(companies_of_deals.get(row.get("deal_id"), companies.get(row.get("engagement_id"), []))),
            "contacts": ";".join(contacts.get(row.get("engagement_id"), [])),
        }
        for column, words in (("property_hubspot_owner_id", owners), ("deal_pipeline_stage_id", stages), ("property_hs_call_disposition", DISPOSITIONS)):
            row[column] = words.get(row.get(column), row.get(column))
        return row

    return {"owners.csv": [{"owner_id": row["owner_id"], "email": row["email"], "first_name": row["first_name"], "last_name": row["last_name"]} for row in tables["owner"]]} | {
        f"{file}.csv": [
            {shown_name: shown(row)[name] for name, shown_name in columns.items()} for row in tables[table]
            if "true" not in (row.get("is_deleted"), row.get("_fivetran_deleted")) and row.get("deal_id") not in merged
        ] for file, (table, columns) in HUBSPOT_COLUMNS.items()
    }


# Outreach: lists of the records that one belongs to

AIRBYTE_OUTREACH = {
    "account": "accounts", "prospect": "prospects", "mailing": "mailings", "sequence": "sequences", "call": "calls", "call_disposition": "call_dispositions",
    "users": "users",
}


def airbyte_of_outreach(tables):
    def converted(table, row):
        new = {}
        for name, value in row.items():
            if name.startswith("relationship_"):
                new[camel(name.removeprefix("relationship_").removesuffix("_id"))] = [int(value)] if value else []
            elif name != "_fivetran_deleted":
                new[airbyte_name(name, camel)] = value
        if table == "prospect":
            ordered = sorted(tables["email_address"], key=lambda other: other["order"])
            new["emails"] = [
                other["email"] for other in tables["prospect_email"] + ordered if row["id"] in (other.get("prospect_id"), other.get("relationship_prospect_id"))
            ]
        return new

    return {f"{new}.jsonl": [converted(table, row) for row in tables[table]] for table, new in AIRBYTE_OUTREACH.items()}


# Salesloft: objects of the records that one belongs to

AIRBYTE_SALESLOFT = {
    "account": "accounts", "people": "people", "email": "emails", "cadence": "cadences", "call": "calls", "meeting": "meetings", "users": "users",
}
OBJECTS = ("account_id", "owner_id", "recipient_id", "cadence_id", "called_person_id", "person_id")


def airbyte_of_salesloft(tables):
    def converted(row):
        new = {}
        for name, value in row.items():
            if name in OBJECTS:
                whose = name.removesuffix("_id")
                new[whose] = {"_href": f"https://api.example/v2/{whose}/{value}", "id": int(value)} if value else None
            elif name.startswith("counts_"):
                new.setdefault("counts", {})[name.removeprefix("counts_")] = int(value)
            elif name != "_fivetran_deleted":
                new[airbyte_name(name, lambda column: {"archieved_at": "archived_at"}.get(column, column))] = value
        return new

    return {f"{new}.jsonl": [converted(row) for row in tables[table]] for table, new in AIRBYTE_SALESLOFT.items()}
