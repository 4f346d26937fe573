-- Bands and deciles cover the whole backtest: they sum to the eligible accounts and conversions of
-- the used landmarks. Expected conversions sum to actual ones.
with

landmarks as (

    select
        sum(eligible_accounts) as n,
        sum(opportunities_created) as opportunities_created,
        sum(won) as won

    from {{ ref('backtest_landmarks') }}
    where is_used

),

sums as (

    {% for mart in ('conversion_by_band', 'conversion_by_decile') %}
    select
        '{{ mart }}' as mart,
        scoring_model,
        outcome,
        sum(n) as n,
        sum(converted) as converted,
        sum(expected_converted) as expected_converted

    from {{ ref(mart) }}
    group by scoring_model, outcome
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select sums.*
    from sums
    cross join landmarks
    where
        sums.n <> coalesce(landmarks.n, 0)
        or sums.converted <> case
            when sums.outcome = 'won' then coalesce(landmarks.won, 0)
            else coalesce(landmarks.opportunities_created, 0)
        end
        or abs(sums.expected_converted - sums.converted) > 0.000001

)

select * from final
