"""What becomes of single records of vendors: corrected, deleted or unclear ones, in tables made up for each test."""

import pytest

from harness import write_csv

ACCOUNTS = {
    "salesforce/account.csv": [
        dict(id="A1", name="Acme", website="acme.example", is_deleted="false", created_date="2026-01-01 00:00:00", _fivetran_synced="2026-05-01 00:00:00"),
        dict(id="A2", name="Beta", website="beta.example", is_deleted="false", created_date="2026-01-01 00:00:00", _fivetran_synced="2026-05-01 00:00:00"),
    ],
    "salesforce/contact.csv": [
        dict(id="C1", account_id="A1", email="ana@acme.example", created_date="2026-01-01 00:00:00", _fivetran_synced="2026-05-01 00:00:00"),
        dict(id="C2", account_id="A2", email="bo@beta.example", created_date="2026-01-01 00:00:00", _fivetran_synced="2026-05-01 00:00:00"),
    ],
    "hubspot/company.csv": [
        dict(id="101", property_name="Acme", property_domain="acme.example", property_createdate="2026-01-01 00:00:00", _fivetran_synced="2026-05-01 00:00:00"),
        dict(id="102", property_name="Beta", property_domain="beta.example", property_createdate="2026-01-01 00:00:00", _fivetran_synced="2026-05-01 00:00:00"),
    ],
    "hubspot/contact.csv": [
        dict(id="1", property_associatedcompanyid="101", property_email="ana@acme.example", _fivetran_synced="2026-05-01 00:00:00"),
        dict(id="2", property_associatedcompanyid="102", property_email="bo@beta.example", _fivetran_synced="2026-05-01 00:00:00"),
    ],
}
FIRST, SECOND = "2026-05-21 06:00:00", "2026-05-25 06:00:00"


@pytest.fixture
def build(projects, tmp_path):
    """build(crm, {file: rows}, model, ...): a connection to what is made of these rows and of two accounts with a contact each."""
    def build(crm, files, *wanted, seeds=None):
        for name, rows in (ACCOUNTS | files).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_csv(path, rows, list(dict.fromkeys(column for row in rows for column in row)))
        return projects(crm).run(tmp_path, wanted=["int_event_identities", *wanted], seeds=seeds)

    return build


def events(connection, columns="event_id, event_type"):
    """All rows of events that aren't ignored."""
    return connection.execute(f"select {columns} from intermediate.int_event_identities where event_type <> 'ignored' order by all").fetchall()


def loads(record, *changes, synced="_fivetran_synced"):
    """A record as it was at first, and as it came again later."""
    return [record | {synced: FIRST}, *(record | change | {synced: SECOND} for change in changes)]


# a later load of a record takes back what an earlier one said

MEMBER = dict(id="M1", campaign_id="K1", contact_id="C1", status="Attended", is_deleted="false", first_responded_date="2026-05-20")
EMAIL = dict(id="E1", incoming="true", from_address="ana@acme.example", to_address="us@ours.example", status="1", message_date="2026-05-20 10:00:00")
MAILING = dict(id="7", relationship_prospect_id="1", delivered_at="2026-05-20 10:00:00", replied_at="2026-05-20 11:00:00")
SENT = dict(id="8", recipient_email_address="ana@acme.example", sent_at="2026-05-20 10:00:00", updated_at="2026-05-20 11:00:00", counts_replies="1")
ENGAGED = dict(engagement_id="9", property_hs_timestamp="2026-05-20 10:00:00", property_hs_email_direction="INCOMING_EMAIL", property_hs_email_from_email="ana@acme.example")
TAKEN_BACK = {
    "a campaign member deleted": ("salesforce", "salesforce/campaign_member.csv", MEMBER, dict(is_deleted="true")),
    "a campaign member who did not come": ("salesforce", "salesforce/campaign_member.csv", MEMBER, dict(status="No Show")),
    "an answer deleted": ("salesforce", "salesforce/email_message.csv", EMAIL, dict(is_deleted="true")),
    "an Outreach answer deleted": ("salesforce", "outreach/mailing.csv", MAILING, dict(_fivetran_deleted="true")),
    "a Salesloft answer deleted": ("salesforce", "salesloft/email.csv", SENT, dict(_fivetran_deleted="true")),
    "a HubSpot answer deleted": ("hubspot", "hubspot/engagement_email.csv", ENGAGED, dict(_fivetran_deleted="true")),
    "a HubSpot participant who cancelled": ("hubspot", "hubspot/marketing_event_participant.csv", dict(
        id="3", contact_id="1", marketing_event_id="5", properties_attendance_state="ATTENDED", properties_occurred_at="2026-05-20 10:00:00",
    ), dict(properties_attendance_state="CANCELLED")),
}


