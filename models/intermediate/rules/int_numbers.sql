{# One row per whole number from 0 to 9999, used to count days. #}
with

digits as (

    {% for digit in range(10) %}
    select {{ digit }} as digit
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit as number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands

)

select * from final
