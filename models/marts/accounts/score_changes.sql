{#
  One row per account and day on which its score changed in the primary scoring model: by how much,
  and why. A journal: a row is written with what is known when its day is settled, and never again.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook=[
            "{{ delete_new_days('change_date') }}",
            "{{ mask_journal_texts('explanation') }}",
        ],
    )
}}
{% set settled_scores = adapter.get_relation(
    this.database, ref('int_new_days').schema, 'int_settled_scores'
) %}
{% set edge_sums = [
    ('new_engagement', "signal is not null and edge = 'start' and occurred_on = on_date"),
    ('named', "signal is not null and edge = 'start' and occurred_on < on_date"),
    ('unnamed', "signal is not null and end_reason = 'replaced'"),
    ('combined', "combination is not null and coalesce(end_reason, 'replaced') = 'replaced'"),
    ('signals_expired', "component = 'points' and end_reason = 'expired'"),
    ('signals_reset', "component = 'points' and end_reason = 'reset'"),
    ('people_started', "component = 'breadth' and edge = 'start'"),
    ('people_replaced', "component = 'breadth' and end_reason = 'replaced'"),
    ('people_expired', "component = 'breadth' and end_reason = 'expired'"),
    ('people_reset', "component = 'breadth' and end_reason = 'reset'"),
] %}
{% set part_words = [
    ('unnamed', 'counted without a name before'), ('combined', 'combination'),
    ('people', 'engaged people'), ('aged', 'ageing'), ('expired', 'expired'), ('caps', 'caps'),
    ('silenced', 'silence'), ('taken_back', 'not interested or unsubscribed'),
    ('configured', 'changed rules'), ('learned_late', 'late data'),
] %}
-- what is smaller is noise of the arithmetic
{% set noise = '0.00000001' %}
with

