{#
  One row per value of an event that reaches the least value of some signal, and the highest such
  least value: two events of one kind that reach the same are taken for the same signal.
#}
with

seen_values as (

    select distinct value from {{ ref('int_engagement_events') }}
    where value is not null

),

min_values as (

    select distinct min_value from {{ ref('int_signals') }}
    where min_value is not null

),

final as (

    select
        seen_values.value,
        max(min_values.min_value) as value_reached

    from seen_values
    inner join min_values on seen_values.value >= min_values.min_value
    group by seen_values.value

)

select * from final
