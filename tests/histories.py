"""Small histories of one account, for tests whose numbers can be worked out by hand."""

import datetime as dt

from sample.hard_cases import Rows

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 5, 31)


class History:
    """Raw tables for one account "acme" with people "ana" and "bo", and whatever a case adds."""

    def __init__(self):
        self.rows = Rows(TODAY)
        self.rows.account("acme", "Acme Corp", "acme.example", "golden")
        for name in ("ana", "bo"):
            self.contact(name)

    def contact(self, name, **columns):
        self.rows.contact(name, "acme", f"{name}@acme.example", "golden", **columns)

    def did(self, person, what, days_ago, **columns):
        table, event_type = {
            "open": ("email_events", "open"), "click": ("email_events", "click"), "unsubscribe": ("email_events", "unsubscribe"),
            "webinar": ("content_events", "webinar_attended"), "download": ("content_events", "ebook_download"),
            "demo request": ("content_events", "demo_request"), "product page": ("web_events", "page_view"),
            "page": ("web_events", "page_view"),
        }[what]
        page = {"product page": "https://www.seller.example/product/1", "page": "https://www.seller.example/"}.get(what)
        columns = ({"page_url": page} if page else {}) | {"email": f"{person}@acme.example", "event_type": event_type} | columns
        self.rows.event(table, days_ago, "golden", "", **columns)

    def sales(self, person, activity_type, days_ago, outcome=None):
        self.rows.event("crm_activities", days_ago, "golden", "", account_id="acme", contact_id=person,
                        activity_type=activity_type, outcome=outcome)

    def raw(self):
        tables = {}
        for table, row, _, _ in self.rows.rows:
            tables.setdefault(table, []).append(row)
        # something of today, so that today is the newest load
        tables.setdefault("intent_events", []).append({"event_id": "today", "occurred_at": str(TODAY), "loaded_at": str(TODAY)})
        return tables


def acme(days_ago=3, people=("ana", "bo")):
    """3 opens, 1 click, 2 product pages, 1 webinar, 1 demo request by the given people, all on one day."""
    history, one, other = History(), people[0], people[-1]
    for number in range(3):
        history.did(other, "open", days_ago, campaign=f"mail {number}")
    history.did(other, "click", days_ago)
    history.did(other, "product page", days_ago)
    history.did(one, "product page", days_ago, page_url="https://www.seller.example/product/2")
    history.did(one, "webinar", days_ago)
    history.did(one, "demo request", days_ago)
    return history


def with_neighbour(history):
    """The history and one click at an account "other", old enough to age a little on every day."""
    history.rows.account("other", "Other Inc", "other.example", "golden")
    history.rows.event("email_events", 40, "golden", "", email="x@other.example", event_type="click")
    return history


def models_with(compiled, **changes):
    """The shipped scoring models, all with the given numbers."""
    return {"scoring_models": [{**row, **changes} for row in compiled.default_seeds["scoring_models"]]}
