{#
  One row per channel, event type, page category and outcome of events that no active signal
  matches: they score nothing.
#}
with

versions as (

    select * from {{ ref('int_identity_versions') }}
    where counts_until is null

),

matches as (

    select * from {{ ref('int_signal_matches') }}
    where signal is null

),

final as (

    select
        versions.channel,
        versions.event_type,
        matches.page_category,
        versions.outcome,
        cast(count(*) as integer) as event_count,
        cast(count(distinct versions.account_id) as integer) as account_count,
        min(versions.asset) as example_asset,
        min(versions.occurred_at) as first_occurred_at,
        max(versions.occurred_at) as last_occurred_at

    from versions
    inner join matches on versions.match_key = matches.match_key
    group by versions.channel, versions.event_type, matches.page_category, versions.outcome

)

select * from final
