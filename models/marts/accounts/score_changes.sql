{#
  One row per account and day on which its score changed in the primary scoring model: by how much,
  and why. This is a journal. It begins with an opening balance, each run writes the days since the
  last settled one, and settled days are never written again. A run in which nothing changes leaves a
  row without a change, so that the next run knows of it.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['account_id', 'change_date'],
        partition_by=partitioned_by('change_date'),
        on_schema_change='append_new_columns',
        full_refresh=false,
    )
}}
{# Column, its words in the explanation (none: signals or sign name it), and the kind of change. #}
{% set parts = [
    ('opening_points', 'opening balance', 'opening balance'),
    ('new_engagement_points', none, 'engagement'),
    ('identity_points', none, 'engagement'),
    ('unnamed_points', 'already counted anonymously', none),
    ('combination_points', 'combination', 'engagement'),
    ('breadth_points', 'engaged people', 'people'),
    ('ageing_points', 'ageing', 'fading'),
    ('expiry_points', 'expired', 'fading'),
    ('cap_points', none, 'engagement'),
    ('floor_points', 'no score below 0', none),
    ('silence_points', 'silence', 'fading'),
    ('reset_points', 'reset', 'fading'),
    ('configuration_points', 'changed rules', 'rules'),
    ('late_data_points', 'late data', 'late data'),
] %}
{# what an earlier run of the day said of changed rules: they stay the reason in its later runs #}
{% set rules_before = 'coalesce(journal.configuration_points, 0)' %}
{% set capped = '(cap_points - floor_points)' %}
{# smaller differences come from rounding #}
{% set noise = '0.00000001' %}
{% set balance_on = first_journal_day('as_of.as_of_date') %}
{# the day after the last one that the last run settled; null on the first run #}
{% set resumes_on = add_days('last_run.as_of_date', '1 - ' ~ var('settled_after_days')) %}
with

config as (

    select
        config_version,
        {{ score_rules('config_version') }} as score_rules

    from {{ ref('int_config_version') }}

),

bands as (

    select * from {{ ref('score_bands') }}

),

journal as (

    {% if is_incremental() %}
    select * from {{ this }}
    {% else %}
    select
        account_id,
        score_date as change_date,
        score,
        score_raw,
        score_raw as configuration_points,
        band,
        score_date as as_of_date,
        {{ null_text() }} as config_version

    from {{ ref('int_change_reasons') }}
    where 1 = 0
    {% endif %}

),

last_run as (

    -- of several runs on one day, only the last one has written all rows of the newest day
    select
        max(newest.as_of_date) as as_of_date,
        max(newest.score_rules) as score_rules

    from (
        select
            as_of_date,
            {{ score_rules('config_version') }} as score_rules

        from journal
        order by as_of_date desc, change_date desc
        limit 1
    ) as newest

),

open_days as (

    -- the days from `first_on`; greatest() ignores nulls. A run for a day before the last run opens
    -- none.
    select
        as_of.as_of_date,
        greatest({{ balance_on }}, {{ resumes_on }}) as first_on,
        coalesce({{ resumes_on }} <= {{ balance_on }}, true) as opens_with_balance,
        last_run.score_rules <> config.score_rules as has_other_rules,
        -- the last run was one of this day and these rules
        coalesce(
            last_run.as_of_date = as_of.as_of_date and last_run.score_rules = config.score_rules,
            false
        ) as is_known

    from {{ ref('int_as_of_date') }} as as_of
    cross join config
    cross join last_run
    where coalesce(last_run.as_of_date <= as_of.as_of_date, true)

),

days as (

    select
        reasons.*,
        open_days.as_of_date,
        open_days.opens_with_balance,
        open_days.has_other_rules,
        open_days.is_known,
        reasons.score_date = open_days.first_on as is_first

    from {{ ref('int_change_reasons') }} as reasons
    inner join open_days on reasons.score_date >= open_days.first_on

),

settled as (

    -- the first row of each account is its last one in the journal
    select
        journal.*,
        row_number() over (
            partition by journal.account_id order by journal.change_date desc
        ) as row_rank

    from journal
    inner join open_days on journal.change_date < open_days.first_on

),

restatements as (

    -- the first open day begins where the journal ended, or at 0. By today's rules and data it can
    -- begin elsewhere; the difference is a part of the change.
    select
        days.account_id,
        days.score_date,
        case
            when days.opens_with_balance then 'opening'
            when days.has_other_rules then 'configuration'
            else 'late_data'
        end as reason,
        coalesce(settled.score, 0) as score_before,
        coalesce(settled.score_raw, 0) as score_raw_before,
        coalesce(settled.band, lowest_band.band) as band_before,
        coalesce(days.score_raw_before, days.score_raw) - coalesce(settled.score_raw, 0) as points

    from days
    inner join bands as lowest_band on lowest_band.min_score = 0
    left join settled on days.account_id = settled.account_id and settled.row_rank = 1
    where days.is_first

),

changes as (

    select
        days.account_id,
        days.score_date as change_date,
        days.as_of_date,
        days.score,
        days.score_raw,
        days.band,
        coalesce(restatements.score_before, days.score_before) as score_before,
        coalesce(restatements.score_raw_before, days.score_raw_before) as score_raw_before,
        coalesce(restatements.band_before, days.band_before) as band_before,
        {% for part, words, kind in parts %}
        {% if part == 'opening_points' %}
        case when restatements.reason = 'opening' then restatements.points else 0 end as {{ part }},
        {% elif part == 'configuration_points' %}
        case
            when restatements.reason = 'configuration' then restatements.points
            when restatements.reason = 'late_data' then {{ rules_before }}
            else 0
        end as {{ part }},
        {% elif part == 'late_data_points' %}
        case
            when restatements.reason = 'late_data' then restatements.points - {{ rules_before }}
            else 0
        end as {{ part }},
        {% else %}
        days.{{ part }},
        {% endif %}
        {% endfor %}
        days.signal_texts,
        days.main_person_id,
        days.is_known,
        -- already written, so it is corrected even if the change is gone
        journal.account_id is not null as is_stored

    from days
    left join restatements
        on days.account_id = restatements.account_id and days.score_date = restatements.score_date
    left join journal
        on days.account_id = journal.account_id and days.score_date = journal.change_date

),

explained as (

    select
        *,
        greatest(
            {% for part, words, kind in parts if kind %}
            abs({{ part }}){{ ',' if not loop.last }}
            {% endfor %}
        ) as largest_part,
        concat_ws(
            '; ',
            signal_texts,
            {% for part, words, kind in parts if words %}
            case
                when abs({{ part }}) >= 0.05 then '{{ words }} ' || {{ signed_points(part) }}
            end,
            {% endfor %}
            case
                when {{ capped }} <= -0.05
                    then 'above the cap of a signal ' || {{ signed_points(capped) }}
                when {{ capped }} >= 0.05
                    then 'back below the cap of a signal ' || {{ signed_points(capped) }}
            end
        ) as reasons

    from changes

),

ranked as (

    select
        *,
        largest_part >= {{ noise }} or is_stored as is_written,
        row_number() over (
            order by
                case when largest_part >= {{ noise }} or is_stored then 1 else 2 end,
                change_date desc,
                account_id
        ) as row_rank

    from explained

),

final as (

    select
        explained.account_id,
        explained.change_date,
        explained.score_before,
        explained.score,
        explained.score - explained.score_before as score_change,
        explained.band_before,
        -- null: the band no longer exists
        bands_before.sort_order as band_order_before,
        explained.band,
        bands.sort_order as band_order,
        case
            when explained.largest_part < {{ noise }} then 'none'
            {%- for part, words, kind in parts if kind %}
            when abs(explained.{{ part }}) > explained.largest_part - {{ noise }} then '{{ kind }}'
            {%- endfor %}
        end as change_kind,
        {{ signed_points('explained.score - explained.score_before') }} || ': '
        || coalesce(nullif(explained.reasons, ''), 'changes below 0.05 each') as explanation,
        explained.main_person_id,
        {{ exact_points('explained.score_raw_before') }} as score_raw_before,
        {{ exact_points('explained.score_raw') }} as score_raw,
        {{ exact_points('explained.score_raw - explained.score_raw_before') }} as change_points,
        {% for part, words, kind in parts if kind %}
        {{ exact_points('explained.' ~ part) }} as {{ part }},
        {% endfor %}
        config.config_version,
        explained.as_of_date

    from ranked as explained
    cross join config
    inner join bands on explained.band = bands.band
    left join bands as bands_before on explained.band_before = bands_before.band
    where explained.is_written or (explained.row_rank = 1 and not explained.is_known)

)

select * from final
