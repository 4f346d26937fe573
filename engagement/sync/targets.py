"""What every receiver of updates can do, and what HTTP receivers share."""

import argparse
import os
from typing import Protocol

import requests

from engagement.paths import BadUsage
from engagement.sync.updates import Field, Marts, Update
from engagement.webhook import Patience, Unreachable


class Target(Protocol):
    """A receiver. Writing the same updates again leaves the same records."""

    largest_batch: int
    title: str

    def connect(self) -> str:
        """Logs in. Returns the name of the destination: two CRMs have two names."""

    def missing_fields(self) -> list[str]:
        """The fields that can't be written, by the receiver's names."""

    def create_fields(self) -> list[str]:
        """Creates the missing fields, and returns a line about each."""

    def field_rows(self) -> list[tuple[str, str, str]]:
        """[(name, label, type)] of the fields in the receiver."""

    def fault(self, update: Update) -> "str | None":
        """Why this update can't be sent at all."""

    def record_id(self, update: Update) -> str:
        """The record to update, in one spelling."""

    def write(self, updates: list[Update]) -> dict[str, str]:
        """{account id: why it was not written}. All other accounts were written."""


class WithoutFields:
    """A receiver without fields to create, which accepts any id."""

    def missing_fields(self) -> list[str]:
        return []

    def fault(self, update: Update) -> "str | None":
        return None

    def record_id(self, update: Update) -> str:
        return update.crm_account_id


class PatientSession(requests.Session):
    """A session with the timeouts in the options, which retries temporarily refused requests."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__()
        self.timeout = options.timeout
        # an update can safely arrive twice, so it is also resent if the response was lost
        self.mount("https://", requests.adapters.HTTPAdapter(max_retries=Patience.of(options, read=None)))

    def request(self, *arguments, **settings) -> requests.Response:
        return super().request(*arguments, **{"timeout": self.timeout, "allow_redirects": False, **settings})


def secret(name: str, what: str) -> str:
    """The value of an environment variable. Secrets come from nowhere else."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise BadUsage(f"Env var {name} is not set: {what}. docs/crm.md says where to find it.")
    if not value.isprintable():
        raise BadUsage(f"Env var {name} has a line break or another character that can't be printed. Copy it again.")
    return value


def is_busy(status: int) -> bool:
    """True if the updates aren't at fault: timeout, locked, too many requests, being moved, out of order."""
    return status in (408, 423, 429, 477) or status >= 500


def json_object(response: requests.Response) -> dict:
    try:
        content = response.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        # from a proxy, for example, so the request may have arrived
        raise Unreachable(f"HTTP {response.status_code} with an unreadable response")
    return content


def target_of(name: str, fields: list[Field], marts: "Marts | None", options: argparse.Namespace) -> Target:
    """Loads a receiver's module only when it is used, because its packages may be missing."""
    if name == "hubspot":
        from engagement.sync.hubspot import HubSpot
        return HubSpot(fields, options)
    if name == "salesforce":
        from engagement.sync.salesforce import Salesforce
        return Salesforce(fields, options)
    if name == "csv":
        from engagement.sync.csv_file import CsvFile
        return CsvFile(fields, options)
    from engagement.sync.batches import Batches
    return Batches(fields, marts, options)
