"""Checks a folder of raw files before the first build: what is understood, what is missing, and what to do next.

It reads the files as a build would, into a database in memory. It writes nothing, except landing.yml with --write.
"""

import os
import re
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import yaml

from engagement.console import command_parser, printable, table
from engagement.landing.contract import Sources, Table, read_contract, shipped_seed
from engagement.landing.files import CSV, PARQUET, RawFile, kind_of, stem_and_ending
from engagement.landing.forgotten import read_forgotten
from engagement.landing.layouts import Shape, layout_of, parquet_layouts
from engagement.landing.lines import NOT_UTF8
from engagement.landing.settings import AS_FOUND, FILE, Source
from engagement.landing.store import Landed, Rows, land, raw_data, rewritten_rows
from engagement.landing.types import trimmed, typed
from engagement.landing.vendors import Suggestion, suggest, suggest_table
from engagement.paths import FAILED, BadUsage, WorkingFolder, connect, in_project, leave_read_only_project, quoted, utc_now
from engagement.project_vars import add_option, given_vars, share_of, sources_of
from engagement.seeds.files import counted
from engagement.seeds.signals import VALUE_COLUMNS
from engagement.seeds.words import plain_word
from engagement.warehouse.target import DUCKDB, current_target

COLUMNS = [
    ("Table", 50, False), ("Files", 6, True), ("Rows", 12, True), ("Usable", 12, True), ("With account", 12, True),
    ("From", 10, False), ("To", 10, False),
]
NOT_TEXT = ("integer", "number", "boolean")
EXAMPLES = 3
MAX_WORDS = 8
MAX_SKIPPED = 30  # lines above a header


@dataclass
class Check:
    """The findings about a folder."""

    tables: list[tuple] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    # {table: suggestions for landing.yml, one per source}
    settings: dict[str, list[dict]] = field(default_factory=dict)
    is_to_map: bool = False  # files that a build would reject until landing.yml names their table

    @property
    def is_ready(self) -> bool:
        return not self.faults and not self.is_to_map


# tables

def check_folder(
    connection: duckdb.DuckDBPyConnection, folder: str, sources: Sources = Sources(), most_unusable_share: float = 1
) -> Check:
    found = Check()
    landed = land(connection, folder, sources, read_forgotten(), is_trial=True)
    found.notes = [note for note in landed.notes if note not in landed.listing.losses]
    found.tables = list(table_rows(connection, landed, sources))
    found.faults = [*landed.faults, *lost(found.tables, most_unusable_share)]
    found.notes += [*times(landed, connection), *words(connection, sources, are_known=True)]
    found.problems = [
        *landed.listing.losses, *rejected(connection, sources), *unreadable(connection, landed, sources), *identity(found.tables),
        *words(connection, sources, are_known=False),
    ]
    add_suggestions(connection, landed, found)
    return found


def table_rows(connection: duckdb.DuckDBPyConnection, landed: Landed, sources: Sources) -> Iterator[tuple]:
    """(table, files, rows, usable rows, share with an account, first day, last day) of each table with files. Only a build can
    say whether rows of vendors are usable, because their models decide it."""
    prepare_identity(connection, sources)
    for raw in sources.tables:
        files = [file for file in landed.listing.files if file.table == raw]
        if not files:
            continue
        if raw.vendor:
            rows, = connection.execute(f"select count(*) from {sources.relation(raw)}").fetchone()
            yield raw.name, len(files), rows, "", "", "", ""
            continue
        day = next(name for name in ("occurred_at", "created_at", "loaded_at") if name in raw.column_names)
        rows, usable, matched, first, last = connection.execute(f"""
            select count(*), count(*) filter (landing_fault is null), count(*) filter (landing_fault is null and {matches(raw)}),
                min(cast({day} as date)) filter (landing_fault is null), max(cast({day} as date)) filter (landing_fault is null)
            from {sources.relation(raw)}
        """).fetchone()
        lines, = connection.execute("select count(*) from landing.unreadable_lines where source_table = ?", [raw.name]).fetchone()
        share = "" if raw.name == "crm_accounts" or not usable or sources.crm else f"{matched / usable:.0%}"
        yield raw.name, len(files), rows + lines, usable, share, first, last


# identity: an estimate by ids, addresses and domains in the files, in the order of a build but without its finer rules

