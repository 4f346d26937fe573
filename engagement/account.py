"""Shows one account: why it has its score, why that changed, and who is engaged. It reads the published marts.

Give the account's name or a part of it, its id, or one of its domains, web addresses or email addresses.
"""

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engagement import warehouse
from engagement.console import command_parser, printable, table
from engagement.paths import BadUsage
from engagement.warehouse.mirror import Reader, only

SUGGESTIONS = 10
ROWS = 15  # of each table
ACCOUNTS = """
    select account_id, coalesce(account_name, account_id), domain from account_scores
    union
    select account_id, coalesce(account_name, account_id), domain from account_handoffs
    order by all
"""
AT_ADDRESS = "select account_id from contact_scores where lower(email) = lower(?)"
SUMMARY = """
    select score, band, band_since, score_change_7_days, score_change_28_days, owner_email, next_action, last_engagement_label,
        last_sales_touch_label, case when open_opportunity_created_on is not null then coalesce(open_opportunity_stage, 'stage unknown') end,
        open_opportunity_amount_usd, score_raw, as_of_date
    from account_scores where account_id = ?
"""
# one row per person and kind of engagement; the rows add up to the score
REASONS = """
    select
        sum(ledger.points),
        case ledger.entry_type
            when 'cap' then 'Above its cap: ' when 'reset' then 'Reset: ' when 'silence' then 'Silence: ' else ''
        end || ledger.label,
        max(coalesce(people.full_name, people.email, ledger.person_id)) as person, sum(ledger.event_count), max(ledger.occurred_on)
    from score_ledger as ledger
    left join contact_scores as people on ledger.account_id = people.account_id and ledger.person_id = people.person_id
    where ledger.account_id = ? and ledger.scoring_model = (select max(scoring_model) from account_scores)
    group by ledger.label, ledger.entry_type, ledger.person_id
    order by abs(sum(ledger.points)) desc, ledger.label, person
"""
CHANGES = """
    select changes.change_date, changes.score_before, changes.score, changes.explanation,
        coalesce(people.full_name, people.email, changes.main_person_id)
    from score_changes as changes
    left join contact_scores as people
        on changes.account_id = people.account_id and changes.main_person_id = people.person_id
    where changes.account_id = ? and changes.change_date <= ?
    order by changes.change_date desc limit ?
"""
PEOPLE = """
    select coalesce(full_name, email, person_id), job_title, persona, score, last_engaged_on
    from contact_scores where account_id = ? and score_raw <> 0
    order by contact_rank limit ?
"""
HANDOFF = "select won_on, score_when_won, band_when_won from account_handoffs where account_id = ?"


@dataclass(frozen=True)
class Account:
    account_id: str
    name: str
    domain: "str | None"

    @property
    def words(self) -> set[str]:
        """Its name, id and domain."""
        return {word.casefold() for word in (self.account_id, self.name, self.domain) if word}

    def __str__(self) -> str:
        return printable(f"{self.name} ({', '.join(filter(None, (f'id {self.account_id}', self.domain)))})")


# which account

