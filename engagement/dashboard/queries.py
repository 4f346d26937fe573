"""The queries of each page. The SQL lists columns one by one and orders rows completely, so that the marts of every engine
give the same bytes."""

import datetime as dt
from dataclasses import dataclass

from engagement.paths import literal

WEEKS = 13  # points of a sparkline
ALERT_DAYS = 14  # days that an alert counts as new
EXAMPLES = 3  # examples per reason
MOST = 50  # most rows of a table on the health page; health.js says if it was cut
DECIMALS = 6  # of a number; pages show two at most
NO_SUCH_ACCOUNT = "no account has this domain"  # the reason of unmatched_engagement that may be a missing account
STABLE_SHARE = 0.9  # an account that keeps its band in a smaller share of the review's draws is near a threshold


@dataclass(frozen=True)
class Query:
    """Rows of a page. `needs_review` marks tables that only `make review` writes."""

    name: str
    sql: str
    needs_review: bool = False


def day(date: "dt.date | None") -> str:
    """A date in SQL."""
    return f"cast({literal(date) if date else 'null'} as date)"


def as_json(sql: str, types: dict[str, str]) -> str:
    """SQL of (first column, the other ones as a JSON list). DuckDB writes ten lists while Python writes one."""
    values = ", ".join(json_value(name, kind) for name, kind in list(types.items())[1:])
    return f"select {next(iter(types))}, cast(json_array({values}) as varchar) from ({sql}) as page_rows"


def json_value(column: str, kind: str) -> str:
    """A value as site.plain writes it."""
    if kind.startswith("DECIMAL"):
        return f"cast(round({column}, {DECIMALS}) as double)"
    return f"strftime({column}, '%Y-%m-%d %H:%M')" if kind == "TIMESTAMP" else column


ACCOUNTS = """
    select account_id, owner_email, 1 as is_prospect from account_scores
    union all
    select account_id, owner_email, 0 as is_prospect from account_handoffs
"""

# every page

def every_page() -> list[Query]:
    return [
        Query("bands", """
            select band, min_score, label, is_high_engagement, marketing_action, sales_action, goal, sort_order
            from score_bands order by sort_order, band
        """),
        Query("late", """
            select source_table, days_late, allowed_days_late, is_required
            from source_coverage where days_late > 0 and allowed_days_late is not null order by source_table
        """),
    ]


# accounts

SCORE_COLUMNS = """account_id, account_name, domain, account_tier, industry, country, owner_email, account_url, score, band, band_order,
            band_since, band_28_days_ago, status_label, score_change_7_days, score_change_28_days, trend, engaged_contacts,
            new_engaged_contacts, last_engagement_at, last_engagement_type, last_engagement_label,
            days_since_engagement, last_sales_touch_at,
            last_sales_touch_label, days_since_sales_touch, engagement_state, open_opportunity_stage, open_opportunity_amount_usd,
            open_opportunity_created_on, fit_grade, fit_score,
            quadrant, next_action"""
ALERTS = """
            select
                alerts.account_id, alerts.alert, alerts.kind, alerts.created_on, alerts.recipient_role, alerts.measured,
                alerts.threshold, alerts.score, alerts.band, rules.window_days, rules.message
            from score_alerts as alerts
            left join alert_rules as rules on alerts.alert = rules.alert
            {where}
            order by alerts.account_id, alerts.created_on desc, alerts.alert, alerts.alert_id
"""


def recent_alerts(as_of: "dt.date | None") -> Query:
    since = as_of and as_of - dt.timedelta(days=ALERT_DAYS)
    return Query("alerts", ALERTS.format(where=f"where alerts.created_on > {day(since)} and alerts.created_on <= {day(as_of)}"))


