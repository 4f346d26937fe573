"""make what-if: what it prints is what two builds say, the last build is not touched, and a mistake is named."""

import re

import duckdb
import pytest

from engagement import __main__ as cli
from harness import SAMPLE, environment


@pytest.fixture(scope="module")
def run(built_sample, tmp_path_factory):
    """Runs the command in a project of its own; the exit code."""
    project = built_sample.copy(tmp_path_factory.mktemp("what_if"))

    def command(*options):
        with environment(
            RAW_DATA=SAMPLE, ENGAGEMENT_DB=project.database, ENGAGEMENT_TMP=project.folder / "tmp",
            FORGOTTEN_PEOPLE=project.folder / "forgotten_people.csv",
        ), pytest.MonkeyPatch.context() as patch:
            patch.chdir(project.folder)
            return cli.run("what-if", list(options))
    command.project = project
    return command


def test_another_model_as_the_primary_one(run, capsys):
    before = run.project.database.read_bytes()
    assert run("--model", "playbook") == 0
    text = capsys.readouterr().out
    assert run.project.database.read_bytes() == before
    bands = {}
    for name in ("engagement", "what_if"):
        with duckdb.connect(str(run.project.database.with_name(f"{name}.duckdb")), read_only=True) as connection:
            bands[name] = dict(connection.execute("select account_id, band from account_scores").fetchall())
    pairs = [(bands["engagement"][account], bands["what_if"][account]) for account in bands["engagement"]]
    moved = sum(was != becomes for was, becomes in pairs)
    assert moved > 20 and f"\n{moved} of {len(pairs)} accounts would change their band.\n" in text
    order = ["Cold", "Warm", "Hot", "Very Hot"]
    for was in order:
        (row,) = re.findall(rf"^{was} +(\d+) +(\d+) +(\d+) +(\d+)$", text, flags=re.MULTILINE)
        assert [int(count) for count in row] == [pairs.count((was, becomes)) for becomes in order]
    assert "What if playbook were the primary scoring model? As of 2026-05-31." in text
    assert re.search(r"^sdr_threshold +\d+\.\d +\d+\.\d$", text, flags=re.MULTILINE)


def test_seeds_that_did_not_change_change_nothing_and_a_mistake_is_named(run, capsys):
    assert run() == 0
    text = capsys.readouterr().out
    with duckdb.connect(str(run.project.database), read_only=True) as connection:
        total, = connection.execute("select count(*) from account_scores").fetchone()
    assert total > 100 and f"\n0 of {total} accounts would change their band.\nRank correlation of the scores: 1.000.\n" in text and "change most" not in text
    assert run("--model", "reviewed") == 2
    assert "There is no scoring model reviewed in seeds/scoring_models.csv. There are: decayed, playbook." in capsys.readouterr().err
    rows = run.project.seed("signals")
    run.project.write_seed("signals", [{**rows[0], "channel": "e-mail"}, *rows[1:]])
    assert run() == 1
    said = capsys.readouterr().err
    assert "e-mail" in said and "The seeds could not be built: model int_seed_check (" in said and "in macro" not in said.splitlines()[-1]
