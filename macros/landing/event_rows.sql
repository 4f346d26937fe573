{#
  A select of the rows of one staging model of events, in the columns that all channels share.
  `columns` is {column: SQL expression}; a column that isn't given is null. `event_key` identifies the
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
  The key of an event within its raw table. Email tools use one id for the delivery, open, click and
  reply of a message, so the key is id and type. A CRM record keeps its id when its type is corrected,
  so its key is the id alone.
#}
{% macro event_key(event_type=none) -%}
    event_id || ' ' || coalesce({{ event_type or one_spelling('event_type') }}, '')
{%- endmacro %}
