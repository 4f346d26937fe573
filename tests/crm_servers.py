"""HubSpot and Salesforce on this machine: a proxy that answers for their hosts, as their documentation says they do.

The commands under test use the real addresses. `HTTPS_PROXY` leads them here, and `REQUESTS_CA_BUNDLE` trusts the certificate.
"""

import datetime as dt
import json
import re
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HOSTS = ["api.hubapi.com", "acme.my.salesforce.com"]


def new_key():
    """(key, its text in PEM format)"""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def write_certificate(folder):
    """(certificate, key) of all hosts; the certificate vouches for itself."""
    key, text = new_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "servers of the tests")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(text)
    return folder / "certificate.pem", folder / "key.pem"


class Server(ThreadingHTTPServer):
    """A server on this machine, until the end of a `with`. It keeps its requests."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.requests, self.released = [], threading.Event()
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    def __exit__(self, *error):
        self.released.set()
        self.shutdown()
        super().__exit__(*error)

    def handle_error(self, request, client_address):
        pass  # a command that was killed, or has heard enough


class QuietHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open, so that a later answer could be mixed up with this one

    def log_message(self, *arguments):
        pass


class Crm(Server):
    """`answer` gives (status, JSON, headers). The next of `faults`, if it is not None, answers a write instead; `before` or after."""

    def __init__(self, certificate):
        self.faults = []
        super().__init__(Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)

    @property
    def proxy(self):
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def writes(self):
        """The ids of each request that writes records."""
        return [[str(record["id"]) for record in body[self.records_in]] for _, path, body in self.requests if self.is_write(path)]


class Handler(QuietHandler):
    def do_CONNECT(self):
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def take(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if "json" in self.headers.get("Content-Type", ""):
            body = json.loads(text) if text else None
        else:
            body = {name: values[0] for name, values in parse_qs(text).items()}
        server = self.server
        server.requests.append((self.command, self.path, body))
        fault = server.faults.pop(0) if server.is_write(self.path) and server.faults else None
        if fault is None:
            self.reply(*server.answer(self.command, urlsplit(self.path), body, self.headers))
        else:
            fault(self, body)

    do_GET = do_POST = do_PATCH = take

    def reply(self, status, body=None, headers=None):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": len(text), "Content-Type": "application/json;charset=utf-8", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


# what a server may do instead of an answer

def status(code, body=None, **headers):
    return lambda handler, _: handler.reply(code, body, {name.replace("_", "-"): value for name, value in headers.items()})


def drops(handler, body):
    """The connection, before anything was written."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def writes_and_drops(handler, body):
    handler.server.answer(handler.command, urlsplit(handler.path), body, handler.headers)
    drops(handler, body)


def writes_and_says_nothing(handler, body):
    handler.server.answer(handler.command, urlsplit(handler.path), body, handler.headers)
    handler.server.released.wait(20)


class HubSpot(Crm):
    """Companies of one account."""

    records_in, token = "inputs", "pat-na1-s3cr3t"

    def __init__(self, certificate, companies=()):
        super().__init__(certificate)
        self.portal = 4711
        self.companies = {company: {} for company in companies}
        self.properties = {"name": {"name": "name"}, "hs_object_id": {"name": "hs_object_id", "modificationMetadata": {"readOnlyValue": True}}}
        self.groups, self.merged, self.bad_values = {"companyinformation"}, {}, set()
        self.scopes = {"read", "write", "schemas"}

    @staticmethod
    def is_write(path):
        return path.endswith("/batch/update")

    def error(self, code, category, message, **more):
        return code, {"status": "error", "category": category, "message": message, "correlationId": "c0ffee", **more}, None

    def answer(self, method, url, body, headers):
        if headers["Authorization"] != f"Bearer {self.token}":
            return self.error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if url.path == "/account-info/v3/details":
            return 200, {"portalId": self.portal, "accountType": "STANDARD"}, None
        if url.path == "/crm/v3/properties/companies" and method == "GET":
            return 200, {"results": [*self.properties.values()]}, None
        if url.path == "/crm/v3/properties/companies/groups" and method == "GET":
            return 200, {"results": [{"name": name} for name in sorted(self.groups)]}, None
        if url.path.startswith("/crm/v3/properties/") and "schemas" not in self.scopes:
            return self.error(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
        if url.path == "/crm/v3/properties/companies/groups":
            self.groups.add(body["name"])
            return 201, body, None
        if url.path == "/crm/v3/properties/companies":
            assert body["groupName"] in self.groups and body["name"] not in self.properties
            assert (body["type"], body["fieldType"]) in {("string", "text"), ("number", "number"), ("datetime", "date")}
            self.properties[body["name"]] = body
            return 201, body, None
        if url.path == "/crm/v3/objects/companies/batch/read":
            return self.many(body["inputs"], lambda record, _: None)
        assert url.path == "/crm/v3/objects/companies/batch/update"
        return self.update(body["inputs"])

    def update(self, inputs):
        ids = [record["id"] for record in inputs]
        assert len(inputs) <= 100 and len(set(ids)) == len(ids)
        for record in inputs:
            for name, value in record["properties"].items():
                assert isinstance(value, str)
                if name not in self.properties:
                    return self.error(400, "VALIDATION_ERROR", f'Property values were not valid: [{{"error":"PROPERTY_DOESNT_EXIST","name":"{name}"}}]')
        if not all(re.fullmatch("[0-9]+", record_id) for record_id in ids):
            return self.error(400, "VALIDATION_ERROR", "Invalid input JSON")
        if self.bad_values & {*ids}:
            return self.error(400, "VALIDATION_ERROR", 'Property values were not valid: [{"isValid":false,"error":"INVALID_NUMBER"}]')
        return self.many(inputs, lambda record, known: self.companies[known].update(record["properties"]))

    def many(self, inputs, work):
        """Each record by its id, or by that of the record it was merged into; HubSpot sorts the answer as it likes."""
        results, lost = [], []
        for record in reversed(inputs):
            known = self.merged.get(record["id"], record["id"])
            if known in self.companies:
                work(record, known)
                results.append({"id": known, "properties": dict(self.companies[known]), "archived": False})
            else:
                lost.append(record["id"])
        answer = {"status": "COMPLETE", "results": results, "startedAt": "2026-06-01T00:00:00Z", "completedAt": "2026-06-01T00:00:01Z"}
        if not lost:
            return 200, answer, None
        return 207, {**answer, "numErrors": 1, "errors": [{
            "status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": lost},
            "message": "Could not get some COMPANY objects, they may be deleted or not exist. Check that ids are valid.",
        }]}, None


