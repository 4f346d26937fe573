{#
  A select of the rows of one staging model of events in the columns that all channels share;
  `columns` are {column: SQL expression}, and a column that is not given is null. `event_key` names the
  event.
#}
{% macro event_rows(channel, source_table, model, columns) -%}
    select
        '{{ channel }}' as channel,
        '{{ source_table }}' as source_table,
        event_id,
        {{ columns.get('event_key', event_key('event_type')) }} as event_key,
        {{ columns.get('event_type', 'event_type') }} as event_type,
        {%- for column in (
            'account_id', 'contact_id', 'visitor_id', 'email', 'company_domain', 'campaign',
            'asset', 'outcome', 'user_agent'
        ) %}
        {{ columns.get(column, null_text()) }} as {{ column }},
        {%- endfor %}
        {{ columns.get('value', double('null')) }} as value,
        occurred_at,
        loaded_at,
        row_id

    from {{ ref(model) }}
{%- endmacro %}


{#
  What names an event within its raw table: tools use the id of one message for its delivery, open,
  click and reply, so it is the id and the type. A record of the CRM has its id alone, and keeps it while
  its type is corrected.
#}
{% macro event_key(event_type=none) -%}
    event_id || ' ' || coalesce({{ event_type or one_spelling('event_type') }}, '')
{%- endmacro %}