new_days as (

    select * from {{ ref('int_new_days') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}
    where is_primary

),

config as (

    select config_version from {{ ref('int_config_version') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

contacts as (

    select * from {{ ref('int_shown_contacts') }}

),

lowest_band as (

    select band from {{ ref('score_bands') }}
    where min_score = (select min(min_score) from {{ ref('score_bands') }})

),

settled as (

    -- what the journal has said of an account last; nothing on the first run
    {% if settled_scores %}
    select
        account_id,
        score as settled_score,
        score_raw as settled_score_raw,
        band as settled_band,
        config_version as settled_config_version

    from {{ settled_scores }}
    {% else %}
    select
        {{ null_text() }} as account_id,
        cast(null as integer) as settled_score,
        {{ exact_points('null') }} as settled_score_raw,
        {{ null_text() }} as settled_band,
        {{ null_text() }} as settled_config_version

    from config
    where 1 = 0
    {% endif %}

),

history as (

    select
        history.*,
        lag(history.score) over account_days as score_before,
        lag(history.score_raw) over account_days as score_raw_before,
        lag(history.band) over account_days as band_before,
        lag(history.signal_points) over account_days as signal_points_before,
        lag(history.breadth_points) over account_days as breadth_points_before,
        lag(history.cap_points) over account_days as cap_points_before,
        history.engaged_contacts >= scoring_models.breadth_min_contacts as has_breadth,
        lag(history.engaged_contacts) over account_days >= scoring_models.breadth_min_contacts
            as had_breadth,
        scoring_models.silence_factor

    from {{ ref('account_score_history') }} as history
    inner join scoring_models on history.scoring_model = scoring_models.scoring_model
    inner join new_days on history.score_date >= {{ add_days('new_days.new_from', '-1') }}
    window account_days as (partition by history.account_id order by history.score_date)

),

edges as (

    select edges.*
    from {{ ref('int_score_edges') }} as edges
    inner join new_days on edges.on_date >= new_days.new_from

),

silent_days as (

    select silent_days.*
    from {{ ref('int_silent_days') }} as silent_days
    inner join scoring_models on silent_days.scoring_model = scoring_models.scoring_model

),

day_edges as (

    select
        account_id,
        {% for name, condition in edge_sums %}
        sum(case when {{ condition }} then points else 0 end) as {{ name }},
        {% endfor %}
        on_date

    from edges
    group by account_id, on_date

),

known_parts as (

    -- what began and ceased to count, with people only as far as they were enough to count
    select
        history.account_id,
        history.score_date,
        history.score_date = new_days.new_from
        and new_days.settled_before is not null as follows_settled_day,
        history.score,
        history.score_raw,
        history.band,
        history.score_before,
        history.score_raw_before,
        history.band_before,
        history.has_breadth and history.had_breadth as keeps_breadth,
        history.signal_points,
        history.signal_points_before,
        history.breadth_points,
        history.breadth_points_before,
        history.cap_points - history.cap_points_before as caps,
        coalesce(day_edges.new_engagement, 0) as new_engagement,
        coalesce(day_edges.named + day_edges.unnamed, 0) as recognised,
        -- the part of it that was counted before, for the account or somebody else
        coalesce(day_edges.unnamed, 0) as unnamed,
        coalesce(day_edges.combined, 0) as combined,
        coalesce(day_edges.signals_expired, 0) as signals_expired,
        coalesce(day_edges.signals_reset, 0) as signals_reset,
        case when history.has_breadth then coalesce(day_edges.people_started, 0) else 0 end
            as people_started,
        case when history.had_breadth then coalesce(day_edges.people_replaced, 0) else 0 end
            as people_replaced,
        case when history.had_breadth then coalesce(day_edges.people_expired, 0) else 0 end
            as people_expired,
        case when history.had_breadth then coalesce(day_edges.people_reset, 0) else 0 end
            as people_reset,
        -- what a silence at the end of the day takes of every point
        case when silent_days.account_id is not null then history.silence_factor - 1 else 0 end
            as silence_share

    from history
    inner join new_days on history.score_date >= new_days.new_from
    left join day_edges
        on history.account_id = day_edges.account_id and history.score_date = day_edges.on_date
    left join silent_days
        on
            history.account_id = silent_days.account_id
            and history.score_date = silent_days.silent_on
    where history.score_raw_before is not null

),

bases as (

    select
        *,
        signal_points_before + new_engagement + recognised + combined
        + signals_expired + signals_reset as signal_basis,
        breadth_points_before + people_started + people_replaced
        + people_expired + people_reset as breadth_basis

    from known_parts

),

silenced as (

    select
        *,
        {{ exact_points(double('signal_basis') ~ ' * ' ~ double('silence_share')) }}
            as signal_silence,
        {{ exact_points(double('breadth_basis') ~ ' * ' ~ double('silence_share')) }}
            as breadth_silence

    from bases

),

rests as (

    -- what is left over has aged, or is the points of people who are enough now, or no longer
    select
        *,
        signal_points - signal_basis - signal_silence as signal_rest,
        breadth_points - breadth_basis - breadth_silence as breadth_rest

    from silenced

),

restatements as (

    -- on the first new day: what today's rules and data make of the day before it; an account that
    -- the journal does not know yet had nothing
    select
        rests.*,
        case
            when rests.follows_settled_day then coalesce(settled.settled_score, 0)
        end as settled_score,
        case
            when rests.follows_settled_day then coalesce(settled.settled_band, lowest_band.band)
        end as settled_band,
        case
            when rests.follows_settled_day
                then rests.score_raw_before - coalesce(settled.settled_score_raw, 0)
        end as restatement_with_noise,
        coalesce(settled.settled_config_version <> config.config_version, false) as has_new_rules

    from rests
    cross join config
    cross join lowest_band
    left join settled on rests.account_id = settled.account_id

),

restated as (

    select
        *,
        case
            when abs(restatement_with_noise) >= {{ noise }} then restatement_with_noise
            else 0
        end as restatement

    from restatements

),

parts as (

    select
        account_id,
        score_date,
        coalesce(settled_score, score_before) as score_before,
        score,
        coalesce(settled_band, band_before) as band_before,
        band,
        score_raw_before - restatement as score_raw_before,
        score_raw,
        new_engagement,
        recognised,
        unnamed,
        combined,
        people_started + people_replaced
        + case when keeps_breadth then 0 else breadth_rest end as people,
        signal_rest + case when keeps_breadth then breadth_rest else 0 end as aged,
        signals_expired + people_expired as expired,
        caps,
        signal_silence + breadth_silence as silenced,
        signals_reset + people_reset as taken_back,
        case when has_new_rules then restatement else 0 end as configured,
        case when not has_new_rules then restatement else 0 end as learned_late

    from restated

),

items as (

    select
        edges.account_id,
        edges.on_date,
        signals.label
        || case
            when edges.occurred_on < edges.on_date
                then ' on ' || {{ day_and_month('edges.occurred_on', 'edges.on_date') }}
            else ''
        end
        || coalesce(
            ' by ' || coalesce(contacts.full_name, {{ masked('edges.person_id') }}), ''
        )
        || ' (' || {{ points_text('edges.points') }}
        || case when edges.is_capped then ' → capped' else '' end || ')' as item,
        row_number() over (
            partition by edges.account_id, edges.on_date
            order by
                abs(edges.points) desc,
                signals.label,
                edges.person_id nulls last,
                edges.occurred_on
        ) as item_rank,
        count(*) over (partition by edges.account_id, edges.on_date) as item_count

    from edges
    inner join signals on edges.signal = signals.signal
    left join contacts on edges.person_id = contacts.contact_id
    where edges.edge = 'start'

),

item_texts as (

    select
        account_id,
        on_date,
        max(case when item_rank = 1 then item end)
        || coalesce(', ' || max(case when item_rank = 2 then item end), '')
        || coalesce(', ' || max(case when item_rank = 3 then item end), '')
        || case
            when max(item_count) > 3
                then ' and ' || cast(max(item_count) - 3 as {{ dbt.type_string() }}) || ' more'
            else ''
        end as items

    from items
    group by account_id, on_date

),

explained as (

    select
        parts.*,
        concat_ws(
            '; ',
            item_texts.items
            {%- for part, words in part_words %},
            case
                when abs(parts.{{ part }}) >= 0.05
                    then '{{ words }} ' || {{ signed_points('parts.' ~ part) }}
            end
            {%- endfor %}
        ) as reasons

    from parts
    left join item_texts
        on parts.account_id = item_texts.account_id and parts.score_date = item_texts.on_date

),

final as (

    select
        explained.account_id,
        explained.score_date as change_date,
        explained.score_before,
        explained.score,
        explained.score - explained.score_before as score_change,
        explained.band_before,
        explained.band,
        {{ signed_points('explained.score - explained.score_before') }} || ': '
        || coalesce(nullif(explained.reasons, ''), 'changes below 0.05 each') as explanation,
        {{ exact_points('explained.score_raw_before') }} as score_raw_before,
        {{ exact_points('explained.score_raw') }} as score_raw,
        {{ exact_points('explained.score_raw - explained.score_raw_before') }} as change_points,
        {{ exact_points('explained.new_engagement') }} as new_engagement_points,
        {{ exact_points('explained.recognised') }} as identity_points,
        {{ exact_points('explained.combined') }} as combination_points,
        {{ exact_points('explained.people') }} as breadth_points,
        {{ exact_points('explained.aged') }} as ageing_points,
        {{ exact_points('explained.expired') }} as expiry_points,
        {{ exact_points('explained.caps') }} as cap_points,
        {{ exact_points('explained.silenced') }} as silence_points,
        {{ exact_points('explained.taken_back') }} as reset_points,
        {{ exact_points('explained.configured') }} as configuration_points,
        {{ exact_points('explained.learned_late') }} as late_data_points,
        config.config_version

    from explained
    cross join config
    where
        abs(explained.score_raw - explained.score_raw_before) >= {{ noise }}
        or abs(explained.new_engagement) >= {{ noise }}
        or abs(explained.recognised) >= {{ noise }}
        or abs(explained.taken_back) >= {{ noise }}
        or explained.score <> explained.score_before

)

select * from final