@pytest.mark.parametrize("case", TAKEN_BACK)
def test_a_later_load_takes_back_what_the_record_no_longer_says(build, case):
    crm, file, record, change = TAKEN_BACK[case]
    campaign = {"salesforce/campaign.csv": [dict(id="K1", name="Robots", type="Webinar")]}
    assert events(build(crm, campaign | {file: loads(record)}))
    assert events(build(crm, campaign | {file: loads(record, change)})) == []


def test_an_answer_that_was_corrected_to_sent_is_no_answer(build):
    found = events(build("salesforce", {"salesforce/email_message.csv": loads(EMAIL, dict(incoming="false", from_address="us@ours.example", to_address="ana@acme.example"))}))
    assert [kind for _, kind in found] == ["sent"]


# tables whose history Fivetran keeps

def version(start, end=None):
    return dict(_fivetran_start=start, _fivetran_active="false" if end else "true", _fivetran_synced=end or start)


def test_the_last_version_of_a_deleted_record_is_a_deletion(build):
    connection = build("salesforce", {
        "salesforce/account.csv": [
            dict(id="A1", name="Acme", website="acme.example") | version("2026-01-01 00:00:00", "2026-03-01 00:00:00"),
            dict(id="A2", name="Beta", website="beta.example") | version("2026-01-01 00:00:00", "2026-02-01 00:00:00"),
            dict(id="A2", name="Beta Ltd", website="beta.example") | version("2026-02-01 00:00:00"),
        ],
        "salesforce/campaign_member.csv": [
            MEMBER | dict(contact_id="C2") | version("2026-05-20 00:00:00", "2026-05-21 00:00:00"),
            MEMBER | dict(id="M2", contact_id="C2", status="Registered") | version("2026-05-20 00:00:00", "2026-05-21 00:00:00"),
            MEMBER | dict(id="M2", contact_id="C2") | version("2026-05-21 00:00:00"),
        ],
        "salesforce/campaign.csv": [dict(id="K1", name="Robots", type="Webinar")],
    }, "landing_salesforce__crm_accounts")
    deleted = connection.execute("select account_name, is_deleted from staging.landing_salesforce__crm_accounts order by all").fetchall()
    assert deleted == [("Acme", True), ("Beta", False), ("Beta Ltd", False)]
    assert events(connection) == [("salesforce M2", "webinar_attended")]


# beside another CRM

# ids that HubSpot gives to others
OWN = {
    "crm_accounts.csv": [dict(account_id="101", account_name="Beta", domain="beta.example"), dict(account_id="102", account_name="Acme", domain="acme.example")],
    "crm_contacts.csv": [
        dict(contact_id="1", account_id="101", email="bo@beta.example"), dict(contact_id="2", account_id="102", email="ana@acme.example"),
    ],
}


