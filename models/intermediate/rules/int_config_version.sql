{#
  One row: the hash of the content of all scoring seeds. Two builds with the same hash scored by the
  same rules. The second hash is over the seeds that daily points are scored with, the third over
  what decides which event is which signal: with the same one, no event has to be matched again.
#}
{% set seeds = [
    'alert_rules', 'fit_grades', 'fit_rules', 'free_email_domains', 'machine_user_agents',
    'next_actions', 'opportunity_stages', 'page_categories', 'personas', 'score_bands',
    'scoring_models', 'signal_combinations', 'signal_overrides', 'signal_tiers', 'signals',
] %}
{% set history_seeds = [
    'score_bands', 'scoring_models', 'signal_combinations', 'signal_overrides', 'signal_tiers',
    'signals',
] %}
with

seed_rows as (

    {% for seed in seeds %}
    select
        '{{ seed }}' as seed,
        {{ seed_row_hash(seed) }} as row_hash

    from {{ ref(seed) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

matching_rows as (

    select
        'signals' as seed,
        md5({{ key_text([
            'signal', 'channel', 'event_type', 'page_category', 'asset_pattern', 'outcome',
            'persona', 'min_value', 'match_priority', 'match_columns', 'repeat_minutes',
        ]) }}) as row_hash

    from {{ ref('int_signals') }}

    union all

    select
        seed,
        row_hash

    from seed_rows
    where seed = 'page_categories'

),

versions as (

    select
        substr(md5({{ ordered_text('seed || row_hash') }}), 1, 12) as config_version,
        substr(md5({{ ordered_text(
            "case when seed in ('" ~ history_seeds | join("', '") ~ "') then seed || row_hash end"
        ) }}), 1, 12) as history_version

    from seed_rows

),

matching as (

    select substr(md5({{ ordered_text('seed || row_hash') }}), 1, 12) as matching_version
    from matching_rows

),

final as (

    select
        versions.config_version,
        versions.history_version,
        matching.matching_version

    from versions
    cross join matching

)

select * from final
