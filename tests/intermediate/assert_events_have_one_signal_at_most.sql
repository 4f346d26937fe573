-- One combination of attributes is one signal, so one event gives at most one.
select
    match_key,
    count(*) as row_count

from {{ ref('int_signal_matches') }}
group by match_key
having count(*) > 1
