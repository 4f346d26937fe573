"""SQL that turns one raw value into its contract type. No value depends on the values around it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engagement.landing.contract import Column, Table
from engagement.paths import literal, quoted

# Change this number when you change how values are read. All files are then read again.
VERSION = 7
SQL_TYPES = {"text": "varchar", "timestamp": "timestamp", "integer": "bigint", "number": "double", "boolean": "boolean"}
FIRST_YEAR, LAST_YEAR = 1900, 2200
LARGEST_NUMBER = "1e15"
LARGEST_INTEGER = 2147483647

# a day, a time of the day with or without AM or PM, and a zone
TIME = (
    r"^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})"
    r"(?:(?:[Tt]|,?\s+)(\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,]\d+)?)?)(?:\s*([AaPp])\.?[Mm]\b\.?)?)?\s*([^\d\s].*)?$"
)
EPOCH = r"^(\d{10}|\d{13}|\d{16})([.]\d+)?$"
OFFSET = r"^(?:utc|gmt)?[+-](1[0-5]|0?\d):?([0-5]\d)?$"
MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
DAY_AND_MONTH_NAME = rf"^(?:[a-z]{{3,9}},?\s+)?(\d{{1,2}})[\s-]{MONTH}[.,]?[\s-]+(\d{{4}}|\d{{2}})\b((?s:.*))$"
MONTH_NAME_AND_DAY = rf"^(?:[a-z]{{3,9}},?\s+)?{MONTH}\.?\s+(\d{{1,2}}),?\s+(\d{{4}})\b((?s:.*))$"
# the day or the month could come first: only landing.yml can tell
DOUBTFUL_DATE = r"^(\d{1,2})([./-])\s?(\d{1,2})[./-]\s?(\d{4}|\d{2})(\D.*)?$"
LAST_YEAR_OF_TWO_DIGITS = 69  # 70 is 1970, as in POSIX
# without short names: DuckDB reads BST as Bangladesh, and AST as Alaska
TIME_ZONES = "select name from pg_timezone_names() where length(name) > 4"
# Short names of zones that mean one region; a time in summer may have them, too. IST, BST and AST mean several, so times with
# them are refused.
REGIONS = {
    "wet": "Europe/Lisbon", "cet": "Europe/Paris", "eet": "Europe/Athens", "msk": "Europe/Moscow", "est": "America/New_York",
    "cst": "America/Chicago", "mst": "America/Denver", "pst": "America/Los_Angeles", "akst": "America/Anchorage", "hst": "Pacific/Honolulu",
    "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "sgt": "Asia/Singapore", "hkt": "Asia/Hong_Kong", "awst": "Australia/Perth",
    "acst": "Australia/Adelaide", "aest": "Australia/Sydney", "nzst": "Pacific/Auckland",
}
# summer times, in minutes ahead of UTC
SUMMER_TIMES = {
    "west": 60, "cest": 120, "eest": 180, "edt": -240, "cdt": -300, "mdt": -360, "pdt": -420, "akdt": -480, "acdt": 630, "aedt": 660,
    "nzdt": 780,
}

TRUE = "true t yes y 1 -1 on ja j wahr oui vrai si sí sì verdadero sim verdadeiro vero waar"
FALSE = "false f no n 0 off nein falsch non faux falso não nao nee onwaar"
MONEY = "(?:(?:us|ca|au)?[$]|[€£¥]|usd|eur|gbp|jpy|chf|cad|aud)"
CURRENCY = rf"^([+-]?)\s*{MONEY}\s*|\s*{MONEY}$"
PLAIN = r"^[+-]?(\d+([.]\d*)?|[.]\d+)([eE][+-]?\d+)?$"
THREE_AFTER_POINT = r"^[+-]?[1-9]\d{0,2}[.]\d{3}$"
THREE_AFTER_COMMA = r"^[+-]?[1-9]\d{0,2},\d{3}$"
COMMAS_THEN_POINT = r"^[+-]?[1-9]\d{0,2}((,\d{3})+[.]\d+|(,\d{3}){2,})$"
POINTS_THEN_COMMA = r"^[+-]?([1-9]\d{0,2}((([.]\d{3})+,\d+)|([.]\d{3}){2,})|\d+,(\d{1,2}|\d{4,})|0,\d+)$"
# blanks and apostrophes that separate thousands
BLANKS = " \u00a0\u2009\u202f'’"
THOUSANDS_BY_BLANKS = rf"^[+-]?[1-9]\d{{0,2}}([{BLANKS}]\d{{3}})+([.,]\d*)?$".replace("'", "''")

# white space of any script, and characters that nobody sees
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
WIDE_BLANKS = "\u0085\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200b))) + "\u2028\u2029\u202f\u205f\u3000"
WHITE_SPACE = "\t\n\x0b\x0c\r " + WIDE_BLANKS + INVISIBLE
# what texts of copied cells end with
USUAL_ENDS = " \t\n\r\u00a0\u200b\u202f\ufeff"
FORMULA_START = '="'
FORMULA_OF_TEXT = '^="((?s:.*))"$'

NUMBER_TYPE = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$")
NESTED_TYPE = re.compile(r"^(STRUCT|MAP)\(|\]$")
TIME_TYPE = re.compile(r"(DATE|TIMESTAMP(_S|_MS|_NS)?( WITH TIME ZONE)?)$")


@dataclass(frozen=True)
class Form:
    """How values are written in some files; None if unknown.

    `decimal` is the sign before decimals, `dates` is day_first or month_first, `time_zone` is the zone of times without one.
    `has_doubtful_points`: a point before three digits can separate thousands.
    """

    decimal: "str | None" = None
    dates: "str | None" = None
    time_zone: "str | None" = None
    has_doubtful_points: bool = False


USUAL = Form()


def settings(placeholders: Iterable[str]) -> str:
    """SQL to run on each connection that reads values: the known time zones and their short names, and the texts that mean
    nothing, in lower case."""
    def map_of(values: dict) -> str:
        return f"map({list(values)}, {list(values.values())})"
    return f"""
        set variable time_zones = (select list(lower(name)) from ({TIME_ZONES}));
        set variable summer_times = {map_of(SUMMER_TIMES)};
        set variable regions = {map_of(REGIONS)};
        set variable placeholders = cast([{', '.join(map(literal, placeholders))}] as varchar[]);
    """


def is_nothing(text: str) -> str:
    """SQL that is true if a text means nothing, by the seed `placeholders`."""
    return f"list_contains(getvariable('placeholders'), lower({text}))"


def trimmed(value: str) -> str:
    """SQL of a text without white space around it, and without the formula that keeps a text a text in a spreadsheet: ="0012".
    Null if nothing is left. Most texts have neither, and trim() takes time."""
    def bare(text: str) -> str:
        return f"trim({text}, {literal(WHITE_SPACE)})"
    plain = bare(f"regexp_replace({bare(value)}, '{FORMULA_OF_TEXT}', '\\1')")
    ends = " or ".join(f"suffix({value}, {literal(end)})" for end in USUAL_ENDS)
    is_formula = f"prefix({value}, {literal(FORMULA_START)})"
    # signs and letters of other scripts come after "~"
    return f"case when {value} < '!' or {value} > '~' or {is_formula} or {ends} then nullif({plain}, '') else {value} end"


def typed(value: str, source_type: str, data_type: str, form: Form = USUAL) -> str:
    """SQL of a value of DuckDB type `source_type` as its contract type; null if it can't be read. Texts are trimmed."""
    text = as_text(value, source_type)
    if data_type == "text":
        return text
    if data_type == "timestamp":
        return utc_time(value, source_type, form) if TIME_TYPE.match(source_type) else time_from_text(text, form)
    is_number = NUMBER_TYPE.match(source_type)
    if data_type == "boolean":
        return f"try_cast({value} as boolean)" if is_number or source_type == "BOOLEAN" else boolean_from_text(text)
    number = f"try_cast({value} as double)" if is_number else number_from_text(text, data_type == "integer", form)
    if data_type == "integer":
        return f"case when abs({number}) < {LARGEST_INTEGER} and {number} = floor({number}) then cast({number} as bigint) end"
    return f"case when abs({number}) < {LARGEST_NUMBER} then {number} end"