@pytest.mark.parametrize("vendor", ["hubspot", "salesforce"])
def test_activities_find_their_account_by_address_if_the_crm_is_another(build, vendor):
    of_vendor = {
        "hubspot": {
            "hubspot/engagement_call.csv": [dict(engagement_id="9", property_hs_call_disposition="Connected", property_hs_timestamp="2026-05-20 10:00:00")],
            "hubspot/engagement_contact.csv": [dict(engagement_id="9", contact_id="1")],
            "hubspot/engagement_company.csv": [dict(engagement_id="9", company_id="101")],
        },
        "salesforce": {
            "salesforce/task.csv": [dict(id="T1", who_id="C1", account_id="A1", task_subtype="Call", status="Completed", is_closed="true", activity_date="2026-05-20")],
            "salesforce/event.csv": [dict(id="V1", who_id="L1", start_date_time="2026-05-20 10:00:00")],
            "salesforce/lead.csv": [dict(id="L1", email="ana@acme.example")],
        },
    }
    found = events(build("", OWN | of_vendor[vendor]), "account_id, person_id, email")
    assert set(found) == {("102", "2", "ana@acme.example")}


# times

def test_a_task_without_a_time_is_from_the_moment_it_was_logged_on_that_day(build):
    task = dict(who_id="C1", account_id="A1", task_subtype="Call", status="Completed", is_closed="true", activity_date="2026-05-20")
    found = events(build("salesforce", {"salesforce/task.csv": [
        task | dict(id="T1", created_date="2026-05-20 15:30:00"), task | dict(id="T2", created_date="2026-05-10 15:30:00"),
        task | dict(id="T3", created_date="2026-05-20 15:30:00", completed_date_time="2026-05-20 11:00:00"),
    ]}), "event_id, strftime(occurred_at, '%d %H:%M')")
    assert found == [("salesforce T1", "20 15:30"), ("salesforce T2", "20 00:00"), ("salesforce T3", "20 11:00")]


# what did not take place, and what no person wrote

@pytest.mark.parametrize("subject, outcome", [
    ("Intro", None), ("Canceled: Intro", "no_conversation"), ("CANCELLED: Intro", "no_conversation"), (" Abgesagt: Intro", "no_conversation"),
    ("Our canceled: order", None),
])
def test_a_meeting_that_was_canceled_by_its_subject_is_no_conversation(build, subject, outcome):
    found = events(build("salesforce", {
        "salesforce/event.csv": [dict(id="V1", who_id="C1", subject=subject, start_date_time="2026-05-20 10:00:00")],
        "salesloft/meeting.csv": [dict(id="V2", recipient_email="ana@acme.example", title=subject, start_time="2026-05-20 10:00:00")],
    }), "event_type, outcome")
    assert found == [("meeting_held", outcome)] * 2


def test_a_hubspot_meeting_that_was_canceled_by_its_title_is_no_conversation(build):
    meeting = dict(property_hs_meeting_outcome="COMPLETED", property_hs_timestamp="2026-05-20 10:00:00", contacts="1")
    found = events(build("hubspot", {"hubspot/engagement_meeting.csv": [
        meeting | dict(engagement_id="1", property_hs_meeting_title="Intro"), meeting | dict(engagement_id="2", property_hs_meeting_title="Canceled: Intro"),
    ]}), "event_id, outcome")
    assert found == [("hubspot 1", "neutral"), ("hubspot 2", "no_conversation")]


def test_a_salesloft_meeting_that_is_not_booked_is_no_conversation(build):
    meeting = dict(recipient_email="ana@acme.example", title="Intro", start_time="2026-05-20 10:00:00")
    found = events(build("salesforce", {"salesloft/meeting.csv": [
        meeting | dict(id=number, status=status) for number, status in enumerate(("booked", "", "failed", "pending", "retry"))
    ]}), "substr(event_id, 19), outcome")
    assert found == [("0", None), ("1", None), *((number, "no_conversation") for number in "234")]


