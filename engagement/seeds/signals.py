"""Checks rows of signals, combinations and scoring models together."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from engagement.landing.contract import Table as RawTable
from engagement.landing.contract import read_contract
from engagement.seeds.cells import MOST_WILDCARDS, count_wildcards, plain_number
from engagement.seeds.files import Fault, Row, Table, shown
from engagement.seeds.words import plain_word

MATCH_COLUMNS = ("channel", "event_type", "page_category", "asset_pattern", "outcome", "persona", "min_value")
# match columns that only some events fill
VALUE_COLUMNS = MATCH_COLUMNS[2:]
ANY_DECISION_MAKER = "decision_maker"
# numbers of a signal that a scoring model can have otherwise
OVERRIDDEN = ("points", "full_value_days", "half_life_days", "max_points")


def faults(tables: dict[str, Table]) -> Iterator[Fault]:
    active = [row for row in tables["signals"].sound_rows if row["is_active"]]
    events = [raw for raw in read_contract() if raw.is_event]
    reasons = {row.line: unreachable(row, events) for row in active}
    for row in active:
        if reasons[row.line]:
            yield row.fault(f"no event can ever be this signal: {reasons[row.line]}")
    if tables["signals"].is_whole and not active:
        yield Fault(tables["signals"].file, 0, "has no active row, so every score would be 0. Put the signals back.")
    yield from ambiguous([row for row in active if not reasons[row.line]], tables["personas"])
    yield from combination_faults(tables)
    yield from scoring_model_faults(tables["scoring_models"])


# signals that no event can match

def unreachable(row: Row, events: list[RawTable]) -> "str | None":
    """Why no event can be this signal; None if one can."""
    channel, event_type = row["channel"], row["event_type"]
    of_channel = [raw for raw in events if channel in (None, raw.channel)]
    of_type = [raw for raw in of_channel if not event_type or not raw.event_types or event_type in raw.event_types]
    filled = [column for column in VALUE_COLUMNS if row[column] is not None]
    if any(set(filled) <= set(raw.match_columns) for raw in of_type):
        return None
    where = f"channel {channel}" if channel else "any channel"
    if not of_type:
        types = ", ".join(raw_type for raw in of_channel for raw_type in raw.event_types)
        return f"event_type '{shown(event_type)}' does not belong to {where}. Use one of: {types}."
    what = f"event_type {event_type}" if event_type and not channel else where
    usable = sorted({column for raw in of_type for column in raw.match_columns}, key=VALUE_COLUMNS.index)
    lacking = [column for column in filled if column not in usable]
    return (
        f"events of {what} have no {' and no '.join(lacking) or ' together with '.join(filled)}."
        f" Leave it empty, or use another channel. These have {', '.join(usable) or 'no such column'}."
    )


# two signals with the same rank

def ambiguous(active: list[Row], personas: Table) -> Iterator[Fault]:
    deciding = {row["persona"] for row in personas.sound_rows if row["is_decision_maker"]}
    by_rank: dict[tuple[int, int], list[Row]] = {}
    for row in active:
        match_columns = sum(row[column] is not None for column in MATCH_COLUMNS)
        by_rank.setdefault((row["match_priority"] or 0, match_columns), []).append(row)
    for rows in by_rank.values():
        for one, other in combinations(rows, 2):
            if can_be_one_event(one, other, deciding):
                yield other.fault(
                    f"can match the same event as signal {one['signal']} on line {one.line} with the same rank. Give one of them a"
                    " higher match_priority, or fill another match column."
                )


def can_be_one_event(one: Row, other: Row, deciding: set[str]) -> bool:
    alike = all(None in (one[column], other[column]) or one[column] == other[column] for column in ("channel", "page_category", "outcome"))
    if None not in (one["event_type"], other["event_type"]):
        alike = alike and plain_word(one["event_type"]) == plain_word(other["event_type"])
    return alike and personas_overlap(one["persona"], other["persona"], deciding) and patterns_overlap(
        one["asset_pattern"], other["asset_pattern"]
    )


def personas_overlap(one: "str | None", other: "str | None", deciding: set[str]) -> bool:
    if one is None or other is None or one == other:
        return True
    return ANY_DECISION_MAKER in (one, other) and bool({one, other} & deciding)


def patterns_overlap(one: "str | None", other: "str | None") -> bool:
    """True unless the two patterns have different literal beginnings. Other patterns may match the same asset."""
    if one is None or other is None:
        return True
    one, other = one.lower(), other.lower()
    one_start, other_start = (re.split("[%_]", pattern, maxsplit=1)[0] for pattern in (one, other))
    if one == one_start:
        return is_like(one, other)
    if other == other_start:
        return is_like(other, one)
    return one_start.startswith(other_start) or other_start.startswith(one_start)


def is_like(text: str, pattern: str) -> bool:
    """SQL's LIKE. Patterns that would take too long are refused elsewhere."""
    return count_wildcards(pattern) <= MOST_WILDCARDS and bool(like(pattern).fullmatch(text))


