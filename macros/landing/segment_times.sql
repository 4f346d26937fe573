{# When a message of Segment was sent, as SQL over the columns of `alias`. #}
{% macro segment_occurred_at(alias) -%}
    coalesce({{ alias }}.timestamp, {{ alias }}.original_timestamp, {{ alias }}.received_at)
{%- endmacro %}


{# When a message of Segment reached the warehouse, as SQL over the columns of `alias`. #}
{% macro segment_loaded_at(alias) -%}
    coalesce(
        {{ alias }}.uuid_ts, {{ alias }}.received_at, {{ load_time(alias) }}
    )
{%- endmacro %}
