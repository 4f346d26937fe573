"""Plans one run: the updates that the receiver doesn't have yet, or has with other values."""

import argparse
import sqlite3
from dataclasses import dataclass, field

from engagement.console import printable
from engagement.paths import BadUsage
from engagement.sync.targets import Target
from engagement.sync.updates import Marts, Update, removed

TABLE = "sent_updates"
# an empty hash means it was sent, and may not have arrived
SENT = """
    destination text, account_id text, crm_account_id text not null, fields text not null, update_hash text not null,
    sent_at text not null default current_timestamp, primary key (destination, account_id)
"""
# At most this many accounts, or this share of those sent, can leave the data between two runs. More suggest half a file.
FEW_REMOVED, REMOVED_SHARE = 10, 0.1


@dataclass
class Plan:
    """The updates of one run."""

    to_write: list[Update] = field(default_factory=list)
    failures: list[tuple[Update, str]] = field(default_factory=list)
    unchanged: int = 0
    beyond_limit: int = 0


def planned(marts: Marts, memory: sqlite3.Connection, destination: "str | None", target: Target, options: argparse.Namespace) -> Plan:
    """The plan for this destination; None if nothing was sent to it yet."""
    sent = {account: tuple(rest) for account, *rest in memory.execute(
        f"select account_id, crm_account_id, fields, update_hash from {TABLE} where destination = ?", [destination]
    )}
    known = {update.account_id for update in marts.updates}
    if unknown := [account for account in options.account if account not in known | sent.keys()]:
        raise BadUsage(f"No account of the CRM has the id {', '.join(map(printable, unknown))}. `make account NAME=name` shows the id of an account.")
    removed_updates = [removed(account, crm_account) for account, (crm_account, *_) in sent.items() if account not in known]
    chosen = chosen_updates([*marts.updates, *removed_updates], target)
    removed_updates = [update for update in removed_updates if chosen.get(target.record_id(update)) is update]
    cleared = [update for update in removed_updates if not options.account or update.account_id in options.account]
    if len(cleared) > max(FEW_REMOVED, REMOVED_SHARE * len(sent)) and options.send and not options.allow_removed:
        raise BadUsage(
            f"{len(cleared)} of {len(sent)} accounts that were sent are no longer in the data, and would be cleared. Nothing was"
            " written. Is crm_accounts complete? If it is, clear them with --allow-removed."
        )
    plan = Plan()
    for update in [*removed_updates, *marts.updates]:
        if options.account and update.account_id not in options.account:
            continue
        if sent.get(update.account_id) == (update.crm_account_id, fields_text(target), update.update_hash) and not options.all:
            plan.unchanged += 1
            continue
        fault = target.fault(update)
        chosen_update = None if fault else chosen[target.record_id(update)]
        if fault:
            plan.failures.append((update, fault))
        elif chosen_update is update:
            plan.to_write.append(update)
        elif update.is_scored:
            plan.failures.append((update, f"its record {update.crm_account_id} also belongs to {chosen_update.title} ({chosen_update.account_id})"))
    plan.beyond_limit = max(0, len(plan.to_write) - (options.limit or len(plan.to_write)))
    plan.to_write = plan.to_write[:options.limit]
    return plan


def chosen_updates(updates: list[Update], target: Target) -> dict[str, Update]:
    """{record: the update that it gets}. A record can be in the data twice, or in another spelling than before. A prospect's
    update takes precedence, and nothing clears it."""
    chosen: dict[str, Update] = {}
    for update in sorted(updates, key=lambda update: not update.is_scored):
        if not target.fault(update):
            chosen.setdefault(target.record_id(update), update)
    return chosen


def fields_text(target: Target) -> str:
    """The names of the fields. If they change, everything is sent again."""
    return ",".join(name for name, *_ in target.field_rows())


def last_destination(memory: sqlite3.Connection) -> "str | None":
    """The destination that a dry run compares with, because it doesn't log in."""
    row = memory.execute(f"select destination from {TABLE} order by sent_at desc, rowid desc limit 1").fetchone()
    return row[0] if row else None