def boolean_from_text(text: str) -> str:
    """SQL of a flag, in the words that spreadsheets write in several languages. Tools write 1.0 and 0.0 for flags with gaps."""
    def words(given: str) -> str:
        return ", ".join(map(literal, given.split()))
    return f"case when lower({text}) in ({words(TRUE)}, '1.0') then true when lower({text}) in ({words(FALSE)}, '0.0') then false end"


def number_from_text(text: str, is_integer: bool, form: Form) -> str:
    """SQL of a trimmed text as a double; null if a point or comma makes it ambiguous. A list of one value passes `bare` on, so
    that the cases don't repeat it."""
    def cast(sql: str) -> str:
        return f"try_cast({sql} as double)"
    plain = f"regexp_matches({text}, '{PLAIN}')"
    points, commas = cast("replace(bare, ',', '')"), cast("replace(replace(bare, '.', ''), ',', '.')")
    if form.decimal:
        given = points if form.decimal == "." else commas
        others = rf"^[+-]?(\d+|[1-9]\d{{0,2}}([{',' if form.decimal == '.' else '.'}]\d{{3}})+)([{form.decimal}]\d*)?$"
        cases = [f"when regexp_matches(bare, '{others}') then {given}", f"when {plain} and lower({text}) like '%e%' then {cast(text)}"]
    else:
        if is_integer or form.has_doubtful_points:
            plain += f" and not regexp_matches({text}, '{THREE_AFTER_POINT}')"
        has_currency = f"regexp_matches({text}, '[$€£¥]')"
        cases = [
            f"when {plain} then {cast(text)}",
            f"when regexp_matches(bare, '{COMMAS_THEN_POINT}') then {points}",
            f"when regexp_matches(bare, '{POINTS_THEN_COMMA}') then {commas}",
            # no company has 1.5 employees, and no price has three decimals
            f"when {'true' if is_integer else has_currency} and regexp_matches(bare, '{THREE_AFTER_COMMA}') then {points}",
            f"when {has_currency} and regexp_matches(bare, '{THREE_AFTER_POINT}') then {commas}",
            f"when bare <> {text} and regexp_matches(bare, '{PLAIN}') then {cast('bare')}",
        ]
    without_currency = f"regexp_replace({text}, '{CURRENCY}', '\\1', 'gi')"
    return f"""list_transform(list_transform([{without_currency}], lambda amount:
        case when regexp_matches(amount, '{THOUSANDS_BY_BLANKS}') then translate(amount, {literal(BLANKS)}, '') else amount end
    ), lambda bare: case {' '.join(cases)} end)[1]"""


