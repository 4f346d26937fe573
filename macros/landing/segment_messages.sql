{# When a Segment message was sent, as SQL over the columns of `alias`. #}
{% macro segment_occurred_at(alias) -%}
    coalesce({{ alias }}.timestamp, {{ alias }}.original_timestamp, {{ alias }}.received_at)
{%- endmacro %}


{# When a Segment message reached the warehouse, as SQL over the columns of `alias`. #}
{% macro segment_loaded_at(alias) -%}
    coalesce(
        {{ alias }}.uuid_ts, {{ alias }}.received_at, {{ load_time(alias) }}
    )
{%- endmacro %}


{#
  The email address of a Segment message's user, as SQL over the columns of `alias` and of the CTE
  `users`. It is the address sent along, or else the user's, or else a user id that is an address.
  Null if unknown.
#}
{% macro segment_email(alias) -%}
    coalesce(
        {{ alias }}.context_traits_email, users.email,
        case when {{ alias }}.user_id like '%@%' then {{ alias }}.user_id end
    )
{%- endmacro %}


{#
  True if a row of the CTE `users` has the address of a Segment message's user at that time. It is SQL
  over the columns of `alias`, the message.
#}
{% macro is_segment_user(alias) -%}
    {{ without_decimals(alias ~ '.user_id') }} = users.user_id
    and {{ segment_occurred_at(alias) }} >= users.valid_from
    and {{ segment_occurred_at(alias) }} < users.valid_until
{%- endmacro %}
