"""Sends new published alerts to a webhook, Slack's or any other, each alert once.

Slack gets one message for all alerts of an account and day. Other receivers get one message per alert.

Without a webhook URL it prints the alerts instead. docs/alerts.md says what is sent, what is retried, and when an alert can
arrive twice.
"""

import argparse
import datetime as dt
import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engagement import warehouse
from engagement.console import command_parser, complain, printable, table
from engagement.memory import beside_builds, memory_of, remember
from engagement.paths import BadUsage
from engagement.sample_accounts import sample_accounts
from engagement.seeds.files import counted
from engagement.warehouse import Warehouse
from engagement.webhook import (
    GIVE_UP_AFTER, OutOfTime, Refused, ToldToWait, Unreachable, add_patience, checked_url, deliver, number, origin, until,
)

# Alerts hold ids and numbers; names are today's. The explanation is the change of the day or, for a faster rise, that of the
# day in the window that brought the most. Reasons and next action are today's, so only today's alerts have them.
ALERTS = """
    with

    explanations as (

        select
            alerts.alert_id,
            changes.change_date,
            changes.explanation,
            left(coalesce(people.full_name, people.email), {longest}) as main_person,
            row_number() over (
                partition by alerts.alert_id order by changes.change_points desc, changes.change_date desc
            ) as explanation_rank

        from score_alerts as alerts
        inner join alert_rules as rules on alerts.alert = rules.alert
        inner join score_changes as changes
            on
                alerts.account_id = changes.account_id
                and changes.change_date <= alerts.created_on
                and changes.change_date
                > alerts.created_on - case when alerts.kind = 'acceleration' then rules.window_days else 1 end
        left join contact_scores as people
            on changes.account_id = people.account_id and changes.main_person_id = people.person_id

    )

    select
        alerts.alert_id,
        alerts.alert,
        alerts.kind,
        alerts.created_on,
        alerts.recipient_role,
        left(coalesce(scores.owner_email, handoffs.owner_email), {longest}) as owner_email,
        alerts.account_id,
        left(coalesce(scores.account_name, handoffs.account_name), {longest}) as account_name,
        left(coalesce(scores.domain, handoffs.domain), {longest}) as domain,
        alerts.measured,
        alerts.threshold,
        alerts.score,
        alerts.band,
        alerts.config_version,
        rules.window_days,
        rules.message,
        scores.account_id is not null or handoffs.account_id is not null as is_there,
        explanations.change_date as explained_on,
        explanations.explanation,
        explanations.main_person,
        todays.top_reasons,
        todays.next_action,
        scores.account_url,
        scores.dashboard_url

    from score_alerts as alerts
    left join alert_rules as rules on alerts.alert = rules.alert
    left join account_scores as scores on alerts.account_id = scores.account_id
    left join account_scores as todays
        on alerts.account_id = todays.account_id and alerts.created_on = todays.as_of_date
    left join account_handoffs as handoffs on alerts.account_id = handoffs.account_id
    left join explanations on alerts.alert_id = explanations.alert_id and explanations.explanation_rank = 1
    order by alerts.created_on, alerts.alert_id
"""
# The newest scored day; without prospect accounts, the day of the newest alert.
AS_OF = """
    select coalesce((select max(as_of_date) from account_scores), (select max(created_on) from score_alerts))
"""

LONGEST_NAME, LONGEST_URL = 300, 2000  # characters
TITLE_LIMIT, BLOCK_LIMIT = 150, 3000  # Slack's limits of characters for a title and a block of text
MESSAGE_LIMIT = 20  # alerts in one message; Slack allows 50 blocks
SENT = "alert_id text primary key, sent_at text not null default current_timestamp"


