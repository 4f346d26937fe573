{# The number of match columns that a row of `signals` fills, 0 to 7. #}
{% macro count_match_columns(signals) -%}
    (
        {%- for match_column in (
            'channel', 'event_type', 'page_category', 'asset_pattern', 'outcome', 'persona',
            'min_value'
        ) %}
        case when {{ signals }}.{{ match_column }} is not null then 1 else 0 end
        {{- ' +' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{#
  True if an event, with its kind, persona and value, belongs to a row of `int_event_kinds`. Every
  event belongs to exactly one.
#}
{% macro is_of_kind(events, kinds) -%}
    {{ events }}.event_kind = {{ kinds }}.event_kind
    and ({{ kinds }}.persona is null or {{ kinds }}.persona = coalesce({{ events }}.persona, ''))
    and coalesce({{ events }}.value >= {{ kinds }}.min_value, {{ kinds }}.min_value is null)
    and coalesce({{ events }}.value < {{ kinds }}.below_value, true)
{%- endmacro %}