def accounts_page(as_of: "dt.date | None") -> list[Query]:
    weeks = ",\n".join(
        f"max(case when score_date = {day(as_of - dt.timedelta(days=7 * week))} then score end) as week_{week}"
        for week in reversed(range(WEEKS))
    ) if as_of else "null as week_0"
    return [
        Query("scores", f"select {SCORE_COLUMNS} from account_scores order by round(score_raw, 9) desc, account_id"),
        Query("weeks", f"""
            select account_id, {weeks}
            from account_score_history
            where scoring_model in (select scoring_model from account_scores)
                and score_date > {day(as_of and as_of - dt.timedelta(days=7 * WEEKS))}
            group by account_id order by account_id
        """),
        recent_alerts(as_of),
        Query("near_a_threshold", f"""
            select stability.account_id
            from review_stability as stability
            inner join account_scores as scores
                on
                    stability.account_id = scores.account_id
                    and stability.as_of_date = scores.as_of_date
                    and stability.config_version = scores.config_version
            where stability.same_band_share < {STABLE_SHARE} order by stability.account_id
        """, needs_review=True),
        Query("customers", "select account_id, account_name, domain, owner_email, won_on from account_handoffs order by won_on desc, account_id"),
    ]


# today

def today_page(as_of: "dt.date | None") -> list[Query]:
    return [
        Query("queue", """
            select
                owner_email, queue_rank, account_id, account_name, domain, account_tier, score, band, score_change_7_days, trend,
                fit_grade, reason, contact_name, contact_job_title, engaged_contacts, last_engagement_label, days_since_engagement,
                sales_action, next_action
            from sales_queue order by owner_email, queue_rank, account_id
        """),
        recent_alerts(as_of),
    ]


# one account: the first column of each query is the account id, and {accounts} stands for the wanted ones

PRIMARY = "scoring_model in (select scoring_model from account_scores)"


def of_site(owner: "str | None", column: str) -> str:
    """A condition: the account of a column is on the site of the owner, or on that of everybody."""
    return "1 = 1" if owner is None else f"{column} in (select account_id from ({ACCOUNTS}) as site where owner_email = {literal(owner)})"


def account_page(owner: "str | None" = None) -> list[Query]:
    # only accounts of the site are named
    parent, hottest = (of_site(owner, f"parents.{account}_account_id") for account in ("top_parent", "hottest"))
    return [
        Query("score", f"""
            select {SCORE_COLUMNS}, score_raw, acceleration, marketing_action, sales_action, top_reasons
            from account_scores where account_id in ({{accounts}}) order by account_id
        """),
        Query("handoff", """
            select
                account_id, account_name, domain, account_tier, owner_email, opportunity_name, amount_usd, opportunity_created_on, won_on,
                sales_cycle_days, score_when_won, band_when_won, engaged_contacts_when_won, key_people
            from account_handoffs where account_id in ({accounts}) order by account_id
        """),
        # the days on which the score changed: as exact as every day, and a third of the size
        Query("history", f"""
            select account_id, score_date, score from (
                select account_id, score_date, score, lag(score) over (partition by account_id order by score_date) as score_before
                from account_score_history
                where {PRIMARY} and account_id in ({{accounts}})
            ) as days
            where score_before is null or score <> score_before order by account_id, score_date
        """),
        Query("alerts", ALERTS.format(where="where alerts.account_id in ({accounts})")),
        Query("contributions", f"""
            select account_id, contribution_type, label, people, event_count, points
            from score_contributions where {PRIMARY} and account_id in ({{accounts}}) order by account_id, contribution_rank, contribution
        """),
        Query("ledger", f"""
            select account_id, entry_type, label, person_name, person_id, occurred_on, event_count, base_points, persona_weight,
                decay_factor, points
            from score_ledger where {PRIMARY} and account_id in ({{accounts}})
            order by account_id, round(points, 9) desc, occurred_on desc, ledger_entry_id
        """),
        Query("people", """
            select account_id, person_id, full_name, email, job_title, persona, is_decision_maker, score, event_count,
                main_signal_label, last_engaged_on
            from contact_scores where account_id in ({accounts}) order by account_id, contact_rank, person_id
        """),
        Query("changes", """
            -- what is left without fading and caps is 0 on a day on which points only faded
            select account_id, change_date, score_before, score, band_before, band, change_kind, explanation,
                case when abs(change_points - ageing_points - expiry_points - cap_points) < 0.05 then 1 else 0 end as only_fades
            from score_changes where account_id in ({accounts}) order by account_id, change_date desc
        """),
        Query("timeline", """
            select account_id, occurred_at, channel, direction, person_name, person_id, label, asset, points
            from account_timeline where account_id in ({accounts}) order by account_id, occurred_at desc, timeline_entry_id
        """),
        Query("campaigns", """
            select account_id, campaign, engagements, engaged_people, points, last_engaged_on, score_change, score_after_on
            from campaign_engagement where account_id in ({accounts}) order by account_id, last_engaged_on desc, campaign
        """),
        Query("group", f"""
            select
                scores.account_id, case when {parent} then coalesce(parents.top_parent_account_name, parents.top_parent_account_id) end as parent_name,
                parents.account_count, parents.active_account_count, case when {hottest} then parents.hottest_account_id end as hottest_account_id,
                case when {hottest} then parents.hottest_account_name end as hottest_account_name, parents.hottest_band,
                parents.max_score, parents.total_score_raw, parents.engaged_contacts
            from account_scores as scores
            inner join account_group_scores as parents on scores.top_parent_account_id = parents.top_parent_account_id
            where parents.account_count > 1 and scores.account_id in ({{accounts}}) order by scores.account_id
        """),
        Query("stability", """
            select account_id, band, draws, same_band_share, low_score, low_band, high_score, high_band, as_of_date, config_version
            from review_stability where account_id in ({accounts}) order by account_id
        """, needs_review=True),
    ]


