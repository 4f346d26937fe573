{#
  One row per account, person, combination and day on which the pair was completed: the day of the
  later of two signals that are at most `within_days` apart, whichever came first. A pair that was
  completed stays so, even if one of its events turns out to be a repeat later.
#}
with

combinations as (

    select * from {{ ref('signal_combinations') }}
    where is_active

),

daily_points as (

    select * from {{ ref('int_daily_points') }}
    where person_id is not null

),

first_days as (

    select
        daily_points.*,
        combinations.combination,
        combinations.within_days

    from daily_points
    inner join combinations on daily_points.signal = combinations.first_signal

),

second_days as (

    select
        daily_points.*,
        combinations.combination

    from daily_points
    inner join combinations on daily_points.signal = combinations.second_signal

),

pairs as (

    select
        first_days.account_id,
        first_days.person_id,
        first_days.combination,
        case
            when first_days.occurred_on > second_days.occurred_on then first_days.occurred_on
            else second_days.occurred_on
        end as completed_on,
        case
            when first_days.counts_from > second_days.counts_from then first_days.counts_from
            else second_days.counts_from
        end as counts_from,
        case
            when first_days.occurred_on > second_days.occurred_on then first_days.reset_on
            else second_days.reset_on
        end as reset_on

    from first_days
    inner join second_days
        on
            first_days.account_id = second_days.account_id
            and first_days.person_id = second_days.person_id
            and first_days.combination = second_days.combination
    where
        abs({{ days_between('first_days.occurred_on', 'second_days.occurred_on') }})
        <= first_days.within_days

),

final as (

    select distinct * from pairs

)

select * from final
