"""SQL that turns one raw value into its contract type. No value depends on the values around it."""

import re

from engagement.landing.contract import Table
from engagement.paths import literal, quoted

# Change this number with the way values are read: all files are then read again.
VERSION = 1
SQL_TYPES = {"text": "varchar", "timestamp": "timestamp", "integer": "bigint", "number": "double", "boolean": "boolean"}
FIRST_YEAR, LAST_YEAR = 1900, 2200
LARGEST_NUMBER = "1e15"
LARGEST_INTEGER = 2147483647
# for each connection that reads values
SET_TIME_ZONES = "set variable time_zones = (select list(lower(name)) from pg_timezone_names())"
# day, time of day and zone; a day without separators has eight digits
TIME = (
    r"^(\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{8})"
    r"(?:(?:T|\s+)(\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.]\d+)?)?))?\s*([^\d\s].*)?$"
)
OFFSET = r"^[+-](\d{1,2}):?(\d{2})?$"
NUMBER_TYPE = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$")
TIME_TYPE = re.compile(r"(DATE|TIMESTAMP(_S|_MS|_NS)?( WITH TIME ZONE)?)$")


def trimmed(value: str) -> str:
    """SQL of a text without blanks around it; null if nothing is left. Most texts have none, and trim() takes time."""
    return f"case when {value} like ' %' or {value} like '% ' then nullif(trim({value}), '') when {value} <> '' then {value} end"


def typed(value: str, source_type: str, data_type: str) -> str:
    """SQL of a value of DuckDB type `source_type` as its contract type; null where it cannot be read. Texts are trimmed."""
    text = as_text(value, source_type)
    if data_type == "text":
        return text
    if data_type == "timestamp":
        return utc_time(value, source_type) if TIME_TYPE.match(source_type) else time_from_text(text)
    is_number = NUMBER_TYPE.match(source_type)
    if data_type == "boolean":
        return f"try_cast({value if is_number or source_type == 'BOOLEAN' else text} as boolean)"
    number = f"try_cast({value if is_number else text} as double)"
    if data_type == "integer":
        # halves up
        return f"case when abs({number}) < {LARGEST_INTEGER} then cast(floor({number} + 0.5) as bigint) end"
    return f"case when abs({number}) < {LARGEST_NUMBER} then {number} end"


def raw_value(column: str, source_type: "str | None") -> str:
    """SQL of a value as it came, trimmed; null if there is no such column."""
    if source_type is None:
        return "cast(null as varchar)"
    return trimmed(column) if source_type == "VARCHAR" else column


def as_text(value: str, source_type: str) -> str:
    return value if source_type == "VARCHAR" else trimmed(f"try_cast({value} as varchar)")


def utc_time(value: str, source_type: str) -> str:
    """SQL of a time of any time type in UTC; null outside the years that are accepted."""
    utc = f"timezone('UTC', {value})" if source_type.endswith("ZONE") else f"cast({value} as timestamp)"
    return f"case when {in_accepted_years(value, source_type)} then {utc} end"


def in_accepted_years(value: str, source_type: str = "TIMESTAMP") -> str:
    first, end = (f"cast('{year}-01-01' as {source_type})" for year in (FIRST_YEAR, LAST_YEAR + 1))
    return f"{value} >= {first} and {value} < {end}"


def time_from_text(text: str) -> str:
    """SQL of a trimmed text as a time in UTC; without a zone it is UTC. Null: it cannot be read."""
    day, clock, zone = (f"regexp_extract({text}, '{TIME}', {part})" for part in (1, 2, 3))
    day = rf"regexp_replace({day}, '^(\d{{4}})(\d\d)(\d\d)$', '\1-\2-\3')"
    local = f"try_cast({day} || ' ' || case when {clock} = '' then '00:00' else {clock} end as timestamp)"
    hours, minutes = (f"coalesce(try_cast(regexp_extract({zone}, '{OFFSET}', {part}) as integer), 0)" for part in (1, 2))
    offset = f"to_minutes({hours} * 60 + {minutes})"
    # nearly all times look like the first pattern, and reading them so takes a tenth of the time
    return f"""case
        when {text} like '____-__-_____:__:__' then try_cast({text} as timestamp)
        when lower({zone}) in ('', 'z', 'utc', 'gmt') then {local}
        when regexp_matches({zone}, '{OFFSET}') and {zone} like '+%' then {local} - {offset}
        when regexp_matches({zone}, '{OFFSET}') then {local} + {offset}
        when list_contains(getvariable('time_zones'), lower({zone})) then timezone('UTC', timezone({zone}, {local}))
    end"""


def typed_rows(table: Table, source: str, source_types: dict[str, str], also: str = "") -> str:
    """A select of all rows of `source`: the typed columns, `unreadable_values`, `landing_fault` and `landing_row`.

    `source_types` are {column: DuckDB type} of the source; a column that it lacks is null. `also` is a further column of
    it, taken as it is.
    """
    columns, also = table.columns, f", {also}" if also else ""
    source_types = {name: source_types.get(name) for name in table.column_names}
    raw = ", ".join(f"{raw_value(quoted(name), kind)} as {quoted('raw_' + name)}" for name, kind in source_types.items())
    read = ", ".join(
        f"{typed(quoted('raw_' + column.name), source_types[column.name] or 'VARCHAR', column.data_type)} as {quoted(column.name)}"
        for column in columns
    )
    bounded = ", ".join(
        f"case when {in_accepted_years(quoted(column.name))} then {quoted(column.name)} end as {quoted(column.name)}"
        for column in columns if column.data_type == "timestamp"
    )

    def is_unreadable(name: str) -> str:
        return f"{quoted(name)} is null and {quoted('raw_' + name)} is not null"

    unreadable = " + ".join(
        f"case when {is_unreadable(column.name)} then 1 else 0 end"
        for column in columns if column.data_type in ("integer", "number", "boolean")
    )
    faults = [
        f"when {quoted(name)} is null and {quoted('raw_' + name)} is null then '{name} is missing'" for name in table.needed_names
    ] + [
        f"when {is_unreadable(column.name)} then '{column.name} is not a time of the years {FIRST_YEAR} to {LAST_YEAR}'"
        for column in columns if column.data_type == "timestamp"
    ]
    row = ", ".join(
        f"{literal(name)}, {as_text(quoted('raw_' + name), kind or 'VARCHAR')}" for name, kind in source_types.items()
    )
    names = ", ".join(map(quoted, table.column_names))
    return f"""
        select {names}, unreadable_values, landing_fault,
            case when landing_fault is not null then cast(json_object({row}) as varchar) end as landing_row{also}
        from (
            select *, cast({unreadable or "0"} as integer) as unreadable_values, case {" ".join(faults)} end as landing_fault
            from (select * replace ({bounded}) from (select *, {read} from (select {raw}{also} from {source})))
        )"""