AUTOMATIC = [
    dict(subject="Automatic reply: Offer"), dict(subject="OUT OF OFFICE: Offer"), dict(subject="Abwesenheitsnotiz: Offer"), dict(subject="Réponse automatique : Offer"),
    dict(subject="Undeliverable: Offer"), dict(subject="Mail delivery failed: returning message to sender"),
    dict(sender="MAILER-DAEMON@acme.example"), dict(sender="Mail System <postmaster@acme.example>"),
]
WRITTEN = [dict(subject="Re: Offer"), dict(subject="Re: automatic reply"), dict(subject=""), dict(sender="ana@acme.example")]


@pytest.mark.parametrize("vendor, table, fixed, names", [
    ("salesforce", "email_message", dict(incoming="true"), "id from_address subject message_date"),
    ("hubspot", "engagement_email", dict(property_hs_email_direction="INCOMING_EMAIL"),
     "engagement_id property_hs_email_from_email property_hs_email_subject property_hs_timestamp"),
])
def test_automatic_emails_are_no_replies(build, vendor, table, fixed, names):
    emails = list(enumerate([*AUTOMATIC, *WRITTEN]))
    found = events(build(vendor, {f"{vendor}/{table}.csv": [
        fixed | dict(zip(names.split(), (number, given.get("sender", "ana@acme.example"), given.get("subject", "Offer"), "2026-05-20 10:00:00")))
        for number, given in emails
    ]}), f"substr(event_id, {len(vendor) + 2})")
    assert sorted(int(number) for number, in found) == [number for number, given in emails if given in WRITTEN]


# Google Analytics 4

def viewed(name, second, page, **given):
    """An event of Ana's in one session, whose time is this second."""
    return dict(
        event_name=name, event_timestamp=f"2026-05-20 10:00:{second:02}", event_bundle_sequence_id="1", user_pseudo_id="1.2", user_id="ana@acme.example",
        ga_session_id="9", page_location=f"https://www.ours.example{page}",
    ) | given


def test_downloads_of_one_bundle_are_as_many_as_their_files(build):
    files = [viewed("file_download", 5, "/resources", link_url=f"https://www.ours.example/{name}.pdf") for name in "ab"]
    by_name = viewed("file_download", 5, "/resources", file_name="/c.pdf")
    by_number = [viewed("video_start", 5, "/resources", batch_event_index=number) for number in "12"]
    found = events(build("salesforce", {"ga4/events.csv": [*files, *files, by_name, *by_number]}), "event_type, asset")
    assert found == [*(("document_download", f"/{name}.pdf") for name in "abc"), *[("video_view", "/resources")] * 2]


def test_nobodys_time_on_a_page_is_not_anothers(build):
    nobody = dict(user_pseudo_id="", user_id="")
    found = events(build("salesforce", {"ga4/events.csv": [
        viewed("page_view", 1, "/pricing", user_pseudo_id=""), viewed("user_engagement", 30, "/pricing", engagement_time_msec="45000", **nobody),
        viewed("page_view", 2, "/product", ga_session_id=""), viewed("user_engagement", 30, "/product", ga_session_id="", engagement_time_msec="45000"),
        viewed("page_view", 3, "/tour"), viewed("user_engagement", 30, "/tour", engagement_time_msec="45000"),
    ]}), "asset, value")
    assert found == [("/pricing", None), ("/product", None), ("/tour", 45)]


def test_a_form_that_ga4_reports_twice_counts_once(build):
    found = events(build("salesforce", {"ga4/events.csv": [
        viewed("form_submit", 1, "/contact"), viewed("generate_lead", 2, "/thanks"), viewed("generate_lead", 3, "/trial", ga_session_id="10"),
        viewed("generate_lead", 4, "/demo", user_pseudo_id="", ga_session_id="9"),
    ]}), "event_type, asset")
    assert found == [("form_submit", "/contact"), ("form_submit", "/demo"), ("form_submit", "/trial")]


# rows without an id

