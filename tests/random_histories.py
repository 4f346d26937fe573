"""Random raw tables and seeds, for tests that hold whatever happened."""

import datetime as dt
import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

ACCOUNTS = ["a1", "a2", "a3", "a4", "001A000001abcDEIAY"]
DOMAINS = [
    "one.example", "two.example", "sub.two.example", "gmail.com", "www.three.example", None,
    # several, other spellings, public suffixes, a seller's own, placeholders
    "one.example; four.example", "https://me@three.example:80/x?y#z", "co.uk", "one.co.uk", "us.example", "n/a", "example.com", "kawasaki.jp",
]
CONTACTS = ["c1", "c2", "c3", "c4", "c5"]
EMAILS = [
    "p1@one.example", "P2@two.example", "p3@x.sub.two.example", "p4@gmail.com", "p5@three.example", "p6@nowhere.example",
    # the same mailboxes once more, a role's, one of the seller's own, below public suffixes, none
    "p1+tag@one.example", "Pia <P2@two.example>; p1@one.example", "mailto:p.4@googlemail.com", "info@one.example", "p7@eu.us.example",
    "p8@one.co.uk", "p9@a.b.kawasaki.jp", "null", "p1@example.com", "p1 at one.example",
    "p4@gmail.com; p1@one.example",
]
VISITORS = ["v1", "v2", None, "undefined"]
# ids of accounts as they stand on other rows; s1 is Salesforce's
ACCOUNT_IDS = ["a1", "a2", "a3", "a4", "001A000001abcDE", "001A000001abcDEIAY", "a1;a2", "nobody, a3", "nobody", "N/A"]
TITLES = ["CFO", "Marketing Manager", "Head of IT", "Executive Assistant to the CEO", "Coordinator", "V.P., Sales", None]
# spellings of pages, parts of segments, languages and routes
PATHS = [
    "/pricing", "/Product/1?x=1", "/product/1/", "/blog/a#top", "", "/careers", "/#/pricing", "/de-at/Pricing/index.html", "//pricing;s=1?x",
    "/pri%63ing", "/productivity", "/us/en/product/1.html", "/en", "/pricing-guide",
    "/pricing&utm_source=x", "/pricing%3Fa=1", "/request_demo",
]
LINKS = ["https://x/Product", "https://x/Product/?utm=1", "https://x/a", "https://x/b#top"]
AGENTS = [None, None, "Outlook", "Mozilla/5.0", "via GoogleImageProxy", "Slackbot 1.0", "curl/8"]
EMAIL_TYPES = ["open", "click", "Email Opened", "clicked", "reply", "sent", "delivered", "unsubscribe", "bounce", "soft bounce", "teleport"]
OUTCOMES = [None, None, "positive", "no_show", "not_interested", "Not Interested", "Left voicemail", "Connected", "gone fishing"]
FIRST_DAY = dt.date(2026, 1, 1)

# a window of DENSE_DAYS, or of all the days a history may have
DENSE_DAYS, ALL_DAYS = 6, 260
DATE = st.integers(0, ALL_DAYS).map(lambda days: FIRST_DAY + dt.timedelta(days=days))
# few times of the day, close together, so that repeats and ties happen
CLOCK = st.sampled_from(["00:00:00", "00:10:00", "08:00:00", "08:10:00", "08:29:59", "08:30:00", "09:05:00", "23:50:00"])
TIME = st.builds("{} {}".format, DATE, CLOCK)
LATER = st.sampled_from([0, 0, 0, 1, 40])


def maybe(strategy):
    return st.one_of(st.none(), strategy)


@st.composite
def happened(draw, **columns):
    """A row with occurred_at and loaded_at; now and then one that must be rejected, or wait for its day."""
    day, clock = draw(DATE), draw(CLOCK)
    loaded = dt.datetime.fromisoformat(f"{day}T{clock}") + dt.timedelta(days=draw(LATER))
    row = {name: draw(strategy) for name, strategy in columns.items()}
    row["occurred_at"] = draw(st.sampled_from([f"{day} {clock}"] * 12 + [f"{day}T{clock}+00:00", "soon", None]))
    row["loaded_at"] = str(loaded - dt.timedelta(days=draw(st.sampled_from([0] * 12 + [3, 4000]))))
    return row


def rows_of(key, strategy, most, ids=None):
    """Up to `most` rows, some of which share a key."""
    keys = st.sampled_from(ids) if ids else st.integers(1, 40).map(lambda number: f"e{number}")
    return st.lists(st.tuples(keys, strategy), max_size=most).map(lambda pairs: [{key: k, **row} for k, row in pairs])


