{#
  One row per account, scoring model and day, with the sums of its earned points. The primary
  scoring model has every day, the others month ends and the as-of date. A run adds the days since
  the last settled one. If that day would now be computed from something else, the account gets all
  its days again. `state`, on the settled day, is what it was computed from.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['scoring_model', 'account_id', 'score_date'],
        partition_by=partitioned_by('score_date'),
        on_schema_change='fail',
    )
}}
{% set has_breadth =
    'coalesce(account_days.engaged_contacts >= days.breadth_min_contacts, false)'
%}
with

as_of as (

    select
        as_of_date,
        {{ first_history_day('as_of_date') }} as first_day,
        {{ add_days('as_of_date', '-' ~ var('settled_after_days')) }} as settled_on

    from {{ ref('int_as_of_date') }}

),

earned as (

    select * from {{ ref('int_earned_points') }}
    where starts_on < ends_on

),

silences as (

    select * from {{ ref('int_silences') }}

),

{% if is_incremental() %}
stored as (

    -- the state that the previous run stored on its last settled day
    select
        account_id,
        score_date as settled_on,
        state

    from {{ this }}
    where
        state is not null
        and score_date = (select max(score_date) from {{ this }} where state is not null)

),

{% endif %}
windows as (

    -- the days of each account that this run computes
    select
        accounts.account_id,
        as_of.settled_on,
        {{ history_state('as_of.settled_on') }} as state,
        {% if is_incremental() %}
        case
            when
                max(stored.settled_on) <= as_of.settled_on
                and max(stored.state) = {{ history_state('stored.settled_on') }}
                then greatest({{ add_days('max(stored.settled_on)', '1') }}, as_of.first_day)
            else as_of.first_day
        end as from_on
        {% else %}
        as_of.first_day as from_on
        {% endif %}

    from {{ ref('int_accounts') }} as accounts
    cross join as_of
    cross join {{ ref('int_config_version') }} as config
    left join {{ ref('int_daily_points') }} as points on accounts.account_id = points.account_id
    left join {{ ref('int_contacts') }} as contacts on points.person_id = contacts.contact_id
    {{ 'left join stored on accounts.account_id = stored.account_id' if is_incremental() }}
    group by accounts.account_id, as_of.settled_on, as_of.first_day

),

days as (

    select * from {{ ref('int_history_days') }}

),

items as (

    select * from {{ ref('int_capped_items') }}

),

sums as (

    select
        sum_number,
        scoring_model,
        account_id,
        is_breadth,
        max(max_points) as max_points

    from items
    group by sum_number, scoring_model, account_id, is_breadth

),

spans as (

    -- split at silences, so that single days don't have to look them up
    select
        earned.*,
        items.sum_number,
        coalesce(silences.silence_count, 0) as silence_count,
        greatest(
            earned.starts_on, windows.from_on, coalesce(silences.valid_from, earned.starts_on)
        ) as span_from,
        least(earned.ends_on, coalesce(silences.valid_until, earned.ends_on)) as span_until

    from earned
    inner join windows
        on earned.account_id = windows.account_id and earned.ends_on > windows.from_on
    inner join items
        on
            earned.scoring_model = items.scoring_model
            and earned.account_id = items.account_id
            and earned.entry_type = items.entry_type
            and earned.item = items.item
    left join silences
        on
            earned.scoring_model = silences.scoring_model
            and earned.account_id = silences.account_id
            and earned.starts_on < silences.valid_until
            and earned.ends_on > silences.valid_from

),

sum_days as (

    select
        earned.sum_number,
        days.score_date,
        count(*) as row_count,
        sum({{ value_on('days.score_date', 'earned.silence_count') }}) as points

    from spans as earned
    inner join days
        on
            earned.scoring_model = days.scoring_model
            and earned.span_from <= days.score_date
            and earned.span_until > days.score_date
    group by earned.sum_number, days.score_date

),

capped_days as (

    select
        sums.scoring_model,
        sums.account_id,
        sums.is_breadth,
        sum_days.score_date,
        sum_days.row_count,
        sum_days.points,
        case
            when sum_days.points > sums.max_points
                then {{ exact_points('sums.max_points') }} - sum_days.points
            else 0
        end as cap_points

    from sum_days
    inner join sums on sum_days.sum_number = sums.sum_number

),

account_days as (

    select
        scoring_model,
        account_id,
        score_date,
        sum(case when is_breadth then row_count else 0 end) as engaged_contacts,
        sum(case when is_breadth then 0 else points end) as signal_points,
        sum(case when is_breadth then points else 0 end) as breadth_points,
        sum(case when is_breadth then 0 else cap_points end) as signal_cap_points,
        sum(case when is_breadth then cap_points else 0 end) as breadth_cap_points

    from capped_days
    group by scoring_model, account_id, score_date

),

final as (

    -- with too few people, breadth doesn't count, and its cap takes nothing
    select
        days.scoring_model,
        windows.account_id,
        days.score_date,
        cast(coalesce(account_days.engaged_contacts, 0) as integer) as engaged_contacts,
        {{ has_breadth }} as has_breadth,
        coalesce(silences.silence_count, 0) as silence_count,
        {{ exact_points('coalesce(account_days.signal_points, 0)') }} as signal_points,
        {{ exact_points(
            'case when ' ~ has_breadth ~ ' then account_days.breadth_points else 0 end'
        ) }} as breadth_points,
        {{ exact_points(
            'coalesce(account_days.signal_cap_points, 0)'
            ~ ' + case when ' ~ has_breadth ~ ' then account_days.breadth_cap_points else 0 end'
        ) }} as cap_points,
        case
            when days.is_primary and days.score_date = windows.settled_on then windows.state
        end as state

    from windows
    inner join days on windows.from_on <= days.score_date
    left join account_days
        on
            windows.account_id = account_days.account_id
            and days.scoring_model = account_days.scoring_model
            and days.score_date = account_days.score_date
    left join silences
        on
            days.scoring_model = silences.scoring_model
            and windows.account_id = silences.account_id
            and days.score_date >= silences.valid_from
            and days.score_date < silences.valid_until

    {% if is_incremental() %}
    union all

    -- after a run for an earlier day, later stored days don't prove the earlier ones right
    select
        history.scoring_model,
        history.account_id,
        history.score_date,
        history.engaged_contacts,
        history.has_breadth,
        history.silence_count,
        history.signal_points,
        history.breadth_points,
        history.cap_points,
        {{ null_text() }} as state

    from {{ this }} as history
    inner join as_of on history.score_date > as_of.as_of_date
    where history.state is not null
    {% endif %}

)

select * from final
