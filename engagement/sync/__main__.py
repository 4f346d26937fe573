"""Sends the CRM the accounts that changed since the last sync: score, band, trend, main reason and next action.

Without --send it only shows what it would write. It reads the published marts, and clears accounts that are no longer
prospects. docs/crm.md lists the fields and the permissions, and says what happens if something fails.
"""

import argparse
import contextlib
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import track

from engagement import warehouse
from engagement.console import command_parser, complain, printable, table
from engagement.memory import beside_builds, memory_of, remember
from engagement.paths import FAILED, BadUsage, CommandError
from engagement.sync.plan import SENT, TABLE, Plan, fields_text, last_destination, planned
from engagement.sync.targets import Target, WithoutFields, target_of
from engagement.sync.updates import FIELDS, REMOVED, Marts, Update, chosen_fields, read_marts
from engagement.webhook import GIVE_UP_AFTER, OutOfTime, ToldToWait, Unreachable, add_patience, number, until

EXAMPLES = """\
examples:
  python -m engagement sync --to hubspot                          show what would be written
  python -m engagement sync --to hubspot --create-fields --send   create the fields, once
  python -m engagement sync --to hubspot --send --account 4711    try one account
  python -m engagement sync --to hubspot --send                   write; run it after each build

credentials, from environment variables:
  hubspot     HUBSPOT_ACCESS_TOKEN
  salesforce  SALESFORCE_DOMAIN, SALESFORCE_CONSUMER_KEY, and SALESFORCE_CONSUMER_SECRET
              or SALESFORCE_USERNAME with SALESFORCE_PRIVATE_KEY_FILE
  webhook     SYNC_WEBHOOK_URL, and SYNC_WEBHOOK_SECRET to sign"""
TARGETS = ("hubspot", "salesforce", "csv", "webhook")
SHOWN_FAILURES = 20
COLUMNS = [
    ("Account", 28, False), ("Record", 18, False), ("Status", 10, False), ("Score", 6, True), ("Band", 12, False), ("Trend", 5, False),
    ("Main reason", 32, False), ("Last engagement", 32, False), ("Next action", 44, False),
]


# writing

@contextlib.contextmanager
def reaching(target: Target, options: argparse.Namespace) -> Iterator[None]:
    """Stops the command if the receiver can't be reached before anything was written."""
    try:
        with until(time.monotonic() + options.max_seconds):
            yield
    except OutOfTime:
        raise CommandError(f"{target.title} did not respond within {options.max_seconds:g} seconds (--max-seconds). Nothing was written.") from None
    except ToldToWait:
        raise CommandError(f"{target.title} asks for a pause because a limit is reached. Run the command again later.") from None
    except Unreachable as fault:
        raise CommandError(f"{target.title} could not be reached: {fault}. Run the command again later.") from None


def write(plan: Plan, target: Target, memory: sqlite3.Connection, destination: str, options: argparse.Namespace) -> int:
    """The number of updates written. The others are failures in the plan, or wait for the next run."""
    deadline, written, without_response = time.monotonic() + options.max_seconds, 0, 0
    size = min(options.batch_size or target.largest_batch, target.largest_batch)
    batches = [plan.to_write[start:start + size] for start in range(0, len(plan.to_write), size)]
    for batch in track(batches, f"Writing to {target.title}", console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()):
        # From here on the content of the CRM is unknown, whatever happens to the request, so a value that returns is sent again.
        remember(memory, f"insert or replace into {TABLE} (destination, account_id, crm_account_id, fields, update_hash) values (?, ?, ?, ?, '')", [
            (destination, update.account_id, update.crm_account_id, fields_text(target)) for update in batch
        ])
        try:
            with until(deadline):
                reasons = target.write(batch)
            without_response = 0
        except OutOfTime:
            complain(f"Stopped after {options.max_seconds:g} seconds (--max-seconds). Run the command again for the rest.")
            break
        except ToldToWait:
            complain(f"{target.title} asks for a pause because a limit is reached. Run the command again later for the rest.")
            break
        except Unreachable as fault:
            reasons = dict.fromkeys((update.account_id for update in batch), str(fault))
            without_response += 1
        done = [update for update in batch if update.account_id not in reasons]
        remember(memory, f"update {TABLE} set update_hash = ? where destination = ? and account_id = ?", [
            (update.update_hash, destination, update.account_id) for update in done
        ])
        remember(memory, f"delete from {TABLE} where destination = ? and account_id = ?", [
            (destination, update.account_id) for update in done if update.status == REMOVED
        ])
        written += len(done)
        plan.failures += [(update, reasons[update.account_id]) for update in batch if update.account_id in reasons]
        if without_response == GIVE_UP_AFTER:
            complain(f"{GIVE_UP_AFTER} batches in a row had no response. Run the command again later for the rest.")
            break
    return written


def send(marts: Marts, target: Target, memory: sqlite3.Connection, options: argparse.Namespace) -> int:
    with reaching(target, options):
        destination = target.connect()
        missing = target.missing_fields()
    if missing:
        raise BadUsage(
            f"{destination} lacks the fields {', '.join(missing)}, or does not allow this user to write them. Nothing was written."
            f" Create them with --create-fields --send, or leave them out with --field column=."
        )
    plan = planned(marts, memory, destination, target, options)
    total = len(plan.to_write) + len(plan.failures)
    written = write(plan, target, memory, destination, options)
    complain_of(plan.failures)
    parts = [f"Wrote {written} of {total} updates to {destination}", f"{plan.unchanged} unchanged since the last sync"]
    parts += [f"{count} {what}" for count, what in ((len(plan.failures), "failed"), (plan.beyond_limit, "beyond --limit")) if count]
    print(printable("; ".join(parts)) + ".")
    return 0 if written == total else FAILED


