-- No signal with funnel_stage `opportunity` is part of a score that predicts one.
select
    landmark_accounts.landmark_on,
    landmark_accounts.account_id,
    signal_events.signal,
    signal_events.event_id

from {{ ref('int_landmark_accounts') }} as landmark_accounts
inner join {{ ref('int_signal_events') }} as signal_events
    on
        landmark_accounts.account_id = signal_events.account_id
        and landmark_accounts.is_eligible
        and landmark_accounts.landmark_on >= signal_events.counts_from
inner join {{ ref('signals') }} as signals
    on signal_events.signal = signals.signal and signals.funnel_stage = 'opportunity'
