"""Sends JSON batches to your own webhook: an iPaaS, a queue, or a CRM that isn't supported here."""

import argparse
import hashlib
import hmac
import json
import os

from engagement.sync.targets import WithoutFields, secret
from engagement.sync.updates import Field, Marts, Update
from engagement.webhook import Refused, checked_url, deliver, origin

URL, SECRET = "SYNC_WEBHOOK_URL", "SYNC_WEBHOOK_SECRET"
SIGNATURE = "X-Signature-256"


class Batches(WithoutFields):
    """One webhook."""

    title = "the webhook"
    largest_batch = 1000

    def __init__(self, fields: list[Field], marts: "Marts | None", options: argparse.Namespace) -> None:
        self.fields, self.marts, self.options = fields, marts, options
        self.url = ""

    def connect(self) -> str:
        self.url = checked_url(secret(URL, "where the batches go"), self.options.allow_http)
        # the rest of the URL may be a secret, but two different URLs are two receivers
        return f"{origin(self.url)} ({hashlib.sha256(self.url.encode()).hexdigest()[:8]})"

    def field_rows(self) -> list[tuple[str, str, str]]:
        return [(self.key(field), field.label, field.kind) for field in self.fields]

    def key(self, field: Field) -> str:
        return field.name if field.is_renamed else field.column

    def write(self, updates: list[Update]) -> dict[str, str]:
        body = json.dumps({
            "version": self.marts.version, "as_of_date": str(self.marts.as_of_date),
            "updates": [
                {"account_id": update.account_id, "crm_account_id": update.crm_account_id, "account_name": update.account_name,
                 "update_hash": update.update_hash} | {
                    self.key(field): update.values[field.column] if field.kind == "number" else update.text(field) for field in self.fields
                } for update in updates
            ],
        })
        try:
            deliver(body, hashlib.sha256(body.encode()).hexdigest(), self.url, self.options, signature(body))
        except Refused as reason:
            return dict.fromkeys((update.account_id for update in updates), str(reason))
        return {}


def signature(body: str) -> dict[str, str]:
    """The header that proves who sent a body, if a secret is set. It works like GitHub's signatures of webhooks."""
    key = os.environ.get(SECRET, "").strip()
    return {SIGNATURE: f"sha256={hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()}"} if key else {}