EMAIL = st.sampled_from(EMAILS)
COMPANY = maybe(st.sampled_from([
    "two.example", "www.one.example", "https://sub.two.example/x", "gmail.com", "us.example", "x.one.co.uk", "b.co.uk", "unknown",
]))
CAMPAIGN = maybe(st.sampled_from(["Spring", "autumn"]))

RAW = st.fixed_dictionaries({
    "crm_accounts": st.tuples(*[st.fixed_dictionaries({
        "domain": st.sampled_from(DOMAINS), "merged_into_account_id": st.sampled_from([None] * 6 + ["a1", "a2", "001A000001abcDE", "nobody"]),
        "is_deleted": st.sampled_from([None, "false", "false", "false", "true"]),
        "lifecycle_stage": st.sampled_from([None, "Lead", "customer", "Competitor"]),
    })] * len(ACCOUNTS)).map(lambda draws: [
        {"account_id": account, "account_name": account, "created_at": "2025-01-01", "loaded_at": "2025-06-01", **columns}
        for account, columns in zip(ACCOUNTS, draws)
    ]),
    "account_domains": st.lists(st.fixed_dictionaries({
        "account_id": st.sampled_from(ACCOUNT_IDS), "domain": st.sampled_from([d for d in DOMAINS if d]), "loaded_at": st.just("2025-06-01"),
    }), max_size=3),
    "crm_contacts": rows_of("contact_id", st.fixed_dictionaries({
        "account_id": maybe(st.sampled_from(ACCOUNT_IDS)), "email": maybe(EMAIL), "job_title": st.sampled_from(TITLES),
        "merged_into_contact_id": st.one_of(st.none(), st.none(), st.sampled_from(CONTACTS)),
        "is_deleted": st.sampled_from(["false", "false", "false", "true", None]),
        # some move while the events happen
        "created_at": st.sampled_from(["2025-01-01", "2025-02-01"]),
        "loaded_at": st.sampled_from(["2025-06-01", "2025-07-01", "2026-02-01", "2026-04-01", "2026-04-01 12:00:00", "2026-06-01"]),
    }), 9, CONTACTS),
    "crm_activities": rows_of("activity_id", happened(
        account_id=maybe(st.sampled_from(ACCOUNT_IDS)), contact_id=maybe(st.sampled_from([*CONTACTS, "c1;c2", "null"])),
        email=maybe(EMAIL),
        activity_type=st.sampled_from(["call", "call_attempt", "rfp_issued", "demo_attended"]),
        outcome=st.sampled_from(OUTCOMES),
    ), 6),
    "email_events": rows_of("event_id", happened(
        email=maybe(EMAIL), event_type=st.sampled_from(EMAIL_TYPES),
        campaign=CAMPAIGN, link_url=maybe(st.sampled_from(LINKS)), user_agent=st.sampled_from(AGENTS),
    ), 10),
    "web_events": rows_of("event_id", happened(
        visitor_id=st.sampled_from(VISITORS), email=st.one_of(st.none(), st.none(), EMAIL), company_domain=COMPANY,
        event_type=st.sampled_from(["page_view", "page_view", "page_view", "Page-View", "form_submit", "identify", "hologram", "Scroll"]),
        page_url=maybe(st.sampled_from(PATHS).map(lambda path: f"https://www.seller.example{path}")),
        duration_seconds=st.sampled_from([None, "10", "180", "400"]), campaign=CAMPAIGN,
    ), 16),
    "content_events": rows_of("event_id", happened(
        email=EMAIL, event_type=st.sampled_from(["webinar_attended", "ebook_download", "ebook_download", "demo_request"]),
        asset=maybe(st.sampled_from(["A", "b"])), campaign=CAMPAIGN,
    ), 10),
    "linkedin_events": rows_of("event_id", happened(
        email=maybe(EMAIL), company_domain=COMPANY, event_type=st.sampled_from(["post_engagement", "message_response"]), campaign=CAMPAIGN,
    ), 3),
    "ad_events": rows_of("event_id", happened(
        visitor_id=st.sampled_from(VISITORS), email=maybe(EMAIL), company_domain=COMPANY,
        event_type=st.sampled_from(["click", "landing_page_visit", "impression"]), platform=st.none(), campaign=CAMPAIGN,
    ), 5),
    "intent_events": rows_of("event_id", happened(
        company_domain=COMPANY, topic=st.just("Topic"), surge_score=st.sampled_from(["10", "70", "99.5", None]),
    ), 3),
    "product_events": rows_of("event_id", happened(
        email=maybe(EMAIL), account_id=maybe(st.sampled_from(ACCOUNT_IDS)), event_type=st.sampled_from(["feature_used", "trial_started"]),
    ), 3),
})