WITHOUT_ID = {
    "an answer": ("salesforce/email_message.csv", {name: value for name, value in EMAIL.items() if name != "id"}, "reply"),
    "a LinkedIn lead": ("linkedin_ads/lead_form_response.csv", dict(email="ana@acme.example", form_name="Guide", submitted_at="2026-05-20 10:00:00"), "form_submit"),
    "a page of Segment": ("segment/pages.csv", dict(context_traits_email="ana@acme.example", url="https://www.ours.example/pricing", timestamp="2026-05-20 10:00:00"), "page_view"),
    "a page of Pardot": ("pardot/visitor_page_view.csv", dict(visitor_id="7", url="https://www.ours.example/pricing", created_at="2026-05-20 10:00:00"), "page_view"),
    "a click of HubSpot": ("hubspot/email_event.csv", dict(recipient="ana@acme.example", type="CLICK", created="2026-05-20 10:00:00"), "click"),
}


@pytest.mark.parametrize("case", WITHOUT_ID)
def test_a_row_without_an_id_counts_once_however_often_it_comes(build, case):
    file, row, event_type = WITHOUT_ID[case]
    (time,) = (name for name in row if name in ("message_date", "submitted_at", "timestamp", "created_at", "created"))
    rows = [row | dict(id=""), row | dict(id="", _fivetran_synced=SECOND), row | {"id": "", time: "2026-05-20 11:00:00"}]
    crm = "hubspot" if file.startswith("hubspot") else "salesforce"
    found = events(build(crm, {file: rows}), "event_type, strftime(occurred_at, '%H')")
    assert found == [(event_type, "10"), (event_type, "11")]


def test_a_row_without_an_id_and_a_time_is_rejected_and_not_lost(build):
    row = dict(id="", visitor_id="7", url="https://www.ours.example/pricing", created_at="")
    connection = build("salesforce", {"pardot/visitor_page_view.csv": [row]}, "rejected_records")
    assert connection.execute("select source_table, rejection_reason from rejected_records").fetchall() == [("web_events", "occurred_at is missing")]


# names and addresses that another table gives

def test_the_form_of_a_linkedin_lead_has_the_name_in_the_table_of_forms(build):
    lead = dict(email="ana@acme.example", submitted_at="2026-05-20 10:00:00")
    found = events(build("salesforce", {
        "linkedin_ads/lead_form_responses.csv": [
            lead | dict(id="r1", versionedLeadGenFormUrn="urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)"),
            lead | dict(id="r2", versionedLeadGenFormUrn="urn:li:versionedLeadGenForm:(urn:li:leadGenForm:316,21)"),
        ],
        "linkedin_ads/lead_forms.csv": [dict(id="3162", name="Request a demo"), dict(id="316", name="Plant guide")],
    }), "event_id, event_type, asset")
    assert found == [("linkedin_ads r1", "demo_request", "request a demo"), ("linkedin_ads r2", "form_submit", "plant guide")]


def test_a_contact_of_hubspot_has_the_company_and_addresses_of_other_columns(build):
    connection = build("hubspot", {
        "hubspot/contact.csv": [
            dict(id="1", property_email="", property_hs_additional_emails="ana@acme.example"), dict(id="2", property_email="bo@beta.example"),
            dict(id="3", property_associatedcompanyid="102"),
        ],
        "hubspot/contact_company.csv": [
            dict(contact_id="1.0", company_id="101", type_id="279", _fivetran_deleted="false"), dict(contact_id="1", company_id="102", type_id="1", _fivetran_deleted="false"),
            dict(contact_id="2", company_id="101", type_id="279", _fivetran_deleted="false"), dict(contact_id="2", company_id="102", type_id="1", _fivetran_deleted="true"),
            dict(contact_id="3", company_id="101", type_id="1", _fivetran_deleted="false"),
        ],
    }, "landing_hubspot__crm_contacts")
    found = connection.execute("select contact_id, account_id, email from staging.landing_hubspot__crm_contacts order by all").fetchall()
    assert found == [("1", "102", "ana@acme.example"), ("2", "101", "bo@beta.example"), ("3", "102", None)]