def as_text(value: str, source_type: str) -> str:
    """SQL of a value of any DuckDB type as text. A list or struct becomes JSON."""
    if NESTED_TYPE.search(source_type):
        return f"cast(to_json({value}) as varchar)"
    return value if source_type == "VARCHAR" else trimmed(f"try_cast({value} as varchar)")


def utc_time(value: str, source_type: str, form: Form) -> str:
    """SQL of a time of any time type in UTC; null outside the accepted years."""
    local = f"cast({value} as timestamp)"
    utc = f"timezone('UTC', {value})" if source_type.endswith("ZONE") else local if source_type == "DATE" else in_zone(local, form)
    return f"case when {in_accepted_years(value, source_type)} then {utc} end"


def in_accepted_years(value: str, source_type: str = "TIMESTAMP") -> str:
    first, end = (f"cast('{year}-01-01' as {source_type})" for year in (FIRST_YEAR, LAST_YEAR + 1))
    return f"{value} >= {first} and {value} < {end}"


def in_zone(local: str, form: Form) -> str:
    """SQL of a time without a zone in UTC."""
    return f"timezone('UTC', timezone({literal(form.time_zone)}, {local}))" if form.time_zone else local


def year_first(text: str, form: Form) -> str:
    """SQL of a text whose date begins with the year. A list of one value passes each step on, so that the next names it once."""
    def century(year: str) -> str:
        return f"case when length({year}) = 4 then '' when {year} > '{LAST_YEAR_OF_TWO_DIGITS}' then '19' else '20' end"

    def parts(pattern: str, *names: str) -> str:
        """SQL of the parts of a date with the English name of a month; they are empty if it isn't written like this."""
        return f"regexp_extract(lower(plain), '{pattern}', [{', '.join(map(literal, names))}])"

    def with_name(date: str) -> str:
        """The case for a date with the English name of a month."""
        month = f"cast((strpos('{MONTHS}', substr({date}.month, 1, 3)) + 2) // 3 as varchar)"
        rest = f"substr(given.plain, length(given.plain) - length({date}.rest) + 1)"
        return f"when {date}.year <> '' then {century(f'{date}.year')} || {date}.year || '-' || {month} || '-' || {date}.day || {rest}"

    cases = [
        "when regexp_matches(given.plain, '^\\d{8}[Tt ]?\\d{6}(\\D|$)')"
        " then regexp_replace(given.plain, '^(....)(..)(..)[Tt ]?(..)(..)(..)', '\\1-\\2-\\3 \\4:\\5:\\6')",
        "when regexp_matches(given.plain, '^\\d{8}(\\D|$)') then regexp_replace(given.plain, '^(\\d{4})(\\d\\d)(\\d\\d)', '\\1-\\2-\\3')",
        with_name("given.day_first"), with_name("given.month_first"),
    ]
    if form.dates:
        first, second = ("3", "1") if form.dates == "day_first" else ("1", "3")
        year = f"regexp_extract(given.plain, '{DOUBTFUL_DATE}', 4)"
        cases.append(
            f"when regexp_matches(given.plain, '{DOUBTFUL_DATE}')"
            f" then {century(year)} || regexp_replace(given.plain, '{DOUBTFUL_DATE}', '\\4-\\{first}-\\{second}\\5')"
        )
    return f"""list_transform(list_transform([{text}], lambda plain: {{'plain': plain,
        'day_first': {parts(DAY_AND_MONTH_NAME, "day", "month", "year", "rest")},
        'month_first': {parts(MONTH_NAME_AND_DAY, "month", "day", "year", "rest")}
    }}), lambda given: case {' '.join(cases)} else given.plain end)[1]"""