def find(accounts: list[Account], given: str, of_person: set[str] = frozenset()) -> Account:
    """The account that the text names. If it is ambiguous, stops with the possible accounts. `of_person` are the ids of accounts
    with a person at this address."""
    found = [account for account in accounts if account.account_id == given]
    found = found or [account for account in accounts if given.casefold() in account.words]
    found = found or [account for account in accounts if account.account_id in of_person]
    found = found or [account for account in accounts if account.domain and account.domain.casefold() in domains(given)]
    found = found or [account for account in accounts if given.casefold() in account.name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadUsage(f"{len(found)} accounts match {printable(given)}. Give the id of one: {listed(found)}")
    near = similar(accounts, given)
    hint = f"Is it one of these? {listed(near)}" if near else "`make scores` lists the top accounts."
    raise BadUsage(f"There is no account {printable(given)}. {hint}")


def domains(given: str) -> set[str]:
    """The possible domains in a web or email address: the host, and each domain above it."""
    host = re.split("[/?#]", given.casefold().split("://")[-1])[0].split("@")[-1].split(":")[0]
    parts = host.split(".")
    return {".".join(parts[start:]) for start in range(len(parts) - 1)}


def similar(accounts: list[Account], given: str) -> list[Account]:
    """The accounts with the most similar names, ids or domains, most similar first."""
    by_word: dict[str, list[Account]] = {}
    for account in accounts:
        # also each word of a name: "hospitl" is similar to "North Hospital Group"
        for word in {part for word in account.words for part in (word, *word.split())}:
            by_word.setdefault(word, []).append(account)
    words = difflib.get_close_matches(given.casefold(), by_word, n=SUGGESTIONS, cutoff=0.7)
    return list(dict.fromkeys(account for word in words for account in by_word[word]))


def listed(accounts: list[Account]) -> str:
    more = f" and {len(accounts) - SUGGESTIONS} more" if len(accounts) > SUGGESTIONS else ""
    return "; ".join(map(str, accounts[:SUGGESTIONS])) + more


# the lines about the account

def report(marts: Reader, account: Account) -> Iterator[str]:
    summary = marts.execute(SUMMARY, [account.account_id]).fetchone()
    if summary is None:
        last_day, score, band = marts.execute(HANDOFF, [account.account_id]).fetchone()
        yield handed_off(account, last_day, score, band)
    else:
        last_day = summary[-1]
        yield from today(account, *summary)
        yield ""
        yield from reasons(marts, account, summary[-2])
    changes = marts.execute(CHANGES, [account.account_id, last_day, ROWS]).fetchall()
    if changes:
        yield ""
        yield from table(changes, [("Changed on", 10, False), ("From", 5, True), ("To", 5, True), ("Why", 100, False), ("Most by", 30, False)])
    people = marts.execute(PEOPLE, [account.account_id, ROWS]).fetchall()
    if people:
        yield ""
        yield from table(people, [
            ("Who", 30, False), ("Title", 30, False), ("Persona", 20, False), ("Score", 6, True), ("Last engaged", 12, False),
        ])


def handed_off(account: Account, won_on: object, score: "int | None", band: "str | None") -> str:
    then = "" if score is None else f" Its score was {score}, {printable(band)}."
    return f"{account} won a deal on {won_on}, so it is no longer a prospect.{then}"


def today(
    account: Account, score: int, band: str, since: object, in_7_days: "int | None", in_28_days: "int | None", owner: "str | None",
    next_action: "str | None", engagement: "str | None", touch: "str | None", stage: "str | None", amount: object, raw: object, as_of: object,
) -> Iterator[str]:
    yield f"{account}: score {score}, {printable(band)}{f' since {since}' if since else ''}, as of {as_of}"
    changes = [f"{change:+} in {days} days" for change, days in ((in_7_days, 7), (in_28_days, 28)) if change is not None]
    facts = [
        ("Change", ", ".join(changes)), ("Owner", owner), ("Last engagement", engagement), ("Last sales touch", touch),
        ("Open opportunity", stage and f"{stage}{'' if amount is None else f', {amount:,.0f} USD'}"), ("Next", next_action),
    ]
    for name, fact in facts:
        if fact:
            yield f"{name + ':':18}{printable(fact)}"


def reasons(marts: Reader, account: Account, score_raw: object) -> Iterator[str]:
    """The entries that add up to the score."""
    rows = marts.execute(REASONS, [account.account_id]).fetchall()
    if not rows:
        yield "Nothing adds to its score: no one has done anything that earns points and still counts."
        return
    shown, rest = rows[:ROWS], rows[ROWS:]
    lines = [(f"{points:.1f}", *others) for points, *others in shown]
    if rest:
        lines.append((f"{sum(points for points, *_ in rest):.1f}", f"{len(rest)} smaller entries", "", "", ""))
    lines.append((f"{score_raw:.1f}", "together", "", "", ""))
    yield from table(lines, [("Points", 8, True), ("For", 60, False), ("Who", 30, False), ("Times", 5, True), ("Last on", 10, False)])


# the command line

def main(argv: "list[str] | None" = None) -> int:
    parser = command_parser("account", __doc__)
    parser.add_argument("name", nargs="*", help="the account; or set env var ACCOUNT")
    warehouse.add_marts_option(parser)
    options = parser.parse_args(argv)
    given = (" ".join(options.name) or os.environ.get("ACCOUNT") or "").strip()
    if not given:
        raise BadUsage("Name the account: make account NAME=acme")
    with warehouse.opened_marts(warehouse.current(), options.marts) as marts:
        of_person = {account for account, in marts.execute(AT_ADDRESS, [given]).fetchall()}
        account = find([Account(*row) for row in marts.execute(ACCOUNTS).fetchall()], given, of_person)
        with only(marts, "account_id", account.account_id):
            print("\n".join(report(marts, account)))
    return 0