# the mail of two people around two midnights: scanners, acts delivered twice, resets in the middle of a day
# deals in several loads: stages in the words of CRMs and in no known ones, flags, deleted ones, close dates before and after
DEALS = rows_of("opportunity_id", st.fixed_dictionaries({
    "account_id": st.sampled_from(ACCOUNT_IDS),
    "stage": st.sampled_from(["Closed Won", "closedwon", "Closed Won (Sales Pipeline)", "CLOSED-LOST", "Negotiation", "teleported", None]),
    "is_closed": st.sampled_from([None, "true", "false"]), "is_won": st.sampled_from([None, None, "true", "false"]),
    "is_deleted": st.sampled_from([None, None, "false", "true"]), "created_at": st.sampled_from([None, "2025-06-01"]),
    "closed_at": maybe(DATE.map(str)), "loaded_at": TIME,
}), 6, ["d1", "d2", "d3"])

SECONDS = st.sampled_from([
    "00:00:00", "00:00:05", "00:00:11", "08:00:00", "08:00:03", "08:00:09", "08:00:20", "08:00:21", "08:10:00", "23:59:45", "23:59:58",
])
MAIL_TIME = st.builds("{} {}".format, st.integers(0, 1).map(lambda days: FIRST_DAY + dt.timedelta(days=days)), SECONDS)
MAIL = st.fixed_dictionaries({
    "crm_accounts": st.just([{"account_id": "a1", "account_name": "a1", "domain": "a1.example", "created_at": "2025-01-01", "loaded_at": "2025-06-01"}]),
    # the second may get another address between the two midnights, or lose the one
    "crm_contacts": st.sampled_from([[], [None], ["p3@a1.example"], ["p2@a1.example; p3@a1.example"]]).map(lambda later: [
        {"contact_id": f"c{n}", "account_id": "a1", "email": email, "job_title": title, "created_at": "2025-01-01", "loaded_at": loaded_at}
        for n, email, title, loaded_at in (
            (1, "p1@a1.example", "COO", "2025-06-01"), (2, "p2@a1.example", "Coordinator", "2025-06-01"),
            *((2, email, "Coordinator", f"{FIRST_DAY + dt.timedelta(days=1)} 06:00:00") for email in later),
        )
    ]),
    "email_events": st.lists(st.fixed_dictionaries({
        "event_id": st.sampled_from(["m1", "m2", "m3", "m4", "m5"]), "email": st.sampled_from(["p1@a1.example", "P1@a1.example", "p2@a1.example", "p3@a1.example"]),
        "event_type": st.sampled_from([*EMAIL_TYPES, "click", "click", "click", "click"]), "campaign": st.sampled_from([None, "Spring", "spring", "autumn"]),
        "link_url": st.sampled_from(LINKS), "user_agent": st.sampled_from([None, None, None, "Slackbot 1.0", "via GoogleImageProxy"]),
        "occurred_at": MAIL_TIME,
    }), max_size=14),
    "content_events": st.lists(st.fixed_dictionaries({
        "event_id": st.sampled_from(["k1", "k2", "k3"]), "email": st.just("p1@a1.example"), "event_type": st.sampled_from(["Attended", "ebook_download", "demo"]),
        "asset": st.sampled_from(["A", "b"]), "occurred_at": MAIL_TIME,
    }), max_size=6),
    "crm_activities": st.lists(st.fixed_dictionaries({
        "activity_id": st.sampled_from(["s1", "s2", "s3"]), "contact_id": st.sampled_from(["c1", "c2"]), "activity_type": st.sampled_from(["call", "Meeting"]),
        "outcome": st.sampled_from(OUTCOMES), "occurred_at": MAIL_TIME,
    }), max_size=4),
}).map(lambda tables: {
    # each row is a load of its own: which of two rows of one load counts is no rule of scoring
    table: [{"loaded_at": f"{FIRST_DAY + dt.timedelta(days=2)} 00:00:{number:02d}", **row} for number, row in enumerate(rows)]
    for table, rows in tables.items()
})

# two people, two browsers, two pages and a few days: identifications and repeats in each other's way
DENSE = st.fixed_dictionaries({
    "crm_accounts": st.just([
        {"account_id": account, "account_name": account, "domain": f"{account}.example", "created_at": "2025-01-01",
         "loaded_at": "2025-06-01"} for account in ("a1", "a2")
    ]),
    # the second may be deleted: a visitor identified by that address is then no person
    "crm_contacts": st.sampled_from(["false", "true"]).map(lambda is_deleted: [
        {"contact_id": f"c{n}", "account_id": "a1", "email": f"p{n}@a1.example", "is_deleted": is_deleted if n == 2 else "false",
         "created_at": "2025-01-01", "loaded_at": "2025-06-01"} for n in (1, 2)
    ]),
    "web_events": st.lists(
        st.fixed_dictionaries({
            "visitor_id": st.sampled_from(["v1", "v2"]),
            "email": st.sampled_from([None, None, None, "p1@a1.example", "p2@a1.example"]),
            "company_domain": st.sampled_from([None, "a1.example", "a2.example"]), "event_type": st.just("page_view"),
            "page_url": st.sampled_from(["https://www.seller.example/pricing", "https://www.seller.example/product/1"]),
            "occurred_at": st.builds("{} {}".format, st.integers(0, DENSE_DAYS).map(
                lambda days: FIRST_DAY + dt.timedelta(days=days)), CLOCK),
        }), max_size=12,
    ).map(lambda rows: [
        {"event_id": f"e{n}", **row, "loaded_at": f"{FIRST_DAY + dt.timedelta(days=DENSE_DAYS)} 23:59:59"} for n, row in enumerate(rows)
    ]),
})