def test_nobody_takes_part_in_a_marketing_event_that_was_cancelled(build):
    person = dict(contact_id="1", properties_attendance_state="ATTENDED", properties_occurred_at="2026-05-20 10:00:00")
    found = events(build("hubspot", {
        "hubspot/marketing_event_participant.csv": [
            *(person | dict(id=event, marketing_event_id=event, _fivetran_deleted="false") for event in ("5", "6", "7", "8")),
            person | dict(id="9", marketing_event_id="5", _fivetran_deleted="true"),
        ],
        "hubspot/marketing_event.csv": [
            dict(id="5", event_name="Held"), dict(id="6", event_name="Off", event_cancelled="true"), dict(id="7", event_name="Gone", _fivetran_deleted="true"),
        ],
    }), "event_id, asset")
    assert found == [("hubspot 5", "held"), ("hubspot 8", None)]


def test_a_prospect_of_outreach_is_known_by_its_address_at_the_company(build):
    files = {
        "outreach/mailing.csv": [MAILING],
        "outreach/prospect_email.csv": [dict(prospect_id="1", email="ana@acme.example"), dict(prospect_id="1", email="a.private@GMail.com")],
    }
    assert {email for email, in events(build("salesforce", files), "email")} == {"ana@acme.example"}
    ordered = [dict(relationship_prospect_id="1", email="ana@acme.example", order="2"), dict(relationship_prospect_id="1", email="a.private@gmail.com", order="1")]
    files = {"outreach/mailing.csv": [MAILING], "outreach/email_address.csv": ordered, "outreach/prospect_email.csv": files["outreach/prospect_email.csv"][:1]}
    assert {email for email, in events(build("salesforce", files), "email")} == {"aprivate@gmail.com"}


def test_a_later_address_of_a_segment_user_leaves_earlier_events_alone(build):
    page = dict(user_id="u1", url="https://www.ours.example/pricing")
    found = events(build("salesforce", {
        "segment/pages.csv": [page | dict(id=day, timestamp=f"2026-05-{day} 10:00:00") for day in ("01", "05", "10", "20")],
        "segment/identifies.csv": [
            dict(id="i1", user_id="u1", email="ana@acme.example", timestamp="2026-05-04 10:00:00"),
            dict(id="i2", user_id="u1", email="bo@beta.example", timestamp="2026-05-15 10:00:00"),
        ],
        "segment/users.csv": [dict(id="u1", email="bo@beta.example", uuid_ts="2026-05-30 01:00:00")],
    }), "event_type, occurred_at::date::varchar, email")
    pages = [(on[-2:], email) for event_type, on, email in found if event_type == "page_view"]
    assert pages == [("01", "ana@acme.example"), ("05", "ana@acme.example"), ("10", "ana@acme.example"), ("20", "bo@beta.example")]


def test_a_webinar_of_one_name_in_marketo_and_salesforce_counts_once(build, projects):
    files = {
        "salesforce/campaign.csv": [dict(id="K1", name="Safe robots", type="Webinar")],
        # the day alone
        "salesforce/campaign_member.csv": [MEMBER],
        "marketo/lead.csv": [dict(id="1", email="ana@acme.example")],
        "marketo/activity_change_status_in_progression.csv": [
            dict(id="m1", lead_id="1", activity_date="2026-05-20 16:00:00", primary_attribute_value="Safe Robots", new_status="Attended"),
        ],
    }
    signals = [row | ({"repeat_minutes": None} if row["signal"] == "webinar_attended" else {}) for row in projects("salesforce").default_seeds["signals"]]
    for seeds, expected in ((None, [False, True]), ({"signals": signals}, [False, False])):
        connection = build("salesforce", files, "int_signal_events", seeds=seeds)
        repeats = connection.execute("select is_repeat from intermediate.int_signal_events order by is_repeat").fetchall()
        assert [repeat for repeat, in repeats] == expected
