"""Checks the lower bounds of bands and grades, and the alert and fit rules."""

from collections.abc import Iterator
from itertools import pairwise

from engagement.seeds.cells import MOST_WILDCARDS, NUMBER, count_wildcards
from engagement.seeds.files import Fault, Row, Table, shown

NUMBER_ATTRIBUTES = ("account_tier", "employee_count", "annual_revenue_usd")


def faults(tables: dict[str, Table]) -> Iterator[Fault]:
    yield from bound_faults(tables["score_bands"], "min_score")
    yield from bound_faults(tables["fit_grades"], "min_fit_score")
    yield from order_faults(tables["score_bands"])
    for row in tables["alert_rules"].sound_rows:
        if row["kind"] != "threshold" and row["window_days"] is None:
            yield row.fault(f"window_days is empty, but kind {row['kind']} counts over a window. Fill in window_days.")
    for row in tables["fit_rules"].sound_rows:
        yield from fit_faults(row)


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


def fit_faults(row: Row) -> Iterator[Fault]:
    operator, value = row["operator"], row["value"]
    if operator in ("at_least", "less_than"):
        if row["attribute"] not in NUMBER_ATTRIBUTES:
            yield row.fault(
                f"operator {operator} needs an attribute that is a number: {', '.join(NUMBER_ATTRIBUTES)}. Use equals, not_equals or"
                " like for text."
            )
        elif not NUMBER.fullmatch(value):
            yield row.fault(f"value is '{shown(value)}', but operator {operator} needs a number. Write one, such as 200.")
    if operator == "like" and count_wildcards(value) > MOST_WILDCARDS:
        yield row.fault(
            f"value is '{shown(value)}', which has more than {MOST_WILDCARDS} % before its end. Use fewer, or several rows."
            " With more, one long text could take hours."
        )
