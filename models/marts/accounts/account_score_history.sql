{# One row per account, scoring model and day of the last var `history_days` days. #}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

accounts as (

    select account_id from {{ ref('stg_crm__accounts') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

bands as (

    select
        band,
        min_score,
        coalesce(
            lead(min_score) over (order by min_score), {{ end_of_numbers() }}
        ) as next_min_score

    from {{ ref('score_bands') }}

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

curve_groups as (

    select
        scoring_model,
        account_id,
        component,
        silence_bits,
        half_life_days,
        min(starts_on) as first_day

    from curves
    group by scoring_model, account_id, component, silence_bits, half_life_days

),

wanted_days as (

    select
        curve_groups.scoring_model,
        curve_groups.account_id,
        curve_groups.component,
        curve_groups.silence_bits,
        curve_groups.half_life_days,
        days.on_date,
        case
            when curve_groups.component = 'people' then 0
            else {{ silences_by('silences', 'days.on_date') }}
        end as silences

    from curve_groups
    inner join days on curve_groups.first_day <= days.on_date
    left join silences
        on
            curve_groups.scoring_model = silences.scoring_model
            and curve_groups.account_id = silences.account_id
            and days.on_date >= silences.engaged_on
            and days.on_date < silences.next_engaged_on

),

daily_curves as (

    {{ summed_curves(
        'curves', 'wanted_days',
        ['scoring_model', 'account_id', 'component', 'silence_bits'],
        '(select as_of_date from as_of)'
    ) }}

),

components as (

    select
        scoring_model,
        account_id,
        on_date,
        sum(case when component = 'points' then points else 0 end) as points,
        sum(case when component = 'breadth' then points else 0 end) as breadth_points,
        cast(round(sum(case when component = 'people' then points else 0 end)) as integer) as people

    from daily_curves
    group by scoring_model, account_id, on_date

),

totals as (

    select
        scoring_models.scoring_model,
        accounts.account_id,
        days.on_date,
        coalesce(components.people, 0) as engaged_contacts,
        coalesce(components.points, 0) + case
            when components.people >= scoring_models.breadth_min_contacts
                then least(
                    components.breadth_points,
                    coalesce(scoring_models.breadth_max_points, components.breadth_points)
                )
            else 0
        end as points

    from accounts
    cross join scoring_models
    cross join days
    left join components
        on
            accounts.account_id = components.account_id
            and scoring_models.scoring_model = components.scoring_model
            and days.on_date = components.on_date

),

scores as (

    -- ten decimals: far finer than what shows, and far coarser than what running sums leave behind
    select
        scoring_model,
        account_id,
        on_date,
        engaged_contacts,
        {{ exact_points('round(greatest(points, 0), 10)') }} as score_raw

    from totals

),

rounded as (

    select
        *,
        {{ round_score('score_raw') }} as score

    from scores

),

final as (

    select
        rounded.scoring_model,
        rounded.account_id,
        rounded.on_date as score_date,
        rounded.score_raw,
        rounded.score,
        bands.band,
        rounded.engaged_contacts

    from rounded
    inner join bands on rounded.score >= bands.min_score and rounded.score < bands.next_min_score

)

select * from final
