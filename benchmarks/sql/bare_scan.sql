-- The least work for any question about accounts and time: read all event files once, and count by
-- company and month.
with

events as (

    select email, null as company, occurred_at from raw.email_events
    union all
    select email, company_domain as company, occurred_at from raw.web_events
    union all
    select email, null as company, occurred_at from raw.content_events
    union all
    select email, company_domain as company, occurred_at from raw.linkedin_events
    union all
    select email, company_domain as company, occurred_at from raw.ad_events
    union all
    select null as email, account_id as company, occurred_at from raw.crm_activities
    union all
    select null as email, company_domain as company, occurred_at from raw.intent_events
    union all
    select email, account_id as company, occurred_at from raw.product_events

),

final as (

    select
        coalesce(company, split_part(email, '@', 2)) as company,
        date_trunc('month', occurred_at) as event_month,
        count(*) as event_count

    from events
    group by 1, 2

)

select count(*) as row_count from final;
