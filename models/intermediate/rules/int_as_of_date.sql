{# One row: the day the scores are for. It is the only clock of the project. #}
with

loads as (

    select max(loaded_at) as loaded_at from {{ ref('int_events') }}
    union all
    select max(loaded_at) as loaded_at from {{ ref('stg_crm__accounts') }}
    union all
    select max(loaded_at) as loaded_at from {{ ref('stg_crm__account_domains') }}
    union all
    select max(loaded_at) as loaded_at from {{ ref('stg_crm__contacts') }}
    union all
    select max(loaded_at) as loaded_at from {{ ref('stg_crm__opportunities') }}

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
