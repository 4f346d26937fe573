{# How many match columns of a row of `signals` are filled, 0 to 7. #}
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
  What signals can match on but for the value, as one text, of an event's `events` (a prefix such as
  'events.') columns and the persona of its contact.
#}
{% macro event_kind(persona, events='') -%}
    {{ key_text([
        events ~ 'channel', events ~ 'event_type', events ~ 'outcome', persona, events ~ 'asset'
    ]) }}
{%- endmacro %}
