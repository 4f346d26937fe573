"""Writes properties of HubSpot companies, with API v3 and a private app's token.

HubSpot's own Python client is not used. It calls methods that urllib3 has deprecated since 2023, can't name a token's
account, and takes 50 MB for five requests.
"""

import argparse
import re

import requests

from engagement.paths import CommandError
from engagement.sync.targets import PatientSession, json_object, is_busy, secret
from engagement.sync.updates import Field, Update
from engagement.webhook import ToldToWait, Unreachable, no_response

API = "https://api.hubapi.com"
TOKEN = "HUBSPOT_ACCESS_TOKEN"
GROUP, GROUP_LABEL = "engagement_scoring", "Engagement scoring"
# {kind of field: (HubSpot's type, its field type)}
TYPES = {"text": ("string", "text"), "number": ("number", "number"), "time": ("datetime", "date"), "url": ("string", "text")}
RECORD_ID = re.compile(r"[1-9][0-9]{0,18}")


class BadBatch(Exception):
    """HubSpot rejects all updates, because of some or all of them."""


class HubSpot:
    """One HubSpot account."""

    title = "HubSpot"
    largest_batch = 100  # inputs that HubSpot accepts in one request

    def __init__(self, fields: list[Field], options: argparse.Namespace) -> None:
        self.fields = fields
        self.session = PatientSession(options)

    def connect(self) -> str:
        self.session.headers["Authorization"] = f"Bearer {secret(TOKEN, 'the access token of a private app')}"
        return f"HubSpot account {self.call('GET', '/account-info/v3/details')['portalId']}"

    # fields

    def field_rows(self) -> list[tuple[str, str, str]]:
        return [(field.name, field.label, TYPES[field.kind][0]) for field in self.fields]

    def missing_fields(self) -> list[str]:
        found = self.call("GET", "/crm/v3/properties/companies")["results"]
        writable = {entry["name"] for entry in found if not entry.get("modificationMetadata", {}).get("readOnlyValue")}
        return [field.name for field in self.fields if field.name not in writable]

    def create_fields(self) -> list[str]:
        missing = self.missing_fields()
        made = []
        groups = {group["name"] for group in self.call("GET", "/crm/v3/properties/companies/groups")["results"]}
        if missing and GROUP not in groups:
            self.call("POST", "/crm/v3/properties/companies/groups", {"name": GROUP, "label": GROUP_LABEL, "displayOrder": -1})
            made.append(f"group {GROUP_LABEL}")
        for field in self.fields:
            if field.name in missing:
                kind, shown_as = TYPES[field.kind]
                self.call("POST", "/crm/v3/properties/companies", {
                    "name": field.name, "label": field.label, "description": field.description, "groupName": GROUP,
                    "type": kind, "fieldType": shown_as,
                })
                made.append(f"property {field.name}")
        return made

    # updates

    def record_id(self, update: Update) -> str:
        return update.crm_account_id

    def fault(self, update: Update) -> "str | None":
        is_id = RECORD_ID.fullmatch(update.crm_account_id)
        return None if is_id else f"{update.crm_account_id} is not a HubSpot record id, which is a number"

    def write(self, updates: list[Update]) -> dict[str, str]:
        cleared = {update.crm_account_id for update in updates if not update.is_scored}
        # records that no longer exist have nothing to clear
        missing = cleared - self.own_records(cleared)
        return self.written([update for update in updates if update.crm_account_id not in missing])

    def own_records(self, record_ids: set[str]) -> set[str]:
        """The ones of these records that exist. For a merged record's id, HubSpot changes the record it was merged into, so an
        update for one would clear the other."""
        if not record_ids:
            return set()
        response = self.call("POST", "/crm/v3/objects/companies/batch/read", {
            "inputs": [{"id": record_id} for record_id in sorted(record_ids)], "properties": ["hs_object_id"],
        })
        return {result["id"] for result in response.get("results", [])}

    def written(self, updates: list[Update]) -> dict[str, str]:
        """{account id: why it was not written}. A bad value fails the whole request, so it is sent again in halves."""
        if not updates:
            return {}
        try:
            response = self.call("POST", "/crm/v3/objects/companies/batch/update", {"inputs": [
                {"id": update.crm_account_id, "properties": {field.name: update.text(field) or "" for field in self.fields}}
                for update in updates
            ]})
        except BadBatch as reason:
            if len(updates) == 1:
                return {updates[0].account_id: str(reason)}
            middle = len(updates) // 2
            return self.written(updates[:middle]) | self.written(updates[middle:])
        # a merged record responds under another id, so a record missing in the results hasn't failed
        taken = {result["id"] for result in response.get("results", [])}
        others = [update.crm_account_id for update in updates if update.crm_account_id not in taken]
        reasons = {}
        for error in response.get("errors", []):
            named = (error.get("context") or {}).get("ids") or others
            reasons |= dict.fromkeys(named, error.get("message") or error.get("category"))
        return {update.account_id: reasons[update.crm_account_id] for update in updates if update.crm_account_id in reasons}

    # requests

    def call(self, method: str, path: str, body: "dict | None" = None) -> dict:
        """The response to a request that HubSpot has accepted, at least in part."""
        try:
            response = self.session.request(method, API + path, json=body)
        except requests.RequestException as error:
            raise no_response(error) from None
        if 200 <= response.status_code < 300:
            return json_object(response)
        try:
            fault = response.json()
            reason = f"{fault.get('category') or response.status_code}: {fault.get('message')}"
        except (ValueError, AttributeError):
            fault, reason = {}, f"HTTP {response.status_code}"
        if response.status_code == 429 and fault.get("policyName") == "DAILY":
            raise ToldToWait
        if is_busy(response.status_code):
            raise Unreachable(f"HTTP {response.status_code}")
        if response.status_code == 401:
            raise CommandError(f"HubSpot does not accept the token in {TOKEN}. It may have been rotated or revoked.")
        if response.status_code == 403:
            raise CommandError(f"The private app lacks a scope for {path}. docs/crm.md lists them. HubSpot says: {reason}.")
        if path.endswith("/update"):
            raise BadBatch(reason)
        raise CommandError(f"HubSpot refuses {method} {path}: {reason}.")
