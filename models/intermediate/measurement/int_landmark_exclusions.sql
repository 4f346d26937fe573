{#
  One row per account and the days from which it is no longer asked whether it will get an
  opportunity: it has one, or sales already logs what only happens once there is one.
#}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

first_opportunities as (

    -- open, won or lost: what became of it later was not known on the landmark
    select
        account_id,
        min(created_on) as first_opportunity_on

    from {{ ref('int_opportunities') }}
    group by account_id

),

first_sales_processes as (

    select
        signal_events.account_id,
        min(signal_events.counts_from) as sales_process_from

    from {{ ref('int_signal_events') }} as signal_events
    inner join {{ ref('int_signals') }} as signals on signal_events.signal = signals.signal
    where signals.funnel_stage = 'opportunity'
    group by signal_events.account_id

),

final as (

    select
        accounts.account_id,
        cast(accounts.created_at as date) as created_on,
        coalesce(first_opportunities.first_opportunity_on, {{ last_day() }})
            as first_opportunity_on,
        coalesce(first_sales_processes.sales_process_from, {{ last_day() }})
            as sales_process_from

    from accounts
    left join first_opportunities on accounts.account_id = first_opportunities.account_id
    left join first_sales_processes on accounts.account_id = first_sales_processes.account_id

)

select * from final