DAYS = st.sampled_from(["0", "7", "30", "90"])
HALF = maybe(st.sampled_from(["1", "7.5", "30", "365"]))
CAP = maybe(st.sampled_from(["3", "10", "25.5"]))


@st.composite
def seed_changes(draw, shipped):
    """The shipped seeds with other numbers."""
    signals = [dict(row) for row in shipped["signals"]]
    for row in signals:
        if draw(st.integers(0, 3)) == 0:
            row |= {
                "points": draw(maybe(st.sampled_from(["-4", "0", "2.5", "7", "20"]))), "full_value_days": draw(maybe(DAYS)),
                "half_life_days": draw(HALF), "max_points": draw(CAP),
                "repeat_minutes": draw(maybe(st.sampled_from(["1", "30", "1500"]))),
                "counts_for_breadth": draw(st.sampled_from(["true", "false"])),
            }
    models = [{
        "scoring_model": name, "is_primary": "true" if name == "m1" else "false",
        "decay_function": draw(st.sampled_from(["exponential", "none"])), "full_value_days": draw(maybe(DAYS)),
        "half_life_days": draw(HALF), "lookback_days": draw(maybe(st.sampled_from(["20", "90", "180"]))),
        "apply_caps": draw(st.sampled_from(["true", "false"])), "breadth_points": draw(st.sampled_from(["0", "10", "3.5"])),
        "breadth_min_contacts": draw(st.sampled_from(["1", "2", "3"])),
        "breadth_window_days": draw(st.sampled_from(["30", "90", "200"])), "breadth_max_points": draw(maybe(st.just("15"))),
        "silence_days": silence, "silence_factor": draw(st.sampled_from(["0.5", "0", "0.9"])) if silence else None,
        "trend_days": "7", "trend_tolerance": "2", "alert_rearm_margin": "5", "basis": "custom",
    } for name, silence in (("m1", None), ("m2", draw(st.sampled_from(["5", "20", "60"]))))]
    overrides = [{
        "scoring_model": "m2", "signal": signal, "points": draw(maybe(st.just("6"))), "full_value_days": draw(maybe(DAYS)),
        "half_life_days": draw(HALF), "max_points": draw(CAP), "basis": "custom",
    } for signal in draw(st.lists(st.sampled_from(["email_click", "page_view", "demo_request"]), unique=True))]
    combinations = [dict(row) for row in shipped["signal_combinations"]] + [{
        "combination": "click_and_product", "label": "x", "first_signal": "email_click", "second_signal": "product_page",
        "within_days": draw(st.sampled_from(["0", "3", "60"])), "points": "25", "basis": "custom", "is_active": "true",
    }]
    personas = [dict(row) for row in shipped["personas"]]
    weight = draw(st.sampled_from(["1", "0.5", "2"]))
    for row in personas:
        if row["persona"] == "executive":
            row["weight"] = weight
    own_domains = draw(st.sampled_from([[], [{"domain": "us.example"}]]))
    resets = [dict(row) for row in shipped["resets"]] + draw(st.sampled_from([[], *([{
        "reset": "other", "channel": channel, "event_type": event_type, "outcome": None, "takes_from": loser, "basis": "custom", "is_active": "true",
    }] for channel, event_type in (("web", "form_submit"), ("ads", "click"), ("web", "page_view")) for loser in ("account", "person"))]))
    return {
        "signals": signals, "resets": resets, "scoring_models": models, "signal_overrides": overrides, "signal_combinations": combinations,
        "personas": personas, "own_domains": own_domains,
    }


def in_contract_order(compiled, raw):
    """The rows with all columns of the landing contract, in its order: it decides between loads of the same time."""
    return {
        table: [{column: row.get(column) for column in compiled.raw_columns[table]} for row in rows]
        for table, rows in raw.items()
    }


EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "20"))
# no shrinking: an example takes a quarter of a second, and the failing one is printed whole
THOROUGH = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