def complain_of(failures: list[tuple[Update, str]]) -> None:
    for update, reason in failures[:SHOWN_FAILURES]:
        complain(printable(f"Not written: {update.title} ({update.account_id}): {reason.rstrip('.')}."))
    if len(failures) > SHOWN_FAILURES:
        complain(f"... and {len(failures) - SHOWN_FAILURES} more.")


# showing

def show(marts: Marts, target: Target, memory: sqlite3.Connection, options: argparse.Namespace) -> int:
    plan = planned(marts, memory, last_destination(memory), target, options)
    print("\n".join(shown(plan.to_write, options.rows)), end="\n" if plan.to_write else "")
    complain_of(plan.failures)
    scored = sum(update.is_scored for update in plan.to_write)
    parts = [f"To write: {len(plan.to_write)} ({scored} scored, {len(plan.to_write) - scored} to clear)", f"{plan.unchanged} unchanged since the last sync"]
    parts += [f"{count} {what}" for count, what in ((len(plan.failures), "cannot be written"), (plan.beyond_limit, "beyond --limit")) if count]
    print(f"Nothing was written (dry run). {'; '.join(parts)}. " + (
        "They are sample data. To write them, use --send --allow-sample." if marts.is_sample else "--send writes them."
    ))
    return 0


def shown(updates: list[Update], rows: int) -> Iterator[str]:
    """A table for people, the hottest accounts first."""
    if not updates:
        return
    hottest = sorted(updates, key=lambda update: not update.is_scored)
    yield from table([(
        update.title, update.crm_account_id, update.status,
        *(value if value is not None else "" for value in (update.values[column] for column in (
            "score", "band", "trend", "main_reason", "last_engagement_label", "next_action",
        ))),
    ) for update in hottest[:rows]], COLUMNS)
    if len(updates) > rows:
        yield f"... and {len(updates) - rows} more (--rows)"
    yield ""


# fields

def create_fields(target: Target, options: argparse.Namespace) -> int:
    if isinstance(target, WithoutFields):
        raise BadUsage("--create-fields is for hubspot and salesforce.")
    if not options.send:
        rows = list(table(target.field_rows(), [("Field", 40, False), ("Label", 30, False), ("Type", 10, False)]))
        print("\n".join([*rows, "", f"Nothing was created (dry run). --send creates those that {target.title} lacks."]))
        return 0
    with reaching(target, options):
        destination = target.connect()
        made = target.create_fields()
        missing = target.missing_fields()
    for name in made:
        print(printable(f"Created {name}."))
    if missing:
        complain(f"{destination} still does not allow this user to write {', '.join(missing)}. docs/crm.md lists the permissions.")
        return FAILED
    print(f"{destination} has all {len(target.field_rows())} fields.")
    return 0


# the command line

def run(options: argparse.Namespace) -> int:
    fields = chosen_fields(options.field)
    if options.create_fields:
        return create_fields(target_of(options.to, fields, None, options), options)
    marts = read_marts(options.warehouse, options.marts)
    if marts.is_sample and options.send and not options.allow_sample:
        raise BadUsage(f"{options.marts or options.warehouse.place} was built from the sample, so nothing was written. To write it, add --allow-sample.")
    target = target_of(options.to, fields, marts, options)
    with memory_of(options.sent_file, TABLE, SENT, not options.send, "updates") as memory:
        return (send if options.send else show)(marts, target, memory, options)


def arguments(argv: "list[str] | None") -> argparse.Namespace:
    place = warehouse.current()
    parser = command_parser("sync", __doc__, epilog=EXAMPLES, allow_abbrev=False)
    parser.add_argument("--to", choices=TARGETS, required=True, help="the receiver")
    parser.add_argument("--send", action="store_true", help="write the updates; without it, nothing is written and no receiver is contacted")
    parser.add_argument("--create-fields", action="store_true", help="show the fields that the CRM needs; with --send, create the missing ones")
    warehouse.add_marts_option(parser)
    parser.add_argument(
        "--sent-file", type=Path, help="file that records what was sent (default: sent_updates_<to>.sqlite beside the database)",
    )
    parser.add_argument("--out", type=Path, default=place.folder / "sync", help="the folder for --to csv (default: sync beside the database)")

    which = parser.add_argument_group("which updates")
    which.add_argument("--all", action="store_true", help="also send accounts that have not changed since the last sync")
    which.add_argument("--account", action="append", default=[], metavar="ID", help="only this account; can be repeated")
    which.add_argument("--limit", type=number(int, 1), help="write at most this many; without --all, the next run writes the rest")
    which.add_argument(
        "--field", action="append", default=[], metavar="COLUMN=NAME",
        help=f"another name for a field, or none to leave it out; can be repeated. Columns: {', '.join(field.column for field in FIELDS)}",
    )
    which.add_argument("--allow-sample", action="store_true", help="also write the invented accounts of the sample")
    which.add_argument("--allow-removed", action="store_true", help="clear accounts that are no longer in the data, however many there are")

    how = parser.add_argument_group("how")
    how.add_argument("--rows", type=number(int, 0), default=20, help="rows of the table that a dry run shows (default: 20)")
    how.add_argument("--batch-size", type=number(int, 1), help="updates per request (default: the CRM's limit, 100 for HubSpot and 200 for Salesforce)")
    add_patience(how, timeout=60, max_seconds=1800)
    how.add_argument("--allow-http", action="store_true", help="allow an unencrypted webhook on another machine")

    options = parser.parse_args(argv)
    options.warehouse, options.sent_file = place, options.sent_file or beside_builds(place.folder, f"sent_updates_{options.to}.sqlite")
    return options


def main(argv: "list[str] | None" = None) -> int:
    return run(arguments(argv))
