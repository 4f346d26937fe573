"""Marts that give the same fact in two ways agree on the sample."""

import duckdb
import pytest

from harness import ROOT, read_yaml


@pytest.fixture(scope="module")
def marts(sample_project):
    with duckdb.connect(str(sample_project.database), read_only=True) as connection:
        yield connection


def test_what_the_timeline_earned_is_what_the_ledger_starts_from(marts):
    """The ledger groups the events of a person, signal and day; both go back 180 days as shipped."""
    assert read_yaml(ROOT / "dbt_project.yml")["vars"]["timeline_days"] == 180
    by_person = "group by account_id, person_id, signal, occurred_on"
    ledger = f"""
        select account_id, person_id, signal, occurred_on, sum(event_count), sum(base_points * event_count * persona_weight)::decimal(18, 6)
        from score_ledger where scoring_model = 'decayed' and entry_type = 'event' {by_person}
    """
    timeline = f"""
        select account_id, person_id, signal, occurred_on, count(*), sum(points)::decimal(18, 6)
        from account_timeline where points <> 0 {by_person}
    """
    assert marts.execute(f"select count(*) from ({ledger})").fetchone()[0] > 1000
    assert marts.execute(f"({ledger}) except all ({timeline})").fetchall() == []
    assert marts.execute(f"({timeline}) except all ({ledger})").fetchall() == []


def test_a_stay_in_a_band_is_the_end_of_the_history(marts):
    """From `band_since` on every day is in the band of today, and the day before is in another."""
    history = """
        select history.*, scores.band as todays_band, scores.band_since
        from account_score_history as history inner join account_scores as scores using (account_id, scoring_model)
    """
    held, other, never_elsewhere = marts.execute(f"""
        select
            bool_and(band = todays_band) filter (score_date >= band_since),
            bool_and(band <> todays_band) filter (score_date = band_since - 1),
            bool_and(band = todays_band) filter (band_since is null)
        from ({history})
    """).fetchone()
    assert held and other and never_elsewhere
    assert marts.execute("select count(band_since) > 100, count(*) - count(band_since) > 10 from account_scores").fetchone() == (True, True)
    assert marts.execute(
        "select count(*) from account_scores inner join account_score_history as history using (account_id, scoring_model)"
        " where score_date = account_scores.as_of_date - 28 and band_28_days_ago is distinct from history.band"
    ).fetchone() == (0,)


def test_what_the_crm_is_told_has_stood_since_its_day(marts):
    """From `score_since` on every day has the score of today, and the day before has another."""
    held, other, never_another = marts.execute("""
        select
            bool_and(history.score = updates.score) filter (score_date >= score_since),
            bool_and(history.score <> updates.score) filter (score_date = score_since - 1),
            bool_and(history.score = updates.score) filter (score_since is null)
        from account_score_history as history inner join crm_account_updates as updates using (account_id)
        where scoring_model = 'decayed' and account_status = 'prospect'
    """).fetchone()
    assert held and other and never_another
    assert marts.execute("select count(*) from crm_account_updates").fetchone() == marts.execute(
        "select count(distinct account_id) from staging.stg_crm__accounts").fetchone()


def test_bands_are_sorted_as_their_scores(marts):
    for mart, band, order in (
        ("account_scores", "band", "band_order"), ("account_score_history", "band", "band_order"), ("sales_queue", "band", "band_order"),
        ("score_changes", "band", "band_order"), ("score_changes", "band_before", "band_order_before"), ("score_alerts", "band", "band_order"),
        ("published_scores", "band", "band_order"), ("account_group_scores", "hottest_band", "hottest_band_order"),
        ("account_handoffs", "band_when_won", "band_order_when_won"), ("band_distribution", "band", "band_order"),
        ("band_transitions", "from_band", "from_band_order"), ("band_transitions", "to_band", "to_band_order"),
        ("conversion_by_band", "band", "band_order"), ("sales_cycle_by_band", "band", "band_order"), ("pipeline_forecast", "band", "band_order"),
        ("campaign_engagement", "band_before", "band_order_before"), ("campaign_engagement", "band_after", "band_order_after"),
        ("account_scores", "band_28_days_ago", "band_order_28_days_ago"), ("crm_account_updates", "band", "band_order"),
    ):
        found = marts.execute(f"select distinct {order}, {band} from {mart} where {band} is not null order by 1").fetchall()
        expected = [(0, "not in the CRM"), (1, "Cold"), (2, "Warm"), (3, "Hot"), (4, "Very Hot"), (5, "won")]
        assert found and found == [row for row in expected if row in found], mart


def test_every_band_of_a_mart_has_its_order_beside_it(marts):
    for mart, columns in marts.execute(
        "select table_name, list(column_name) from duckdb_columns() where schema_name = 'main' group by table_name"
    ).fetchall():
        for column in columns:
            if column == "band" or column.startswith("band_") and "order" not in column and column != "band_since" or column.endswith("_band"):
                order = column.replace("band", "band_order", 1)
                assert order in columns, (mart, column)
