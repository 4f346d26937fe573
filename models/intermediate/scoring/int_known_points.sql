{#
  One row per account and day on which something about its daily points became known: that they
  count, stop counting or are reset. The sum of the fingerprints up to a day identifies what was
  known by then. An account's history is computed again only if that sum changes.
#}
{{ config(materialized='view') }}
{% set points_key = key_text([
    'daily_points.person_id', 'daily_points.signal', 'daily_points.occurred_on',
    'daily_points.counts_from', 'daily_points.first_known_on', 'daily_points.event_count',
    'contacts.persona_weight',
]) %}
with

daily_points as (

    select
        daily_points.*,
        {{ points_key }} as points_key

    from {{ ref('int_daily_points') }} as daily_points
    left join {{ ref('int_contacts') }} as contacts
        on daily_points.person_id = contacts.contact_id

),

facts as (

    select
        account_id,
        counts_from as known_on,
        points_key as fact

    from daily_points

    union all

    select
        account_id,
        greatest(counts_from, counts_until) as known_on,
        'until ' || points_key as fact

    from daily_points
    where counts_until is not null

    union all

    select
        account_id,
        greatest(counts_from, reset_on) as known_on,
        {{ key_text(['reset_on', 'points_key']) }} as fact

    from daily_points
    where reset_on is not null

),

final as (

    select
        account_id,
        known_on,
        {{ fingerprint('fact') }} as fingerprint

    from facts
    group by account_id, known_on

)

select * from final
