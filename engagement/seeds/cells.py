"""Checks a single cell: its type, and the rules of its column in seeds/_seeds.yml."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engagement.landing.contract import squeezed
from engagement.seeds.files import Fault, Row, Table, shown
from engagement.seeds.schema import Column

# DuckDB ignores other characters around a number
NO_BREAK_BLANKS = "\u00a0\u2007\u202f"
BLANKS = f" \t\n\r{NO_BREAK_BLANKS}"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII)
# how spreadsheet programs write numbers: decimals and thousands as in other countries
DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}([. \u00a0\u202f]\d{3})+),\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3}([.,' \u00a0\u202f]\d{3})+", re.ASCII)
THOUSANDS_AND_POINT = re.compile(r"[+-]?\d{1,3}([,' \u00a0\u202f]\d{3})+\.\d+", re.ASCII)
PERCENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%", re.ASCII)
# Larger numbers mean nothing in a rule, and end in dates and sums that no engine can hold.
DIGITS, DECIMALS, LARGEST_INTEGER = 6, 6, 1_000_000
LONGEST_TEXT = 1000  # characters, as in the column_types of the seeds; PostgreSQL takes no more
# as DuckDB reads them
TRUE, FALSE = {"true", "t", "yes", "y", "1"}, {"false", "f", "no", "n", "0"}
TRUE_ELSEWHERE = {"wahr", "vrai", "verdadero", "vero", "waar", "prawda", "sant", "sand", "tosi", "ja", "oui", "si", "sí", "on", "x", "1.0"}
FALSE_ELSEWHERE = {"falsch", "faux", "falso", "onwaar", "fałsz", "falskt", "falsk", "epätosi", "nein", "non", "off", "0.0"}
SPREADSHEET_ERROR = re.compile(r"#(REF!|NAME\?|N/A|VALUE!|DIV/0!|NULL!|NUM!|BEZUG!|WERT!|NV)")
# the most % a LIKE pattern can have before its end, so that its time grows no faster than with the square of the text
MOST_WILDCARDS = 2


DOMAIN = re.compile(r"[^\W_][\w-]*(\.[\w-]+)+")


class Unreadable(ValueError):
    """The cell doesn't match the column's type. The message says what to write."""


def check_cells(table: Table, tables: dict[str, Table]) -> None:
    """Gives each row its values, and adds the faults of its cells to the table's. A row with a fault is not sound."""
    for row in table.rows:
        faults = [row.fault(text) for column in table.schema.columns for text in faults_of(column, row, tables)]
        row.is_sound = not faults
        table.faults += faults
    table.faults += doubled_keys(table)


def faults_of(column: Column, row: Row, tables: dict[str, Table]) -> Iterator[str]:
    text = row.cells.get(column.name)
    row.values[column.name] = None
    if text is not None:
        for fault in text_faults(column, text, row, tables):
            yield f"{column.name} is '{shown(text)}'{fault}"
    elif column.rules.get("required"):
        yield f"{column.name} is empty. Fill it in."


def text_faults(column: Column, text: str, row: Row, tables: dict[str, Table]) -> Iterator[str]:
    """What is wrong with the text of a cell, and what to write. If nothing is, the row gets its value."""
    around = BLANKS if column.data_type in ("text", "boolean") else NO_BREAK_BLANKS
    if text.strip(around) != text:
        yield ". Remove the spaces around it."
    elif column.data_type == "text" and len(text) > LONGEST_TEXT:
        yield f", which has {len(text):,} characters. Shorten it to {LONGEST_TEXT:,}."
    elif SPREADSHEET_ERROR.fullmatch(text):
        yield ", which is an error of a spreadsheet program. Write the value itself."
    else:
        try:
            value = row.values[column.name] = READERS[column.data_type](text)
        except Unreadable as remedy:
            yield f". {remedy}"
        else:
            yield from rule_faults(column, text, value, tables)


# types

def read_decimal(text: str) -> Decimal:
    if not NUMBER.fullmatch(text.strip()):
        raise Unreadable(f"Write {' or '.join(intended_numbers(text.strip())) or 'a number, such as 2.5'}.")
    number = Decimal(text.strip())
    if abs(number) >= 10**DIGITS:
        raise Unreadable(f"Write a number with at most {DIGITS} digits before the point.")
    rounded = round(number, DECIMALS)
    if rounded != number:
        raise Unreadable(f"Write at most {DECIMALS} decimals: {plain_number(rounded)}.")
    return number


def read_integer(text: str) -> int:
    number = Decimal(text.strip()) if NUMBER.fullmatch(text.strip()) else None
    if number is None or number != number.to_integral_value():
        whole = [intended for intended in intended_numbers(text.strip()) if "." not in intended]
        raise Unreadable(f"Write a whole number, such as {whole[0] if whole else 2}.")
    if abs(number) > LARGEST_INTEGER:
        raise Unreadable(f"Write a number of at most {LARGEST_INTEGER}.")
    return int(number)


