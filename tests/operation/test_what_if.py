"""make what-if: what it prints is what two builds say, nothing that is published or kept is touched, and a mistake is named."""

import datetime as dt
import re

import duckdb
import pytest

from engagement import __main__ as cli
from engagement import paths, publish, what_if
from engagement.landing import store
from engagement.paths import BadUsage
from harness import environment
from pages import missing, output
from small_warehouse import place


@pytest.fixture(scope="module")
def run(built_sample, tmp_path_factory):
    """Runs the command in a project of its own, whose marts are published; the exit code."""
    project = built_sample.copy(tmp_path_factory.mktemp("what_if"))

    def command(*options):
        with project.here():
            return cli.run("what-if", list(options))

    with environment(ENGAGEMENT_DB=project.database):
        assert publish.main([]) == 0
    command.project = project
    return command


@pytest.fixture
def edit(run):
    """Call it with a seed and what its rows become; the seeds are put back afterwards."""
    shipped = {file: file.read_bytes() for file in (run.project.folder / "seeds").rglob("*.csv")}
    yield lambda seed, change: run.project.write_seed(seed, change(run.project.seed(seed)))
    for file, content in shipped.items():
        file.write_bytes(content)


def bands(project):
    """{account: (band as published, band with the edited seeds)}"""
    found = []
    for file in (project.database.with_name("serving") / "marts.duckdb", project.database.with_name("what_if.duckdb")):
        with duckdb.connect(str(file), read_only=True) as connection:
            found.append(dict(connection.execute("select account_id, band from account_scores").fetchall()))
    return {account: (found[0][account], found[1][account]) for account in found[0]}


def kept(project):
    """All that what-if must leave alone."""
    return [project.database.read_bytes(), *(file.read_bytes() for file in sorted(project.database.with_name("serving").rglob("*")) if file.is_file())]


def test_an_edited_weight_is_compared_with_what_is_published(run, edit, capsys):
    """The example of the page about rules."""
    before = kept(run.project)
    edit("signals", lambda rows: [row | {"points": "15"} if row["signal"] == "pricing_page" else row for row in rows])
    assert run() == 0
    text = capsys.readouterr().out
    assert kept(run.project) == before
    assert text.startswith(f"Rules changed since version {place(run.project.database.with_name('serving')).shown_version()}, as of 2026-05-31:\n"
                           "  pricing_page points 10 -> 15\n")
    pairs = bands(run.project).values()
    moved = sum(was != becomes for was, becomes in pairs)
    assert moved > 0 and f"\n{moved} of {len(pairs)} accounts would change " in text
    assert missing(output("docs/rules.md", "Rules changed since"), text) == []
    # those that move most come first
    changes = [int(change) for change in re.findall(r"^\S.* +\d+ +\d+ +([+-]\d+) +\S", text, flags=re.MULTILINE)]
    assert len(changes) == 10 and changes == sorted(changes, key=abs, reverse=True)
    assert text.splitlines()[-1] == "Nothing was published. The scores by these rules: build/what_if.duckdb"


def test_another_model_as_the_primary_one(run, capsys):
    before = kept(run.project)
    assert run("--model", "playbook") == 0
    text = capsys.readouterr().out
    assert kept(run.project) == before
    pairs = list(bands(run.project).values())
    moved = sum(was != becomes for was, becomes in pairs)
    assert moved > 20 and f"\n{moved} of {len(pairs)} accounts would change their band" in text
    order = ["Cold", "Warm", "Hot", "Very Hot"]
    for was in order:
        (row,) = re.findall(rf"^{was} +(\d+) +(\d+) +(\d+) +(\d+)$", text, flags=re.MULTILINE)
        assert [int(count) for count in row] == [pairs.count((was, becomes)) for becomes in order]
    assert "  scoring_models playbook is_primary false -> true\n" in text
    assert re.search(r"^sdr_threshold +\d+\.\d +\d+\.\d$", text, flags=re.MULTILINE)


def test_the_same_rules_and_a_mistake_are_told_without_a_build(run, edit, monkeypatch, capsys):
    monkeypatch.setattr(what_if, "run_dbt", lambda *arguments: pytest.fail("dbt was started"))
    assert run() == 0
    assert capsys.readouterr().out.startswith("The rules are those of the published version, so nothing would change. Edit a file in seeds/")
    assert run("--model", "reviewed") == 2
    assert "There is no scoring model reviewed in seeds/scoring_models.csv. There are: decayed, playbook." in capsys.readouterr().err
    edit("signals", lambda rows: [rows[0] | {"channel": "fax"}, *rows[1:]])
    assert run() == 1
    assert "seeds/signals.csv, line 2: channel is 'fax'. Use one of: sales, email," in capsys.readouterr().err


