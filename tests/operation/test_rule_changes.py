"""Changed rules: what a publication says of them, when it is held, and what the journals keep of one that was held."""

import datetime as dt
import shutil

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import build, forget, journals, paths, publish, rules, warehouse
from engagement.privacy import keyed_hash
from engagement.seeds import check_seeds
from harness import ROOT
from pages import missing, output
from small_warehouse import TODAY, place, write_warehouse

YESTERDAY = TODAY - dt.timedelta(days=1)
BANDS = {"Cold": 0, "Warm": 11, "Hot": 26}
SIGNALS = {"pricing_page": 10, "email_open": 1}


def write_build(file, number, bands, *, as_of=TODAY, signals=SIGNALS, score_bands=BANDS, primary="m", history=None, prospects=None, seeds=""):
    """What a build has left: `bands` is {account: band} on the as-of date; `history` more days {day: {account: band}}; the rules
    are those that `signals`, `score_bands` and the SQL `seeds` say."""
    write_warehouse(file, number, as_of=as_of)
    scores = [f"('{account}', '{band}', '{primary}', date '{as_of}')" for account, band in bands.items() if prospects is None or account in prospects]
    days = {as_of: bands} | (history or {})
    rows = [f"('{account}', '{band}', '{primary}', date '{day}')" for day, found in days.items() for account, band in found.items()]
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"""
            create or replace table account_scores as
            select {number} as number, *, account_id as account_name, 1 as score, 1 as score_change_7_days, 2 as engaged_contacts, 1 as score_raw,
                'Call' as last_engagement_label, 'rep' as owner_email
            from (values {', '.join(scores)}) as scores (account_id, band, scoring_model, as_of_date);
            create table account_score_history as
            select * from (values {', '.join(rows)}) as history (account_id, band, scoring_model, score_date);
            insert into runs.mart_columns values ('main', 'account_score_history', null, 'History', null);
            create or replace table rules.score_bands as
            select * from (values {', '.join(f"('{band}', {least})" for band, least in score_bands.items())}) as bands (band, min_score);
            create table rules.signals as
            select signal, cast(points as decimal(18, 6)) as points
            from (values {', '.join(f"('{signal}', {points})" for signal, points in signals.items())}) as signals (signal, points);
            create table rules.scoring_models as select '{primary}' as scoring_model, true as is_primary;
            {seeds}
        """)
        # as the model does it, but in a few words
        tables = [name for name, in connection.execute("select table_name from duckdb_tables() where schema_name = 'rules'").fetchall()]
        content = [connection.execute(f"select * from rules.{name} order by all").fetchall() for name in sorted(tables)]
        connection.execute("create or replace table intermediate.int_config_version as select md5(?) as config_version", [str(content)])


def accounts(cold, warm, hot=0):
    """{account: band}, the coldest first."""
    names = [f"a{number:02}" for number in range(cold + warm + hot)]
    return dict(zip(names, ["Cold"] * cold + ["Warm"] * warm + ["Hot"] * hot))


@pytest.fixture
def published(small_database, serving, monkeypatch, capsys):
    """Call it to publish a first build, of ten cold and ten warm accounts. It returns a function that publishes the next one:
    exit code, and what it says."""
    monkeypatch.setattr(build, "enter_project", lambda: None)

    def second(bands, *options, **state):
        write_build(small_database, 2, bands, **state)
        code = publish.main(list(options))
        output = capsys.readouterr()
        return code, output.out + output.err

    def first(**state):
        shutil.rmtree(serving, ignore_errors=True)
        write_build(small_database, 1, **{"bands": accounts(10, 10), **state})
        assert publish.main([]) == 0
        output = capsys.readouterr()
        assert "Rules changed" not in output.out + output.err
        return second
    return first


DEARER = SIGNALS | {"pricing_page": 15}