# the monthly review

def review_page() -> list[Query]:
    return [
        Query("primary", "select distinct scoring_model from account_scores order by scoring_model"),
        Query("distribution", """
            select month_on, last_day_on, scoring_model, band, band_order, accounts, share
            from band_distribution order by scoring_model, month_on, band_order
        """),
        Query("transitions", """
            select month_on, scoring_model, from_band, to_band, last_day_on, is_complete, from_accounts, accounts, share
            from band_transitions order by scoring_model, month_on, from_band, to_band
        """),
        Query("conversions", """
            select scoring_model, outcome, band, band_order, n, accounts, converted, rate, rate_low, rate_high, lift, verdict
            from conversion_by_band order by scoring_model, outcome, band_order
        """),
        Query("thresholds", """
            select scoring_model, outcome, threshold, notify_roles, fills_capacity, alerts_per_week, accounts_today, n, converted,
                precision_rate, precision_low, precision_high, recall, f1, verdict
            from threshold_performance order by scoring_model, outcome, threshold
        """),
        Query("alert_rules", """
            select alert, kind, threshold, window_days, notify_role, message, cooldown_days
            from alert_rules where is_active order by kind desc, threshold, alert
        """),
        Query("questions", """
            select question_kind, scoring_model, outcome, threshold, notify_roles, question, answer
            from conversion_questions order by scoring_model, outcome, threshold, question_kind
        """),
        Query("signals", """
            select outcome, signal, label, points, n_with, accounts_with, converted_with, rate_with, rate_with_low, rate_with_high,
                rate_without, lift, verdict
            from signal_performance order by outcome, signal
        """),
        Query("forecasts", """
            -- a sum that lacks a band isn't a forecast
            select
                forecast_on, scoring_model, horizon_ends_on, is_backtest, sum(accounts) as accounts,
                case when count(*) = count(expected_opportunities) then sum(expected_opportunities) end as expected,
                sum(actual_opportunities) as actual,
                case when count(*) = count(expected_amount_usd) then sum(expected_amount_usd) end as expected_amount_usd,
                sum(actual_amount_usd) as actual_amount_usd
            from pipeline_forecast
            group by forecast_on, scoring_model, horizon_ends_on, is_backtest order by scoring_model, forecast_on
        """),
        Query("cycles", """
            select band, band_order, opportunities, won, lost, still_open, median_days_to_won, median_days_to_lost, verdict
            from sales_cycle_by_band order by band_order
        """),
        Query("campaigns", """
            select
                campaign, count(*) as accounts, sum(engagements) as engagements, sum(points) as points, avg(score_change) as mean_score_change,
                sum(case when has_moved_up then 1 else 0 end) as moved_up
            from campaign_engagement group by campaign order by round(sum(points), 9) desc, campaign
        """),
        Query("review_ranking", """
            select scoring_model, outcome, n, converted, auc, auc_low, auc_high, verdict, as_of_date, config_version
            from review_ranking order by scoring_model, outcome
        """, needs_review=True),
        Query("review_differences", """
            select scoring_model, primary_model, outcome, auc_difference, auc_difference_low, auc_difference_high, verdict
            from review_model_differences order by scoring_model, outcome
        """, needs_review=True),
        Query("review_conversions", """
            select group_name as signal, scoring_model, outcome, n, accounts, converted, risk_ratio, risk_ratio_low, risk_ratio_high
            from review_conversions where group_kind = 'signal' order by scoring_model, outcome, group_name
        """, needs_review=True),
        Query("review_points", """
            select signal, points, max_points, log_odds_alone, suggested_points, suggested_points_low, suggested_points_high,
                proposed_points, similar_signals, finding
            from review_points order by signal
        """, needs_review=True),
        Query("review_half_lives", """
            select signal, configured_days, half_life_days, half_life_days_low, half_life_days_high, finding
            from review_half_lives order by signal
        """, needs_review=True),
        Query("review_cycles", """
            select band, opportunities, closed, median_days_to_close, median_days_low, median_days_high
            from review_sales_cycles order by band
        """, needs_review=True),
        Query("review_forecasts", """
            select forecast_on, scoring_model, expected, expected_low, expected_high, actual, is_within
            from review_forecast order by scoring_model, forecast_on
        """, needs_review=True),
        Query("review_stability", f"""
            select band, count(*) as accounts, sum(case when same_band_share >= {STABLE_SHARE} then 1 else 0 end) as stable
            from review_stability group by band order by band
        """, needs_review=True),
    ]


