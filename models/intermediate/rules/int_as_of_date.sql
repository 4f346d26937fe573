{# One row: the day the scores are for. The only clock of the project. #}
with

loads as (

    {% for model in staging_models() %}
    select max(loaded_at) as loaded_at from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

newest_load as (

    select cast(max(loaded_at) as date) as loaded_on from loads

),

final as (

    select
        {{ "cast('" ~ as_of_date_var() ~ "' as date)" if as_of_date_var() else 'loaded_on' }}
            as as_of_date

    from newest_load

)

select * from final
