"""The hand-written rows of the sample: four accounts with known scores, and labelled hard cases.

Each function returns (raw table, row, case name, expected result) tuples. The first column of a row is its key.
Times are given as days before the last day of the sample and a time of day, both UTC.
"""

import datetime as dt

GOLDEN_ACCOUNTS = {"acme": "Acme Corp", "xyz": "XYZ Inc", "platform": "Platform Inc", "growth": "Growth Co"}


class Rows:
    """Collects rows of one sample whose last day is `end`."""

    def __init__(self, end):
        self.end = end
        self.rows = []
        self.count = 0

    def at(self, days_ago, time="10:00:00"):
        return f"{self.end - dt.timedelta(days=days_ago)} {time}"

    def add(self, table, row, case, expected):
        self.rows.append((table, row, case, expected))

    def account(self, account_id, name, domain, case, expected="an account", **columns):
        row = dict(
            account_id=account_id, account_name=name, domain=domain, account_tier="1", industry="Software",
            employee_count="800", annual_revenue_usd="90000000", country="United States",
            owner_email="rep1@seller.example", lifecycle_stage="lead", created_at=self.at(700), loaded_at=self.at(699),
        )
        self.add("crm_accounts", row | columns, case, expected)

    def contact(self, contact_id, account_id, email, case, expected="a contact", **columns):
        row = dict(
            contact_id=contact_id, account_id=account_id, email=email, full_name=contact_id.replace("-", " ").title(),
            job_title="Business Analyst", is_deleted="false", created_at=self.at(600), loaded_at=self.at(599),
        )
        self.add("crm_contacts", row | columns, case, expected)

    def event(self, table, days_ago, case, expected, time=None, key=None, **columns):
        self.count += 1
        # at least ten minutes apart, so that nothing is a repeat unless a case needs one
        time = time or f"{8 + self.count // 6 % 12:02d}:{self.count % 6}0:00"
        occurred_at = self.at(days_ago, time)
        row = {"activity_id" if table == "crm_activities" else "event_id": key or f"{case.replace(' ', '-')}-{self.count}"}
        row |= dict(occurred_at=occurred_at, loaded_at=occurred_at)
        self.add(table, row | columns, case, expected)

    def page(self, days_ago, path, case, expected, **columns):
        self.event(
            "web_events", days_ago, case, expected,
            **(dict(event_type="page_view", page_url=f"https://www.seller.example{path}") | columns),
        )


def golden_rows(end):
    """Acme Corp 53, XYZ Inc 12, Platform Inc 68 and Growth Co 8 on the last day, by hand from the shipped seeds."""
    rows = Rows(end)
    for account_id, name in GOLDEN_ACCOUNTS.items():
        rows.account(account_id, name, f"{account_id}.example", f"golden {name}")

    case, expected = "golden Acme Corp", "53, Very Hot: 3 opens, 1 click, 2 product pages, 1 webinar, 1 demo request, 2 people"
    rows.contact("acme-ana", "acme", "ana@acme.example", case, full_name="Ana Ruiz", job_title="Marketing Manager")
    rows.contact("acme-bo", "acme", "bo@acme.example", case, full_name="Bo Lindqvist")
    for days_ago in (20, 14, 9):
        rows.event("email_events", days_ago, case, expected, email="bo@acme.example", event_type="open", campaign="product-news")
    rows.event("email_events", 9, case, expected, email="bo@acme.example", event_type="click",
               link_url="https://www.seller.example/product/1")
    rows.page(9, "/product/1", case, expected, email="bo@acme.example")
    rows.page(6, "/product/2", case, expected, email="ana@acme.example")
    rows.event("content_events", 5, case, expected, email="ana@acme.example", event_type="webinar_attended", asset="Security webinar")
    rows.event("content_events", 3, case, expected, email="ana@acme.example", event_type="demo_request", asset="Demo")

    case, expected = "golden XYZ Inc", "12, Warm: 1 click, 1 product page, 2 opens by one person"
    rows.contact("xyz-cleo", "xyz", "cleo@xyz.example", case)
    for days_ago in (12, 11):
        rows.event("email_events", days_ago, case, expected, email="cleo@xyz.example", event_type="open", campaign="roi-guide")
    rows.event("email_events", 11, case, expected, email="cleo@xyz.example", event_type="click",
               link_url="https://www.seller.example/product/1")
    rows.page(11, "/product/1", case, expected, email="cleo@xyz.example")

    case, expected = "golden Platform Inc", "68, Very Hot: 38 from eight engagements of three people, 30 from breadth"
    for name in ("dana", "eli", "finn"):
        rows.contact(f"platform-{name}", "platform", f"{name}@platform.example", case)
    rows.page(8, "/pricing", case, expected, email="dana@platform.example")
    rows.event("content_events", 7, case, expected, email="eli@platform.example", event_type="demo_request", asset="Demo")
    rows.event("content_events", 15, case, expected, email="finn@platform.example", event_type="webinar_attended", asset="Security webinar")
    for person in ("dana", "eli"):
        rows.event("email_events", 8, case, expected, email=f"{person}@platform.example", event_type="click",
                   link_url="https://www.seller.example/pricing")
    for days_ago in (18, 17, 16):
        rows.event("email_events", days_ago, case, expected, email="finn@platform.example", event_type="open", campaign="product-news")

    case, expected = "golden Growth Co", "8, Cold: 1 click and 3 opens by one person"
    rows.contact("growth-gus", "growth", "gus@growth.example", case)
    for days_ago in (25, 19, 13):
        rows.event("email_events", days_ago, case, expected, email="gus@growth.example", event_type="open", campaign="product-news")
    rows.event("email_events", 13, case, expected, email="gus@growth.example", event_type="click",
               link_url="https://www.seller.example/product/3")
    return rows.rows


