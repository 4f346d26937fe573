{#
  One row per account, scoring model and day: what its earned points sum to. The primary scoring
  model has every day, the others month ends and the as-of date. A run adds the days since the last
  settled one; an account of which that day would be computed from something else now gets all its
  days anew. `state`, on the settled day, is what it was computed from.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['scoring_model', 'account_id', 'score_date'],
        on_schema_change='fail',
    )
}}
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

),

silences as (

    select * from {{ ref('int_silences') }}

),

stored as (

    -- how the run before left the last day it had settled
    {% if is_incremental() %}
    select
        account_id,
        score_date as settled_on,
        state

    from {{ this }}
    where
        state is not null
        and score_date = (select max(score_date) from {{ this }} where state is not null)
    {% else %}
    select
        account_id,
        cast(null as date) as settled_on,
        {{ null_text() }} as state

    from {{ ref('int_live_accounts') }}
    where 1 = 0
    {% endif %}

),

states as (

    select
        accounts.account_id,
        max(stored.settled_on) as stored_on,
        max(stored.state) as stored_state,
        {{ history_state('known_points.known_on <= stored.settled_on') }} as stored_state_now,
        {{ history_state('known_points.known_on <= as_of.settled_on') }} as state

    from {{ ref('int_live_accounts') }} as accounts
    cross join as_of
    cross join {{ ref('int_config_version') }} as config
    left join stored on accounts.account_id = stored.account_id
    left join {{ ref('int_known_points') }} as known_points
        on accounts.account_id = known_points.account_id
    group by accounts.account_id

),

windows as (

    -- the days of an account that this run computes
    select
        states.account_id,
        states.state,
        as_of.as_of_date,
        as_of.settled_on,
        case
            when
                states.stored_state = states.stored_state_now
                and states.stored_on <= as_of.settled_on
                then greatest({{ add_days('states.stored_on', '1') }}, as_of.first_day)
            else as_of.first_day
        end as from_on

    from states
    cross join as_of

),

history_days as (

    select
        as_of.as_of_date,
        {{ add_days('as_of.as_of_date', '-numbers.number') }} as score_date

    from as_of
    inner join {{ ref('int_numbers') }} as numbers on numbers.number < {{ var('history_days') }}

),

days as (

    select
        scoring_models.scoring_model,
        scoring_models.is_primary,
        scoring_models.breadth_min_contacts,
        history_days.score_date

    from {{ ref('scoring_models') }} as scoring_models
    cross join history_days
    where
        scoring_models.is_primary
        or history_days.score_date = history_days.as_of_date
        or {{ is_month_end('history_days.score_date') }}

),

counted as (

    -- items that can never reach their cap are summed without looking at it
    select
        earned.*,
        earned.entry_type = 'breadth' as is_breadth,
        greatest(earned.starts_on, windows.from_on) as counted_from,
        case
            when
                sum(greatest(earned.points, 0)) over (
                    partition by
                        earned.scoring_model, earned.account_id, earned.entry_type, earned.item
                ) > earned.max_points
                then earned.item
        end as capped_item

    from earned
    inner join windows
        on earned.account_id = windows.account_id and earned.ends_on > windows.from_on
    where earned.starts_on < earned.ends_on

),

item_days as (

    select
        earned.scoring_model,
        earned.account_id,
        days.score_date,
        earned.is_breadth,
        earned.capped_item,
        max(earned.max_points) as max_points,
        count(*) as row_count,
        sum({{ value_on('days.score_date', 'silences.silence_count') }}) as points

    from counted as earned
    inner join days
        on
            earned.scoring_model = days.scoring_model
            and earned.counted_from <= days.score_date
            and earned.ends_on > days.score_date
    left join silences
        on
            earned.scoring_model = silences.scoring_model
            and earned.account_id = silences.account_id
            and days.score_date >= silences.from_on
            and days.score_date < silences.until_on
    group by
        earned.scoring_model,
        earned.account_id,
        days.score_date,
        earned.is_breadth,
        earned.capped_item

),

account_days as (

    select
        item_days.scoring_model,
        item_days.account_id,
        item_days.score_date,
        sum(case when item_days.is_breadth then item_days.row_count else 0 end) as engaged_contacts,
        sum(case when item_days.is_breadth then 0 else item_days.points end) as signal_points,
        sum(case when item_days.is_breadth then item_days.points else 0 end) as breadth_points,
        sum(
            case
                when item_days.capped_item is null then 0
                else least({{ exact_points('item_days.max_points') }} - item_days.points, 0)
            end
        ) as cap_points,
        sum(
            case
                when item_days.is_breadth and item_days.capped_item is not null
                    then least({{ exact_points('item_days.max_points') }} - item_days.points, 0)
                else 0
            end
        ) as breadth_cap_points

    from item_days
    group by item_days.scoring_model, item_days.account_id, item_days.score_date

),

final as (

    -- too few people are no breadth, and their cap takes nothing
    select
        days.scoring_model,
        windows.account_id,
        days.score_date,
        cast(coalesce(account_days.engaged_contacts, 0) as integer) as engaged_contacts,
        coalesce(silences.silence_count, 0) as silence_count,
        {{ exact_points('coalesce(account_days.signal_points, 0)') }} as signal_points,
        {{ exact_points(
            'case when account_days.engaged_contacts >= days.breadth_min_contacts'
            ~ ' then account_days.breadth_points else 0 end'
        ) }} as breadth_points,
        {{ exact_points(
            'case when account_days.engaged_contacts >= days.breadth_min_contacts'
            ~ ' then account_days.cap_points'
            ~ ' else coalesce(account_days.cap_points - account_days.breadth_cap_points, 0) end'
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
            and days.score_date >= silences.from_on
            and days.score_date < silences.until_on

    {% if is_incremental() %}
    union all

    -- after a look back, the later days no longer vouch for the earlier ones
    select
        history.scoring_model,
        history.account_id,
        history.score_date,
        history.engaged_contacts,
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