# health

def examples(name: str, table: str, group: str, example: str, weight: str) -> Query:
    """For each group, the examples of most weight."""
    return Query(name, f"""
        select {group}, example from (
            select {group}, example, row_number() over (partition by {group} order by weight desc, example) as place
            from (select {group}, {example} as example, {weight} as weight from {table} group by {group}, {example}) as weighed
            where example is not null
        ) as placed
        where place <= {EXAMPLES} order by {group}, place
    """)


def health_page() -> list[Query]:
    return [
        Query("sources", """
            select source_table, raw_rows, staged_rows, rejected_rows, unreadable_values, matched_rows, unmatched_rows, machine_rows,
                share_matched, last_occurred_at, last_loaded_at, days_late, allowed_days_late, is_required
            from source_coverage order by source_table
        """),
        Query("rejected", """
            select source_table, rejection_reason, count(*) as row_count, max(loaded_at) as last_loaded_at
            from rejected_records group by source_table, rejection_reason order by source_table, count(*) desc, rejection_reason
        """),
        examples("rejected_examples", "rejected_records", "source_table, rejection_reason", "record_key", "max(loaded_at)"),
        Query("words", f"""
            select kind, word, channel, event_count, last_occurred_at
            from unmapped_events where kind <> 'event'
            order by case when kind = 'no conversation' then 1 else 0 end, event_count desc, kind, word, channel limit {MOST}
        """),
        Query("unusable", f"""
            select source_table, column_name, reason, count(*) as row_count
            from unusable_values
            group by source_table, column_name, reason order by count(*) desc, source_table, column_name, reason limit {MOST}
        """),
        examples("unusable_examples", "unusable_values", "source_table, column_name, reason", "coalesce(value, record_key)", "count(*)"),
        Query("unmatched", """
            select channel, source_table, event_type, reason, sum(event_count) as event_count, count(domain) as domains,
                max(last_occurred_at) as last_occurred_at
            from unmatched_engagement
            group by channel, source_table, event_type, reason order by sum(event_count) desc, channel, source_table, event_type, reason
        """),
        Query("unmatched_domains", f"""
            select domain, sum(event_count) as event_count, max(last_occurred_at) as last_occurred_at
            from unmatched_engagement where reason = '{NO_SUCH_ACCOUNT}'
            group by domain order by sum(event_count) desc, domain limit {MOST}
        """),
        Query("unmapped", """
            select channel, event_type, page_category, outcome, event_count, account_count, example_asset, last_occurred_at
            from unmapped_events where kind = 'event' order by event_count desc, channel, event_type, page_category, outcome
        """),
        Query("machines", """
            select source_table, event_type, machine_reason, sum(event_count) as event_count, max(last_occurred_at) as last_occurred_at
            from machine_events
            group by source_table, event_type, machine_reason order by sum(event_count) desc, source_table, event_type, machine_reason
        """),
        examples("machine_examples", "machine_events", "source_table, event_type, machine_reason", "user_agent", "sum(event_count)"),
    ]