@dataclass(frozen=True)
class Alert:
    """A row of the query above."""

    alert_id: str
    alert: str
    kind: str
    created_on: dt.date
    recipient_role: "str | None"
    owner_email: "str | None"
    account_id: str
    account_name: "str | None"
    domain: "str | None"
    measured: int
    threshold: float
    score: int
    band: str
    config_version: str
    window_days: "int | None"
    message: "str | None"
    is_there: bool  # the account is still a prospect, or has won a deal
    explained_on: "dt.date | None"
    explanation: "str | None"
    main_person: "str | None"
    top_reasons: "str | None"
    next_action: "str | None"
    account_url: "str | None"
    dashboard_url: "str | None"

    @property
    def account(self) -> tuple[str, "str | None"]:
        return self.account_id, self.account_name

    @property
    def role(self) -> str:
        return (self.recipient_role or "").lower()

    @property
    def title(self) -> str:
        """What happened, in one line, such as "Acme Corp has reached 50: score 53, Very Hot"."""
        name = self.account_name or self.account_id
        if self.kind == "threshold":
            return f"{name} has reached {float(self.threshold):g}: score {self.measured}, {self.band}"
        # the rule may be gone
        window = f"in {counted(self.window_days, 'day')}" if self.window_days else "in its window"
        if self.kind == "acceleration":
            before = f"in the {self.window_days} before" if self.window_days else "in the one before"
            return f"{name} is warming up faster: {counted(self.measured, 'more point')} {window} than {before}; score {self.score}, {self.band}"
        if self.kind == "new_contacts":
            people = "1 new person" if self.measured == 1 else f"{self.measured} new people"
            return f"{name}: {people} {window}; score {self.score}, {self.band}"
        return f"{name}: {self.alert}; score {self.score}, {self.band}"

    @property
    def sentences(self) -> list[str]:
        """The message of the rule, the reasons and the next action."""
        why = self.explanation
        if why and self.explained_on != self.created_on:
            why = f"{self.explained_on.day} {self.explained_on:%b}, {why}"
        if why and self.main_person:
            why += f"; most by {self.main_person}"
        parts = [self.message or "", why and f"Why: {why}", self.top_reasons and f"Most points: {self.top_reasons}",
                 self.next_action and f"Next: {self.next_action}"]
        return [part for part in parts if part]

    @property
    def body(self) -> str:
        return ". ".join(self.sentences)

    @property
    def links(self) -> dict[str, str]:
        """{link to a page about the account: its name}"""
        pages = {self.dashboard_url: "Why this score", self.account_url: "Account in the CRM"}
        return {url: text for url, text in pages.items() if url and url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL}

    @property
    def payload(self) -> dict:
        """The alert as data for programs."""
        return {
            "alert_id": self.alert_id, "alert": self.alert, "kind": self.kind, "account_id": self.account_id,
            "account_name": self.account_name, "domain": self.domain, "created_on": str(self.created_on),
            "recipient_role": self.recipient_role, "owner_email": self.owner_email, "title": self.title, "body": self.body,
            "measured": self.measured, "threshold": float(self.threshold), "score": self.score, "band": self.band,
            "next_action": self.next_action, "account_url": self.account_url, "dashboard_url": self.dashboard_url,
            "config_version": self.config_version,
        }


# messages

def plain_text(text: str, limit: int) -> dict:
    """A text that Slack shows without formatting, within its limit and without cut entities."""
    return {"type": "plain_text", "text": shortened(escaped(text), limit), "emoji": False}


