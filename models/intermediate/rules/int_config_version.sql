{#
  One row: the hash of all seeds. Two builds with the same hash used the same rules. Its first eight
  characters are those of the rules that can move a score, the next four those of the alert rules.
  The second hash covers only the seeds that the sums of the history depend on.
#}
{% set seeds = [
    'alert_rules', 'crawler_agents', 'domain_kinds', 'event_words', 'fit_grades', 'fit_rules',
    'free_mail_domains', 'lifecycle_stages', 'machine_user_agents', 'mailbox_rules', 'message_patterns',
    'next_actions', 'opportunity_stages', 'own_domains', 'page_categories', 'personas',
    'placeholders', 'public_suffixes', 'resets', 'role_mailboxes', 'score_bands', 'scoring_models',
    'signal_combinations', 'signal_overrides', 'signal_tiers', 'signals',
] %}
{# neither a score nor an alert depends on these #}
{% set other_seeds = ['fit_grades', 'fit_rules', 'next_actions'] %}
{% set score_seeds = seeds | reject('in', other_seeds + ['alert_rules']) | list %}
{% set history_seeds = [
    'scoring_models', 'signal_combinations', 'signal_overrides', 'signal_tiers', 'signals',
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

final as (

    select
        {% for length, part in (
            (8, score_seeds), (4, ['alert_rules']), (4, other_seeds)
        ) -%}
        substr(md5(coalesce({{ ordered_text(
            "case when seed in ('" ~ part | join("', '") ~ "') then seed || row_hash end"
        ) }}, '')), 1, {{ length }})
        {{- ' || ' if not loop.last }}
        {%- endfor %} as config_version,
        substr(md5({{ ordered_text(
            "case when seed in ('" ~ history_seeds | join("', '") ~ "') then seed || row_hash end"
        ) }}), 1, 12) as history_version

    from seed_rows

)

select * from final
