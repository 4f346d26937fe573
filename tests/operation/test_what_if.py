"""make what-if: what it prints is what the comparison says, in a database of its own, and a mistake is named."""

import re

from engagement import what_if
from harness import SAMPLE, Project, environment


def with_candidate(seeds, overrides=()):
    """The shipped seeds with one more scoring model, `candidate`: the primary one but for the overrides."""
    primary = next(row for row in seeds["scoring_models"] if row["is_primary"] == "true")
    candidate = {**primary, "scoring_model": "candidate", "is_primary": "false"}
    return {
        "scoring_models": [*seeds["scoring_models"], candidate],
        "signal_overrides": [{"scoring_model": "candidate", "signal": signal, "points": points, "basis": "custom"} for signal, points in overrides],
    }


def printed(compiled, overrides=()):
    seeds = with_candidate(compiled.default_seeds, overrides)
    connection = compiled.run(SAMPLE, seeds, wanted=("scoring_model_comparison",))
    return connection, "\n".join(what_if.comparison(connection, "candidate"))


def test_the_same_rules_under_another_name_change_nothing(compiled):
    _, text = printed(compiled)
    assert "\n0 of 208 accounts would change their band." in text and "Rank correlation of today's scores: 1.000." in text
    assert len(re.findall(r"\+0\.00\n", text + "\n")) == 3 and len(re.findall(r"\+0\.000 +\+0\.000 to \+0\.000", text)) == 4


def test_other_points_show_in_every_part(compiled):
    connection, text = printed(compiled, [("product_page", "0"), ("email_open_decision_maker", "0"), ("demo_request", "20")])
    scores = dict()
    for model in ("decayed", "candidate"):
        scores[model] = dict(connection.execute(
            "select account_id, band from account_score_history inner join intermediate.int_prospect_accounts using (account_id)"
            " inner join intermediate.int_as_of_date on score_date = as_of_date where scoring_model = ?", [model],
        ).fetchall())
    moved = sum(band != scores["candidate"][account] for account, band in scores["decayed"].items())
    assert moved > 5 and f"\n{moved} of 208 accounts would change their band." in text
    # the diagonal and all the rest, as printed
    bands = ["Cold", "Warm", "Hot", "Very Hot"]
    for band in bands:
        (row,) = re.findall(rf"^{band} +(\d+) +(\d+) +(\d+) +(\d+)$", text, flags=re.MULTILINE)
        expected = [sum(scores["candidate"][account] == other for account, was in scores["decayed"].items() if was == band) for other in bands]
        assert [int(count) for count in row] == expected
    ((before, after, low, high),) = connection.execute(
        "select primary_value, other_value, difference_low, difference_high from scoring_model_comparison"
        " where other_scoring_model = 'candidate' and measure = 'auc' and detail = 'opportunity_created'"
    ).fetchall()
    assert re.search(rf"opportunity created: AUC +{before:.3f} +{after:.3f} +{after - before:+.3f} +{re.escape(f'{low:+.3f} to {high:+.3f}')}", text)
    assert re.search(r"^SDR at 25 +\d+\.\d\d +\d+\.\d\d +[+-]\d+\.\d\d$", text, flags=re.MULTILINE)


def test_it_builds_apart_and_names_mistakes(compiled, tmp_path, capsys):
    project = Project(tmp_path / "project")
    seeds = with_candidate(compiled.default_seeds, [("email_click", "9")])
    for name, rows in seeds.items():
        project.write_seed(name, rows, list(compiled.seeds[name]))
    database = tmp_path / "apart" / "what_if.duckdb"
    arguments = ["--project", str(project.folder), "--database", str(database)]
    with environment(RAW_DATA=SAMPLE, ENGAGEMENT_DB=project.database, ENGAGEMENT_KEEP_OPEN="false", ENGAGEMENT_TMP=tmp_path / "tmp"):
        assert what_if.main([*arguments, "--model", "candidate"]) == 0
        assert "What if candidate were the primary scoring model instead of decayed?" in capsys.readouterr().out
        assert database.is_file() and not project.database.exists()

        project.write_seed("signal_overrides", [{**seeds["signal_overrides"][0], "signal": "email_klick"}], list(compiled.seeds["signal_overrides"]))
        assert what_if.main(arguments) == "The candidate could not be built; the reasons are above."
        assert "email_klick" in capsys.readouterr().out

    assert "beside the primary one there is playbook, candidate." in what_if.main([*arguments, "--model", "reviewed"])
    assert "decayed is the primary one" in what_if.main([*arguments, "--model", "decayed"])
    project.write_seed("scoring_models", compiled.default_seeds["scoring_models"][:1])
    assert what_if.main(arguments).startswith("There is no scoring model beside the primary one. Add a row to seeds/scoring_models.csv")
