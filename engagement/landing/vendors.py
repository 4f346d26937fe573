"""Vendors' names for the files and columns of the landing contract. They are used to suggest a landing.yml, never to read files."""

from dataclasses import dataclass, field

from engagement.landing.contract import Table, squeezed

# {column of the contract: names in other tools}; a name of the table's own is never mapped to another column
SYNONYMS = {
    "account_id": "accountid18 companyid associatedcompanyids associatedcompanyid associatedcompanyidsprimary organizationid orgid"
                  " recordid id",
    "account_name": "company companyname name organization organisation firma firmenname accountname",
    "domain": "website companydomainname websiteurl companydomain web url homepage webseite",
    "parent_account_id": "parentid parentcompanyid parentaccountid",
    "industry": "branche sector",
    "employee_count": "numberofemployees employees companysize mitarbeiter headcount",
    "annual_revenue_usd": "annualrevenue revenue umsatz",
    "country": "billingcountry countryregion countryregionname land",
    "owner_email": "owneremail companyowneremail accountowneremail",
    "lifecycle_stage": "lifecyclestage accountstatus status type",
    "created_at": "createdate createddate created createdon dateadded erstelltam",
    "contact_id": "leadid personid recordid id",
    "email": "emailaddress recipient recipientemail useremail mail emailid contactemail emailadresse attendeeemail",
    "full_name": "name contactname fullname",
    "job_title": "title jobtitle position",
    "opportunity_id": "dealid recordid id",
    "opportunity_name": "dealname opportunityname name",
    "amount_usd": "amount value amountincompanycurrency betrag",
    "stage": "stagename dealstage phase",
    "is_closed": "closed", "is_won": "won isclosedwon",
    "closed_at": "closedate closeddate closed abschlussdatum",
    "activity_id": "taskid engagementid recordid id",
    "activity_type": "type tasksubtype activitytype eventsubtype kind subject",
    "outcome": "calldisposition calloutcome result status disposition",
    "event_id": "messageid eventid id",
    "event_type": "event eventname type action kind activity activitytype",
    "visitor_id": "anonymousid userpseudoid cookieid clientid visitorid mpid",
    "company_domain": "companydomain domain companywebsite",
    "page_url": "url pagelocation pageurl page link contextpageurl",
    "duration_seconds": "duration timeonpage seconds engagementtimeseconds",
    "user_agent": "useragent contextuseragent browser",
    "campaign": "campaignname contextcampaignname utmcampaign emailname emailcampaign emailcampaignname",
    "link_url": "url link clickedurl clickurl",
    "asset": "topic webinar webinarname title document content formname",
    "topic": "intenttopic keyword topicname",
    "surge_score": "score compositescore intentscore companysurgescore",
    "platform": "network adplatform source",
    "occurred_at": "timestamp time date datetime createdat eventtime eventtimestamp occurredat activitydate activitydatetime completeddatetime"
                   " jointime created senttime sentat zeitpunkt datum startdatetime originaltimestamp",
    "loaded_at": "receivedat fivetransynced airbyteextractedat loadedat",
}


@dataclass(frozen=True)
class VendorFile:
    """A file of a vendor's export. `signature` are columns that identify it, `columns` is {column of the contract: its own}. A
    list of its own columns is joined; of a tuple, the first that is there counts."""

    vendor: str
    table: str
    signature: tuple[str, ...]
    columns: dict[str, "str | list[str] | tuple[str, ...]"] = field(hash=False)
    constants: dict[str, str] = field(default_factory=dict, hash=False)
    remark: str = ""

    def is_like(self, names: list[str]) -> bool:
        return {squeezed(name) for name in self.signature} <= {squeezed(name) for name in names}


