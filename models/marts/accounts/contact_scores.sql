{#
  One row per person of a prospect account: the buying committee, including people without points.
  Our own people are left out. Points are those of the primary scoring model, after caps (see
  `int_person_points`).
#}
with

person_points as (

    select * from {{ ref('int_person_points') }}

),

prospects as (

    select * from {{ ref('int_accounts') }}
    where is_prospect

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

members as (

    select
        account_id,
        person_id,
        points,
        event_count,
        last_engaged_on

    from person_points

    union all

    select
        account_id,
        contact_id as person_id,
        0 as points,
        0 as event_count,
        cast(null as date) as last_engaged_on

    from {{ ref('int_contact_accounts') }}
    where valid_until = {{ last_day() }}

),

people as (

    select
        account_id,
        person_id,
        sum(points) as points,
        sum(event_count) as event_count,
        max(last_engaged_on) as last_engaged_on

    from members
    group by account_id, person_id

),

main_signals as (

    select
        account_id,
        person_id,
        label,
        row_number() over (
            partition by account_id, person_id
            order by {{ ranked_points('points') }} desc, label
        ) as signal_rank

    from person_points
    where is_signal

),

final as (

    select
        people.account_id,
        people.person_id,
        contacts.contact_id,
        contacts.full_name,
        coalesce(
            contacts.email, case when contacts.contact_id is null then people.person_id end
        ) as email,
        contacts.job_title,
        contacts.persona,
        coalesce(contacts.is_decision_maker, false) as is_decision_maker,
        cast(
            row_number() over (
                partition by people.account_id
                order by {{ ranked_points('people.points') }} desc, people.person_id
            ) as integer
        ) as contact_rank,
        {{ round_score('people.points') }} as score,
        {{ exact_points('people.points') }} as score_raw,
        cast(people.event_count as integer) as event_count,
        main_signals.label as main_signal_label,
        people.last_engaged_on,
        as_of.as_of_date

    from people
    cross join as_of
    inner join prospects on people.account_id = prospects.account_id
    left join contacts on people.person_id = contacts.contact_id
    left join main_signals
        on
            people.account_id = main_signals.account_id
            and people.person_id = main_signals.person_id
            and main_signals.signal_rank = 1
    where not coalesce(contacts.is_own, false)

)

select * from final
