{#
  One row per account: the first day from which its stored history has to be computed again. The
  settled days stay as they are as long as the fingerprint of what they were computed from is the
  same; of the days that are not settled yet, more may be loaded.
#}
{% set state = adapter.get_relation(this.database, this.schema, 'int_history_state') %}
{% set history = adapter.get_relation(target.database, target.schema, 'account_score_history') %}
{% set has_history = state and history and not flags.FULL_REFRESH %}
with

as_of as (

    select
        as_of_date,
        {{ first_history_day('as_of_date') }} as first_day,
        {{ add_days('as_of_date', '-' ~ var('settled_after_days')) }} as settled_on

    from {{ ref('int_as_of_date') }}

),

config as (

    select
        history_version || ' {{ var("history_days") }}' as rules_version

    from {{ ref('int_config_version') }}

),

accounts as (

    select account_id from {{ ref('stg_crm__accounts') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

built as (

    -- what the build before has left behind; no rows on the first one
    {% if has_history %}
    select
        account_id,
        settled_on,
        rules_version,
        fingerprint

    from {{ state }}
    {% else %}
    select
        {{ null_text() }} as account_id,
        cast(null as date) as settled_on,
        {{ null_text() }} as rules_version,
        {{ null_text() }} as fingerprint

    from config
    where 1 = 0
    {% endif %}

),

journals as (

    {{ last_settled_day() }}

),

cutoffs as (

    select settled_on from as_of
    union
    select settled_on from built

),

daily_points as (

    select
        daily_points.*,
        coalesce(contacts.persona_weight, 1) as persona_weight

    from {{ ref('int_daily_points') }} as daily_points
    left join contacts on daily_points.person_id = contacts.contact_id

),

fingerprints as (

    -- what was known of an account by the end of a day
    select
        cutoffs.settled_on,
        daily_points.account_id,
        {{ fingerprint(key_text([
            'daily_points.person_id', 'daily_points.signal', 'daily_points.occurred_on',
            'daily_points.counts_from', 'daily_points.event_count', 'daily_points.persona_weight',
            'case when daily_points.counts_until <= cutoffs.settled_on'
            ~ ' then daily_points.counts_until end',
            'case when daily_points.reset_on <= cutoffs.settled_on then daily_points.reset_on end',
        ])) }} as fingerprint

    from daily_points
    inner join cutoffs on daily_points.counts_from <= cutoffs.settled_on
    group by cutoffs.settled_on, daily_points.account_id

),

refreshes as (

    select
        accounts.account_id,
        case
            when
                built.rules_version = config.rules_version
                and built.settled_on <= as_of.settled_on
                and built.fingerprint = coalesce(fingerprints_then.fingerprint, 'none')
                then greatest({{ add_days('built.settled_on', '1') }}, as_of.first_day)
            else as_of.first_day
        end as refresh_from,
        as_of.settled_on,
        config.rules_version,
        coalesce(fingerprints_now.fingerprint, 'none') as fingerprint

    from accounts
    cross join as_of
    cross join config
    left join built on accounts.account_id = built.account_id
    left join fingerprints as fingerprints_then
        on
            accounts.account_id = fingerprints_then.account_id
            and built.settled_on = fingerprints_then.settled_on
    left join fingerprints as fingerprints_now
        on
            accounts.account_id = fingerprints_now.account_id
            and as_of.settled_on = fingerprints_now.settled_on

),

final as (

    select
        refreshes.account_id,
        refreshes.refresh_from,
        -- `score_changes` explains the days after the last one it has settled
        greatest(
            least(
                refreshes.refresh_from,
                coalesce({{ add_days('journals.settled_on', '1') }}, as_of.first_day)
            ),
            as_of.first_day
        ) as needed_from,
        refreshes.settled_on,
        refreshes.rules_version,
        refreshes.fingerprint

    from refreshes
    cross join as_of
    cross join journals

)

select * from final