SALESFORCE, HUBSPOT, SEGMENT, GA4 = "Salesforce Data Export", "HubSpot export", "Segment warehouse export", "GA4 export"
HUBSPOT_COMPANY = ("Associated Company IDs (Primary)", "Associated Company IDs")
MARKETO, ZOOM, ZOHO = "Marketo activity export", "Zoom webinar attendee report", "Zoho CRM export"
VENDOR_FILES = [
    VendorFile(SALESFORCE, "crm_accounts", ("Id", "MasterRecordId", "Name", "Website", "ParentId"), {
        "account_id": "Id", "account_name": "Name", "domain": "Website", "parent_account_id": "ParentId",
        "merged_into_account_id": "MasterRecordId", "is_deleted": "IsDeleted", "industry": "Industry", "employee_count": "NumberOfEmployees", "annual_revenue_usd": "AnnualRevenue",
        "country": "BillingCountry", "lifecycle_stage": "Type", "created_at": "CreatedDate",
    }, remark="Put the whole export into a folder salesforce/: it needs no mapping there and brings owners and activities. See docs/vendors/salesforce.md."),
    VendorFile(SALESFORCE, "crm_contacts", ("Id", "AccountId", "FirstName", "LastName", "Email"), {
        "contact_id": "Id", "account_id": "AccountId", "email": "Email", "full_name": ["FirstName", "LastName"], "job_title": "Title",
        "merged_into_contact_id": "MasterRecordId", "is_deleted": "IsDeleted", "created_at": "CreatedDate",
    }),
    VendorFile(SALESFORCE, "crm_opportunities", ("Id", "AccountId", "StageName"), {
        "opportunity_id": "Id", "account_id": "AccountId", "opportunity_name": "Name", "amount_usd": "Amount", "stage": "StageName",
        "is_closed": "IsClosed", "is_won": "IsWon", "is_deleted": "IsDeleted", "created_at": "CreatedDate", "closed_at": "CloseDate",
    }),
    VendorFile(SALESFORCE, "crm_activities", ("Id", "WhoId", "AccountId", "TaskSubtype"), {
        "activity_id": "Id", "contact_id": "WhoId", "account_id": "AccountId", "activity_type": "TaskSubtype", "outcome": "CallDisposition",
        "occurred_at": "CompletedDateTime",
    }),
    VendorFile(SALESFORCE, "crm_activities", ("Id", "WhoId", "AccountId", "ActivityDateTime"), {
        "activity_id": "Id", "contact_id": "WhoId", "account_id": "AccountId", "occurred_at": "ActivityDateTime",
    }, {"activity_type": "meeting_held"}),
    VendorFile(ZOHO, "crm_accounts", ("Record Id", "Account Owner.id", "Account Name", "Website"), {
        "account_id": "Record Id", "account_name": "Account Name", "domain": "Website", "parent_account_id": "Parent Account.id",
        "industry": "Industry", "employee_count": "Employees", "annual_revenue_usd": "Annual Revenue", "country": "Billing Country",
        "lifecycle_stage": "Account Type", "created_at": "Created Time",
    }),
    VendorFile(ZOHO, "crm_opportunities", ("Record Id", "Account Name.id", "Deal Name", "Stage"), {
        "opportunity_id": "Record Id", "account_id": "Account Name.id", "opportunity_name": "Deal Name", "amount_usd": "Amount",
        "stage": "Stage", "created_at": "Created Time", "closed_at": "Closing Date",
    }),
    # before HubSpot, whose lists of contacts have the same names and no account
    VendorFile(ZOHO, "crm_contacts", ("Record Id", "Account Name.id", "First Name", "Last Name", "Email"), {
        "contact_id": "Record Id", "account_id": "Account Name.id", "email": "Email", "full_name": ["First Name", "Last Name"],
        "job_title": "Title", "created_at": "Created Time",
    }),
    VendorFile(HUBSPOT, "crm_opportunities", ("Record ID", "Deal Name", "Deal Stage"), {
        "opportunity_id": "Record ID", "opportunity_name": "Deal Name", "stage": "Deal Stage", "amount_usd": "Amount",
        "account_id": HUBSPOT_COMPANY, "created_at": "Create Date", "closed_at": "Close Date",
    }, remark="Export deals with their associated company ids: a deal without an account is not used."),
    VendorFile(HUBSPOT, "crm_accounts", ("Record ID", "Company name"), {
        "account_id": "Record ID", "account_name": "Company name", "domain": "Company Domain Name", "industry": "Industry",
        "employee_count": "Number of Employees", "annual_revenue_usd": "Annual Revenue", "country": "Country/Region",
        "lifecycle_stage": "Lifecycle Stage", "created_at": "Create Date",
    }, remark="Put the lists into a folder hubspot/: they need no mapping there and bring owners by name. See docs/vendors/hubspot.md."),
    VendorFile(HUBSPOT, "crm_contacts", ("Record ID", "First Name", "Last Name", "Email"), {
        "contact_id": "Record ID", "full_name": ["First Name", "Last Name"], "email": "Email", "job_title": "Job Title",
        "account_id": HUBSPOT_COMPANY, "created_at": "Create Date",
    }),
    VendorFile(SEGMENT, "web_events", ("id", "anonymous_id", "url", "received_at"), {
        "event_id": "id", "visitor_id": "anonymous_id", "page_url": "url", "user_agent": "context_user_agent",
        "campaign": "context_campaign_name", "occurred_at": "timestamp", "loaded_at": "received_at",
    }, {"event_type": "page_view"}, remark="Put all tables into a folder segment/: they need no mapping there. See docs/vendors/segment.md."),
    VendorFile(SEGMENT, "web_events", ("id", "anonymous_id", "email", "received_at"), {
        "event_id": "id", "visitor_id": "anonymous_id", "email": "email", "user_agent": "context_user_agent",
        "occurred_at": "timestamp", "loaded_at": "received_at",
    }, {"event_type": "identify"}),
    VendorFile(GA4, "web_events", ("event_timestamp", "event_name", "user_pseudo_id"), {
        "visitor_id": "user_pseudo_id", "event_type": "event_name", "page_url": "page_location", "occurred_at": "event_timestamp",
    }, remark="GA4 identifies no people. Visits count once a form or another source gives the visitor's email or company domain."
              " Put the whole export into a folder ga4/events/: it needs no mapping there. See docs/vendors/ga4.md."),
    VendorFile(MARKETO, "email_events", ("marketoGUID", "leadId", "activityTypeId"), {
        "event_id": "marketoGUID", "event_type": "activityTypeId", "campaign": "primaryAttributeValue", "occurred_at": "activityDate",
    }, remark="Marketo identifies people by leadId only. Add the lead's Email Address and the name of the activity type to the file."
              " Put leads and activities into a folder marketo/: they need no mapping there. See docs/vendors/marketo.md."),
    VendorFile(ZOOM, "content_events", ("Attended", "Email", "Join Time"), {
        "email": "Email", "occurred_at": "Join Time",
    }, {"event_type": "webinar_attended"}, remark="People who registered and did not attend have no Join Time, so their rows are rejected."),
]


