{#
  One row per account, scoring model and day of the last var `history_days` days. Computed for the
  days and accounts that something new concerns; the other rows stay as they are.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ delete_stale_history() }}",
        post_hook="{{ remember_history_state() }}",
    )
}}
{% set keys = ['scoring_model', 'account_id', 'silence_bits'] %}
{# the parts of a score, side by side so that one running sum goes over the days for all of them #}
{% set components = ['signal_amount', 'cap_amount', 'breadth_amount', 'people_amount'] %}
{# what a curve is worth when it is whole; what began before the first day, on that day #}
{% set amount = exact_points(
    double('amount') ~ ' * case when starts_on <= first_day then '
    ~ decay_after(days_between('decays_from', 'first_day'), 'half_life_days')
    ~ ' else ' ~ double('1') ~ ' end'
) %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

bands as (

    select * from {{ ref('int_score_bands') }}

),

curves as (

    select * from {{ ref('int_score_curves') }}

),

silences as (

    select * from {{ ref('int_silences') }}

),

days as (

    select {{ add_days('as_of.as_of_date', '-numbers.number') }} as on_date
    from {{ ref('int_numbers') }} as numbers
    cross join as_of
    where numbers.number < {{ var('history_days') }}

),

due_accounts as (

    -- the accounts and the first day to compute
    select
        account_id,
        refresh_from as first_day

    from {{ ref('int_history_refresh') }}

),

due_curves as (

    select
        curves.*,
        due_accounts.first_day

    from curves
    inner join due_accounts on curves.account_id = due_accounts.account_id

),

movements as (

    -- all that began by the first day is one opening balance
    select
        {{ keys | join(', ') }},
        half_life_days,
        case when starts_on <= first_day then first_day else decays_from end as decays_from,
        silences_before,
        greatest(starts_on, first_day) as starts_on,
        case when component = 'points' then {{ amount }} else 0 end as signal_amount,
        case when component = 'caps' then {{ amount }} else 0 end as cap_amount,
        case when component = 'breadth' then {{ amount }} else 0 end as breadth_amount,
        case when component = 'people' then {{ amount }} else 0 end as people_amount

    from due_curves

    union all

    -- nothing at all, from the first day on: so every account has every day
    select
        scoring_models.scoring_model,
        due_accounts.account_id,
        {{ double('0') }} as silence_bits,
        {{ double('null') }} as half_life_days,
        due_accounts.first_day as decays_from,
        0 as silences_before,
        due_accounts.first_day as starts_on,
        {{ exact_points('0') }} as signal_amount,
        {{ exact_points('0') }} as cap_amount,
        {{ exact_points('0') }} as breadth_amount,
        {{ exact_points('0') }} as people_amount

    from due_accounts
    cross join scoring_models

),

movement_groups as (

    select
        *,
        row_number() over (order by {{ keys | join(', ') }}, half_life_days) as group_number,
        dense_rank() over (order by scoring_model, account_id) as series_number

    from (
        select
            {{ keys | join(', ') }},
            half_life_days,
            min(starts_on) as first_day

        from movements
        group by {{ keys | join(', ') }}, half_life_days
    ) as groups_of_movements

),

numbered_movements as (

    -- one number to sort many days by, instead of all it stands for
    select
        movements.*,
        movement_groups.group_number

    from movements
    inner join movement_groups
        on
            movements.scoring_model = movement_groups.scoring_model
            and movements.account_id = movement_groups.account_id
            and movements.silence_bits = movement_groups.silence_bits
            and coalesce(movements.half_life_days, -1)
            = coalesce(movement_groups.half_life_days, -1)

),

wanted_days as (

    select
        movement_groups.group_number,
        movement_groups.silence_bits,
        movement_groups.half_life_days,
        days.on_date,
        {{ silences_by('silences', 'days.on_date') }} as silences

    from movement_groups
    inner join days on movement_groups.first_day <= days.on_date
    left join silences
        on
            movement_groups.scoring_model = silences.scoring_model
            and movement_groups.account_id = silences.account_id
            and days.on_date >= silences.engaged_on
            and days.on_date < silences.next_engaged_on

),

daily_points as (

    {{ summed_curves(
        'numbered_movements', 'wanted_days', ['group_number'], '(select as_of_date from as_of)',
        components
    ) }}

),

components as (

    -- of each group alone, so that the sum is the same in any order
    select
        movement_groups.series_number,
        daily_points.on_date,
        sum({{ history_points('daily_points.signal_amount') }}) as signal_points,
        sum({{ history_points('daily_points.cap_amount') }}) as cap_points,
        sum({{ history_points('daily_points.breadth_amount') }}) as breadth_points,
        cast(sum(round(daily_points.people_amount)) as integer) as people

    from daily_points
    inner join movement_groups on daily_points.group_number = movement_groups.group_number
    group by movement_groups.series_number, daily_points.on_date

),

series as (

    select distinct
        series_number,
        scoring_model,
        account_id

    from movement_groups

),

parts as (

    select
        series.scoring_model,
        series.account_id,
        components.on_date,
        scoring_models.breadth_max_points,
        scoring_models.band_hysteresis,
        components.people as engaged_contacts,
        {{ history_points('components.signal_points') }} as signal_points,
        {{ history_points('components.cap_points') }} as signal_cap_points,
        case
            when components.people >= scoring_models.breadth_min_contacts
                then {{ history_points('components.breadth_points') }}
            else 0
        end as breadth_points

    from components
    inner join series on components.series_number = series.series_number
    inner join scoring_models on series.scoring_model = scoring_models.scoring_model

),

capped_parts as (

    select
        *,
        signal_cap_points - greatest(
            breadth_points - coalesce(breadth_max_points, breadth_points), 0
        ) as cap_points

    from parts

),

scores as (

    -- no account scores less than 0
    select
        scoring_model,
        account_id,
        on_date as score_date,
        band_hysteresis,
        engaged_contacts,
        signal_points,
        {{ history_points('breadth_points') }} as breadth_points,
        {{ history_points(
            'greatest(cap_points, -signal_points - breadth_points)'
        ) }} as cap_points,
        {{ history_points(
            'greatest(signal_points + breadth_points + cap_points, 0)'
        ) }} as score_raw

    from capped_parts

),

rounded as (

    select
        *,
        {{ round_score('score_raw') }} as score

    from scores

),

plain_bands as (

    select
        rounded.*,
        bands.band,
        bands.min_score

    from rounded
    inner join bands on rounded.score >= bands.min_score and rounded.score < bands.next_min_score

),

band_edges as (

    -- with hysteresis: whether a day lets the account into a band, out of it, or neither
    select
        plain_bands.scoring_model,
        plain_bands.account_id,
        plain_bands.score_date,
        bands.min_score,
        case
            when plain_bands.score >= bands.min_score then 1
            when plain_bands.score < bands.min_score - plain_bands.band_hysteresis then -1
        end as edge

    from plain_bands
    cross join bands
    where plain_bands.band_hysteresis > 0
    {% if is_incremental() %}

    union all

    -- the day before the first one to compute
    select
        history.scoring_model,
        history.account_id,
        history.score_date,
        bands.min_score,
        case when history_bands.min_score >= bands.min_score then 1 else -1 end as edge

    from {{ this }} as history
    inner join due_accounts
        on
            history.account_id = due_accounts.account_id
            and history.score_date = {{ add_days('due_accounts.first_day', '-1') }}
    inner join bands as history_bands on history.band = history_bands.band
    inner join scoring_models on history.scoring_model = scoring_models.scoring_model
    cross join bands
    where scoring_models.band_hysteresis > 0
    {% endif %}

),

last_edges as (

    select
        scoring_model,
        account_id,
        score_date,
        min_score,
        max(case when edge = 1 then score_date end) over (
            partition by scoring_model, account_id, min_score
            order by score_date
            rows between unbounded preceding and current row
        ) as last_in_on,
        max(case when edge = -1 then score_date end) over (
            partition by scoring_model, account_id, min_score
            order by score_date
            rows between unbounded preceding and current row
        ) as last_out_on

    from band_edges

),

held_bands as (

    select
        scoring_model,
        account_id,
        score_date,
        max(min_score) as min_score

    from last_edges
    where last_in_on > coalesce(last_out_on, {{ first_day() }})
    group by scoring_model, account_id, score_date

),

final as (

    select
        plain_bands.scoring_model,
        plain_bands.account_id,
        plain_bands.score_date,
        plain_bands.score_raw,
        plain_bands.score,
        coalesce(bands.band, plain_bands.band) as band,
        plain_bands.engaged_contacts,
        plain_bands.signal_points,
        plain_bands.breadth_points,
        plain_bands.cap_points

    from plain_bands
    left join held_bands
        on
            plain_bands.scoring_model = held_bands.scoring_model
            and plain_bands.account_id = held_bands.account_id
            and plain_bands.score_date = held_bands.score_date
    left join bands on held_bands.min_score = bands.min_score

)

select * from final