@lru_cache
def like(pattern: str) -> re.Pattern:
    return re.compile("".join({"%": ".*", "_": "."}.get(char) or re.escape(char) for char in pattern), re.DOTALL)


# combinations and scoring models

def combination_faults(tables: dict[str, Table]) -> Iterator[Fault]:
    inactive = {row["signal"] for row in tables["signals"].sound_rows if not row["is_active"]}
    first: dict[frozenset, Row] = {}
    for row in tables["signal_combinations"].sound_rows:
        before = first.setdefault(frozenset((row["first_signal"], row["second_signal"])), row) if row["is_active"] else row
        if before is not row:
            yield row.fault(f"is the same pair as combination {before['combination']} on line {before.line}. Keep one of the two.")
        if row["first_signal"] == row["second_signal"]:
            yield row.fault("first_signal and second_signal are the same. Name two different signals.")
        for signal in {row["first_signal"], row["second_signal"]} & inactive if row["is_active"] else ():
            yield row.fault(f"signal {signal} is not active. Activate it in {tables['signals'].file}, or deactivate the combination.")


def scoring_model_faults(models: Table) -> Iterator[Fault]:
    primary = [row for row in models.sound_rows if row["is_primary"]]
    if models.is_whole and len(primary) != 1:
        lines = f" (lines {', '.join(str(row.line) for row in primary)})" if primary else ""
        yield Fault(models.file, 0, f"has {len(primary)} primary scoring models{lines}. Set is_primary to true in exactly one row.")
    for row in models.sound_rows:
        if (row["silence_days"] is None) != (row["silence_factor"] is None):
            yield row.fault("only one of silence_days and silence_factor is filled. Fill both, or neither.")


# allowed, but probably a mistake

def notes(tables: dict[str, Table]) -> Iterator[Fault]:
    """Overrides that change nothing, and points that a cap takes away again, with one note per row."""
    for row in tables["signal_overrides"].sound_rows:
        if all(row[column] is None for column in OVERRIDDEN):
            yield row.fault(f"no number is filled in, so this row changes nothing. Fill in {' or '.join(OVERRIDDEN)}, or remove the row.")
    tiers = {row["signal_tier"]: row["points"] for row in tables["signal_tiers"].sound_rows}
    overrides = {(row["scoring_model"], row["signal"]): row for row in tables["signal_overrides"].sound_rows}
    seen = set()
    for model in tables["scoring_models"].sound_rows:
        for signal in tables["signals"].sound_rows:
            override = overrides.get((model["scoring_model"], signal["signal"]))
            rows = [row for row in (override, signal) if row]
            points = first_filled(rows, "points", tiers.get(signal["signal_tier"]))
            most = first_filled(rows, "max_points")
            if signal["is_active"] and model["apply_caps"] and None not in (points, most) and points > most:
                row = override if override and (override["points"], override["max_points"]) != (None, None) else signal
                if (row.file, row.line) not in seen:
                    seen.add((row.file, row.line))
                    yield row.fault(
                        f"points are {plain_number(points)}, but max_points is {plain_number(most)}: in scoring model"
                        f" {model['scoring_model']} all events of an account together count {plain_number(most)}. Raise max_points, or"
                        " lower points."
                    )


def first_filled(rows: list[Row], column: str, otherwise=None):
    return next((row[column] for row in rows if row[column] is not None), otherwise)
