"""Checks the words of other tools (events, outcomes and stages), the resets, and the rules of mailboxes."""

import re
from collections.abc import Iterator

from engagement.landing.contract import Table as RawTable
from engagement.landing.contract import read_contract
from engagement.seeds.files import Fault, Row, Table, shown

IGNORED = "ignored"


def faults(tables: dict[str, Table]) -> Iterator[Fault]:
    raw_tables = {raw.name: raw for raw in read_contract() if raw.is_event}
    words = tables["event_words"].sound_rows
    yield from contradictions(
        words, lambda row: (row["source_table"], row["column_name"] == "outcome", plain_word(row["word"])), "word", "means"
    )
    named = {
        (row["channel"], plain_word(row["event_type"])): row for row in tables["signals"].sound_rows
        if row["channel"] and row["event_type"] and row["is_active"]
    }
    for row in words:
        yield from unknown_meanings(row, raw_tables[row["source_table"]])
        yield from own_words(row, raw_tables[row["source_table"]], named)
    for name, meaning in (("opportunity_stages", "outcome"), ("lifecycle_stages", "lifecycle")):
        yield from contradictions(tables[name].sound_rows, lambda row: plain_stage(row["stage"]), "stage", meaning)
        for row in tables[name].sound_rows:
            if not plain_stage(row["stage"]):
                yield row.fault(
                    f"stage is '{shown(row['stage'])}'. Text in brackets, spaces and punctuation are ignored, so nothing is left. Write a word."
                )
    for row in words:
        if not plain_word(row["word"]):
            yield row.fault(f"word is '{shown(row['word'])}'. Spaces and punctuation are ignored, so nothing is left. Write a word.")
    for row in tables["resets"].sound_rows:
        yield from reset_faults(row, list(raw_tables.values()))
    yield from mailbox_faults(tables["mailbox_rules"].sound_rows)


def mailbox_faults(rows: list[Row]) -> Iterator[Fault]:
    """Faults for two domains with the same mailboxes that a single row can't bring together."""
    rules = {row["domain"]: row for row in rows}
    for row in rows:
        target = rules.get(row["same_as_domain"])
        if row["same_as_domain"] == row["domain"]:
            yield row.fault("same_as_domain is the domain itself. Leave it empty.")
        elif target and target["same_as_domain"]:
            yield row.fault(
                f"same_as_domain {shown(target['domain'])} is the same as another domain by line {target.line}. Name the last one in both rows."
            )
        elif row["same_as_domain"] and row["ignores_dots"] != (target["ignores_dots"] if target else False):
            yield row.fault(
                f"ignores_dots differs from that of {shown(row['same_as_domain'])}{f' on line {target.line}' if target else ', which has no row'}."
                " The same mailboxes need the same value."
            )


def plain_word(text: str) -> str:
    """A word without case, spaces and punctuation, as macro `plain_word` compares it."""
    return re.sub(r"[\s_/.,:;&()-]+", "", text.lower(), flags=re.ASCII)


def plain_stage(text: str) -> str:
    """A stage of the CRM without text in brackets, as macro `plain_stage` compares it."""
    return plain_word(re.sub(r"\([^)]*\)", "", text))


def contradictions(rows: list[Row], same, word: str, meaning: str) -> Iterator[Fault]:
    """Faults for two spellings of a word with different meanings."""
    first: dict[object, Row] = {}
    for row in rows:
        before = first.setdefault(same(row), row)
        if before[meaning] != row[meaning]:
            yield row.fault(
                f"{word} '{shown(row[word])}' has {meaning} {row[meaning]}, but '{shown(before[word])}' on line {before.line}, another"
                f" spelling of it, has {before[meaning]}. Give both the same, or delete one of them."
            )


def own_words(row: Row, raw: RawTable, named: dict[tuple[str, str], Row]) -> Iterator[Fault]:
    """A fault for a word that means something else already: a word of the contract or of a signal always means itself."""
    word = plain_word(row["word"])
    own = raw.outcomes if row["column_name"] == "outcome" else raw.event_types
    if word in map(plain_word, own) and word != plain_word(row["means"]):
        yield row.fault(f"word '{shown(row['word'])}' is a word of {raw.name} itself, and always means itself. Delete this row.")
    is_open = row["column_name"] != "outcome" and not raw.event_types
    signal = named.get((raw.channel, word)) if is_open else None
    if signal and word != plain_word(row["means"]):
        yield row.fault(
            f"word '{shown(row['word'])}' is the event_type of signal {signal['signal']} in {signal.file}, line {signal.line}, so it means"
            f" itself. Delete this row, or change the signal."
        )


def unknown_meanings(row: Row, raw: RawTable) -> Iterator[Fault]:
    column = row["column_name"]
    if column not in raw.column_names:
        words = " or ".join(name for name in ("event_type", "activity_type", "outcome") if name in raw.column_names)
        yield row.fault(f"{raw.name} has no words in column {column}. Use {words}.")
        return
    # activity types and the product's event types can be any word
    known = raw.outcomes if column == "outcome" else (*raw.event_types, IGNORED) if raw.event_types else ()
    if known and row["means"] not in known:
        yield row.fault(f"means is '{shown(row['means'])}', which is not a word of column {column}. Use one of: {', '.join(known)}.")


def reset_faults(row: Row, raw_tables: list[RawTable]) -> Iterator[Fault]:
    event_type, outcome = row["event_type"], row["outcome"]
    if event_type is None and outcome is None:
        yield row.fault("event_type and outcome are both empty, so every event of the channel would be a reset. Fill one of them.")
    raw = next(raw for raw in raw_tables if raw.channel == row["channel"])
    if event_type and raw.event_types and event_type not in raw.event_types:
        yield row.fault(
            f"event_type '{shown(event_type)}' does not belong to channel {raw.channel}. Use one of: {', '.join(raw.event_types)}."
        )
    if outcome and "outcome" not in raw.match_columns:
        yield row.fault(f"events of channel {raw.channel} have no outcome. Leave it empty, or use channel sales.")
