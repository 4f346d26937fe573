{#
  One row per event of an account in the last var `timeline_days` days, scored or not, including
  outbound activity. Machine events are left out.
#}
{% set points %}
    case
        when events.is_counted then model_signals.points * coalesce(contacts.persona_weight, 1)
        else 0
    end
{% endset %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

events as (

    select * from {{ ref('int_account_events') }}

),

model_signals as (

    select * from {{ ref('int_scoring_model_signals') }}
    where scoring_model = {{ primary_model() }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

final as (

    select
        md5({{ key_text(['events.channel', 'events.event_key']) }}) as timeline_entry_id,
        events.account_id,
        events.occurred_at,
        events.occurred_on,
        events.channel,
        events.event_type,
        events.direction,
        events.signal,
        events.label,
        events.asset,
        events.person_id,
        contacts.full_name as person_name,
        {{ exact_points(points) }} as points,
        {{ rounded_points(points) }} as points_rounded,
        as_of.as_of_date

    from events
    inner join as_of
        on events.occurred_on >= {{ add_days('as_of.as_of_date', '1 - ' ~ var('timeline_days')) }}
    left join model_signals on events.signal = model_signals.signal
    left join contacts on events.person_id = contacts.contact_id

)

select * from final
