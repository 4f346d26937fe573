"""The values sent to the CRM: the published mart `crm_account_updates`."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from engagement import warehouse
from engagement.paths import BadUsage
from engagement.sample_accounts import sample_accounts
from engagement.warehouse import Warehouse

# accounts to clear come first, then the hottest ones
UPDATES = """
    select
        account_id, crm_account_id, account_name, update_hash,
        account_status, score, band, trend, main_reason, next_action, last_engagement_at, last_engagement_label, dashboard_url
    from crm_account_updates
    order by score desc nulls first, account_id
"""
LONGEST_TEXT = 255  # characters; the limit of a Salesforce text field
SCORED = "prospect"
# the status of an account that is no longer in the data
REMOVED = "removed"


@dataclass(frozen=True)
class Field:
    """A field of the CRM."""

    column: str  # of the mart
    name: str  # lower case with underscores; a CRM can spell it in its own way
    label: str
    kind: str  # text, number, time or url
    description: str
    is_renamed: bool = False  # the name is used exactly as written


FIELDS = (
    Field("account_status", "engagement_status", "Engagement status", "text", "prospect if the account is scored. Otherwise the reason it isn't, such as won."),
    Field("score", "engagement_score", "Engagement score", "number", "How engaged the account is: a whole number of at least 0."),
    Field("band", "engagement_band", "Engagement band", "text", "Band of the score, such as Hot."),
    Field("trend", "engagement_trend", "Engagement trend", "text", "up, down or flat."),
    Field("main_reason", "engagement_main_reason", "Engagement main reason", "text", "The signal that brought the most points."),
    Field("next_action", "engagement_next_action", "Engagement next action", "text", "What to do next."),
    Field("last_engagement_at", "engagement_last_at", "Last engagement time", "time", "When the account last engaged (UTC)."),
    Field("last_engagement_label", "engagement_last_label", "Last engagement", "text", "Last engagement with its day, such as Demo attended 7 May."),
    Field("dashboard_url", "engagement_page", "Engagement page", "url", "The account's page in the dashboard, which explains its score."),
)


@dataclass(frozen=True)
class Update:
    """A row of the mart."""

    account_id: str
    crm_account_id: str
    account_name: "str | None"
    update_hash: str
    values: dict[str, object]  # {column: value}; times are UTC without a zone

    @property
    def status(self) -> str:
        return str(self.values["account_status"])

    @property
    def is_scored(self) -> bool:
        return self.status == SCORED

    @property
    def title(self) -> str:
        return self.account_name or self.account_id

    def text(self, field: Field) -> "str | None":
        """A value as ISO text, in a length that every CRM accepts. None empties the field."""
        value = self.values[field.column]
        if isinstance(value, dt.datetime):
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        if value is None or value == "":
            return None
        text = str(value)
        return text if field.kind == "url" or len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT - 1] + "…"


def removed(account_id: str, crm_account_id: str) -> Update:
    """The update that clears an account that is no longer in the data."""
    return Update(account_id, crm_account_id, None, REMOVED, {field.column: None for field in FIELDS} | {"account_status": REMOVED})


@dataclass(frozen=True)
class Marts:
    """The updates in the published file."""

    updates: list[Update]
    version: str
    as_of_date: "dt.date | None"
    is_sample: bool


def read_marts(place: Warehouse, file: "Path | None") -> Marts:
    with warehouse.opened_marts(place, file) as marts:
        rows = marts.execute(UPDATES).fetchall()
        version, as_of = marts.execute("select version, as_of_date from publication").fetchone()
    sample = sample_accounts()
    columns = [field.column for field in FIELDS]
    updates = [Update(*row[:4], dict(zip(columns, row[4:], strict=True))) for row in rows]
    names = {(update.account_id, update.account_name) for update in updates}
    return Marts(updates, version, as_of, bool(names) and names <= sample)


def chosen_fields(renamed: Iterable[str]) -> list[Field]:
    """The fields to write, from options such as "score=Lead_Score__c" and "trend=", which leaves it out."""
    names = {}
    for text in renamed:
        column, equals, name = (part.strip() for part in text.partition("="))
        if not equals or column not in {field.column for field in FIELDS}:
            raise BadUsage(f"--field {text} is not understood. Write a column and its name in the CRM, such as score=engagement_score."
                           f" Columns: {', '.join(field.column for field in FIELDS)}.")
        names[column] = name
    if names.get("account_status") == "":
        raise BadUsage("account_status can't be left out: it shows in the CRM that an account is no longer a prospect.")
    taken = [name for name in names.values() if name]
    if len(taken) != len(set(taken)):
        raise BadUsage("Two columns have the same name in --field.")
    return [
        replace(field, name=names[field.column], is_renamed=True) if field.column in names else field
        for field in FIELDS if names.get(field.column) != ""
    ]
