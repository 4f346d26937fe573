"""Shows the accounts with the highest engagement scores, from the published marts."""

import argparse
from collections.abc import Iterator

from engagement import warehouse
from engagement.console import command_parser, printable, table
from engagement.paths import BadUsage
from engagement.warehouse.mirror import Reader

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
        where contribution_type in ('signal', 'combination') and points >= 0.05
    ) as reasons
        on
            scores.account_id = reasons.account_id
            and scores.scoring_model = reasons.scoring_model
            and reasons.reason_rank = 1
    where lower(scores.owner_email) = lower(?) or ? is null
    order by round(scores.score_raw, 9) desc, scores.account_id
    limit ?
"""
ACCOUNTS_PER_BAND = """
    select bands.band, count(account_scores.account_id)
    from score_bands as bands
    left join account_scores
        on bands.band = account_scores.band and (lower(account_scores.owner_email) = lower(?) or ? is null)
    group by bands.band, bands.min_score
    order by bands.min_score desc
"""


def report(marts: Reader, limit: int, owner: "str | None" = None) -> Iterator[str]:
    """The lines to print: the top accounts, of one owner if given, then a summary."""
    rows = marts.execute(TOP_ACCOUNTS, [owner, owner, limit]).fetchall()
    if rows:
        yield from table(rows, COLUMNS)
    elif owner:
        raise unknown_owner(marts, owner)
    else:
        yield "No account has a score: the CRM has no account that is still a prospect."
    bands = ", ".join(f"{printable(band)} {count}" for band, count in marts.execute(ACCOUNTS_PER_BAND, [owner, owner]).fetchall())
    as_of, = marts.execute("select max(as_of_date) from account_scores").fetchone()
    rejected, = marts.execute("select count(*) from rejected_records").fetchone()
    yield ""
    yield f"Accounts per band: {bands}. As of {as_of or 'no date'}. Rejected source rows: {rejected}."


def unknown_owner(marts: Reader, given: str) -> BadUsage:
    """The error for an owner without accounts. It names owners, those with a similar spelling first."""
    owners = [owner for owner, in marts.execute(
        "select owner_email from account_scores where owner_email is not null group by owner_email"
        " order by jaro_winkler_similarity(lower(owner_email), lower(?)) desc, owner_email limit 5", [given]
    ).fetchall()]
    known = f"Owners: {', '.join(map(printable, owners))}." if owners else "No account has an owner."
    return BadUsage(f"No account has the owner {printable(given)}. {known}")


def owner_option(text: str) -> str:
    """An option --owner."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty. Name the email address of a sales owner, or leave the option out")
    return text


def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("scores", __doc__)
    parser.add_argument("--owner", type=owner_option, help="only the accounts of this sales owner, an email address")
    parser.add_argument("--limit", type=int, default=10, help="number of accounts (default: 10)")
    options = parser.parse_args(argv)
    if not 1 <= options.limit <= 1_000_000_000:
        parser.error("--limit must be 1 or more, and at most a billion")
    place = warehouse.current()
    with warehouse.opened_marts(place) as marts:
        print("\n".join(report(marts, options.limit, options.owner)))
    print(f"Marts: {place.place}")
    return 0