def time_from_text(text: str, form: Form = USUAL) -> str:
    """SQL of a trimmed text as a time in UTC; null if it can't be read. A time without a zone is in the form's zone. A day
    stays that day."""
    whole_number = f"regexp_extract({text}, '{EPOCH}', 1)"
    # nearly all times match one of the first patterns, and reading them this way takes a tenth of the time
    whole = f"try_cast({text} as timestamp)"
    return f"""case
        when {text} like '____-__-_____:__:__' then {in_zone(whole, form)}
        when {text} like '____-__-__T__:__:__Z' or {text} like '____-__-__T__:__:__.___Z' then {whole}
        when {whole_number} <> '' then make_timestamp(cast(
            cast({text} as decimal(38, 6)) * case length({whole_number}) when 10 then 1000000 when 13 then 1000 else 1 end as bigint))
        when {text} is not null then {time_from_parts(year_first(plain_blanks(text), form), form)}
    end"""


def time_from_parts(text: str, form: Form) -> str:
    """SQL of a text whose date begins with the year. A list of one value passes each step on, so that the next names it once."""
    parts = f"[regexp_extract({text}, '{TIME}', ['day', 'clock', 'half', 'zone'])]"
    # "+02:00 (CEST)" and "+02:00[Europe/Berlin]" say the zone twice
    zone = r"regexp_replace(regexp_replace(part.zone, '(\S)\s*(?:\([^)]*\)|\[[^\]]*\])$', '\1'), '^\((.*)\)$', '\1')"
    read = f"""list_transform({parts}, lambda part: {{
        'time': try_cast(regexp_replace(part.day, '[/.]', '-', 'g') || ' '
            || case when part.clock = '' then '00:00' else replace(part.clock, ',', '.') end as timestamp),
        'is_day': part.clock = '', 'half': lower(part.half), 'name': {zone}}})"""
    local = f"""list_transform({read}, lambda found: {{'is_day': found.is_day, 'name': found.name, 'zone': lower(found.name),
        'offset': regexp_extract(lower(found.name), '{OFFSET}', ['hours', 'minutes']), 'time': case
        when found.half = '' then found.time
        when extract('hour' from found.time) between 1 and 12 then found.time
            + to_hours(case when found.half = 'p' then 12 else 0 end - case when extract('hour' from found.time) = 12 then 12 else 0 end)
        end}})"""
    hours, minutes = (f"coalesce(try_cast(local.offset.{part} as integer), 0)" for part in ("hours", "minutes"))
    offset = f"to_minutes({hours} * 60 + {minutes})"
    is_offset, is_name = "local.offset.hours <> ''", "list_contains(getvariable('time_zones'), local.zone)"
    summer_time, region = "getvariable('summer_times')[local.zone]", "getvariable('regions')[local.zone]"
    return f"""list_transform({local}, lambda local: case
        when local.is_day and (
            local.zone in ('', 'z', 'utc', 'gmt') or {is_offset} or {is_name} or {summer_time} is not null or {region} is not null
        ) then local.time
        when local.zone = '' then {in_zone('local.time', form)}
        when local.zone in ('z', 'utc', 'gmt') then local.time
        when {is_offset} and local.zone like '%+%' then local.time - {offset}
        when {is_offset} then local.time + {offset}
        when {summer_time} is not null then local.time - to_minutes({summer_time})
        when {region} is not null then timezone('UTC', timezone({region}, local.time))
        when {is_name} then timezone('UTC', timezone(local.name, local.time))
    end)[1]"""


def plain_blanks(text: str) -> str:
    """SQL of a text with plain spaces only; macOS writes a narrow one before AM."""
    return f"translate({text}, {literal(WIDE_BLANKS)}, {literal(' ' * len(WIDE_BLANKS))})"


