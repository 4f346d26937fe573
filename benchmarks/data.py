"""The raw tables of a benchmark: an invented company of any size, in parts that are loaded one after the other.

`base` is everything loaded before the last two days. `day` was loaded on the first of them. `late_day` was loaded on the
last one, with what a real morning brings: events from 10 to 60 days before, corrected records, merged contacts, and newly
identified visitors.
"""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys

import duckdb

END = dt.date(2026, 5, 31)
PARTS = ("base", "day", "late_day")


def make(folder, *, events, accounts, contacts, days):
    """Writes the parts to `folder`, unless they exist."""
    size = {"events": events, "accounts": accounts, "contacts": contacts, "days": days}
    made = folder / "made.json"
    if made.is_file() and json.loads(made.read_text()) == size:
        return
    shutil.rmtree(folder, ignore_errors=True)
    generate(folder, size)
    split(folder, size["events"], size["contacts"])
    shutil.rmtree(folder / "all")
    made.write_text(json.dumps(size))


def generate(folder, size):
    """`all`: every raw table as one folder of Parquet files."""
    numbers = [text for name, number in size.items() for text in (f"--{name}", str(number))]
    subprocess.run(
        [sys.executable, "-m", "sample.generate", "--out", folder / "all", "--format", "parquet", "--end", str(END), *numbers],
        check=True, stderr=subprocess.DEVNULL,
    )


def split(folder, events, contacts):
    """Splits `all` by the time of loading, and adds late rows to the last day."""
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        for table in sorted(path.name for path in (folder / "all").iterdir()):
            source = f"'{folder}/all/{table}/*.parquet'"
            parts = {
                "base": f"from {source} where loaded_at < date '{END}' - 1",
                "day": f"from {source} where loaded_at >= date '{END}' - 1 and loaded_at < date '{END}'",
                "late_day": late_day(table, source, events, contacts),
            }
            for part, select in parts.items():
                (folder / part / table).mkdir(parents=True)
                connection.execute(f"copy ({select}) to '{folder}/{part}/{table}/{part}.parquet' (format parquet)")


def key_of(table):
    return "activity_id" if table == "crm_activities" else "event_id"


def late_day(table, source, events, contacts):
    """The rows of one table that are loaded on the last day."""
    loaded = f"from {source} where loaded_at >= date '{END}'"
    now = f"timestamp '{END} 23:00:00'"
    if table == "crm_contacts":
        # a few contacts are merged into the first one of their account
        return f"""
            {loaded}
            union all
            select * replace (regexp_replace(contact_id, '-.*', '-0') as merged_into_contact_id, {now} as loaded_at)
            from (from {source} where contact_id not like '%-0' order by hash(contact_id) limit {contacts // 10000 + 3})"""
    if table in ("crm_accounts", "account_domains", "crm_opportunities"):
        return loaded
    key = key_of(table)
    late = f"""
        select * replace (
            case when hash({key}) % 20 = 0 then occurred_at - to_days((10 + hash({key}) % 51)::int) else occurred_at end
                as occurred_at
        )
        {loaded}"""
    if table != "web_events":
        return late
    return f"""
        {late}
        union all
        -- a page that was recorded wrongly
        select * replace ('https://www.seller.example/pricing' as page_url, {now} as loaded_at)
        from (
            from {source} where loaded_at < date '{END}' and occurred_at >= date '{END}' - 60
            order by hash(event_id) limit {events // 50000 + 5}
        )
        union all by name
        -- V12-3-0 is a browser of person 3 of company 13
        select
            'identified-' || visitor_id as event_id, visitor_id,
            'person' || split_part(visitor_id, '-', 2) || '@company' || split_part(visitor_id[2:], '-', 1)::int + 1
                || '.example' as email,
            'identify' as event_type, {now} as occurred_at, {now} as loaded_at
        from (
            select visitor_id from {source} group by visitor_id having count(email) = 0
            order by hash(visitor_id) limit {events // 500000 + 5}
        )"""


def lay_out(raw, data, *parts):
    """Fills `raw` with links to the files of the parts; without parts, with one row of each table."""
    shutil.rmtree(raw, ignore_errors=True)
    for folder in sorted((data / "base").iterdir()):
        (raw / folder.name).mkdir(parents=True)
        for part in parts:
            file = data / part / folder.name / f"{part}.parquet"
            os.link(file, raw / folder.name / file.name)
        if not parts:
            # rows of one account, so that it has a score
            rows = f"'{folder}/*.parquet'"
            columns = [name for name, *_ in duckdb.execute(f"describe from {rows}").fetchall()]
            account = f"(select min(account_id) from '{folder.parent}/crm_activities/*.parquet')"
            chosen = f"where account_id = {account}" if "account_id" in columns else ""
            duckdb.execute(f"copy (from {rows} {chosen} limit 1) to '{raw / folder.name}/one.parquet' (format parquet)")
