"""One account in the terminal: found by whatever it is called, explained by rows that add up."""

import re

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import publish
from harness import environment


@pytest.fixture(scope="module")
def ask(built_sample, tmp_path_factory):
    """Runs a command on the published sample; its exit code and what it printed."""
    project = built_sample.copy(tmp_path_factory.mktemp("account"))
    with environment(ENGAGEMENT_DB=project.database):
        assert publish.main([]) == 0

    def run(capsys, command, *options):
        capsys.readouterr()
        with environment(ENGAGEMENT_DB=project.database):
            code = cli.run(command, list(options))
        printed = capsys.readouterr()
        return code, printed.out + printed.err
    run.project = project
    return run


def test_an_account_is_explained_by_rows_that_add_up_and_by_its_changes(ask, capsys):
    code, said = ask(capsys, "account", "acme")
    assert code == 0
    head, *rest = said.splitlines()
    assert head == "Acme Corp (id acme, acme.example): score 53, Very Hot since 2026-05-28, as of 2026-05-31"
    assert "Next:             Ask if the demo has been scheduled" in rest and "Change:           +40 in 7 days, +53 in 28 days" in rest
    points = [float(line.split()[0]) for line in rest if re.match(r" +-?\d+\.\d ", line)]
    assert sum(points[:-1]) == points[-1] == 53
    assert re.search(r"10\.0 +Demo requested +Ana Ruiz +1 +2026-05-28", said) and re.search(r"3\.0 +Email opened +Bo Lindqvist +3 ", said)
    assert re.search(r"2026-05-25 +13 +38 +\+25: Product page viewed \(5\); engaged people \+20 +Ana Ruiz", said)
    assert re.search(r"Ana Ruiz +Marketing Manager +manager +30 +2026-05-28", said)


def test_of_many_reasons_the_small_ones_are_one_row(ask, capsys):
    project = ask.project
    top, raw = project.query("select account_id, round(score_raw, 1) from account_scores order by score_raw desc limit 1")[0]
    code, said = ask(capsys, "account", top)
    points = [float(line.split()[0]) for line in said.splitlines() if re.match(r" *-?\d+\.\d ", line)]
    assert code == 0 and "smaller entries" in said and points[-1] == float(raw) and abs(sum(points[:-1]) - points[-1]) < 1


@pytest.mark.parametrize("given", ["acme", "ACME CORP", "Acme Corp", "acme.example", "https://www.acme.example/de?x=1", "https://www.acme.example?x=1",
                                   "ana@mail.acme.example", "cme cor"])
def test_an_account_is_found_by_name_id_domain_or_address(ask, capsys, given):
    assert ask(capsys, "account", *given.split())[1].startswith("Acme Corp (id acme")


def test_an_account_is_found_by_the_address_of_a_person_whatever_its_domain(ask, capsys):
    (email, account), = ask.project.query(
        "select min(people.email), min(people.account_id) from contact_scores as people join account_scores using (account_id)"
        " where people.email like '%@gmail.com' group by people.email having count(*) = 1 order by 1 limit 1"
    )
    assert f"(id {account}" in ask(capsys, "account", email.upper())[1].splitlines()[0]


def test_an_account_that_is_not_clear_is_asked_for(ask, capsys):
    code, said = ask(capsys, "account", "acm")
    assert code == 0 or "Give the id of one" in said
    code, said = ask(capsys, "account", "Acmee", "Corp")
    assert code == 2 and said.startswith("There is no account Acmee Corp. Is it one of these? Acme Corp (id acme, acme.example)")
    code, said = ask(capsys, "account", "Labs")
    assert code == 2 and re.match(r"\d+ accounts match Labs\. Give the id of one: .* and \d+ more", said)
    code, said = ask(capsys, "account", "\x1b[31m'; drop table x --")
    assert code == 2 and "\x1b" not in said
    with environment(ACCOUNT=""):
        assert ask(capsys, "account") == (2, "Name the account: make account NAME=acme\n")
    with environment(ACCOUNT="acme"):
        assert ask(capsys, "account")[0] == 0


def test_any_account_can_be_asked_for_by_its_id(ask, capsys):
    """Every tenth one, also without points, and customers."""
    ids = [account for account, in ask.project.query("select account_id from account_scores order by score_raw, account_id")][::10]
    ids += [account for account, in ask.project.query("select account_id from account_handoffs order by 1")][::10]
    for account in ids:
        code, said = ask(capsys, "account", account)
        assert code == 0 and f"(id {account}" in said.splitlines()[0], said
    (won,), *_ = ask.project.query("select account_id from account_handoffs order by 1")
    assert "won a deal on 20" in ask(capsys, "account", won)[1]


def test_scores_are_those_of_one_owner_where_one_is_asked_for(ask, capsys):
    owner, count = ask.project.query("select owner_email, count(*) from account_scores where owner_email is not null group by all order by all")[0]
    code, said = ask(capsys, "scores", "--owner", owner.upper(), "--limit", "3")
    assert code == 0 and len(said.split("\n\n")[0].splitlines()) == 2 + 3
    assert sum(map(int, re.findall(r"[a-z] (\d+)", said.split("\n\n")[1].split(". As of")[0], re.IGNORECASE))) == count
    for options in (["--owner", ""], ["--limit", "99999999999999999999"], ["--limit", "0"]):
        with pytest.raises(SystemExit) as ended:
            ask(capsys, "scores", *options)
        assert ended.value.code == 2
    code, said = ask(capsys, "scores", "--owner", owner[1:])
    assert code == 2 and said.startswith(f"No account has the owner {owner[1:]}. Owners: {owner},")


def test_changes_after_the_win_or_the_day_of_the_scores_are_not_told(ask, capsys):
    """The marts of a past day keep the journal of later days."""
    won, = ask.project.query("""
        select account_id from account_handoffs inner join score_changes using (account_id) group by 1
        having min(change_date) < '2026-05-20' and max(change_date) > '2026-05-20' order by 1
    """)[0]
    with duckdb.connect(str(ask.project.database.parent / "serving" / "marts.duckdb")) as marts:
        marts.execute("update account_handoffs set won_on = '2026-05-20' where account_id = ?", [won])
        marts.execute("update score_changes set change_date = '2026-06-03' where account_id = 'acme' and change_date = '2026-05-28'")
    for account, last in ((won, "2026-05-20"), ("acme", "2026-05-31")):
        days = re.findall(r"^(20\S+) +\d+ +\d+ ", ask(capsys, "account", account)[1], re.MULTILINE)
        assert days and max(days) <= last
