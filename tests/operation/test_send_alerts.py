"""Alerts reach a webhook once, or are tried again; a real server on this machine answers as badly as servers do."""

import datetime as dt
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import duckdb
import pytest
import urllib3.util.retry

from engagement import __main__ as cli
from engagement import alerts as send_alerts
from engagement import publish
from crm_servers import QuietHandler, Server
from harness import ROOT, SAMPLE, read_csv, read_yaml

SECRET = "T0SECRET"


# a receiver and a database

class Receiver(Server):
    """Answers each request with the next of `answers`, the last one for ever: a status, or what to do with the handler."""

    def __init__(self):
        self.answers = [200]
        super().__init__(Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/services/{SECRET}"

    @property
    def received(self):
        """The ids of the alerts, in the order of the requests."""
        return [headers["Idempotency-Key"] for _, headers, _ in self.requests]


class Handler(QuietHandler):
    def do_POST(self):
        server, body = self.server, self.rfile.read(int(self.headers["Content-Length"]))
        server.requests.append((self.path, self.headers, json.loads(body)))
        answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        answer(self) if callable(answer) else self.reply(answer)

    do_GET = do_PUT = do_HEAD = lambda self: self.server.requests.append((self.path, self.headers, None))

    def reply(self, status, body=b"ok", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


def with_headers(status, body=b"", **headers):
    return lambda handler: handler.reply(status, body, **headers)


def raw(text):
    """Bytes instead of an answer; then the connection is closed."""
    def answer(handler):
        handler.wfile.write(text)
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
    return answer


def silence(handler):
    handler.server.released.wait(20)


def two_answers(first, second):
    def answer(handler):
        handler.reply(first)
        time.sleep(0.1)  # late enough to be met by the next request, if that came on this connection
        handler.reply(second)
    return answer


@pytest.fixture
def receiver():
    with Receiver() as server:
        yield server


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
    for name in ("ALERT_WEBHOOK_URL", "ALERT_SENT_FILE", "ENGAGEMENT_DB", *proxies):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def waits(monkeypatch):
    """The seconds that the command wanted to sleep; it does not."""
    slept = []
    monkeypatch.setattr(urllib3.util.retry.time, "sleep", slept.append)
    return slept


def alert(alert_id, **values):
    """An alert, an account and a rule of its own."""
    return {
        "alert_id": alert_id, "kind": "threshold", "created_on": dt.date(2026, 5, 30), "recipient_role": "SDR",
        "owner_email": "rep@us.example", "account_id": alert_id, "account_name": "Real Ltd", "message": "Why", **values,
    }


TABLES = """
    create or replace table score_alerts (alert_id varchar, alert varchar, kind varchar, account_id varchar, created_on date,
        recipient_role varchar, measured integer, threshold decimal(18, 6), score integer, band varchar, config_version varchar);
    create or replace table alert_rules (alert varchar, window_days integer, message varchar);
    create or replace table score_changes (account_id varchar, change_date date, change_points double, explanation varchar,
        main_person_id varchar);
    create or replace table contact_scores (account_id varchar, person_id varchar, full_name varchar, email varchar);
    create or replace table account_handoffs (account_id varchar, account_name varchar, owner_email varchar, domain varchar);
    create or replace table account_scores (account_id varchar, account_name varchar, owner_email varchar, domain varchar,
        top_reasons varchar, next_action varchar, as_of_date date, account_url varchar, dashboard_url varchar);
"""


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Makes published marts with these alerts, scored as of 31 May 2026."""
    monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / "engagement.duckdb"))

    def make(*alerts, accounts=(("a1", "Real Ltd"),), as_of="2026-05-31", more=""):
        file = tmp_path / "marts.duckdb"
        owners = {row["account_id"]: row["owner_email"] for row in alerts}
        names = {**{row["account_id"]: row["account_name"] for row in alerts}, **dict(accounts)} if accounts else {}
        with duckdb.connect(str(file)) as connection:
            connection.execute(TABLES)
            for row in alerts:
                connection.execute(
                    "insert into score_alerts values (?, ?, ?, ?, ?, ?, 27, 25, 27, 'Hot', 'rules')",
                    [row[name] for name in ("alert_id", "alert_id", "kind", "account_id", "created_on", "recipient_role")],
                )
                connection.execute("insert into alert_rules values (?, 7, ?)", [row["alert_id"], row["message"]])
            for account, name in names.items():
                connection.execute("insert into account_scores values (?, ?, ?, ?, null, null, ?, null, null)", [
                    account, name, owners.get(account, "rep@us.example"), "real.example", as_of])
            connection.execute(more)
        return file
    return make


@pytest.fixture
def command(capsys):
    """Runs the command; gives its exit code and all that it printed, in which the secret never is."""
    def run(file, receiver, *options):
        url = ["--url", receiver.url] if receiver else []
        try:
            code = cli.run("alerts", ["--marts", str(file), "--backoff", "0", *url, *map(str, options)])
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        output = captured.out + captured.err
        assert SECRET not in output
        return code, output
    return run


# what is sent

def test_slack_gets_a_message_that_any_receiver_can_read(database, command, receiver):
    file = database(alert("a1", account_name="R&D <Ltd>", message="Line > 1\nLine 2"), accounts=[("a1", "R&D <Ltd>")])
    assert command(file, receiver)[0] == 0
    (path, headers, body), = receiver.requests
    assert path == f"/services/{SECRET}" and headers["Content-Type"].startswith("application/json")
    title = "R&amp;D &lt;Ltd&gt; has reached 25: score 27, Hot"
    assert body["text"] == f"{title}\nLine &gt; 1\nLine 2"
    header, section, context = body["blocks"]
    assert header == {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
    assert section["text"]["text"] == "Line &gt; 1\nLine 2"
    assert context["elements"][0]["text"] == "SDR · rep@us.example · 2026-05-30 · account a1 · alert a1"
    assert body["metadata"] == {"event_type": "score_alert", "event_payload": {
        "alert_id": "a1", "alert": "a1", "kind": "threshold", "account_id": "a1", "account_name": "R&D <Ltd>", "domain": "real.example",
        "created_on": "2026-05-30", "recipient_role": "SDR", "owner_email": "rep@us.example",
        "title": "R&D <Ltd> has reached 25: score 27, Hot", "body": "Line > 1\nLine 2", "measured": 27, "threshold": 25.0, "score": 27,
        "band": "Hot", "config_version": "rules",
    }}


def test_the_json_format_is_the_payload_alone_with_nulls(database, command, receiver):
    assert command(database(alert("a1")), receiver, "--format", "json")[0] == 0
    body = receiver.requests[0][2]
    assert body["next_action"] is None and body["title"] == "Real Ltd has reached 25: score 27, Hot"


def test_links_lead_to_the_account_in_the_dashboard_and_in_the_crm(database, command, receiver):
    """Only addresses: what a var holds otherwise would cost Slack the whole message."""
    dashboard, crm = "https://d.example/account.html#id=a1&x=<y>", "https://crm.example/Account/a1/view"
    file = database(alert("a1"), more=f"update account_scores set dashboard_url = '{dashboard}', account_url = '{crm}'")
    assert command(file, receiver)[0] == 0
    body = receiver.requests[0][2]
    assert body["blocks"][-2] == {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "link", "url": dashboard, "text": "Why this score"}, {"type": "text", "text": " · "},
        {"type": "link", "url": crm, "text": "Account in the CRM"},
    ]}]}
    assert body["text"].endswith("Why\nhttps://d.example/account.html#id=a1&amp;x=&lt;y&gt;\n" + crm)
    assert {name: body["metadata"]["event_payload"][name] for name in ("dashboard_url", "account_url")} == {"dashboard_url": dashboard, "account_url": crm}
    assert command(database(alert("a2"), more=f"update account_scores set dashboard_url = '{dashboard}', account_url = 'crm.example/a2'"), receiver)[0] == 0
    assert [part["url"] for part in receiver.requests[1][2]["blocks"][-2]["elements"][0]["elements"]] == [dashboard]
    command(database(alert("a3"), more=f"update account_scores set account_url = '{crm}'"), receiver, "--format", "json")
    assert receiver.requests[2][2]["account_url"] == crm and receiver.requests[2][2]["dashboard_url"] is None


@pytest.mark.parametrize("kind, created_on, title, body", [
    ("threshold", "2026-05-31", "Real Ltd has reached 25: score 27, Hot",
     "Call. Why: +4: Click (5); most by ana@real.example. Most points: Click. Next: Phone"),
    ("threshold", "2026-05-30", "Real Ltd has reached 25: score 27, Hot", "Call. Why: +3: Open (3)"),
    # the day of the window that brought most
    ("acceleration", "2026-05-30", "Real Ltd is warming up faster: 27 more points in 7 days than in the 7 before; score 27, Hot",
     "Call. Why: 25 May, +9: Visit (9); most by Ana Ruiz"),
    ("new_contacts", "2026-05-29", "Real Ltd: 27 new people in 7 days; score 27, Hot", "Call"),
])
def test_names_and_reasons_are_looked_up_when_an_alert_is_sent(database, command, receiver, kind, created_on, title, body):
    file = database(alert("a1", kind=kind, created_on=created_on, message="Call"), more="""
        insert into score_changes values ('a1', '2026-05-31', 4, '+4: Click (5)', 'p2'), ('a1', '2026-05-30', 3, '+3: Open (3)', null),
            ('a1', '2026-05-25', 9, '+9: Visit (9)', 'p1'), ('a1', '2026-05-23', 20, 'before the window', 'p1'), ('other', '2026-05-30', 50, 'other', 'p1');
        insert into contact_scores values ('a1', 'p1', 'Ana Ruiz', 'ana@real.example'), ('a1', 'p2', null, 'ana@real.example');
        update account_scores set top_reasons = 'Click', next_action = 'Phone'
    """)
    assert command(file, receiver, "--format", "json")[0] == 0
    assert (receiver.requests[0][2]["title"], receiver.requests[0][2]["body"]) == (title, body)


@pytest.mark.parametrize("shift", range(5))
def test_an_enormous_name_or_message_is_cut_to_what_slack_takes_but_not_inside_an_entity(database, command, receiver, shift):
    huge = "x" * 10**6
    file = database(
        alert("a1", account_name=huge, owner_email=huge, message="-" * shift + "&" * 3000), accounts=[("a1", huge)],
        more="update account_scores set domain = repeat('y', 1000000); insert into contact_scores values ('a1', 'p1', repeat('z', 1000000), null);"
        " insert into score_changes values ('a1', '2026-05-30', 4, '+4', 'p1')",
    )
    assert command(file, receiver)[0] == 0
    body = receiver.requests[0][2]
    header, section, context = (block.get("text") or block["elements"][0] for block in body["blocks"])
    assert len(header["text"]) == 150 and 2990 < len(section["text"]) <= 3000 and section["text"].endswith("&amp;…")
    assert len(body["text"]) <= 3000 and len(context["text"]) <= 3000
    assert len(json.dumps(body)) < 30_000


def test_names_format_nothing_and_mention_nobody_in_slack(database, command, receiver):
    name = "*R* _D_ ~x~ `y` :smile: <!channel> @here\n> quote"
    assert command(database(alert("a1", account_name=name, message=name), accounts=[("a1", name)]), receiver)[0] == 0
    body = receiver.requests[0][2]
    assert body["mrkdwn"] is False and "mrkdwn" not in json.dumps(body["blocks"])
    texts = [element for block in body["blocks"] for element in block.get("elements", [block.get("text")])]
    assert all(text["type"] == "plain_text" and text["emoji"] is False and "<" not in text["text"] for text in texts)


def test_alerts_of_one_account_and_day_are_one_slack_message(database, command, receiver):
    day = dt.date(2026, 5, 31)
    alerts = [
        alert("a1", message="Call"), alert("b1", created_on=day, account_id="a1", message="Call"),
        alert("b2", created_on=day, account_id="a1", message="Write", recipient_role="AE"),
        alert("b3", created_on=day, account_id="002", account_name="Other Ltd"),
    ]
    file = database(*alerts, more="update account_scores set next_action = 'Phone'")
    receiver.answers = [200, 400, 200]
    code, output = command(file, receiver)
    assert code == 1 and "Sent 2 of 4 new alerts in 3 messages to" in output and output.count("HTTP 400") == 2
    assert receiver.received == ["a1", "b1,b2", "b3"]
    body = receiver.requests[1][2]
    assert [block["text"]["text"] for block in body["blocks"][:-1]] == [
        "Real Ltd has reached 25: score 27, Hot", "Call. Next: Phone", "Real Ltd has reached 25: score 27, Hot", "Write",
    ]
    assert body["blocks"][-1]["elements"][0]["text"] == "SDR, AE · rep@us.example · 2026-05-31 · account a1 · alert b1 · alert b2"
    assert [payload["alert_id"] for payload in body["metadata"]["event_payload"]["alerts"]] == ["b1", "b2"]
    # the refused message is one in the next run, too; programs get each alert by itself
    assert command(file, receiver) == (0, "Sent 2 of 2 new alerts in 1 message to http://127.0.0.1.\n")
    assert command(database(*alerts), receiver, "--format", "json", "--sent-file", file.with_name("json.sqlite"))[0] == 0
    assert receiver.received[-4:] == ["a1", "b1", "b2", "b3"]


def test_a_message_has_no_more_blocks_than_slack_takes(database, command, receiver):
    assert command(database(*[alert(f"b{number:02}", account_id="a1", message=f"Call {number}") for number in range(45)]), receiver)[0] == 0
    assert [len(body["blocks"]) for *_, body in receiver.requests] == [41, 41, 11]


def test_an_id_of_any_letters_fits_into_a_header(database, command, receiver):
    assert command(database(alert("sdr:Århus\n1")), receiver)[0] == 0
    assert receiver.received == ["sdr:%C3%85rhus%0A1"]


# once

def test_each_alert_is_sent_once(database, command, receiver):
    file = database(alert("a1"), alert("a2"))
    code, output = command(file, receiver)
    assert code == 0 and output == "Sent 2 of 2 new alerts to http://127.0.0.1.\n"
    database(alert("a1"), alert("a2"), alert("a3", created_on=dt.date(2026, 5, 31)))
    assert command(file, receiver) == (0, "Sent 1 of 1 new alerts to http://127.0.0.1.\n")
    assert command(file, receiver) == (0, "Sent 0 of 0 new alerts to http://127.0.0.1.\n")
    assert receiver.received == ["a1", "a2", "a3"]


def test_the_memory_can_be_somewhere_else(database, command, receiver, tmp_path, monkeypatch):
    file = database(alert("a1"))
    command(file, receiver)
    assert (tmp_path / "sent_alerts.sqlite").exists()
    command(file, receiver, "--sent-file", tmp_path / "option.sqlite")
    monkeypatch.setenv("ALERT_SENT_FILE", str(tmp_path / "variable.sqlite"))
    command(file, receiver)
    command(file, receiver)
    assert receiver.received == ["a1"] * 3


def test_a_memory_that_cannot_be_used_stops_everything(database, command, receiver, tmp_path):
    (tmp_path / "broken.sqlite").write_text("not a database, but longer than the header of one. " * 9)
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.execute("create table sent_alerts (alert, sent_at)")
    for file in ("broken.sqlite", ".", "missing/sent.sqlite", "other.sqlite"):
        code, output = command(database(alert("a1")), receiver, "--sent-file", tmp_path / file)
        assert code == 2 and str(tmp_path) in output
    assert receiver.requests == []


def test_a_full_disk_sends_nothing(database, command, receiver, monkeypatch):
    connect = send_alerts.sqlite3.connect

    def small(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.execute("pragma max_page_count = 3")
        return connection

    monkeypatch.setattr(send_alerts.sqlite3, "connect", small)
    for _ in range(2):
        code, output = command(database(alert("a" * 9000), alert("b")), receiver)
        assert code == 1 and "database or disk is full" in output and "Make room" in output and receiver.requests == []


def start(file, receiver):
    return subprocess.Popen(
        [sys.executable, "-m", "engagement", "alerts", "--marts", str(file)], cwd=ROOT,
        env={**os.environ, "ALERT_WEBHOOK_URL": receiver.url}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_command_loses_nothing_and_repeats_only_what_was_under_way(database, command, receiver):
    file = database(*[alert(f"a{number}") for number in range(5)])
    receiver.answers = [200, 200, silence]
    process = start(file, receiver)
    wait_for(lambda: len(receiver.requests) == 3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    receiver.answers = [200]
    assert command(file, receiver) == (0, "Sent 3 of 3 new alerts to http://127.0.0.1.\n")
    assert receiver.received == ["a0", "a1", "a2", "a2", "a3", "a4"]


def test_two_commands_at_once_do_not_send_twice(database, command, receiver):
    file = database(alert("a1"), alert("a2"))
    receiver.answers = [silence, 200]
    first = start(file, receiver)
    wait_for(lambda: receiver.requests)
    code, output = command(file, receiver)
    assert code == 4 and "Another command is sending" in output
    first.kill()
    first.communicate()
    assert receiver.received == ["a1"]


# answers

def test_an_alert_is_tried_again_after_growing_delays(database, command, receiver, waits):
    receiver.answers = [500, 503, 408, 429, 200]
    assert command(database(alert("a1")), receiver, "--backoff", "3") == (0, "Sent 1 of 1 new alerts to http://127.0.0.1.\n")
    assert receiver.received == ["a1"] * 5 and waits == [6, 12, 24]


def test_no_more_than_the_allowed_retries(database, command, receiver):
    receiver.answers = [500]
    code, output = command(database(alert("a1")), receiver, "--retries", "2")
    assert code == 1 and "alert a1, Real Ltd has reached 25: score 27, Hot: HTTP 500" in output and len(receiver.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(database, command, receiver, waits, status):
    receiver.answers = [with_headers(status, Retry_After="7"), 200]
    assert command(database(alert("a1")), receiver)[0] == 0
    assert waits == [7]


def test_a_retry_after_that_makes_no_sense_is_none(database, command, receiver, waits):
    receiver.answers = [with_headers(429, Retry_After="soon"), with_headers(429, Retry_After="-1"), 200]
    assert command(database(alert("a1")), receiver, "--backoff", "3")[0] == 0
    assert waits == [6]


@pytest.mark.parametrize("answer, tries", [("3600", 1), ("1", 3)])
def test_a_receiver_that_wants_to_be_left_alone_is(database, command, receiver, waits, answer, tries):
    """Asked to wait too long, or still asked to wait after the last try."""
    receiver.answers = [with_headers(429, Retry_After=answer)]
    code, output = command(database(alert("a1"), alert("a2")), receiver, "--retries", "2")
    assert code == 1 and "asks for a pause" in output and "Sent 0 of 2" in output
    assert receiver.received == ["a1"] * tries and sum(waits) == tries - 1


def test_a_refused_alert_blocks_no_other_and_is_tried_in_the_next_run(database, command, receiver):
    file = database(alert("a1"), alert("a2"), alert("a3"))
    receiver.answers = [200, with_headers(400, b"invalid_blocks"), 200]
    code, output = command(file, receiver)
    assert code == 1 and receiver.received == ["a1", "a2", "a3"]
    assert "Not sent: alert a2, Real Ltd has reached 25: score 27, Hot: HTTP 400 invalid_blocks\n" in output and "Sent 2 of 3" in output
    assert command(file, receiver)[0] == 0 and receiver.received[3:] == ["a2"]


@pytest.mark.parametrize("status", [401, 404, 410, 413, 422])
def test_what_the_receiver_refuses_is_not_repeated(database, command, receiver, status):
    receiver.answers = [with_headers(status, f"Cannot POST /services/{SECRET}".encode(), Retry_After="1")]
    code, output = command(database(alert("a1")), receiver)
    assert code == 1 and f"HTTP {status}\n" in output and len(receiver.requests) == 1


@pytest.mark.parametrize("answer", [
    raw(b""), raw(b"\x00garbage\r\n\r\n"), raw(b"HTTP/1.1 abc\r\n\r\n"), raw(b"HTTP/1.1 "), silence,
], ids=["closed", "garbage", "no status", "half a status line", "silence"])
def test_no_answer_is_tried_once_a_run_with_the_same_key(database, command, receiver, answer):
    """Whoever closes without an answer may have the alert."""
    receiver.answers = [answer, 200]
    code, output = command(database(alert("a1")), receiver, "--timeout", "0.2")
    assert code == 1 and "; it may have arrived" in output and receiver.received == ["a1"]
    assert command(database(alert("a1")), receiver)[0] == 0
    assert receiver.received == ["a1", "a1"]


def dribble(text):
    """Sends this again and again: every read is quick, and no answer ever complete."""
    def answer(handler):
        handler.wfile.write(b"HTTP/1.1 ")
        while not handler.server.released.wait(0.05):
            handler.wfile.write(text)
            handler.wfile.flush()
    return answer


@pytest.mark.parametrize("text", [b"2", b"100 Continue\r\n\r\nHTTP/1.1 "], ids=["a byte at a time", "endless continue"])
def test_a_slow_receiver_cannot_hold_the_command(database, command, receiver, text):
    receiver.answers = [200, dribble(text)]
    file = database(*[alert(f"a{number}") for number in range(4)])
    began = time.monotonic()
    code, output = command(file, receiver, "--max-seconds", "1", "--timeout", "5")
    assert code == 1 and "Stopped after 1 seconds" in output and "Sent 1 of 4" in output and time.monotonic() - began < 4
    receiver.answers = [200]
    assert "Sent 3 of 3" in command(file, receiver)[1] and receiver.received == ["a0", "a1", "a1", "a2", "a3"]


def test_the_waits_between_tries_count_for_the_time_of_a_run(database, command, receiver):
    receiver.answers = [503]
    began = time.monotonic()
    code, output = command(database(alert("a1")), receiver, "--backoff", "60", "--max-seconds", "1")
    assert code == 1 and "Stopped after 1 seconds" in output and time.monotonic() - began < 4


def test_a_success_that_breaks_off_is_a_success(database, command, receiver):
    receiver.answers = [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk"),
        raw(b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"),
        200,
    ]
    assert command(database(*[alert(f"a{number}") for number in range(4)]), receiver)[0] == 0
    assert receiver.received == ["a0", "a1", "a2", "a3"]


def test_a_second_answer_is_not_taken_for_that_to_the_next_alert(database, command, receiver):
    receiver.answers = [two_answers(200, 200), two_answers(400, 200), 403, 200]
    code, output = command(database(*[alert(f"a{number}") for number in range(4)]), receiver)
    assert code == 1 and "alert a1, Real Ltd has reached 25: score 27, Hot: HTTP 400" in output and "alert a2, Real Ltd has reached 25: score 27, Hot: HTTP 403" in output
    assert "Sent 2 of 4" in output and receiver.received == ["a0", "a1", "a2", "a3"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(database, command, receiver, status):
    with Receiver() as elsewhere:
        receiver.answers = [with_headers(status, Location=f"http://localhost:{elsewhere.server_port}/")]
        code, output = command(database(alert("a1")), receiver)
    assert code == 1 and f"HTTP {status}, a redirect" in output
    assert elsewhere.requests == [] and len(receiver.requests) == 1


def test_the_run_ends_when_nobody_answers(database, command, receiver):
    file = database(*[alert(f"a{number}") for number in range(6)])
    receiver.answers = [500, 500, 200, 500, 500, 500]
    code, output = command(file, receiver, "--retries", "0")
    assert code == 1 and "3 messages in a row had no response" in output and "Sent 1 of 6" in output
    assert len(receiver.requests) == 6

    receiver.answers = [silence]
    code, output = command(file, receiver, "--retries", "0", "--timeout", "0.1", "--limit", "1")
    assert code == 1 and "no response (ReadTimeout" in output

    receiver.server_close()
    code, output = command(file, receiver)
    assert code == 1 and output.count("no response (NewConnectionError)") == 3


# which alerts

def days(*dates):
    return [alert(date, created_on=dt.date.fromisoformat(date)) for date in dates]


def test_old_alerts_are_counted_and_not_sent(database, command, receiver):
    """Old by the day of the scores: the dates of this test lie in the past of every machine."""
    file = database(*days("2026-01-01", "2026-05-23", "2026-05-24", "2026-05-31"))
    assert command(file, receiver) == (
        0, "Sent 2 of 2 new alerts to http://127.0.0.1; left out: 2 too old, created before 2026-05-24.\n"
    )
    assert receiver.received == ["2026-05-24", "2026-05-31"]
    assert "1 too old, created before 2026-05-23" in command(file, receiver, "--max-age-days", "8")[1]
    assert command(file, receiver, "--max-age-days", 10**9) == (0, "Sent 1 of 1 new alerts to http://127.0.0.1.\n")


def test_the_age_follows_the_scores_even_if_no_alert_does(database, command, receiver):
    assert "Sent 0 of 0" in command(database(*days("2026-05-31"), as_of="2026-06-08"), receiver)[1]
    won = "insert into account_handoffs select account_id, 'Real Ltd', null, null from score_alerts"
    assert "Sent 1 of 1" in command(database(*days("2026-05-31"), accounts=(), more=won), receiver)[1]


def test_since_replaces_the_age(database, command, receiver):
    file = database(*days("2026-01-01", "2026-01-02", "2026-05-31"))
    assert command(file, receiver, "--since", "2026-01-02")[0] == 0
    assert receiver.received == ["2026-01-02", "2026-05-31"]


def test_limit_takes_the_oldest_and_the_rest_comes_later(database, command, receiver):
    file = database(*[alert(f"a{day}", created_on=dt.date(2026, 5, 31 - day)) for day in range(3)])
    code, output = command(file, receiver, "--limit", "2")
    assert code == 0 and "Sent 2 of 2" in output and "1 beyond --limit" in output
    command(file, receiver)
    assert receiver.received == ["a2", "a1", "a0"]


def test_only_the_wanted_roles(database, command, receiver):
    file = database(alert("a1"), alert("a2", recipient_role="AE"), alert("a3", recipient_role=None))
    code, output = command(file, receiver, "--role", "ae", "--role", "nobody")
    assert code == 0 and "There is no alert for the role nobody yet." in output and "Sent 1 of 1" in output
    command(file, receiver)
    assert receiver.received == ["a2", "a1", "a3"]


@pytest.mark.parametrize("state", ["update runs.last_build set is_complete = false", "drop table runs.last_build", "select 1"],
                         ids=["failed", "killed", "not published"])
def test_alerts_of_a_build_that_failed_was_killed_or_was_not_published_are_not_sent(database, receiver, small_database, capsys, state):
    assert publish.main([]) == 0
    published = database(alert("a1"))
    link = small_database.parent / "serving" / "marts.duckdb"
    link.resolve().unlink()
    published.rename(link.resolve())
    # what the build has made since then is in its own database only
    database(alert("a1"), alert("a2")).rename(small_database)
    with duckdb.connect(str(small_database)) as connection:
        connection.execute(f"create schema runs; create table runs.last_build as select true as is_complete; {state}")
    assert cli.run("alerts", ["--url", receiver.url]) == 0
    assert receiver.received == ["a1"] and "Sent 1 of 1 new alerts" in capsys.readouterr().out


def test_a_database_without_alerts_is_fine(database, command, receiver):
    assert command(database(accounts=()), receiver) == (0, "Sent 0 of 0 new alerts to http://127.0.0.1.\n")


# nothing by accident

def test_without_a_url_it_shows_what_it_would_send(database, command, receiver, tmp_path):
    file = database(alert("a1", message="\x9b2J Å"))
    code, output = command(file, None)
    assert code == 0 and "2026-05-30  SDR  rep@us.example  Real Ltd has reached 25: score 27, Hot\n" in output
    assert "Nothing was sent (no webhook URL is set" in output and output.endswith("New alerts: 1.\n") and "\x9b" not in output
    shown, _ = command(file, None, "--format", "json")[1].splitlines()
    assert not (tmp_path / "sent_alerts.sqlite").exists()
    command(file, receiver, "--format", "json")
    assert shown.isascii() and json.loads(shown) == receiver.requests[0][2]


def test_a_dry_run_sends_nothing_and_knows_what_was_sent(database, command, receiver):
    file = database(alert("a1"), alert("a2"))
    command(file, receiver, "--limit", "1")
    code, output = command(file, receiver, "--dry-run")
    assert code == 0 and "Nothing was sent (--dry-run). New alerts: 1." in output and '"a1"' not in output
    assert receiver.received == ["a1"]
    assert "Sent 1 of 1" in command(file, receiver)[1]


def test_the_sample_is_not_sent_unless_allowed(database, command, receiver):
    """It is known by its accounts, so it does not matter under which path it was read."""
    accounts = [(row["account_id"], row["account_name"]) for row in read_csv(SAMPLE / "crm_accounts.csv")]
    file = database(alert("a1", account_id="acme", account_name="Acme Corp"), accounts=accounts)
    code, output = command(file, receiver)
    assert code == 2 and "was built from the sample" in output and receiver.requests == []
    code, output = command(file, None)
    assert code == 0 and "Acme Corp has reached 25" in output and "sending them needs --allow-sample" in output
    assert command(file, receiver, "--allow-sample")[0] == 0 and receiver.received == ["a1"]


def test_alerts_that_the_sample_left_behind_are_not_sent(database, command, receiver):
    """An account that only shares its id, or only its name, with one of the sample is real."""
    file = database(
        alert("sample", account_id="acme", account_name="Acme Corp"),
        alert("same id", account_id="xyz", account_name="XYZ GmbH"), alert("same name", account_name="Acme Corp"),
        accounts=[("acme", "Acme Corp"), ("xyz", "XYZ GmbH"), ("a1", "Acme Corp")],
    )
    code, output = command(file, receiver)
    assert code == 0 and "1 about accounts of the sample" in output
    assert receiver.received == ["same%20id", "same%20name"]


def test_alerts_about_accounts_that_are_gone_are_not_sent(database, command, receiver):
    """Also those of the sample, of which only the id is left."""
    gone = "delete from account_scores where account_id = 'acme'"
    code, output = command(database(alert("a1"), alert("sample", account_id="acme", account_name="Acme Corp"), more=gone), receiver)
    assert code == 0 and "left out: 1 about accounts that are no prospects any more" in output and receiver.received == ["a1"]


def test_every_kind_of_rule_has_its_own_words(database, command):
    """A new kind must not be told as one of the others."""
    rules, = [seed for seed in read_yaml(ROOT / "seeds" / "_seeds.yml")["seeds"] if seed["name"] == "alert_rules"]
    kinds, = [column["config"]["meta"]["one_of"] for column in rules["columns"] if column["name"] == "kind"]
    said = {kind: command(database(alert("a1", kind=kind)), None)[1] for kind in (*kinds, "unknown")}
    assert len(set(said.values())) == len(said)
    assert "new people" in said["new_contacts"] and "new people" not in said["unknown"]


ONE, GONE = "update score_alerts set measured = 1; update alert_rules set window_days = 1", "delete from alert_rules"


@pytest.mark.parametrize("more, kind, title", [
    (ONE, "acceleration", "Real Ltd is warming up faster: 1 more point in 1 day than in the 1 before; score 27, Hot"),
    (ONE, "new_contacts", "Real Ltd: 1 new person in 1 day; score 27, Hot"),
    (GONE, "acceleration", "Real Ltd is warming up faster: 27 more points in its window than in the one before; score 27, Hot"),
    (GONE, "new_contacts", "Real Ltd: 27 new people in its window; score 27, Hot"),
])
def test_an_alert_of_one_is_told_in_the_singular_and_one_of_a_rule_that_is_gone_without_it(database, command, more, kind, title):
    assert title in command(database(alert("a1", kind=kind), more=more), None)[1]


@pytest.mark.parametrize("url", [
    f"http://hooks.example/{SECRET}", f"ftp://hooks.example/{SECRET}", f"hooks.example/{SECRET}", f"https:///{SECRET}",
    f"https://[{SECRET}", f"https://hooks.example:x/{SECRET}", f"http://127.0.0.1.hooks.example/{SECRET}", f"mailto:{SECRET}",
])
def test_a_url_that_is_not_safe_is_refused(database, command, url, monkeypatch):
    monkeypatch.setenv("ALERT_WEBHOOK_URL", url)
    code, output = command(database(alert("a1")), None)
    assert code == 2 and "webhook URL" in output


def test_http_is_allowed_on_demand_and_goes_through_the_proxy(database, command, receiver, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{receiver.server_port}")
    monkeypatch.setenv("ALERT_WEBHOOK_URL", f" http://user:{SECRET}@hooks.example/{SECRET}\n")
    code, output = command(database(alert("a1")), None, "--allow-http")
    assert (code, output) == (0, "Sent 1 of 1 new alerts to http://hooks.example.\n")
    assert receiver.requests[0][0] == f"http://hooks.example/{SECRET}"


@pytest.mark.parametrize("options", [
    ["--limit", "0"], ["--max-age-days", "-1"], ["--since", "May"], ["--timeout", "nan"], ["--format", "xml"],
    ["--since", "2026-05-01", "--max-age-days", "1"],
    [f"--ulr=https://hooks.example/{SECRET}"], [f"https://hooks.example/{SECRET}"],
])
def test_a_wrong_option_sends_nothing(database, command, receiver, options):
    assert command(database(alert("a1")), receiver, *options)[0] == 2
    assert receiver.requests == []


def test_marts_that_are_missing_unfinished_or_broken_are_named(command, receiver, tmp_path):
    code, output = command(tmp_path / "none.duckdb", receiver)
    assert code == 2 and "Nothing is published in" in output
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    code, output = command(tmp_path / "empty.duckdb", receiver)
    assert code == 1 and "lacks tables of this version" in output
    (tmp_path / "text.duckdb").write_text("no database")
    code, output = command(tmp_path / "text.duckdb", receiver)
    assert code == 1 and "cannot be read" in output