def test_of_many_changes_the_number_is_told(run, edit, monkeypatch, capsys):
    def stop(*arguments):
        raise BadUsage("far enough")

    monkeypatch.setattr(what_if, "build", stop)
    edit("signals", lambda rows: [row | {"points": "7"} for row in rows])
    assert run() == 2
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 22 and told[-1] == f"  and {len(run.project.seed('signals')) - 20} more"


def test_bands_of_both_rules_stand_in_the_order_of_their_bounds():
    with duckdb.connect() as connection:
        for build, rules, bands in (("published", "", "('Cold', 0), ('Hot', 26)"), ("after", "rules.", "('Ice', 0), ('Mild', 5), ('Hot', 20), ('Red', 99)")):
            connection.execute(f"""
                attach ':memory:' as {build}; create schema if not exists {build}.rules;
                create table {build}.account_scores as select 'a' as account_id, 'A' as account_name, 9 as score, 'm' as scoring_model, 9 as score_raw,
                    '{"Mild" if rules else "Cold"}' as band;
                create table {build}.account_score_history as select 'm' as scoring_model, 'a' as account_id, date '2026-05-31' as score_date, 9 as score;
                create table {build}.{rules}alert_rules (alert varchar, kind varchar, threshold integer, is_active boolean);
                create table {build}.{rules}score_bands as select * from (values {bands}) as bands (band, min_score)
            """)
        lines = list(what_if.comparison(connection, dt.date(2026, 5, 31)))
    (place, _), = [(number, line) for number, line in enumerate(lines) if line.startswith("Accounts by band")]
    assert [line.split() for line in lines[place + 3:place + 8]] == [
        ["Ice", *"00000"], ["Cold", *"00100"], ["Mild", *"00000"], ["Hot", *"00000"], ["Red", *"00000"],
    ]


def test_other_files_than_those_of_the_build_are_no_changed_rules(run, edit, monkeypatch, capsys):
    monkeypatch.setattr(what_if, "run_dbt", lambda *arguments: pytest.fail("dbt was started"))
    monkeypatch.setattr(store, "SAMPLE", "models")
    edit("signals", lambda rows: [rows[0] | {"points": "40"}, *rows[1:]])
    with run.project.here(RAW_DATA=""):
        assert cli.run("what-if", []) == 2
    assert "the sample would replace the files that were loaded last" in capsys.readouterr().err


def test_the_profile_and_the_target_are_those_of_all_commands(tmp_path, monkeypatch):
    """The profile may lie in another folder, and its default target may be another one."""
    (tmp_path / "profiles.yml").write_text("engagement: {target: server, outputs: {server: {type: postgres}, prod: {type: duckdb}}}")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    monkeypatch.delenv("DBT_TARGET", raising=False)
    arguments = []
    monkeypatch.setattr(what_if, "run_dbt", lambda *given: arguments.extend(given) or "")
    for target in ("server", "prod"):
        arguments.clear()
        if target == "prod":
            monkeypatch.setenv("DBT_TARGET", target)
        what_if.build(tmp_path / "elsewhere", "2026-05-31", {})
        used = dict(zip(arguments, arguments[1:]))
        assert (used["--project-dir"], used["--profiles-dir"], used["--target"]) == (str(tmp_path / "elsewhere"), str(tmp_path), target)


def test_a_profile_that_names_the_database_itself_is_refused(small_database, serving, monkeypatch, tmp_path):
    """The rules would be tried out in the real database."""
    profile = "engagement: {{target: own, outputs: {{own: {{type: duckdb, path: {}}}}}}}"
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    monkeypatch.delenv("DBT_TARGET", raising=False)
    (tmp_path / "profiles.yml").write_text(profile.format(small_database))
    with pytest.raises(BadUsage, match=f"Target own in {tmp_path}/profiles.yml always builds {small_database}, so nothing can be tried out"):
        with place(serving).trial():
            pytest.fail("it began")
    (tmp_path / "profiles.yml").write_text(profile.format("\"{{ env_var('ENGAGEMENT_DB', 'x.duckdb') }}\""))
    with place(serving).trial() as given:
        assert given == {}


def test_without_a_publication_there_is_nothing_to_compare_with(small_database, capsys):
    assert cli.run("what-if", []) == 2
    assert "Nothing is published in " in capsys.readouterr().err


def test_another_day_is_not_compared(small_database, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.run("what-if", ["--vars", "{as_of_date: 2026-05-01}"])
    assert "the comparison is as of the published day" in capsys.readouterr().err


def test_a_second_one_ends_at_once(small_database, capsys):
    with paths.lock_of(small_database.parent / "what_if"):
        assert cli.run("what-if", []) == paths.BUSY
    assert "Run the same command again later." in capsys.readouterr().err
