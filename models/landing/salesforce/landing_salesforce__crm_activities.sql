{# One row per Salesforce task and calendar event. #}
{{ config(enabled=is_vendor_on('salesforce'), materialized='table') }}
with

newest_tasks as (

    {{ newest_rows('salesforce', 'task', 'id') }}

),

tasks as (

    select
        *,
        -- every task other than a call or email has the subtype Task, so its type says more
        case
            when {{ plain_word('task_subtype') }} = 'task' then coalesce(type, task_subtype)
            else coalesce(task_subtype, type, 'task')
        end as kind,
        coalesce({{ plain_word('task_subtype') }}, 'task') = 'task' as is_told_by_subject

    from newest_tasks

),

events as (

    {{ newest_rows('salesforce', 'event', 'id') }}

),

contact_emails as (

    select * from {{ ref('landing_salesforce__contact_emails') }}

),

canceled as (

    {{ matched_messages('events', 'subject', 'subject', 'canceled') }}

),

known_types as (

    {{ translated_words('crm_activities', 'event_type') }}

),

final as (

    select
        {{ contract_columns('crm_activities', {
            'activity_id': "'salesforce ' || tasks.id",
            'account_id': 'tasks.account_id',
            'contact_id': 'tasks.who_id',
            'email': 'null' if var('crm') == 'salesforce' else 'contact_emails.email',
            'activity_type': "case when " ~ is_gone(['is_deleted'], 'tasks') ~ " then 'deleted'"
                ~ " when tasks.is_recurrence then 'recurrence'"
                ~ " when known_types.plain_word is not null then tasks.subject else tasks.kind end",
            'outcome': 'case when tasks.is_closed = false'
                ~ ' then coalesce(tasks.status, tasks.call_disposition)'
                ~ ' else coalesce(tasks.call_disposition, tasks.status) end',
            'occurred_at': 'coalesce(tasks.completed_date_time, '
                ~ 'case when cast(tasks.activity_date as date) = cast(tasks.created_date as date) '
                ~ 'then tasks.created_date end, tasks.activity_date, tasks.created_date)',
            'loaded_at': sync_time('tasks'),
        }, 'tasks') }}

    from tasks
    left join contact_emails on {{ salesforce_key('tasks.who_id') }} = contact_emails.contact_key
    left join known_types
        on
            {{ plain_word('tasks.subject') }} = known_types.plain_word
            and tasks.is_told_by_subject

    union all

    select
        {{ contract_columns('crm_activities', {
            'activity_id': "'salesforce ' || events.id",
            'account_id': 'events.account_id',
            'contact_id': 'events.who_id',
            'email': 'null' if var('crm') == 'salesforce' else 'contact_emails.email',
            'activity_type': "case when " ~ is_gone(['is_deleted'], 'events') ~ " then 'deleted'"
                ~ " when events.is_recurrence then 'recurrence'"
                ~ " when events.is_child then 'invitation of a colleague'"
                ~ " when known_types.plain_word is not null then events.subject"
                ~ " else coalesce(events.type, 'meeting') end",
            'outcome': "case when canceled.subject is not null then 'canceled' end",
            'occurred_at': 'coalesce(events.start_date_time, events.activity_date_time, '
                ~ 'events.activity_date)',
            'loaded_at': sync_time('events'),
        }, 'events') }}

    from events
    left join contact_emails on {{ salesforce_key('events.who_id') }} = contact_emails.contact_key
    left join canceled on events.subject = canceled.subject
    left join known_types on {{ plain_word('events.subject') }} = known_types.plain_word

)

select * from final
