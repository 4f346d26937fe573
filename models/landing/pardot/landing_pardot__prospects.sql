{# One row per Pardot prospect that isn't in the recycle bin. #}
{{ config(enabled=is_vendor_on('pardot'), materialized=for_many_readers()) }}
with

newest_rows as (

    {{ newest_rows('pardot', 'prospect', 'id') }}

),

final as (

    select
        record_key as prospect_id,
        email,
        created_at

    from newest_rows
    where not {{ is_gone(['is_archived', '_fivetran_deleted']) }} and record_key is not null

)

select * from final