def hard_case_rows(end):
    """One or a few rows for each difficulty of real data, at their own accounts (ids begin with "case-")."""
    rows = Rows(end)

    case = "exact duplicate"
    rows.account("case-duplicate", "Duplicate GmbH", "duplicate.example", case)
    rows.contact("case-duplicate-1", "case-duplicate", "one@duplicate.example", case)
    for expected in ("counts once", "rejected: a newer load counts"):
        rows.event("content_events", 4, case, expected, time="09:00:00", key="case-duplicate-event",
                   email="one@duplicate.example", event_type="demo_request")

    case = "corrected record"
    rows.event("content_events", 4, case, "rejected: a newer load counts", time="11:00:00", key="case-corrected-event",
               email="one@duplicate.example", event_type="webinar_registered", asset="Securty webinar")
    rows.event("content_events", 4, case, "counts, as the newer load of the same key", time="11:00:00",
               key="case-corrected-event", email="one@duplicate.example", event_type="webinar_registered",
               asset="Security webinar", loaded_at=rows.at(3))

    case = "late load"
    rows.account("case-late", "Late Load AG", "late.example", case)
    rows.contact("case-late-1", "case-late", "one@late.example", case)
    rows.event("email_events", 60, case, "counts, aged from the day it happened", email="one@late.example",
               event_type="click", loaded_at=rows.at(1))

    case = "future date"
    rows.event("email_events", -15000, case, "rejected: more than five years after its load", email="one@late.example",
               event_type="click", loaded_at=rows.at(2))
    rows.event("email_events", -5, case, "staged, but not scored before its day", email="one@late.example",
               event_type="click", loaded_at=rows.at(2))
    rows.event("email_events", -1, case, "staged, but not scored before its day", time="06:00:00",
               email="one@late.example", event_type="reply", loaded_at=rows.at(0, "07:00:00"))

    case = "unparsable time"
    for occurred_at in ("yesterday", "31/05/2026 10:00", "2026-02-30 10:00:00", ""):
        rows.event("web_events", 2, case, "rejected: no readable time", email="one@late.example", event_type="page_view",
                   page_url="https://www.seller.example/pricing", occurred_at=occurred_at)
    rows.event("web_events", 2, "time with a zone", "10:30 UTC", email="one@late.example", event_type="form_submit",
               page_url="https://www.seller.example/contact",
               occurred_at=f"{rows.end - dt.timedelta(days=2)}T12:30:00+02:00")

    case = "missing key"
    rows.event("web_events", 2, case, "counts: its id is a hash of the row", email="one@late.example", event_type="page_view",
               page_url="https://www.seller.example/pricing", event_id="")

    case = "free mail"
    rows.event("content_events", 6, case, "unmatched: not in the CRM", email="somebody@gmail.com",
               event_type="demo_request")
    rows.account("case-freemail", "Free Mail Ltd", "gmail.com", case, "its domain leads to no account")
    rows.contact("case-freemail-1", "case-freemail", "Known.Person@Gmail.com", case, "a contact by its own address")
    rows.event("content_events", 6, case, "the contact's, whatever the domain", email="known.person@gmail.com",
               event_type="demo_request")

    case = "merged contact"
    rows.account("case-merged", "Merged Oy", "merged.example", case)
    rows.contact("case-merged-old", "case-merged", "old@merged.example", case, "leads to no contact",
                 merged_into_contact_id="case-merged-middle")
    rows.contact("case-merged-middle", "case-merged", "middle@merged.example", case, "leads to no contact",
                 merged_into_contact_id="case-merged-new")
    rows.contact("case-merged-new", "case-merged", "new@merged.example", case, "represents all three")
    for name in ("old", "middle", "new"):
        rows.event("content_events", 10, case, "one person's", email=f"{name}@merged.example", event_type="ebook_download",
                   asset=f"Guide {name}")

    case = "deleted contact"
    rows.account("case-deleted", "Deleted SARL", "deleted.example", case)
    rows.contact("case-deleted-1", "case-deleted", "gone@deleted.example", case, "leads to no contact", is_deleted="true")
    rows.event("content_events", 10, case, "the account's, but no person's", email="gone@deleted.example",
               event_type="ebook_download")
    rows.event("crm_activities", 10, case, "the account's, but no person's", account_id="case-deleted",
               contact_id="case-deleted-1", activity_type="call")

    case = "visitor identified"
    rows.account("case-visitor", "Visitor SpA", "visitor.example", case)
    rows.contact("case-visitor-1", "case-visitor", "vera@visitor.example", case)
    rows.page(20, "/pricing", case, "stitched back: the person's from the day of the form", visitor_id="case-V1")
    rows.event("web_events", 12, case, "identifies the visitor", visitor_id="case-V1", email="vera@visitor.example",
               event_type="form_submit", page_url="https://www.seller.example/contact")
    rows.page(8, "/product/4", case, "the person's: the visitor is already identified", visitor_id="case-V1")
    rows.page(20, "/pricing", case, "unmatched: never identified", visitor_id="case-V2")

    case = "subdomain"
    rows.event("linkedin_events", 9, case, "the account of visitor.example", email="x@mail.eu.visitor.example",
               event_type="message_response")
    rows.event("linkedin_events", 9, case, "unmatched: a different domain with the same ending", email="x@notvisitor.example",
               event_type="message_response")

    case = "two accounts on one domain"
    rows.account("case-twin-b", "Twin B", "twin.example", case, "has the domain: most contacts")
    rows.account("case-twin-a", "Twin A", "twin.example", case, "does not")
    rows.contact("case-twin-1", "case-twin-b", "known@twin.example", case)
    rows.event("linkedin_events", 9, case, "Twin B's", email="unknown@twin.example", event_type="message_response")

    case = "machine open"
    rows.event("email_events", 3, case, "scores nothing", email="one@late.example", event_type="open",
               user_agent="Mozilla/5.0 (compatible; Barracuda Sentinel (EE))")
    for time, event_type in (("11:00:00", "delivered"), ("11:00:03", "open")):
        rows.event("email_events", 3, "open at delivery", "scores nothing: a scanner", time=time, email="one@late.example",
                   event_type=event_type, campaign="scanned", user_agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)")

    case = "unknown event type"
    rows.event("web_events", 3, case, "unmapped", email="one@late.example", event_type="hologram_view",
               page_url="https://www.seller.example/")

    case = "unknown outcome"
    rows.event("crm_activities", 3, case, "no conversation: scores nothing", account_id="case-late", contact_id="case-late-1",
               activity_type="call", outcome="Mercury retrograde")

    case = "unknown person"
    rows.event("crm_activities", 3, case, "unmatched: ids that are not in the CRM", account_id="no-such-account",
               contact_id="no-such-contact", activity_type="call")

    case = "unicode"
    rows.account("case-unicode", "Żółć & 株式会社 «Ünïcode» 🚀", "xn--unicode.example", case)
    rows.contact("case-unicode-1", "case-unicode", "zoë@xn--unicode.example", case, full_name="عمر O'Neil, \"the\" Ł.",
                 job_title="Chief Executive Officer")
    rows.event("email_events", 3, case, "5: an open by a decision-maker", email="ZOË@xn--unicode.example", event_type="open",
               campaign="Größe, 50 % & mehr")

    case = "reset"
    rows.account("case-reset", "Not Interested BV", "reset.example", case)
    rows.contact("case-reset-1", "case-reset", "rita@reset.example", case)
    rows.event("content_events", 15, case, "counts zero after the call", email="rita@reset.example", event_type="demo_request")
    rows.event("crm_activities", 10, case, "takes everything before it", account_id="case-reset", contact_id="case-reset-1",
               activity_type="call", outcome="not_interested")
    rows.event("email_events", 9, case, "5: the only event that counts", email="rita@reset.example", event_type="click",
               link_url="https://www.seller.example/product/1")

    case = "unsubscribed"
    rows.account("case-unsubscribed", "Unsubscribed AB", "unsubscribed.example", case)
    for name in ("ulf", "una"):
        rows.contact(f"case-unsubscribed-{name}", "case-unsubscribed", f"{name}@unsubscribed.example", case)
        rows.event("content_events", 15, case, "counts only for Una", email=f"{name}@unsubscribed.example",
                   event_type="demo_request")
    rows.event("email_events", 10, case, "takes what Ulf earned", email="ulf@unsubscribed.example", event_type="unsubscribe")

    case = "won deal"
    rows.account("case-won", "Won Deal KK", "won.example", case, "has left the prospect marts")
    rows.add("crm_opportunities", dict(
        opportunity_id="case-won-1", account_id="case-won", opportunity_name="Won", amount_usd="50000", stage="Closed Won",
        is_closed="true", is_won="true", created_at=rows.at(90), closed_at=rows.at(5), loaded_at=rows.at(5),
    ), case, "hands the account over")

    case = "unreadable number"
    rows.account("case-number", "Unreadable Number Inc", "number.example", case, "kept; the number is empty",
                 employee_count="about 500")
    rows.add("crm_accounts", dict(
        account_id="case-no-time", account_name="No Time Inc", created_at="", loaded_at=rows.at(3),
    ), "missing time", "kept, as created when it was loaded")
    return rows.rows
