{#
  One row per landmark and account in the CRM by that day: whether the account is eligible, and its
  outcome within the window. A null outcome means the account isn't eligible, or the landmark isn't
  used.
#}
with

landmarks as (

    select * from {{ ref('int_landmarks') }}

),

accounts as (

    select * from {{ ref('int_accounts') }}

),

opportunities as (

    select * from {{ ref('int_opportunities') }}

),

first_opportunities as (

    -- open, won or lost: the later result wasn't known on the landmark
    select
        account_id,
        min(created_on) as opportunity_from

    from opportunities
    group by account_id

),

first_sales_processes as (

    -- an account with a demo has a deal, even if the CRM doesn't show it yet
    select
        signal_events.account_id,
        min(signal_events.counts_from) as sales_process_from

    from {{ ref('int_signal_events') }} as signal_events
    inner join {{ ref('int_signals') }} as signals on signal_events.signal = signals.signal
    where signals.funnel_stage = 'opportunity'
    group by signal_events.account_id

),

landmark_accounts as (

    select
        landmarks.landmark_on,
        landmarks.horizon_ends_on,
        landmarks.is_used,
        landmarks.is_as_of_date,
        accounts.account_id,
        accounts.account_tier,
        case
            when first_opportunities.opportunity_from <= landmarks.landmark_on
                then 'has an opportunity'
            when first_sales_processes.sales_process_from <= landmarks.landmark_on
                then 'in a sales process'
            -- a customer of today was a prospect before its first deal; one without a deal became a
            -- customer on an unknown day
            when
                accounts.lifecycle <> 'prospect'
                and (
                    landmarks.is_as_of_date
                    or accounts.lifecycle <> 'customer'
                    or first_opportunities.opportunity_from is null
                )
                then 'not a prospect'
            else 'eligible'
        end as eligibility

    from landmarks
    inner join accounts on landmarks.landmark_on >= cast(accounts.created_at as date)
    left join first_opportunities on accounts.account_id = first_opportunities.account_id
    left join first_sales_processes on accounts.account_id = first_sales_processes.account_id

),

outcomes as (

    -- an eligible account has no opportunity yet, so all of its opportunities come after the
    -- landmark
    select
        landmark_accounts.landmark_on,
        landmark_accounts.account_id,
        min(opportunities.created_on) as opportunity_created_on,
        min(
            case
                when
                    opportunities.outcome = 'won'
                    and opportunities.closed_on > landmark_accounts.landmark_on
                    and opportunities.closed_on <= landmark_accounts.horizon_ends_on
                    then opportunities.closed_on
            end
        ) as won_on,
        sum({{ usd('opportunities.amount_usd') }}) as amount_usd

    from landmark_accounts
    inner join opportunities
        on
            landmark_accounts.account_id = opportunities.account_id
            and landmark_accounts.horizon_ends_on >= opportunities.created_on
    where landmark_accounts.is_used and landmark_accounts.eligibility = 'eligible'
    group by landmark_accounts.landmark_on, landmark_accounts.account_id

),

final as (

    select
        landmark_accounts.*,
        landmark_accounts.eligibility = 'eligible' as is_eligible,
        case
            when not landmark_accounts.is_used or landmark_accounts.eligibility <> 'eligible'
                then null
            when outcomes.opportunity_created_on is null then 0
            else 1
        end as opportunity_created,
        case
            when not landmark_accounts.is_used or landmark_accounts.eligibility <> 'eligible'
                then null
            when outcomes.won_on is null then 0
            else 1
        end as won,
        outcomes.amount_usd

    from landmark_accounts
    left join outcomes
        on
            landmark_accounts.landmark_on = outcomes.landmark_on
            and landmark_accounts.account_id = outcomes.account_id

)

select * from final
