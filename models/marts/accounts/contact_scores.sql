{#
  One row per person of a prospect account: the buying committee, including people without points.
  Points are those of the primary scoring model. A cap on a signal is shared among people in
  proportion to their points. So the people and the unidentified visitors of an account add up to
  its score.
#}
with

ledger as (

    select score_ledger.*
    from {{ ref('score_ledger') }} as score_ledger
    inner join {{ ref('scoring_models') }} as scoring_models
        on score_ledger.scoring_model = scoring_models.scoring_model and scoring_models.is_primary

),

prospects as (

    select * from {{ ref('int_accounts') }}
    where is_prospect

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

caps as (

    -- the base points of a cap row are the points before the cap
    select
        account_id,
        -- '': breadth
        coalesce(signal, '') as capped,
        1 + {{ double('points') }} / {{ double('base_points') }} as share_left

    from ledger
    where entry_type = 'cap'

),

person_entries as (

    select
        ledger.account_id,
        ledger.person_id,
        ledger.entry_type,
        ledger.signal,
        ledger.label,
        ledger.occurred_on,
        ledger.event_count,
        ledger.entry_type = 'event' and signals.is_engagement as is_engagement,
        {{ exact_points(double('ledger.points') ~ ' * coalesce(caps.share_left, 1)') }}
            as points_after_cap

    from ledger
    left join caps
        on
            ledger.account_id = caps.account_id
            and coalesce(ledger.signal, case when ledger.combination is null then '' end)
            = caps.capped
    left join signals on ledger.signal = signals.signal
    where ledger.person_id is not null

),

person_points as (

    select
        account_id,
        person_id,
        sum(points_after_cap) as points,
        sum(case when entry_type = 'event' then event_count else 0 end) as event_count,
        max(case when is_engagement then occurred_on end) as last_engaged_on

    from person_entries
    group by account_id, person_id

),

members as (

    select
        account_id,
        person_id

    from person_points

    union distinct

    select
        account_id,
        contact_id as person_id

    from {{ ref('int_contact_accounts') }}
    where valid_until = {{ last_day() }}

),

people as (

    select
        members.account_id,
        members.person_id,
        coalesce(person_points.points, 0) as points,
        coalesce(person_points.event_count, 0) as event_count,
        person_points.last_engaged_on

    from members
    left join person_points
        on
            members.account_id = person_points.account_id
            and members.person_id = person_points.person_id

),

signal_sums as (

    select
        account_id,
        person_id,
        label,
        sum(points_after_cap) as points

    from person_entries
    where signal is not null
    group by account_id, person_id, label

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

    from signal_sums

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

)

select * from final
