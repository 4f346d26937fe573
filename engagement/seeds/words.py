"""Checks the words of other tools (events, outcomes and stages), and the resets."""

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
    for row in words:
        yield from unknown_meanings(row, raw_tables[row["source_table"]])
    for name, meaning in (("opportunity_stages", "outcome"), ("lifecycle_stages", "lifecycle")):
        yield from contradictions(tables[name].sound_rows, lambda row: plain_word(row["stage"]), "stage", meaning)
    for row in tables["resets"].sound_rows:
        yield from reset_faults(row, list(raw_tables.values()))


def plain_word(text: str) -> str:
    """A word without case, spaces, punctuation and text in brackets, as macro `plain_word` compares it."""
    return re.sub(r"\([^)]*\)|[\s_/.,:;&-]+", "", text.lower(), flags=re.ASCII)


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
