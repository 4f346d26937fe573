"""Checks the lower bounds of bands and grades, the alert and fit rules, and the next actions."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from engagement.landing.contract import read_contract
from engagement.seeds.cells import NUMBER, pattern_faults, plain_number
from engagement.seeds.files import Fault, Row, Table, shown

MOST = Decimal(10) ** 15
# what band_transitions calls accounts that are in no band
RESERVED = ("won", "not in the crm")


def faults(tables: dict[str, Table]) -> Iterator[Fault]:
    yield from bound_faults(tables["score_bands"], "min_score")
    yield from bound_faults(tables["fit_grades"], "min_fit_score")
    yield from order_faults(tables["score_bands"])
    for row in tables["score_bands"].sound_rows:
        if row["band"].lower() in RESERVED:
            yield row.fault(f"band '{shown(row['band'])}' is a state of accounts without a band in band_transitions. Choose another name.")
    margin = max((row["alert_rearm_margin"] for row in tables["scoring_models"].sound_rows if row["is_primary"]), default=0)
    for row in tables["alert_rules"].sound_rows:
        yield from alert_faults(row, margin)
    for row in tables["fit_rules"].sound_rows:
        yield from fit_faults(row)
    signals = {row["signal"]: row for row in tables["signals"].sound_rows}
    for row in tables["next_actions"].sound_rows:
        yield from action_faults(row, signals.get(row["last_signal"]))


def bound_faults(table: Table, column: str) -> Iterator[Fault]:
    rows = sorted(table.sound_rows, key=lambda row: row[column])
    for before, row in pairwise(rows):
        if row[column] == before[column]:
            yield row.fault(f"{column} is the same as on line {before.line}, so they overlap. Give each row a different lower bound.")
    if table.is_whole and (not rows or rows[0][column] != 0):
        gap = f"{column} of the lowest row does not start at 0, so there is a gap below it. Start one row at 0."
        yield rows[0].fault(gap) if rows else Fault(table.file, 0, f"has no row: {gap}")


def order_faults(bands: Table) -> Iterator[Fault]:
    for before, row in pairwise(sorted(bands.sound_rows, key=lambda row: row["min_score"])):
        if row["sort_order"] <= before["sort_order"]:
            yield row.fault(
                f"sort_order is not higher than on line {before.line}, which starts lower. Number the bands in the order of min_score."
            )


def alert_faults(row: Row, margin: Decimal) -> Iterator[Fault]:
    if row["kind"] != "threshold" and row["window_days"] is None:
        yield row.fault(f"window_days is empty, but kind {row['kind']} counts over a window. Fill in window_days.")
    if row["kind"] == "threshold" and row["window_days"] is not None:
        yield row.fault("window_days is filled, but a threshold has no window. Leave it empty.")
    if row["kind"] == "threshold" and row["is_active"] and row["threshold"] < margin:
        yield row.fault(
            f"threshold is {plain_number(row['threshold'])}, but a score must fall {plain_number(margin)} below it before it alerts again"
            " (alert_rearm_margin of the primary scoring model), and no score is below 0. Raise the threshold, or lower the margin."
        )


def action_faults(row: Row, signal: "Row | None") -> Iterator[Fault]:
    if signal is None:
        return
    if signal["direction"] == "outbound":
        yield row.fault(f"last_signal {signal['signal']} is outbound, so it is never the last engagement. Name another signal.")
    elif row["channel"] not in (None, signal["channel"]):
        yield row.fault(
            f"channel is {row['channel']}, but signal {signal['signal']} has {signal['channel'] or 'no channel'}, so this row never applies."
            " Leave channel empty."
        )


def fit_faults(row: Row) -> Iterator[Fault]:
    operator, value = row["operator"], row["value"]
    numbers = [column.name for raw in read_contract() if raw.name == "crm_accounts" for column in raw.columns if column.data_type in ("integer", "number")]
    is_number = row["attribute"] in numbers
    if operator in ("equals", "not_equals") and is_number and not is_usable(value):
        yield row.fault(f"value is '{shown(value)}', but {row['attribute']} is a number. Write one, such as 200.")
    if operator == "like" and is_number:
        yield row.fault(f"operator like needs text, but {row['attribute']} is a number. Use equals, not_equals, at_least or less_than.")
    elif operator == "like":
        for fault in pattern_faults(value):
            yield row.fault(f"value is '{shown(value)}'{fault}")
    if operator in ("at_least", "less_than"):
        if not is_number:
            yield row.fault(
                f"operator {operator} needs an attribute that is a number: {', '.join(numbers)}. Use equals, not_equals or"
                " like for text."
            )
        elif not is_usable(value):
            yield row.fault(f"value is '{shown(value)}', but operator {operator} needs a number. Write one, such as 200.")


def notes(tables: dict[str, Table]) -> Iterator[Fault]:
    """Bands that have no next action for any engagement."""
    actions = tables["next_actions"]
    always = {row["band"] for row in actions.sound_rows if (row["last_signal"], row["channel"], row["within_days"]) == (None, None, None)}
    for row in tables["score_bands"].sound_rows if actions.rows and None not in always else ():
        if row["band"] not in always:
            yield row.fault(f"band {shown(row['band'])} has no row in {actions.file} without other conditions, so accounts in it may have no next action.")


def is_usable(value: str) -> bool:
    """A number that an engine can compare."""
    return bool(NUMBER.fullmatch(value)) and abs(Decimal(value)) < MOST
