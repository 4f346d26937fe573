#!/usr/bin/env python3
"""Print the accounts with the highest engagement scores of a build on DuckDB, as a table to read in a terminal."""

import argparse
import sys
import unicodedata
from pathlib import Path

import duckdb

from warehouse import database_file

# marks that change the direction of the text after them; letters that are written from the right do not
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
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

# The main reason is what people did: how many they are stands beside it.
TOP_ACCOUNTS = """
    select
        coalesce(scores.account_name, scores.account_id), scores.score,
        case when scores.score_change_7_days > 0 then '+' else '' end || scores.score_change_7_days,
        scores.band, scores.engaged_contacts, scores.last_engagement_label, reasons.label || ' +' || cast(reasons.points as decimal(18, 1))
    from account_scores as scores
    left join (
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


def char_width(char):
    """Columns a character takes in a terminal: 0, 1 or 2."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def text_width(text):
    return sum(map(char_width, text))


def printable(value):
    """A value as one line of text that can neither move the cursor nor turn the rest of the line around."""
    text = "-" if value is None else str(value)
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(char) in TURNS else char
        for char in text
    )


def fit(text, width):
    """The text, cut off with an ellipsis if it is wider than `width`."""
    if text_width(text) <= width:
        return text
    kept = ""
    for char in text:
        if text_width(kept + char) > width - 1:
            break
        kept += char
    return kept + "…"


def table(rows, columns=COLUMNS):
    """The lines of a table, each column as wide as its widest cell."""
    cells = [[fit(printable(value), widest) for value, (_, widest, _) in zip(row, columns)] for row in rows]
    titles = [title for title, _, _ in columns]
    widths = [max(map(text_width, column)) for column in zip(titles, *cells)]
    for line in [titles, ["-" * width for width in widths], *cells]:
        padded = []
        for text, width, (_, _, to_the_right) in zip(line, widths, columns):
            space = " " * (width - text_width(text))
            padded.append(space + text if to_the_right else text + space)
        yield "  ".join(padded).rstrip()


def report(connection, limit):
    """The lines to print, but for the last."""
    rows = connection.execute(TOP_ACCOUNTS, [limit]).fetchall()
    if rows:
        yield from table(rows)
    else:
        yield "No account has a score: the CRM has no account that is not a customer yet."
    bands = ", ".join(f"{printable(band)} {count}" for band, count in connection.execute(ACCOUNTS_PER_BAND).fetchall())
    as_of, = connection.execute("select max(as_of_date) from account_scores").fetchone()
    rejected, = connection.execute("select count(*) from rejected_records").fetchone()
    yield ""
    yield f"Accounts per band: {bands}. As of {as_of or 'no date'}. Rejected source rows: {rejected}."


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database", type=Path, default=database_file(),
        help="the DuckDB file (default: env var ENGAGEMENT_DB, else build/engagement.duckdb)",
    )
    parser.add_argument("--limit", type=int, default=10, help="how many accounts (default: 10)")
    arguments = parser.parse_args()
    if arguments.limit < 1:
        parser.error("--limit must be 1 or more")

    sys.stdout.reconfigure(errors="replace")
    if not arguments.database.is_file():
        return f"There is no database {arguments.database}. Run `make build` first, or say where it is with --database."
    try:
        with duckdb.connect(str(arguments.database), read_only=True) as connection:
            lines = list(report(connection, arguments.limit))
    except duckdb.CatalogException:
        return f"{arguments.database} lacks tables that the list needs. Build the whole project with `make build`."
    except duckdb.Error as error:
        return f"{arguments.database} cannot be read: {error}"
    print("\n".join(lines))
    print(f"Database: {arguments.database.resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
