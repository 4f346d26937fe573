"""What a receiver of updates can do, whichever it is, and what all that speak HTTP share."""

import argparse
import os
from typing import Protocol

import requests

from engagement.paths import BadUsage
from engagement.sync.updates import Field, Marts, Update
from engagement.webhook import Patience, Unreachable


class Target(Protocol):
    """A receiver. `write` may be given the same updates again: it leaves the same records."""

    largest_batch: int
    title: str

    def connect(self) -> str:
        """Logs in. The name of what is written to: two CRMs have two names."""

    def missing_fields(self) -> list[str]:
        """The fields that cannot be written, as the receiver calls them."""

    def create_fields(self) -> list[str]:
        """Makes the missing fields; a line about each thing made."""

    def field_rows(self) -> list[tuple[str, str, str]]:
        """[(name, label, type)] of the fields, as the receiver has or would have them."""

    def fault(self, update: Update) -> "str | None":
        """Why this update cannot be sent at all."""

    def record_id(self, update: Update) -> str:
        """The record to update, in one spelling."""

    def write(self, updates: list[Update]) -> dict[str, str]:
        """{account id: why it was not written}; whoever is not in it was written."""


class WithoutFields:
    """A receiver that has no fields to make, and takes any id."""

    def missing_fields(self) -> list[str]:
        return []

    def create_fields(self) -> list[str]:
        raise BadUsage("--create-fields is for hubspot and salesforce.")

    def fault(self, update: Update) -> "str | None":
        return None

    def record_id(self, update: Update) -> str:
        return update.crm_account_id


class PatientSession(requests.Session):
    """A session that waits no longer than the options say, and tries again what was refused for now."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__()
        self.timeout = options.timeout
        # an update that arrives twice does no harm, so it is sent again also where an answer was lost
        self.mount("https://", requests.adapters.HTTPAdapter(max_retries=Patience.of(options, read=None)))

    def request(self, *arguments, **settings) -> requests.Response:
        return super().request(*arguments, **{"timeout": self.timeout, "allow_redirects": False, **settings})


def secret(name: str, what: str) -> str:
    """The value of an environment variable, which is the only place for it."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise BadUsage(f"Env var {name} is not set: {what}. docs/crm.md says where to find it.")
    return value


def is_busy(status: int) -> bool:
    """Nothing is wrong with the updates: no time, locked, too many requests, being moved, out of order."""
    return status in (408, 423, 429, 477) or status >= 500


def answer_json(response: requests.Response) -> dict:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        # from a proxy in between, say: the request may have arrived
        raise Unreachable(f"answer {response.status_code} that cannot be read")
    return answer


def target_of(name: str, fields: list[Field], marts: "Marts | None", options: argparse.Namespace) -> Target:
    """A module is loaded only if it is wanted: not everybody has its packages."""
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