def test_a_change_that_moves_many_is_held_until_it_is_confirmed(published, small_database, serving, capsys):
    publish_next = published()
    code, said = publish_next(accounts(4, 16), signals=DEARER)
    assert code == paths.HELD and said == (
        "Not published. Rules changed: pricing_page points 10 -> 15. 6 of 20 accounts changed their band, more than 25 % of the 16 above"
        " the lowest band. Look with `make what-if`, then confirm with `make publish ARGS=--yes`, or put the rules back and build again.\n"
    )
    with place(serving).opened_marts() as marts:
        assert marts.execute("select max(number) from account_scores").fetchone() == (1,)
    assert publish.main(["--yes"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first == "Rules changed: pricing_page points 10 -> 15. 6 of 20 accounts changed their band." and last.startswith("Published version")
    # the same rules again, and new data that move everybody
    code, said = publish_next(accounts(20, 0), signals=DEARER)
    assert code == 0 and "Rules changed" not in said


def test_a_small_change_is_published_with_one_line(published):
    code, said = published()(accounts(9, 11), signals=DEARER)
    assert code == 0 and said.startswith("Rules changed: pricing_page points 10 -> 15. 1 of 20 accounts changed its band.\nPublished version")


def test_new_data_alone_never_hold_a_publication(published):
    code, said = published()(accounts(20, 0))
    assert code == 0 and "Rules changed" not in said


def test_what_happened_since_the_published_day_is_not_the_rules(published):
    """Everybody has become warm today; on the day that both versions know, the rules have moved one."""
    bands = accounts(10, 10)
    code, said = published(as_of=YESTERDAY)(accounts(0, 20), signals=DEARER, history={YESTERDAY: accounts(9, 11)})
    assert code == 0 and "1 of 20 accounts changed its band." in said
    # and a build as of a day before the published one
    code, said = published(history={YESTERDAY: bands})(accounts(9, 11), signals=DEARER, as_of=YESTERDAY)
    assert code == 0 and "1 of 20 accounts changed its band." in said


def test_without_a_common_day_nothing_is_held(published):
    code, said = published(as_of=YESTERDAY)(accounts(0, 20), signals=DEARER)
    assert code == 0 and "0 of 0 accounts changed their band." in said


def test_a_renamed_band_moves_nobody_and_another_bound_does(published):
    renamed = {"Cold": 0, "Lukewarm": 11, "Hot": 26}
    code, said = published()({name: band.replace("Warm", "Lukewarm") for name, band in accounts(10, 10).items()}, score_bands=renamed)
    assert code == 0 and "Rules changed: Lukewarm added to score_bands, Warm removed from score_bands. 0 of 20 accounts" in said
    code, said = published()(accounts(4, 16), score_bands=BANDS | {"Warm": 5})
    assert code == paths.HELD and "score_bands Warm min_score 11 -> 5. 6 of 20" in said


def test_a_scoring_model_that_nobody_is_shown_moves_nobody(published):
    another = "insert into rules.scoring_models values ('fitted', false);"
    code, said = published()(accounts(10, 10), seeds=another)
    assert code == 0 and "Rules changed: fitted added to scoring_models. 0 of 20 accounts" in said
    code, said = published()(accounts(0, 20), primary="other")
    assert code == paths.HELD and "other added to scoring_models, m removed from scoring_models. 10 of 20" in said


def test_accounts_that_the_rules_take_from_the_prospects_count(published):
    bands = accounts(10, 10)
    left = [name for name in bands if name < "a14"]
    stages = "create table rules.lifecycle_stages as select 'lead' as stage, 'customer' as lifecycle;"
    code, said = published()(bands, prospects=left, seeds=stages)
    assert code == paths.HELD and "6 of 20 accounts changed their band (6 of them are no longer prospects)" in said
    code, said = published()(bands, prospects=[name for name in bands if name != "a00"], seeds=stages)
    assert "1 of 20 accounts changed its band (1 of them is no longer a prospect)" in said
    # who has won a deal leaves without any rule
    code, said = published()(bands, prospects=left, signals=DEARER)
    assert code == 0 and "0 of 20 accounts changed their band." in said


def test_a_version_of_an_older_release_is_compared_as_far_as_it_goes(published, serving, small_database):
    publish_next = published()
    file = (serving / "marts.duckdb").resolve()
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("drop table scoring_rules")
    code, said = publish_next(accounts(9, 11), signals=DEARER)
    assert code == 0 and said.startswith("Rules changed: the published version does not record them. 1 of 20 accounts changed its band.")


def test_a_build_that_is_held_says_so_in_its_last_line_and_in_the_run_log(published, small_database, monkeypatch, capsys):
    published()
    monkeypatch.setattr(build, "check_rules", lambda report: {})
    monkeypatch.setattr(build, "build_database", lambda *arguments: write_build(small_database, 2, accounts(4, 16), signals=DEARER))
    assert build.main([]) == paths.HELD
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Built 7 marts as of 2026-05-31. Not published. Rules changed: pricing_page points 10 -> 15. 6 of 20 accounts")
    assert "Readers keep version" in last
    assert build.main(["--yes", "--no-dashboard"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "Rules changed: pricing_page points 10 -> 15. 6 of 20 accounts changed their band." in lines
    held, done = (small_database.parent / "runs.jsonl").read_text().splitlines()
    assert '"status": "held", "exit_code": 5' in held and '"rules_changed": "Rules changed: pricing_page' in done


# in words

def test_changes_are_told_in_the_order_of_the_seeds_and_in_short():
    before = {
        ("signals", "a"): {"signal": "a", "signal_tier": "1", "label": "A"}, ("signals", "b"): {"signal": "b", "points": "3", "max_points": "9"},
        ("signal_tiers", "1"): {"signal_tier": "1", "points": "10"}, ("event_words", "x"): {"word": "x"},
    }
    after = {
        ("signals", "a"): {"signal": "a", "signal_tier": "1", "points": "15", "label": "A" * 40}, ("signals", "b"): {"signal": "b", "points": "3"},
        ("signal_tiers", "1"): {"signal_tier": "1", "points": "8"}, **{("event_words", word): {"word": word} for word in "pqr"},
    }
    changes = rules.sentences(before, after)
    assert changes == [
        "a label changed", "a points 10 -> 15", "b max_points 9 -> empty", "signal_tiers 1 points 10 -> 8",
        "3 rows added to event_words", "x removed from event_words",
    ]
    assert rules.in_short(changes).endswith("signal_tiers 1 points 10 -> 8 and 2 more")
    # a tier's points are those of its signals, but the change is told once
    assert rules.sentences(before, before | {("signal_tiers", "1"): {"signal_tier": "1", "points": "8"}}) == ["signal_tiers 1 points 10 -> 8"]


# the journals

def journal(connection, schema="main"):
    return [connection.execute(f"from {schema}.{name} order by all").fetchall() for name in journals.JOURNALS]


@pytest.fixture
def database(published, small_database):
    """A connection to a database with journals of 1, of which a version is published."""
    published()
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("create or replace table score_alerts as select 1 as n; create table score_changes as select 1 as n; create table published_scores as select 1 as n")
        yield connection


def test_what_a_build_with_changed_rules_wrote_is_taken_back_unless_it_was_published(database):
    with duckdb.connect() as reader:
        version = warehouse.current().published(reader)
        same = rules.rules_of_version(reader)
    changed = same | {("signals", "new"): {"signal": "new"}}

    def builds(by, config_version):
        journals.keep_or_take_back(database, warehouse.current(), by)
        for name in journals.JOURNALS:
            database.execute(f"insert into {name} select max(n) + 1 from {name}")
        database.execute("update intermediate.int_config_version set config_version = ?", [config_version])
        database.execute("update runs.last_build set invocation_id = 'not published'")
        return journal(database)

    one, two, three = ([[(n,) for n in range(1, last + 1)]] * 3 for last in (1, 2, 3))
    assert builds(same, version.config_version) == two and not journals.tables(database, "held")
    # never published, and built again, also as of the next night: as if the first had not been
    assert builds(changed, "other") == three and journal(database, "held") == two
    assert builds(changed, "other") == three and builds(changed, "third") == three
    # the rules are put back, and that is published
    assert builds(same, version.config_version) == three and journal(database, "held") == two
    assert len(builds(same, version.config_version)[0]) == 4 and not journals.tables(database, "held")


@pytest.mark.parametrize("state", [
    # confirmed, and a part of the project was built since
    "drop table runs.last_build",
    # confirmed, and the link was set back to an older version since
    "update intermediate.int_config_version set config_version = 'others'",
])
def test_what_was_published_stays_in_the_journals(database, state):
    with duckdb.connect() as reader:
        warehouse.current().published(reader)
        same = rules.rules_of_version(reader)
    journals.keep_or_take_back(database, warehouse.current(), same | {("signals", "new"): {"signal": "new"}})
    # the build of the fixture is the published one
    database.execute(f"insert into score_alerts values (2); {state}")
    journals.keep_or_take_back(database, warehouse.current(), same)
    assert database.execute("select count(*) from score_alerts").fetchone() == (2,) and not journals.tables(database, "held")


@pytest.mark.parametrize("lost", ["raw_rows = 0", "unusable_rows = 9", "matched_rows = 0"])
def test_a_build_that_lost_data_leaves_no_trace(database, published, small_database, monkeypatch, capsys, lost):
    """Its scores fell, which readers never saw, and rise again in the next build."""
    for name in journals.JOURNALS:
        database.execute(f"create or replace table {name} as select 1 as number, 'said' as alert_id, 1 as added_since")
    database.execute("insert into runs.mart_columns select 'main', unnest(?), null, 'Journal', null", [["score_changes", "published_scores"]])
    database.execute("update runs.last_build set invocation_id = 'good'")
    database.close()
    assert publish.main([]) == 0

    def build_of_night(*arguments):
        with duckdb.connect(str(small_database)) as connection:
            connection.execute(f"update runs.last_build set invocation_id = 'bad'; update source_coverage set {lost}")
            for name in journals.JOURNALS:
                connection.execute(f"update {name} set alert_id = 'wrong'; insert into {name} values (2, 'wrong', 2)")

    monkeypatch.setattr(build, "build_database", build_of_night)
    assert build.main(["--no-dashboard"]) == (paths.LATE if lost == "raw_rows = 0" else paths.FAILED)
    with duckdb.connect(str(small_database), read_only=True) as connection:
        assert journal(connection) == [[(1, "said", 1)]] * 3
    # one that is late keeps its rows: they are true
    monkeypatch.setattr(build, "build_database", lambda *arguments: None)
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("update source_coverage set raw_rows = 10, unusable_rows = 3, matched_rows = 1, days_late = 9")
        connection.execute("insert into score_alerts values (3, 'true', 3)")
    assert build.main(["--no-dashboard"]) == paths.LATE
    with duckdb.connect(str(small_database), read_only=True) as connection:
        assert connection.execute("select count(*) from score_alerts").fetchone() == (2,)


def test_the_copies_forget_people_as_the_journals_do(small_database):
    key = "k" * 32
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("create schema held; create table held.score_changes as select 1 as n, 'ana@acme.com' as main_person_id union select 2, 'bo@acme.com'")
        forget.clear_journals(connection, {keyed_hash(key, "ana@acme.com", "forget")}, key)
        assert connection.execute("select main_person_id from held.score_changes order by n").fetchall() == [(None,), ("bo@acme.com",)]


def test_without_journals_or_a_publication_nothing_is_kept(small_database):
    with duckdb.connect(str(small_database)) as connection:
        journals.keep_or_take_back(connection, warehouse.current(), {})
        assert not journals.tables(connection, "held")


# with the real dbt

def test_an_accident_with_a_seed_leaves_no_trace(built_sample, tmp_path, capsys):
    """A look-back of 2 days makes everybody cold: nothing is published, and put back, it was never there."""
    project = built_sample.copy(tmp_path / "project")
    shipped = project.seed("scoring_models")

    def run(command, *options):
        with project.here():
            return cli.run(command, list(options))

    def journals_of_build():
        with duckdb.connect(str(project.database), read_only=True) as connection:
            return journal(connection), rules.rules_of_build(connection)

    assert run("publish") == 0
    before, of_build = journals_of_build()
    # what is published are the seeds as they stand in the files
    assert of_build == rules.rules_of_files(check_seeds(ROOT / "seeds").tables)
    project.write_seed("scoring_models", [{**shipped[0], "lookback_days": "2"}, *shipped[1:]])
    assert run("build", "--no-dashboard") == paths.HELD
    assert missing(output("docs/rules.md", "Built "), capsys.readouterr().out) == []
    assert journals_of_build()[0] != before
    project.write_seed("scoring_models", shipped)
    assert run("build", "--no-dashboard") == 0
    assert "Rules changed" not in capsys.readouterr().out and journals_of_build()[0] == before
