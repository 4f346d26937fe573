"""How far the raw data got in the last build: rows, used, with an account, scoring, and what to look at first."""

from collections.abc import Iterator
from itertools import groupby

import duckdb

from engagement.console import printable, table
from engagement.landing.contract import read_contract
from engagement.paths import quoted
from engagement.warehouse.mirror import Reader, run

COLUMNS = [
    ("Source", 18, False), ("Rows", 12, True), ("Used", 12, True), ("Rejected", 12, True), ("With account", 12, True),
    ("Scoring", 12, True), ("Look at", 110, False),
]
LONGEST_VALUE = 40  # characters shown of a value
# events that are a signal, without repeats, by channel; an identified visitor's event has two rows
SCORING = "select channel, count(distinct event_key) from intermediate.int_signal_events where not is_repeat group by channel"
# one row per raw table with rows, and its most serious finding
ROWS = """
    with scoring as (
        select unnest(?) as source_table, unnest(?) as scoring_rows
    ),
    rejected as (
        select source_table, rejection_reason, count(*) as rows
        from rejected_records group by source_table, rejection_reason
        qualify row_number() over (partition by source_table order by count(*) desc, rejection_reason) = 1
    ),
    unmatched as (
        select source_table, reason, sum(rows) as rows
        from (
            select source_table, reason, event_count as rows from unmatched_engagement
            union all
            select source_table, reason, 1 as rows from unusable_values where column_name = 'account_id'
        )
        group by source_table, reason
        qualify row_number() over (partition by source_table order by sum(rows) desc, reason) = 1
    )
    select
        coverage.source_table, coverage.raw_rows, coverage.staged_rows, coverage.rejected_rows, coverage.matched_rows,
        case when coverage.machine_rows is not null then coalesce(scoring.scoring_rows, 0) end,
        case
            when coverage.unusable_rows > 0 then rejected.rows || ' rejected: ' || rejected.rejection_reason
            when coverage.unreadable_values > 0 then coverage.unreadable_values || ' unreadable, left empty'
            when coverage.days_late > coverage.allowed_days_late then coverage.days_late || ' days late'
            when coverage.unmatched_rows * 2 > coverage.staged_rows then without_account
            when coverage.machine_rows is not null and scoring.scoring_rows is null then 'no event scores: see unmapped_events'
            when coverage.unmatched_rows > 0 then without_account
            else ''
        end
    from (
        select
            source_coverage.*,
            coalesce(unmatched.rows || ' without account: ' || unmatched.reason, unmatched_rows || ' without account') as without_account
        from source_coverage left join unmatched on source_coverage.source_table = unmatched.source_table
    ) as coverage
    left join scoring on coverage.source_table = scoring.source_table
    left join rejected on coverage.source_table = rejected.source_table
    where coverage.raw_rows > 0
    order by coverage.source_table
"""
# one row per vendor and table with files: how many rows they brought
VENDOR_TABLES = """
    select split_part(source_table, '.', 1), split_part(source_table, '.', 2), sum(row_count)
    from landing.files where source_table like '%.%' group by 1, 2 order by 1, 2
"""
# one row per kind of value that wasn't understood: how many, and examples
NOT_UNDERSTOOD = """
    with found as (
        select kind, word as value from unmapped_events
        where kind in ('event type', 'outcome', 'opportunity stage', 'lifecycle stage')
        union
        select column_name as kind, value from unusable_values
        union
        select 'key with two contents' as kind, source_table || ' ' || record_key as value from rejected_records
        where rejection_reason like 'two rows of one load have the same % and differ%'
    )
    select kind, count(*), array_agg(value order by value)[:3] from found group by kind order by kind
"""
# one row per fit rule that no account meets: its name, its condition and its attribute
UNMET_FIT_RULES = """
    select fit_rule, attribute || ' ' || replace(operator, '_', ' ') || ' ' || value, attribute
    from rules.fit_rules
    where fit_rule not in (select fit_rule from intermediate.int_met_fit_rules)
    order by fit_rule
"""
MOST_RULES = 5


def report(reader: Reader) -> Iterator[str]:
    """The lines to print: a table of the sources, a line per vendor, and a line of what wasn't understood, if anything."""
    tables = {raw.channel: raw.name for raw in read_contract() if raw.is_event}
    scoring = {tables[channel]: events for channel, events in run(reader, SCORING) if channel in tables}
    rows = reader.execute(ROWS, [list(scoring), list(scoring.values())]).fetchall()
    if rows:
        yield from table(([*row[:4], *("" if value is None else value for value in row[4:])] for row in rows), COLUMNS)
    yield from vendors(reader)
    words = [
        f"{kind} {', '.join(map(short, values))}{f' and {count - len(values)} more' if count > len(values) else ''}"
        for kind, count, values in reader.execute(NOT_UNDERSTOOD).fetchall()
    ]
    if words:
        yield ""
        yield f"Not understood: {printable('; '.join(words))}. See unmapped_events, unusable_values and rejected_records."
    yield from unmet_fit_rules(reader)


def unmet_fit_rules(reader: Reader) -> Iterator[str]:
    """One line of the fit rules that no account meets, with the CRM's values: often it is another spelling."""
    rules = reader.execute(UNMET_FIT_RULES).fetchall()
    if not rules:
        return
    texts = []
    for name, asks, attribute in rules[:MOST_RULES]:
        values = ", ".join(short(value) for value, in reader.execute(
            f"select cast({quoted(attribute)} as varchar) as value from intermediate.int_accounts where value is not null"
            " group by value order by count(*) desc, value limit 3"
        ).fetchall())
        texts.append(f"{name} ({asks}; accounts have {values or 'no value there'})")
    more = f" and {len(rules) - MOST_RULES} more" if len(rules) > MOST_RULES else ""
    yield ""
    yield f"Fit rules that no account meets: {printable('; '.join(texts))}{more}. See seeds/fit_rules.csv."


def vendors(reader: Reader) -> Iterator[str]:
    """The rows of each vendor's tables. A row can become no event, account or person, or several."""
    try:
        rows = reader.execute(VENDOR_TABLES).fetchall()
    except duckdb.CatalogException:
        return  # without landing
    if rows:
        yield ""
    for vendor, tables in groupby(rows, key=lambda row: row[0]):
        yield f"Rows of {vendor}: {', '.join(f'{name} {count}' for _, name, count in tables)}."


def short(value: "str | None") -> str:
    return "(empty)" if not value else value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}..."