def escaped(text: str) -> str:
    """A text in which Slack finds no links or mentions."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else re.sub(r"&[a-z]*$", "", text[:limit - 1]) + "…"


def slack_message(alerts: list[Alert]) -> dict:
    """All alerts of one account and day. A sentence shared by several appears once."""
    texts, said = [], set()
    for alert in alerts:
        texts.append((alert.title, ". ".join(sentence for sentence in alert.sentences if sentence not in said)))
        said |= {*alert.sentences}
    first = alerts[0]
    roles = dict.fromkeys(alert.recipient_role for alert in alerts if alert.recipient_role)
    about = [
        ", ".join(roles), first.owner_email, str(first.created_on), f"account {first.account_id}",
        *(f"alert {alert.alert_id}" for alert in alerts),
    ]
    # Slack's metadata can't hold nulls
    payloads = [{name: value for name, value in alert.payload.items() if value is not None} for alert in alerts]
    links = [{"type": "link", "url": url, "text": text} for url, text in first.links.items()]
    between = {"type": "text", "text": " · "}
    lines = [*(part for text in texts for part in text), *first.links]
    return {
        "text": shortened(escaped("\n".join(filter(None, lines))), BLOCK_LIMIT),
        "mrkdwn": False,
        "blocks": [
            *(block for title, body in texts for block in (
                {"type": "header", "text": plain_text(title, TITLE_LIMIT)},
                *([{"type": "section", "text": plain_text(body, BLOCK_LIMIT)}] if body else []),
            )),
            *([{"type": "rich_text", "elements": [
                {"type": "rich_text_section", "elements": [part for link in links for part in (between, link)][1:]},
            ]}] if links else []),
            {"type": "context", "elements": [plain_text(" · ".join(filter(None, about)), BLOCK_LIMIT)]},
        ],
        "metadata": {
            "event_type": "score_alert", "event_payload": payloads[0],
        } if len(alerts) == 1 else {
            "event_type": "score_alerts", "event_payload": {"account_id": first.account_id, "alerts": payloads},
        },
    }


def grouped(alerts: list[Alert], style: str) -> list[list[Alert]]:
    """The alerts of each message, ordered by the first alert."""
    groups: dict[tuple, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault((alert.created_on, alert.account_id) if style == "slack" else alert.alert_id, []).append(alert)
    return [group[start:start + MESSAGE_LIMIT] for group in groups.values() for start in range(0, len(group), MESSAGE_LIMIT)]


def message(alerts: list[Alert], style: str) -> str:
    """The JSON text to send."""
    return json.dumps(slack_message(alerts) if style == "slack" else alerts[0].payload)


def shown(alerts: list[Alert], style: str) -> Iterator[str]:
    """The lines of a dry run: one JSON text per alert, or a table for people."""
    if style == "json":
        yield from (message([alert], style) for alert in alerts)
    elif alerts:
        rows = [(alert.created_on, alert.recipient_role, alert.owner_email, alert.title) for alert in alerts]
        yield from table(rows, [("Day", 10, False), ("For", 20, False), ("Owner", 30, False), ("Alert", 120, False)])
        yield ""


# sending

def send(groups: list[list[Alert]], memory: sqlite3.Connection, url: str, options: argparse.Namespace) -> int:
    """The number of alerts sent. Stops if continuing makes no sense."""
    sent = unreachable = 0
    deadline = time.monotonic() + options.max_seconds
    for alerts in groups:
        ids = [(alert.alert_id,) for alert in alerts]
        # written before the request: on a full disk an alert isn't sent, instead of being sent in every run
        remember(memory, "insert or replace into sent_alerts values (?, '')", ids)
        try:
            with until(deadline):
                deliver(message(alerts, options.format), ",".join(alert.alert_id for alert in alerts), url, options)
        except OutOfTime:
            complain(f"Stopped after {options.max_seconds:g} seconds (--max-seconds): the receiver is too slow. Run the command again later.")
            break
        except ToldToWait:
            complain("The receiver asks for a pause. Run the command again later.")
            break
        except (Refused, Unreachable) as fault:
            for alert in alerts:
                complain(f"Not sent: alert {printable(alert.alert_id)}, {printable(alert.title)}: {fault}")
            unreachable = unreachable + 1 if isinstance(fault, Unreachable) else 0
            if unreachable == GIVE_UP_AFTER:
                complain(f"{GIVE_UP_AFTER} messages in a row had no response. Run the command again later.")
                break
        else:
            remember(memory, "update sent_alerts set sent_at = current_timestamp where alert_id = ?", ids)
            sent += len(alerts)
            unreachable = 0
    return sent


# which alerts

def read_marts(place: Warehouse, file: "Path | None", allow_sample: bool) -> tuple[list[Alert], "dt.date | None", set, set]:
    """(alerts, as-of date, accounts with a score, those of the sample)"""
    with warehouse.opened_marts(place, file) as marts:
        alerts = [Alert(*row) for row in marts.execute(ALERTS.format(longest=LONGEST_NAME)).fetchall()]
        as_of, = marts.execute(AS_OF).fetchone()
        scored = set(marts.execute("select account_id, account_name from account_scores").fetchall())
    return alerts, as_of, scored, set() if allow_sample else sample_accounts()


def run(options: argparse.Namespace) -> int:
    url = checked_url(options.url, options.allow_http) if options.url else None
    dry_run = options.dry_run or url is None
    alerts, as_of, scored, sample = read_marts(options.warehouse, options.marts, options.allow_sample)
    is_sample = bool(scored) and scored <= sample
    if is_sample and not dry_run:
        raise BadUsage(f"{options.marts or options.warehouse.place} was built from the sample, so nothing was sent. To send it, add --allow-sample.")
    roles = {role.lower() for role in options.role}
    for role in roles - {alert.role for alert in alerts}:
        complain(f"There is no alert for the role {printable(role)} yet.")
    since = options.since or as_of and dt.date.fromordinal(max(1, as_of.toordinal() - options.max_age_days))

    with memory_of(options.sent_file, "sent_alerts", SENT, dry_run, "alert") as memory:
        sent_before = {alert_id for alert_id, in memory.execute("select alert_id from sent_alerts where sent_at <> ''")}
        waiting = [alert for alert in alerts if alert.alert_id not in sent_before and (not roles or alert.role in roles)]
        fresh = [alert for alert in waiting if alert.created_on >= since]
        # a database that later gets other data keeps the sample's alerts
        there = [alert for alert in fresh if alert.is_there]
        real = [alert for alert in there if is_sample or alert.account not in sample]
        chosen = real[:options.limit]
        if dry_run:
            print("\n".join(shown(chosen, options.format)), end="\n" if chosen else "")
            reason = "--dry-run" if url else "no webhook URL is set in ALERT_WEBHOOK_URL or --url"
            summary = f"Nothing was sent ({reason}). New alerts: {len(chosen)}"
        else:
            groups = grouped(chosen, options.format)
            sent = send(groups, memory, url, options)
            how = f" in {len(groups)} {'message' if len(groups) == 1 else 'messages'}" if len(groups) < len(chosen) else ""
            summary = f"Sent {sent} of {len(chosen)} new alerts{how} to {origin(url)}"

    left_out = [
        (len(waiting) - len(fresh), f"too old, created before {since}"),
        (len(fresh) - len(there), "about accounts that are no prospects any more"),
        (len(there) - len(real), "about accounts of the sample"),
        (len(real) - len(chosen), "beyond --limit"),
    ]
    summary += "".join(f"; left out: {count} {reason}" for count, reason in left_out if count)
    if is_sample:
        summary += "; they are sample data, so sending them needs --allow-sample"
    print(summary + ".")
    return 0 if dry_run or sent == len(chosen) else 1


# the command line

def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def arguments(argv: "list[str] | None") -> argparse.Namespace:
    parser = command_parser("alerts", __doc__)
    parser.add_argument(
        "--url", default=os.environ.get("ALERT_WEBHOOK_URL"),
        help="the webhook; env var ALERT_WEBHOOK_URL is safer, because other users of the machine can read the command line",
    )
    warehouse.add_marts_option(parser)
    parser.add_argument(
        "--sent-file", type=Path, default=os.environ.get("ALERT_SENT_FILE") or None,
        help="file that records what was sent (default: env var ALERT_SENT_FILE, else sent_alerts.sqlite beside the database)",
    )
    parser.add_argument(
        "--format", choices=["slack", "json"], default="slack",
        help="slack: a message, with the payload as its metadata; json: the payload alone (default: slack)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent; with --format json one JSON text per line")

    which = parser.add_argument_group("which alerts")
    which.add_argument("--role", action="append", default=[], help="only alerts for this role; can be repeated")
    which.add_argument("--limit", type=number(int, 1), help="at most this many alerts, oldest first")
    age = which.add_mutually_exclusive_group()
    age.add_argument(
        "--max-age-days", type=number(int, 0), default=7,
        help="only alerts created at most this many days before the as-of date of the scores (default: 7)",
    )
    age.add_argument("--since", type=day, help="only alerts created on this day or later, as YYYY-MM-DD")
    which.add_argument("--allow-sample", action="store_true", help="also alerts about the invented accounts of the sample")

    how = parser.add_argument_group("sending")
    add_patience(how, timeout=10, max_seconds=300)
    how.add_argument("--allow-http", action="store_true", help="allow an unencrypted URL on another machine")

    options, unknown = parser.parse_known_args(argv)
    if unknown:
        # no values, because one of them may be the URL
        names = [text.split("=")[0] if text.startswith("-") else "a value without its option" for text in unknown]
        parser.error("not understood: " + ", ".join(names))
    options.warehouse = warehouse.current()
    options.sent_file = options.sent_file or beside_builds(options.warehouse.folder, "sent_alerts.sqlite")
    return options


def main(argv: "list[str] | None" = None) -> int:
    return run(arguments(argv))
