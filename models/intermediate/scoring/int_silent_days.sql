{#
  One row per scoring model with silence rules, account and day, up to the as-of date, at whose end
  the account had been silent for `silence_days` in a row, or a multiple of them.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

silences as (

    select * from {{ ref('int_silences') }}

),

stretches as (

    select
        silences.scoring_model,
        silences.account_id,
        silences.engaged_on,
        silences.silence_days,
        floor(
            {{ days_between(
                'silences.engaged_on',
                'least(' ~ add_days('silences.next_engaged_on', '-1') ~ ', as_of.as_of_date)'
            ) }} * 1.0 / silences.silence_days
        ) as silence_count

    from silences
    cross join as_of
    where silences.engaged_on <= as_of.as_of_date

),

final as (

    select
        stretches.scoring_model,
        stretches.account_id,
        {{ add_days('stretches.engaged_on', 'stretches.silence_days * numbers.number') }}
            as silent_on

    from stretches
    inner join {{ ref('int_numbers') }} as numbers on stretches.silence_count >= numbers.number
    where numbers.number >= 1

)

select * from final
