"""A draw is a complete set of rules, scored as the project scores; what it moves is random, seeded and within its spread."""

import hashlib
from decimal import Decimal

import pytest

from harness import SAMPLE

# combinations that bring points, silences and caps, so that every rule has a say
COMBINATION_POINTS, SILENCE = "14", {"silence_days": "20", "silence_factor": "0.5"}


@pytest.fixture(scope="module")
def seeds(compiled):
    return {
        "signal_combinations": [
            {**row, "points": COMBINATION_POINTS} for row in compiled.default_seeds["signal_combinations"]
        ],
        "scoring_models": [{**row, **SILENCE} for row in compiled.default_seeds["scoring_models"]],
    }


@pytest.fixture(scope="module")
def drawn(compiled, seeds):
    return compiled.run(SAMPLE, seeds, wanted=("int_score_draws", "int_scoring_model_signals"))


def rules_of(drawn, draw):
    """{(entry_type, rule): (points, half_life_days)} of one draw."""
    return {
        (entry_type, rule): (points, half_life) for entry_type, rule, points, half_life in drawn.execute(
            "select entry_type, rule_name, points, half_life_days from intermediate.int_rule_draws where draw = ?", [draw]
        ).fetchall()
    }


def seeds_of(seeds, rules):
    """The seeds with the numbers of one draw in the primary scoring model and in nothing else."""
    breadth_points, half_life = rules["breadth", "breadth"]
    models = [
        {**row, "breadth_points": breadth_points, "half_life_days": half_life} if row["is_primary"] == "true" else row
        for row in seeds["scoring_models"]
    ]
    overrides = [
        {"scoring_model": "decayed", "signal": rule, "points": points, "half_life_days": days, "basis": "custom"}
        for (entry_type, rule), (points, days) in rules.items() if entry_type == "event"
    ]
    combinations = [
        {**row, "points": rules["combination", row["combination"]][0] + sum(
            rules["event", row[part]][0] for part in ("first_signal", "second_signal")
        )} for row in seeds["signal_combinations"]
    ]
    return {**seeds, "scoring_models": models, "signal_overrides": overrides, "signal_combinations": combinations}


@pytest.mark.parametrize("draw", [0, 1, 99])
def test_a_draw_is_the_score_with_its_numbers_in_the_seeds(compiled, seeds, drawn, draw):
    rules = rules_of(drawn, draw)
    assert any(kind == "combination" and points > 0 for (kind, _), (points, _) in rules.items())
    tried = {account for account, in drawn.execute("select account_id from intermediate.int_stability_accounts").fetchall()}
    scores = {
        account: score for (model, account), score in compiled.scores(SAMPLE, seeds_of(seeds, rules)).items()
        if model == "decayed" and score > 0 and account in tried
    }
    in_draw = dict(drawn.execute(
        "select account_id, score_raw from intermediate.int_score_draws where draw = ? and score_raw > 0", [draw]
    ).fetchall())
    assert len(scores) > 150
    assert {account: float(score) for account, score in in_draw.items()} == pytest.approx(scores, abs=1e-9)


def test_only_the_highest_scores_are_tried(compiled, drawn):
    """Which are those of accounts that have not won a deal, in order, and as many as the var says."""
    node = compiled.models["model.engagement.int_stability_accounts"]["compiled_code"]
    first = "select account_id, score_rank from ({}) as tried order by score_rank limit 3"
    few = drawn.execute(first.format(node.replace("<= 1000", "<= 3"))).fetchall()
    highest = drawn.execute("select account_id from account_scores order by score_raw desc, account_id limit 3").fetchall()
    assert "<= 1000" in node and few == [(account, rank) for rank, (account,) in enumerate(highest, 1)]
    assert len(drawn.execute(f"select * from ({node.replace('<= 1000', '<= 3')}) as tried").fetchall()) == 3


def test_a_draw_moves_every_number_by_a_seeded_factor_within_its_spread(seeds, drawn):
    """The factor is worked out here once more, from the md5 of the seed and the names."""
    numbers = drawn.execute("select signal, points, half_life_days from intermediate.int_scoring_model_signals where scoring_model = 'decayed'").fetchall()

    def factor(spread, *names):
        text = "".join(f"{len(name)}:{name}" for name in ("1", *names))
        return 1 + spread * (2 * int(hashlib.md5(text.encode()).hexdigest()[:7], 16) / 16**7 - 1)

    factors = []
    for draw in range(100):
        rules = rules_of(drawn, draw)
        for signal, points, half_life in numbers:
            expected = factor(0.2, str(draw), "points", signal), factor(0.5, str(draw), "half-life", signal)
            assert rules["event", signal] == (
                pytest.approx(points * Decimal(expected[0]), abs=Decimal("1e-6")),
                pytest.approx(half_life * Decimal(expected[1]), abs=Decimal("1e-6")),
            )
            factors.append(expected)
        for row in seeds["signal_combinations"]:
            halves = sum(rules["event", row[part]][0] for part in ("first_signal", "second_signal"))
            pair = Decimal(COMBINATION_POINTS) * Decimal(factor(0.2, str(draw), "combination", row["combination"]))
            assert rules["combination", row["combination"]][0] == pytest.approx(max(pair - halves, 0), abs=Decimal("1e-6"))
    for column, spread in ((0, 0.2), (1, 0.5)):
        values = [pair[column] for pair in factors]
        assert len(set(values)) == len(values)
        assert min(values) == pytest.approx(1 - spread, abs=0.01) and max(values) == pytest.approx(1 + spread, abs=0.01)
        assert sum(values) / len(values) == pytest.approx(1, abs=0.02)
