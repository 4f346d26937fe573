"""Writes custom fields of Salesforce accounts, with sObject Collections, the Tooling API and simple-salesforce."""

import argparse
import os
import re
import time

import requests

from engagement.paths import BadUsage, CommandError
from engagement.privacy import salesforce_suffix
from engagement.sync.targets import PatientSession, is_busy, secret
from engagement.sync.updates import LONGEST_TEXT, Field, Update
from engagement.webhook import ToldToWait, Unreachable, no_response

try:
    import simple_salesforce
    from jwt import PyJWTError
    from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError
except ImportError:
    raise BadUsage("Salesforce needs more packages. Use `make sync`, or run pip install -r requirements/sync.txt.") from None

DOMAIN, KEY, SECRET = "SALESFORCE_DOMAIN", "SALESFORCE_CONSUMER_KEY", "SALESFORCE_CONSUMER_SECRET"
USER, KEY_FILE = "SALESFORCE_USERNAME", "SALESFORCE_PRIVATE_KEY_FILE"
PERMISSIONS, PERMISSIONS_LABEL = "Engagement_Scoring", "Engagement scoring"
# {kind of field: its name in the Tooling API}
TYPES = {
    "text": {"type": "Text", "length": LONGEST_TEXT}, "number": {"type": "Number", "precision": 18, "scale": 0},
    "time": {"type": "DateTime"}, "url": {"type": "Url"},
}
HOST = re.compile(r"[\w-]+([.][\w-]+)*")
RECORD_ID = re.compile(r"001[0-9A-Za-z]{12}([A-Z0-5]{3})?")
# Salesforce's codes for a record that doesn't exist, and for one that is being written by someone else
MISSING_RECORD = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}
AGAIN = {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG"}


def long_id(record_id: str) -> str:
    """The 18-character form of an id with 15 or 18 characters."""
    return record_id[:15] + salesforce_suffix(record_id)


class Salesforce:
    """One Salesforce org."""

    title = "Salesforce"
    largest_batch = 200  # records that Salesforce accepts in one request

    def __init__(self, fields: list[Field], options: argparse.Namespace) -> None:
        self.fields, self.options = fields, options
        self.client: "simple_salesforce.Salesforce | None" = None

    def connect(self) -> str:
        # acme, acme.my and https://acme.my.salesforce.com mean the same
        domain = re.sub(r"^https://|\.salesforce\.com/*$", "", secret(DOMAIN, "My Domain, such as acme.my"))
        # anything else would lead the secret to another host
        if not HOST.fullmatch(domain) or domain.endswith("force.com"):
            raise BadUsage(f"Env var {DOMAIN} is {domain}. Write My Domain, such as acme.my: Setup shows it as acme.my.salesforce.com.")
        domain = domain if "." in domain else f"{domain}.my"
        how = {"consumer_key": secret(KEY, "the consumer key of the connected app")}
        if os.environ.get(KEY_FILE):
            how |= {"username": secret(USER, "the user that the key is for"), "privatekey_file": os.environ[KEY_FILE]}
        else:
            how["consumer_secret"] = secret(SECRET, "the consumer secret of the connected app")
        try:
            self.client = simple_salesforce.Salesforce(domain=domain, session=PatientSession(self.options), **how)
        except SalesforceAuthenticationFailed as error:
            raise login_refusal(error, domain) from None
        except requests.RequestException as error:
            raise no_response(error) from None
        except (OSError, ValueError, PyJWTError):
            raise BadUsage(f"The login at {domain}.salesforce.com failed. Is {KEY_FILE} a private key in PEM format?") from None
        return f"Salesforce org {self.client.sf_instance}"

    # fields

    def api_name(self, field: Field) -> str:
        return field.name if field.is_renamed else "_".join(map(str.capitalize, field.name.split("_"))) + "__c"

    def field_rows(self) -> list[tuple[str, str, str]]:
        return [(self.api_name(field), field.label, TYPES[field.kind]["type"]) for field in self.fields]

    def missing_fields(self) -> list[str]:
        """Includes fields that the user can't edit."""
        described = self.call("sobjects/Account/describe")["fields"]
        writable = {field["name"].lower() for field in described if field["updateable"]}
        return [name for name, *_ in self.field_rows() if name.lower() not in writable]

    def create_fields(self) -> list[str]:
        missing, made = self.missing_fields(), []
        fields = [field for field in self.fields if self.api_name(field) in missing]
        for field in fields:
            name = self.api_name(field)
            try:
                self.request("tooling/sobjects/CustomField", "POST", {
                    "FullName": f"Account.{name}",
                    "Metadata": {"label": field.label, "description": field.description, **TYPES[field.kind]},
                })
                made.append(f"field {name}")
            except SalesforceError as error:
                # it exists, but is hidden from this user
                if error_code(error) != "DUPLICATE_DEVELOPER_NAME":
                    raise refusal(error) from None
        # a new field is hidden until someone allows it
        if fields:
            made += self.allow([self.api_name(field) for field in fields])
        return made

    def allow(self, names: list[str]) -> list[str]:
        """Creates a permission set that can edit these fields, and assigns it to the connected app's user."""
        made = []
        permissions = self.found_or_made("PermissionSet", {"Name": PERMISSIONS}, {"Label": PERMISSIONS_LABEL}, made)
        for name in names:
            self.found_or_made(
                "FieldPermissions", {"ParentId": permissions, "SobjectType": "Account", "Field": f"Account.{name}"},
                {"PermissionsRead": True, "PermissionsEdit": True}, [],
            )
        user = self.call("")["identity"].rsplit("/", 1)[-1]
        self.found_or_made("PermissionSetAssignment", {"PermissionSetId": permissions, "AssigneeId": user}, {}, made)
        return made

    def found_or_made(self, kind: str, key: dict[str, str], others: dict[str, object], made: list[str]) -> str:
        """The id of a record."""
        where = " and ".join(f"{name} = '{value}'" for name, value in key.items())
        found = self.call("query", params={"q": f"select Id from {kind} where {where}"})["records"]
        if found:
            return found[0]["Id"]
        record = self.call(f"sobjects/{kind}", "POST", key | others)
        made.append(f"{kind} {key.get('Name', PERMISSIONS)}")
        return record["id"]

    # updates

    def record_id(self, update: Update) -> str:
        return long_id(update.crm_account_id)

    def fault(self, update: Update) -> "str | None":
        record_id = update.crm_account_id
        if not RECORD_ID.fullmatch(record_id):
            return f"{record_id} is not the id of a Salesforce account: 001 and 12 or 15 more characters"
        if record_id not in (record_id[:15], long_id(record_id)):
            return f"{record_id} has lost its upper and lower case: its last three characters do not match"
        return None

    def write(self, updates: list[Update]) -> dict[str, str]:
        reasons = self.written(updates)
        for attempt in range(self.options.retries):
            locked = [update for update in updates if reasons.get(update.account_id, "").split(":")[0] in AGAIN]
            if not locked:
                break
            time.sleep(self.options.backoff * 2 ** attempt)
            for update in locked:
                del reasons[update.account_id]
            reasons |= self.written(locked)
        return reasons

    def written(self, updates: list[Update]) -> dict[str, str]:
        records = [
            {"attributes": {"type": "Account"}, "id": self.record_id(update)} | {
                self.api_name(field): update.values[field.column] if field.kind == "number" else update.text(field) for field in self.fields
            } for update in updates
        ]
        try:
            results = self.request("composite/sobjects", "PATCH", {"allOrNone": False, "records": records})
        except SalesforceError as error:
            if error.status == 400:
                return dict.fromkeys((update.account_id for update in updates), reason_of(error))
            raise refusal(error) from None
        if not isinstance(results, list) or len(results) != len(updates):
            raise Unreachable("an unreadable response")
        reasons = {}
        for update, result in zip(updates, results, strict=True):
            errors = result["errors"]
            is_missing = not update.is_scored and {error["statusCode"] for error in errors} & MISSING_RECORD
            if not result["success"] and not is_missing:
                reasons[update.account_id] = "; ".join(f"{error['statusCode']}: {error['message']}" for error in errors)
        return reasons

    # requests

    def call(self, *arguments, **settings) -> dict:
        """The response to a request; stops if there is none."""
        try:
            return self.request(*arguments, **settings)
        except SalesforceError as error:
            raise refusal(error) from None

    def request(self, path: str, method: str = "GET", body: "dict | None" = None, **settings) -> object:
        """The response to a request. Raises a SalesforceError if it was refused permanently."""
        try:
            return self.client.restful(path, method=method, **({"json": body} if body else {}), **settings)
        except SalesforceAuthenticationFailed as error:
            raise login_refusal(error, self.client.domain) from None
        except SalesforceError as error:
            if error_code(error) == "REQUEST_LIMIT_EXCEEDED":
                raise ToldToWait from None
            if is_busy(error.status):
                raise Unreachable(f"HTTP {error.status}") from None
            raise
        except requests.RequestException as error:
            raise no_response(error) from None
        except (KeyError, TypeError):
            raise Unreachable("an unreadable response") from None


def login_refusal(error: SalesforceAuthenticationFailed, domain: str) -> Exception:
    if isinstance(error.code, int) and error.code >= 500:
        return Unreachable(f"HTTP {error.code} to the login")
    return CommandError(f"Salesforce refuses the login at {domain}.salesforce.com: {error.code}: {str(error.auth_message)[:200]}.")


def first_error(error: SalesforceError) -> dict:
    content = error.content
    return content[0] if isinstance(content, list) and content and isinstance(content[0], dict) else {}


def error_code(error: SalesforceError) -> "str | None":
    return first_error(error).get("errorCode")


def reason_of(error: SalesforceError) -> str:
    return f"{error_code(error) or f'HTTP {error.status}'}: {first_error(error).get('message', 'no reason is given')}"


def refusal(error: SalesforceError) -> CommandError:
    return CommandError(f"Salesforce refuses {error.resource_name or 'a request'}: {reason_of(error)}. docs/crm.md lists the permissions.")
