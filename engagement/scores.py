"""Show the accounts with the highest engagement scores of the last build."""

import argparse
import sys
from collections.abc import Iterator

import duckdb

from engagement.console import printable, table
from engagement.paths import CommandError, database_file, opened

# title, widest width, aligned to the right?
COLUMNS = [
    ("Account", 28, False),
    ("Score", 12, True),
    ("7 days", 12, True),
    ("Band", 12, False),
    ("People", 6, True),
    ("Last engagement", 34, False),
    ("Main reason", 38, False),
]
TOP_ACCOUNTS = """
    select
        coalesce(scores.account_name, scores.account_id), scores.score,
        case when scores.score_change_7_days > 0 then '+' else '' end || scores.score_change_7_days,
        scores.band, scores.engaged_contacts, scores.last_engagement_label, reasons.label || ' +' || cast(reasons.points as decimal(18, 1))
    from account_scores as scores
    left join (
        -- what people did; how many they are stands beside it
        select *, row_number() over (partition by scoring_model, account_id order by contribution_rank) as reason_rank
        from score_contributions
        where contribution_type in ('signal', 'combination') and points > 0
    ) as reasons
        on
            scores.account_id = reasons.account_id
            and scores.scoring_model = reasons.scoring_model
            and reasons.reason_rank = 1
    order by scores.score_raw desc, scores.account_id
    limit ?
"""
ACCOUNTS_PER_BAND = """
    select bands.band, count(account_scores.account_id)
    from rules.score_bands as bands
    left join account_scores on bands.band = account_scores.band
    group by bands.band, bands.min_score
    order by bands.min_score desc
"""


def report(connection: duckdb.DuckDBPyConnection, limit: int) -> Iterator[str]:
    """The lines to print: the top accounts, then a summary."""
    rows = connection.execute(TOP_ACCOUNTS, [limit]).fetchall()
    if rows:
        yield from table(rows, COLUMNS)
    else:
        yield "No account has a score: the CRM has no account that is not a customer yet."
    bands = ", ".join(f"{printable(band)} {count}" for band, count in connection.execute(ACCOUNTS_PER_BAND).fetchall())
    as_of, = connection.execute("select max(as_of_date) from account_scores").fetchone()
    rejected, = connection.execute("select count(*) from rejected_records").fetchone()
    yield ""
    yield f"Accounts per band: {bands}. As of {as_of or 'no date'}. Rejected source rows: {rejected}."


def main(argv: "list[str] | None" = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m engagement scores", description=__doc__)
    parser.add_argument("--limit", type=int, default=10, help="how many accounts (default: 10)")
    options = parser.parse_args(argv)
    if options.limit < 1:
        parser.error("--limit must be 1 or more")
    sys.stdout.reconfigure(errors="replace")
    database = database_file()
    with opened(database) as connection:
        try:
            print("\n".join(report(connection, options.limit)))
        except duckdb.CatalogException:
            raise CommandError(f"{database} lacks tables that the list needs. Build the whole project with `make build`.") from None
    print(f"Database: {database}")
    return 0