def prepare_identity(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    raw = {declared.name: sources.relation(declared) for declared in read_contract()}
    companies = seed("domain_kinds", "domain", domain_kind="company")
    others = {*seed("lists/free_mail_domains", "domain"), *seed("domain_kinds", "domain"), *seed("own_domains", "domain")}.difference(companies)
    connection.execute("create or replace temp table no_companies as select unnest(?::varchar[]) as domain", [sorted(others)])
    domains = " union ".join(
        f"select {host_of('domain')} as domain from {raw[table]} where domain is not null and landing_fault is null"
        for table in ("crm_accounts", "account_domains")
    )
    connection.execute(f"""
        create or replace temp table known_domains as
        select domain from ({domains}) where domain like '%.%' and domain not in (from no_companies);
        create or replace temp table known_accounts as select account_id from {raw['crm_accounts']} where landing_fault is null;
        create or replace temp table known_emails as
        select distinct lower(email) as email from {raw['crm_contacts']} where account_id in (from known_accounts) and email is not null;
        create or replace temp table known_contacts as
        select contact_id from {raw['crm_contacts']}
        where account_id in (from known_accounts) or {is_known_domain("split_part(lower(email), '@', 2)")};
        create or replace temp table known_visitors as
        select distinct visitor_id from (select visitor_id, email from {raw['web_events']} union select visitor_id, email from {raw['ad_events']})
        where visitor_id is not null and {is_known_email('email')};
    """)


def host_of(column: str) -> str:
    """SQL of the host of a domain or URL; the first one if there are several."""
    return f"regexp_extract(lower({column}), '^(?:[a-z]+://)?(?:www[.])?([^/:?#, ]+)', 1)"


def is_known_domain(domain: str) -> str:
    """SQL that is true for the domain of an account, or one below it."""
    parents = [domain, *(f"regexp_replace({domain}, '^([^.]+[.]){{{depth}}}', '')" for depth in (1, 2))]
    return "(" + " or ".join(f"coalesce({name} in (from known_domains), false)" for name in parents) + ")"


def is_known_email(email: str) -> str:
    return f"(coalesce(lower({email}) in (from known_emails), false) or {is_known_domain(f'''split_part(lower({email}), '@', 2)''')})"


def matches(raw: Table) -> str:
    """SQL that is true if a row leads to an account."""
    conditions = {
        "account_id": "coalesce(account_id in (from known_accounts), false)", "email": is_known_email("email"),
        "contact_id": "coalesce(contact_id in (from known_contacts), false)",
        "visitor_id": "coalesce(visitor_id in (from known_visitors), false)", "company_domain": is_known_domain(host_of('company_domain')),
    }
    return " or ".join(condition for column, condition in conditions.items() if column in raw.column_names) or "true"


def identity(rows: list[tuple]) -> Iterator[str]:
    events = {raw.name for raw in read_contract() if raw.is_event}
    if not any(name == "crm_accounts" and usable for name, _, _, usable, *_ in rows):
        return
    for name, _, _, usable, share, *_ in rows:
        if usable and share == "0%" and name in (*events, "crm_opportunities"):
            what = "ids, addresses and domains" if name in events else "account ids"
            yield f"{name}: no row leads to an account. Compare its {what} with those of crm_accounts and crm_contacts."


# losses

def lost(rows: list[tuple], most_unusable_share: float) -> Iterator[str]:
    """Tables that lost so many rows that a build isn't published. The reasons are those of `rejected`."""
    contract = {raw.name: raw for raw in read_contract()}
    events, has_lost = [], False
    for name, _, count, usable, *_ in rows:
        raw = contract.get(name)
        if raw and (raw.is_on_time or not raw.is_optional) and count - usable > most_unusable_share * count:
            has_lost = True
            yield f"{name}: {count - usable:,} of {count:,} rows cannot be used. So nothing is published (var most_unusable_share)."
        if not raw or raw.is_event:
            events.append((count, usable))
    # only a build knows which rows of vendors are usable
    if not has_lost and any(count for count, _ in events) and not any(usable or usable == "" for _, usable in events):
        yield f"None of {sum(count for count, _ in events):,} rows of events can be used, so nothing is published."


def rejected(connection: duckdb.DuckDBPyConnection, sources: Sources) -> Iterator[str]:
    """Rows that can't be used, by table and reason, with examples."""
    for raw in read_contract():
        for fault, count, examples in connection.execute(f"""
            select landing_fault, count(*), list(distinct landing_row ->> ('$.' || split_part(landing_fault, ' ', 1)))[1:{EXAMPLES}]
            from {sources.relation(raw)} where landing_fault is not null group by 1 order by 2 desc
        """).fetchall():
            shown = ", ".join(repr(example) for example in examples if example)
            yield f"{raw.name}: {counted(count, 'row')} cannot be used: {fault}{', such as ' if shown else ''}{shown}."
    for name, fault, count, number, file in connection.execute(
        "select source_table, fault, count(*), min_by(line_number, (file_name, line_number)), min(file_name) from landing.unreadable_lines"
        " group by 1, 2 order by 1, 3 desc, 2"
    ).fetchall():
        hint = f" If the file has another encoding, write it under `{name}:` in {FILE}, such as `encoding: windows-1252`." if fault == NOT_UTF8 else ""
        yield f"{name}: {counted(count, 'line')} cannot be read, such as line {number} of {file}: {fault}.{hint}"


def unreadable(connection: duckdb.DuckDBPyConnection, landed: Landed, sources: Sources) -> Iterator[str]:
    """Values that are read as empty, with examples."""
    for shape, files in landed.shapes.items():
        kinds = (*NOT_TEXT, "timestamp") if shape.table.vendor else NOT_TEXT
        columns = [column for column in shape.table.columns if column.name in shape.types and column.data_type in kinds]
        has_any, = connection.execute(
            f"select coalesce(sum(unreadable_values), 0) > 0 from {sources.relation(shape.table)}"
        ).fetchone()
        if not has_any:
            continue
        what = f"count(*), list(distinct raw)[1:{EXAMPLES}]"
        with raw_rows(connection, landed, shape, files) as rows:
            for column in columns:
                is_empty = f"raw is not null and {typed('raw', 'VARCHAR', column.data_type, shape.form)} is null"
                count, examples = raw_values(connection, rows, column.name, what, is_empty) or (0, [])
                if not count:
                    continue
                is_number = not shape.source.decimal and column.data_type != "boolean"
                is_of_two = is_number and any(re.search(r"\d[.,]\d", example) for example in examples)
                hint = f" Which sign comes before decimals? Write `decimal: \",\"` or `decimal: \".\"` under `{shape.table.name}:` in {FILE}."
                yield (
                    f"{shape.table.name}: {counted(count, 'value')} of {column.name} taken as empty, such as {', '.join(map(repr, examples))}."
                    f"{hint if is_of_two else ''}"
                )


@contextmanager
def raw_rows(connection: duckdb.DuckDBPyConnection, landed: Landed, shape: Shape, files: list[RawFile]) -> Iterator[str]:
    """SQL of the rows of some files, with their values as written."""
    now = utc_now()
    by_lines = [file for file in files if file in landed.read_by_lines]
    together = [file for file in files if file not in landed.read_by_lines]
    with WorkingFolder("check") as folder:
        parts = [rewritten_rows(connection, Rows(shape, [file], [file.path], [number], [now], shape.layout), folder)[0]
                 for number, file in enumerate(by_lines)]
        if together:
            parts.append(Rows(shape, together, [file.path for file in together], [0] * len(together), [now] * len(together), shape.layout))
        yield "(" + " union all ".join(f"from {rows.select()}" for rows in parts) + ")"


def raw_values(connection: duckdb.DuckDBPyConnection, rows: str, column: str, what: str, condition: str, limit: str = "") -> "tuple | None":
    """`what` of the values of a column in `raw_rows`, called `raw`; None if DuckDB can't read the files by itself."""
    raw = trimmed(f"cast({quoted(column)} as varchar)")
    try:
        return connection.execute(f"select {what} from (select {raw} as raw from {rows}{limit}) where {condition}").fetchone()
    except duckdb.Error:
        return None


def times(landed: Landed, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """How the times of events are read."""
    without_zone = []
    for shape, files in landed.shapes.items():
        if not shape.table.is_event:
            continue
        data_type = shape.types["occurred_at"]
        if data_type != "VARCHAR":
            yield f"{shape.table.name}: occurred_at is of type {data_type}{' and taken as UTC' if data_type == 'TIMESTAMP' else ''}."
            continue
        read = typed("raw", "VARCHAR", "timestamp", shape.form)
        elsewhere = typed("raw", "VARCHAR", "timestamp", replace(shape.form, time_zone="Asia/Tokyo"))
        what = f"min(raw), cast(min_by({read}, raw) as varchar), bool_or({read} <> {elsewhere})"
        with raw_rows(connection, landed, shape, files) as rows:
            raw, value, depends_on_zone = raw_values(
                connection, rows, "occurred_at", what, f"{read} is not null", " limit 1000"
            ) or (None, None, False)
        if raw:
            yield f"{shape.table.name}: occurred_at {raw!r} is read as {value} UTC."
        if depends_on_zone and not shape.source.time_zone:
            without_zone.append(shape.table.name)
    if without_zone:
        yield (
            f"Times without a zone are taken as UTC ({', '.join(dict.fromkeys(without_zone))}). If a tool writes local time,"
            f" write its zone under the table in {FILE}, such as `time_zone: Europe/Berlin`."
        )


# event types that no signal matches

def seed(name: str, column: str, **where: str) -> list[str]:
    """The values of a column of a seed, in the rows that match `where`."""
    return [row[column] for row in seed_rows(name, **where)]


def seed_rows(name: str, **where: str) -> list[dict[str, str]]:
    """The rows of a seed that match `where`."""
    return [row for row in shipped_seed(name) if all(row.get(key) == value for key, value in where.items())]


def words(connection: duckdb.DuckDBPyConnection, sources: Sources, are_known: bool) -> Iterator[str]:
    """Event types that no active signal matches, both those in the contract and others."""
    for raw in read_contract():
        column = next((name for name in ("event_type", "activity_type") if name in raw.column_names), None)
        if not raw.channel or not column:
            continue
        signals = seed_rows("signals", channel=raw.channel, is_active="true")
        # an empty event type matches any, unless another match column is filled
        wanted = {row["event_type"] for row in signals if row["event_type"] or not any(row[column] for column in VALUE_COLUMNS)}
        of_table = {"source_table": raw.name, "column_name": column}
        meanings = {plain_word(row["word"]): row["means"] for row in seed_rows("event_words", **of_table)}
        found = connection.execute(
            f"select lower({column}), count(*) from {sources.relation(raw)} where landing_fault is null and {column} is not null"
            " group by 1 order by 2 desc, 1"
        ).fetchall()
        unwanted = [
            (meant in map(plain_word, raw.event_types), f"{word} ({count})") for word, count in found
            if (meant := plain_word(meanings.get(plain_word(word), word))) not in map(plain_word, wanted) and "" not in wanted
        ]
        shown = [text for is_known, text in unwanted if is_known is are_known]
        if shown:
            more = f" and {len(shown) - MAX_WORDS} more" if len(shown) > MAX_WORDS else ""
            known = "" if are_known else f" Signals match {', '.join(sorted(wanted))}. Other words for these are rows of seeds/event_words.csv."
            yield f"{raw.name}: no signal matches {', '.join(shown[:MAX_WORDS])}{more}.{known}"


# suggestions for landing.yml

def add_suggestions(connection: duckdb.DuckDBPyConnection, landed: Landed, found: Check) -> None:
    tables = {raw.name: raw for raw in read_contract()}
    for path in landed.listing.strangers:
        # a report begins with lines about the report
        for skipped in range(MAX_SKIPPED + 1 if kind_of(path) == CSV else 1):
            names = column_names(connection, path, tables, skipped)
            suggestion = suggest_table(tables, names, stem_and_ending(os.path.basename(path))[0]) if names else None
            if suggestion:
                add(found, os.path.basename(path), suggestion, skipped=skipped)
                break
    for file in landed.listing.files:
        if file.source is AS_FOUND and not file.table.vendor and not any(file in files for files in landed.shapes.values()):
            add(found, None, suggest(file.table, column_names(connection, file.path, tables)), os.path.basename(file.path))
    for shape, files in landed.shapes.items():
        if shape.source is AS_FOUND and not shape.table.vendor and shape.ignored:
            add(found, None, suggest(shape.table, [name for name, _ in shape.layout.columns]), os.path.basename(files[0].path))


def column_names(connection: duckdb.DuckDBPyConnection, path: str, tables: dict[str, Table], skipped: int = 0) -> list[str]:
    """The columns of any file, without the lines above its header; empty if it can't be read."""
    kind = kind_of(path)
    if not kind:
        return []
    # the separator that gives the most known columns of any table
    anything = Table("anything", tuple({column.name: column for raw in tables.values() for column in raw.columns}.values()))
    file = RawFile(anything, path, path, 0, "", Source(skip_lines=skipped))
    layout = parquet_layouts(connection, [path])[path] if kind == PARQUET else layout_of(connection, file)
    return [] if isinstance(layout, str) else [name for name, _ in layout.columns if name]


def add(found: Check, file: "str | None", suggestion: Suggestion, shown: "str | None" = None, skipped: int = 0) -> None:
    """Records a suggestion. `file` is a file that landing.yml must name; otherwise `shown` is the file it is about."""
    if not suggestion.columns and not file:
        return
    name = suggestion.table.name
    parts = {"files": file, "skip_lines": skipped, "columns": suggestion.columns, "constants": suggestion.constants}
    entry = {key: value for key, value in parts.items() if value}
    if entry not in found.settings.setdefault(name, []):
        found.settings[name].append(entry)
        looks = f"looks like {name} of a {suggestion.vendor}" if suggestion.vendor else f"looks like {name}"
        mapping = ", ".join(
            f"{column}: {value if isinstance(value, str) else ' + '.join(value)}" for column, value in suggestion.columns.items()
        )
        lacking = f" It lacks {', '.join(suggestion.lacking)}." if suggestion.lacking else ""
        remark = f" {suggestion.remark}" if suggestion.remark else ""
        found.problems.append(f"{file or shown} {looks}{f' ({mapping})' if mapping else ''}.{lacking}{remark}")
        # this note says it better
        found.faults = [
            fault for fault in found.faults
            if not (file and f"/{file} is not a raw table" in fault) and not fault.startswith(f"{name}: required")
        ]
        found.is_to_map |= bool(file)


def landing_yml(found: Check) -> str:
    """A first landing.yml. A person has to review its suggestions."""
    tables = {name: sources[0] if len(sources) == 1 else sources for name, sources in found.settings.items()}
    return (
        "# Suggested by `python -m engagement check --write`. Review it, correct it, and run the check again.\n"
        "# docs/your-data.md describes each key. Times that begin with a day or a month need `dates: day_first` or `dates: month_first`.\n"
        + yaml.safe_dump(tables, sort_keys=False, allow_unicode=True)
    )


# the command

def report(found: Check, folder: str, seconds: float, given_vars: "str | None" = None, is_to_write: bool = False) -> Iterator[str]:
    yield f"Checked {folder} in {seconds:.1f} s. Nothing was built."
    if found.tables:
        yield ""
        yield from table(found.tables, COLUMNS)
        if any(share for *_, share, _, _ in found.tables):
            yield ""
            yield "The share with an account is an estimate. A build also knows placeholders, shared hosts and merged records."
    for title, lines in (("Read as they are:", found.notes), ("Look at:", found.problems), ("To fix:", found.faults)):
        if lines:
            yield ""
            yield title
            yield from (f"  - {printable(line)}" for line in lines)
    yield ""
    yield from verdict(found, folder, f" VARS={shlex.quote(given_vars)}" if given_vars else "", is_to_write)


def verdict(found: Check, folder: str, build_options: str, is_to_write: bool) -> Iterator[str]:
    """The next step, and the last line."""
    if found.settings:
        # with --write, the line about the written file is the next step
        if not is_to_write:
            yield f"Next: python -m engagement check {shlex.quote(folder)} --write writes these suggestions to {folder}/{FILE}. Correct them there."
    elif found.faults:
        yield "Next: fix the first of these, and check again."
    elif not any(usable or "." in name for name, _, _, usable, *_ in found.tables if not name.startswith("crm_") or name == "crm_activities"):
        yield "Next: add a table of events, such as email_events or web_events. Without one, every score is 0."
    else:
        yield f"Next: RAW_DATA={shlex.quote(folder)} make build{build_options}"
    parts = [text for text, is_so in (
        (f"{FILE} must name the tables of some files", found.is_to_map), (f"{len(found.faults)} to fix", found.faults),
    ) if is_so]
    yield f"Not ready: {', '.join(parts)}." if parts else "Ready."


def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("check", __doc__)
    parser.add_argument("folder", nargs="?", help="the folder (default: env var RAW_DATA, or the sample)")
    parser.add_argument("--write", action="store_true", help=f"write the suggestions to {FILE} in the folder; an existing one is left alone")
    add_option(parser)
    options = parser.parse_args(argv)
    if current_target().kind != DUCKDB:
        raise BadUsage("Only DuckDB reads files, so only its target has files to check. Elsewhere the build says what is wrong with raw tables.")
    given = given_vars(options.vars)
    sources, most_unusable_share = sources_of(given), share_of(given, "most_unusable_share")
    folder = (options.folder or raw_data()).rstrip("/")
    began = time.monotonic()
    leave_read_only_project(in_project(""))
    with connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        found = check_folder(connection, folder, sources, most_unusable_share)
    print("\n".join(report(found, folder, time.monotonic() - began, options.vars, options.write)))
    if options.write:
        write_settings(found, Path(folder, FILE))
    return 0 if found.is_ready else FAILED


def write_settings(found: Check, file: Path) -> None:
    if file.exists():
        raise BadUsage(f"{file} exists and was left as it is. Move it away, or add to it by hand.")
    if not found.settings:
        raise BadUsage(f"There are no suggestions, so {file} was not written.")
    file.write_text(landing_yml(found), encoding="utf-8")
    print(f"Written: {file}. Review it, and check again.")
