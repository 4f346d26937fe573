-- "Why did the account go from 22 to 53 since Monday, and who was alerted?" Put in the account and
-- the day. It gives one row per change and alert, oldest first.
select
    changes.change_date,
    changes.score_before,
    changes.score,
    changes.band,
    changes.explanation,
    alerts.recipient_role as notified,
    alerts.alert

from {{ ref('score_changes') }} as changes
left join {{ ref('score_alerts') }} as alerts
    on changes.account_id = alerts.account_id and changes.change_date = alerts.created_on
where
    changes.account_id = 'A000190'
    and changes.change_date >= date '2026-05-18'
    and (changes.score <> changes.score_before or alerts.alert_id is not null)
order by changes.change_date, alerts.recipient_role