def intended_numbers(text: str) -> list[str]:
    """The numbers that a text can mean if it is written as in other countries, or for people."""
    if text[:1] in ("\u2212", "\u2013") and NUMBER.fullmatch(text[1:]):
        return [f"-{text[1:]}"]
    if PERCENT.fullmatch(text):
        number = Decimal(PERCENT.fullmatch(text)[1].replace(",", "."))
        return [plain_number(number), plain_number(number / 100)]
    if THOUSANDS.fullmatch(text):
        whole, parts = re.sub(r"[^0-9+-]", "", text), re.split(r"[.,]", text)
        return [whole, ".".join(parts)] if len(parts) == 2 else [whole]
    if DECIMAL_COMMA.fullmatch(text):
        return [re.sub(r"[^0-9+,-]", "", text).replace(",", ".")]
    if THOUSANDS_AND_POINT.fullmatch(text):
        return [re.sub(r"[^0-9+.-]", "", text)]
    return []


def read_boolean(text: str) -> bool:
    word = text.lower()
    if word in TRUE | FALSE:
        return word in TRUE
    intended = "true" if word in TRUE_ELSEWHERE else "false" if word in FALSE_ELSEWHERE else "true or false"
    raise Unreadable(f"Write {intended}.")


READERS = {"text": str, "decimal": read_decimal, "integer": read_integer, "boolean": read_boolean}


def plain_number(number: Decimal) -> str:
    """A number without trailing zeros: 2.500000 is 2.5, and 1E+1 is 10."""
    return f"{number.normalize() + 0:f}"


# the rules of a column

def rule_faults(column: Column, text: str, value: Any, tables: dict[str, Table]) -> Iterator[str]:
    rules = column.rules
    if rules.get("lower_case") and text != text.lower():
        yield ". Write it in lower case."
    if "one_of" in rules and text not in rules["one_of"]:
        alike = [word for word in rules["one_of"] if squeezed(word) == squeezed(text)]
        yield f". Write {alike[0]}." if alike else f". Use one of: {', '.join(rules['one_of'])}."
    if "in_seed" in rules:
        yield from not_in_seed(rules, value, tables)
    for rule, is_wrong, words in (
        ("at_least", lambda bound: value < bound, "at least"), ("more_than", lambda bound: value <= bound, "more than"),
        ("at_most", lambda bound: value > bound, "at most"),
    ):
        if rule in rules and is_wrong(rules[rule]):
            yield f". Use a number of {words} {rules[rule]}."
    if rules.get("pattern"):
        yield from pattern_faults(text)
    if rules.get("domain") and (text.startswith("www.") or not DOMAIN.fullmatch(text)):
        yield ". Write a domain alone, without www, scheme, path, @ or *, such as example.com."
    if rules.get("mailbox") and "@" in text:
        yield ". Write only what stands before the @."


def not_in_seed(rules: dict, value: Any, tables: dict[str, Table]) -> Iterator[str]:
    name, column = rules["in_seed"].split(".")
    others = rules.get("or_one_of", [])
    other = tables.get(name)
    if other is None or not other.has_all_rows:
        return  # the other file must be fixed first
    or_use = f" (or use {', '.join(others)})" if others else ""
    if column not in other.texts:
        other.texts[column] = known_values(other, column)
    if str(value) not in other.texts[column] and value not in others:
        yield f", which is not in {other.file}. Correct it, or add a row there{or_use}."


def known_values(table: Table, column: str) -> set[str]:
    """The values of a column as text; 1 and 1.0 are the same number."""
    data_type = next(known.data_type for known in table.schema.columns if known.name == column)
    found = set()
    for row in table.rows:
        text = row.cells.get(column)
        if text is not None:
            try:
                found.add(str(READERS[data_type](text)))
            except Unreadable:
                found.add(text)
    return found


def pattern_faults(pattern: str) -> Iterator[str]:
    if re.search(r"[*^$\\]", pattern) or not pattern.strip("%_"):
        yield (
            ", which is not a valid LIKE pattern. Use % for any text and _ for any one character, not a regular expression,"
            " and at least one other character."
        )
    if count_wildcards(pattern) > MOST_WILDCARDS:
        yield (
            f", which has more than {MOST_WILDCARDS} % before its end. Use fewer, or several rows. With more, one long text"
            " could take hours."
        )


def count_wildcards(pattern: str) -> int:
    """The number of % with other characters after them."""
    return pattern.rstrip("%").count("%")


# keys

def doubled_keys(table: Table) -> Iterator[Fault]:
    """Faults for rows with the same key. Patterns match in any case, so two that differ in case are one."""
    keys = table.schema.keys
    patterns = {column.name for column in table.schema.columns if column.rules.get("pattern")}
    first: dict[tuple, tuple[Row, tuple]] = {}
    for row in table.rows if keys else ():
        # unreadable cells are compared as text
        written = tuple(row.values[name] if row.values[name] is not None else row.cells.get(name) for name in keys)
        key = tuple(value.lower() if value and name in patterns else value for name, value in zip(keys, written))
        before, before_written = first.setdefault(key, (row, written))
        if before is not row:
            row.is_sound = False
            words = ", ".join(f"{name}={shown(str(value if value is not None else ''))}" for name, value in zip(keys, written))
            how = "as well" if written == before_written else "in another spelling"
            yield row.fault(f"{words} is on line {before.line} {how}. Keep one of the two.")