class Salesforce(Crm):
    """Accounts of one org, with field-level security."""

    records_in, key, secret, user = "records", "consumer-key", "consumer-s3cr3t", "005000000000001AAA"

    def __init__(self, certificate, accounts=()):
        super().__init__(certificate)
        self.accounts = {account: {} for account in accounts}
        self.fields, self.editable = {"Name": {}}, {"Name"}
        self.deleted, self.locked, self.refused = set(), {}, {}
        self.tokens, self.logins, self.records = set(), [], []

    @staticmethod
    def is_write(path):
        return path.endswith("/composite/sobjects")

    @staticmethod
    def error(code, name, message):
        return code, [{"errorCode": name, "message": message}], None

    def answer(self, method, url, body, headers):
        if url.path == "/services/oauth2/token":
            return self.login(body, headers)
        if headers["Authorization"].removeprefix("Bearer ") not in self.tokens:
            return self.error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        path = re.fullmatch(r"/services/data/v[0-9]+\.0/(.*)", url.path).group(1)
        if path == "":
            return 200, {"sobjects": "/services/data/v59.0/sobjects", "identity": f"https://login.salesforce.com/id/00D000000000001AAA/{self.user}"}, None
        if path == "sobjects/Account/describe":
            # a field that the user may not see is not described
            return 200, {"fields": [{"name": name, "updateable": True} for name in self.fields if name in self.editable]}, None
        if path == "tooling/sobjects/CustomField":
            return self.create_field(body)
        if path == "query":
            return self.query(parse_qs(url.query)["q"][0])
        if path.startswith("sobjects/"):
            return self.create_record(path.removeprefix("sobjects/"), body)
        assert (method, path) == ("PATCH", "composite/sobjects") and body["allOrNone"] is False and len(body["records"]) <= 200
        return 200, [self.save(record) for record in body["records"]], None

    def login(self, body, headers):
        self.logins.append(body)
        if body["grant_type"] == "client_credentials":
            import base64
            given = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
            if given != f"{self.key}:{self.secret}":
                return 400, {"error": "invalid_client", "error_description": "invalid client credentials"}, None
        token = f"token-{len(self.logins)}-s3cr3t"
        self.tokens.add(token)
        return 200, {"access_token": token, "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"}, None

    def create_field(self, body):
        name, metadata = body["FullName"].removeprefix("Account."), body["Metadata"]
        if name in self.fields:
            return self.error(400, "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name} on Account.")
        assert name.endswith("__c") and metadata["label"] and metadata["type"] in ("Text", "Number", "DateTime", "Url")
        assert (metadata["type"] == "Text") == ("length" in metadata) and (metadata["type"] == "Number") == ("precision" in metadata)
        self.fields[name] = metadata
        return 201, {"id": f"00N{len(self.fields):012}AAA", "success": True, "errors": []}, None

    def query(self, soql):
        kind, where = re.fullmatch(r"select Id from (\w+) where (.*)", soql).groups()
        wanted = dict(re.findall(r"(\w+) = '([^']*)'", where))
        found = [record for record in self.records if record["kind"] == kind and wanted.items() <= record.items()]
        return 200, {"totalSize": len(found), "done": True, "records": [{"Id": record["Id"]} for record in found]}, None

    def create_record(self, kind, body):
        record = {"kind": kind, "Id": f"0PS{len(self.records):012}AAA", **body}
        self.records.append(record)
        # what an assigned permission set allows
        sets = {entry["PermissionSetId"] for entry in self.records if entry["kind"] == "PermissionSetAssignment" and entry["AssigneeId"] == self.user}
        self.editable |= {
            entry["Field"].removeprefix("Account.") for entry in self.records
            if entry["kind"] == "FieldPermissions" and entry["ParentId"] in sets and entry["PermissionsEdit"] and entry["PermissionsRead"]
        }
        return 201, {"id": record["Id"], "success": True, "errors": []}, None

    def save(self, record):
        record_id, values = record["id"], {name: value for name, value in record.items() if name not in ("attributes", "id")}
        assert record["attributes"] == {"type": "Account"} and values.keys() <= self.editable

        def fault(code, message):
            return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}

        if record_id in self.deleted:
            return fault("ENTITY_IS_DELETED", "entity is deleted")
        if record_id not in self.accounts:
            return fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if self.locked.get(record_id, 0) > 0:
            self.locked[record_id] -= 1
            return fault("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        if record_id in self.refused:
            return fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", self.refused[record_id])
        for name, value in values.items():
            if self.fields[name].get("type") == "Number":
                assert value is None or isinstance(value, int)
            elif isinstance(value, str) and len(value) > 255:
                return fault("STRING_TOO_LONG", f"{name}: data value too large")
        self.accounts[record_id].update(values)
        return {"id": record_id, "success": True, "errors": []}