def raw_value(column: str, source_type: "str | None") -> str:
    """SQL of a raw value, trimmed; null if the column is missing."""
    if source_type is None:
        return "cast(null as varchar)"
    return trimmed(column) if source_type == "VARCHAR" else column


def typed_rows(table: Table, source: str, source_types: dict[str, str], form: Form = USUAL, also: str = "") -> str:
    """A select of all rows of `source`: the typed columns, `first_seen_at`, `unreadable_values`, `landing_fault` and `landing_row`.

    `source_types` is {column: DuckDB type} of the source; a column that it lacks is null. Its column `seen_at` is when its
    rows were first seen, null if unknown. `also` is one more column of the source, taken as it is. The models of a vendor
    judge its rows, so an unreadable time only counts as an unreadable value there.
    """
    columns, also = table.columns, f", {also}" if also else ""
    source_types = {name: source_types.get(name) for name in table.column_names}
    raw = ", ".join(f"{raw_value(quoted(name), kind)} as {quoted('raw_' + name)}" for name, kind in source_types.items())

    def read_value(column: Column) -> str:
        kind = source_types[column.name]
        return typed(quoted(f"raw_{column.name}"), kind, column.data_type, form) if kind else f"cast(null as {SQL_TYPES[column.data_type]})"

    read = ", ".join(f"{read_value(column)} as {quoted(column.name)}" for column in columns)
    bounded = ", ".join(
        f"case when {in_accepted_years(quoted(column.name))} then {quoted(column.name)} end as {quoted(column.name)}"
        for column in columns if column.data_type == "timestamp"
    )

    def is_given(name: str) -> str:
        raw = quoted(f"raw_{name}")
        return f"{raw} is not null" + (f" and not {is_nothing(raw)}" if source_types[name] == "VARCHAR" else "")

    def is_unreadable(name: str) -> str:
        return f"{quoted(name)} is null and {is_given(name)}"

    times = [column.name for column in columns if column.data_type == "timestamp"]
    optional = [column.name for column in columns if column.data_type in ("integer", "number", "boolean")] + times * bool(table.vendor)
    unreadable = " + ".join(f"case when {is_unreadable(name)} then 1 else 0 end" for name in optional)
    if table.vendor:
        lacks_load_time, replaced, faults = "true", "", []
        is_faulty = " or ".join(map(is_unreadable, times)) or "false"
    else:
        lacks_load_time, is_faulty = f"loaded_at is null and not ({is_given('loaded_at')})", "landing_fault is not null"
        # only events get a key if they have none; 0 can be the id of the first one
        key = quoted(table.key)
        if table.is_event:
            key = f"case when not {is_nothing(key)} or regexp_matches({key}, '^\\d+$') then {key} end, {row_key(table)}"
        replaced = f" replace (coalesce({key}) as {quoted(table.key)}, coalesce(loaded_at, first_seen_at) as loaded_at)"
        faults = [
            f"when {quoted(name)} is null and not ({is_given(name)}) then '{name} is missing'" for name in table.needed_names
        ] + [
            f"when {is_unreadable(name)} then '{name} is not a time of the years {FIRST_YEAR} to {LAST_YEAR}'" for name in times
        ] + [f"when {lacks_load_time} and seen_at is null then 'loaded_at is missing'"]
    fault = f"case {' '.join(faults)} end" if faults else "cast(null as varchar)"
    replaced_times = f" replace ({bounded})" if bounded else ""
    row = ", ".join(
        f"{literal(name)}, {as_text(quoted('raw_' + name), kind or 'VARCHAR')}" for name, kind in source_types.items()
    )
    names = ", ".join(map(quoted, table.column_names))
    return f"""
        select {names}, first_seen_at, unreadable_values, landing_fault,
            case when {is_faulty} then cast(json_object({row}) as varchar) end as landing_row{also}
        from (
            select *{replaced}
            from (
                select *, cast({unreadable or "0"} as integer) as unreadable_values, {fault} as landing_fault,
                    case when {lacks_load_time} then seen_at end as first_seen_at
                from (select *{replaced_times} from (select *, {read} from (select {raw}, seen_at{also} from {source})))
            )
        )"""


def row_key(table: Table) -> str:
    """SQL of an id for an event without one: the same content gives the same id. Columns without a value don't count, so
    that ids stay the same when the contract gets another column."""
    contents = ", ".join(
        f"'{column.name}=' || cast({quoted(column.name)} as varchar)" for column in table.columns
        if not column.is_key and column.name != "loaded_at"
    )
    return f"'row-' || md5(concat_ws(chr(31), {contents}))"
