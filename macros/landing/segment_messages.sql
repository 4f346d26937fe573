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


{#
  The address of the user of a message of Segment, as SQL over the columns of `alias` and of the CTE
  `users`: the one sent along, else that of the user, else a user id that is an address. Null: unknown.
#}
{% macro segment_email(alias) -%}
    coalesce(
        {{ alias }}.context_traits_email, users.email,
        case when {{ alias }}.user_id like '%@%' then {{ alias }}.user_id end
    )
{%- endmacro %}