@dataclass
class Suggestion:
    """A suggestion for landing.yml about a file."""

    table: Table
    vendor: "str | None"
    columns: dict[str, "str | list[str]"]
    constants: dict[str, str]
    lacking: list[str]  # required columns that match no column of the file
    remark: str = ""


def suggest(table: Table, names: list[str]) -> Suggestion:
    """The column of this table that each column of a file may be."""
    for known in VENDOR_FILES:
        if known.table == table.name and known.is_like(names):
            return of_vendor(table, known, names)
    own = {squeezed(name): name for name in names}
    columns: dict[str, "str | list[str]"] = {}
    taken = {squeezed(column) for column in table.column_names}
    for column in table.column_names:
        if squeezed(column) not in own:
            found = next((name for name in SYNONYMS.get(column, "").split() if name in own and name not in taken), None)
            if found:
                columns[column] = own[found]
                taken.add(found)
    lacking = [name for name in table.required_names if squeezed(name) not in own and name not in columns]
    return Suggestion(table, None, columns, {}, lacking)


def of_vendor(table: Table, known: VendorFile, names: list[str]) -> Suggestion:
    own = {squeezed(name): name for name in names}

    def spelled(name: "str | list[str] | tuple[str, ...]") -> "str | list[str] | None":
        if isinstance(name, list):
            return [own[squeezed(part)] for part in name] if all(squeezed(part) in own for part in name) else None
        if isinstance(name, tuple):
            return next(filter(None, map(spelled, name)), None)
        return own.get(squeezed(name))

    columns = {column: found for column, name in known.columns.items() if column in table.column_names and (found := spelled(name))}
    lacking = [name for name in table.required_names if name not in columns and name not in known.constants and squeezed(name) not in own]
    return Suggestion(table, known.vendor, columns, known.constants, lacking, known.remark)


def suggest_table(tables: dict[str, Table], names: list[str], stem: str) -> "Suggestion | None":
    """The table that a file with another name may be: a vendor's, or else the table whose required columns it has. None if unclear."""
    for known in VENDOR_FILES:
        if known.table in tables and known.is_like(names):
            return of_vendor(tables[known.table], known, names)
    fitting = [found for table in tables.values() if not (found := suggest(table, names)).lacking]
    own = {squeezed(name) for name in names}

    def rank(found: Suggestion) -> tuple[bool, int, int]:
        exact = len({squeezed(column) for column in found.table.column_names} & own)
        words = found.table.name.removeprefix("crm_").removesuffix("_events").rstrip("s").split("_")
        is_named = any(word in squeezed(stem) for word in words)
        return is_named, exact, len(found.columns)

    best = max(fitting, key=rank, default=None)
    return best if best and rank(best)[1] + len(best.columns) > 2 else None
