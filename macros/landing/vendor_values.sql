{#
  When a row of a vendor's table was loaded: the connector's time, or else the time landing first read
  it.
#}
{% macro load_time(alias) -%}
    coalesce(
        {%- for column in ('_fivetran_start', '_fivetran_synced', '_airbyte_extracted_at') %}
        {{ alias }}.{{ column }},
        {%- endfor %}
        {{ alias }}.first_seen_at
    )
{%- endmacro %}


{#
  When a row was last written, for events whose newest load alone is read. If Fivetran keeps the
  history of a table, this is later than `load_time`, which is the beginning of a version.
#}
{% macro sync_time(alias) -%}
    coalesce({{ alias }}._fivetran_synced, {{ load_time(alias) }})
{%- endmacro %}


{#
  The id of a record in Salesforce's own tables, in one spelling. Salesforce writes 15 characters, or
  three more that repeat the upper and lower case. Ids of other vendors need `without_decimals` only.
#}
{% macro salesforce_key(id) -%}
    case when length({{ id }}) = 18 then substr({{ id }}, 1, 15) else {{ id }} end
{%- endmacro %}


{#
  A select of all loads of a vendor's table. `key` is the column with the record's id, and
  `record_key` is the same in one spelling. `load_rank` 1 is the newest load of a record; see
  `by_content` for loads of the same time. `is_ended` is true for the newest version in a table
  with history if it no longer holds: the record was deleted.
#}
{% macro record_loads(vendor, table, key) -%}
    {%- set columns = raw_columns(table, vendor) -%}
    {%- set key_of = salesforce_key if vendor == 'salesforce' else without_decimals -%}
    select
        *,
        {% if '_fivetran_active' in columns %}
        load_rank = 1 and not coalesce(_fivetran_active, true) as is_ended
        {% else %}
        false as is_ended
        {% endif %}

    from (
        select
            *,
            row_number() over (
                partition by record_key
                order by
                    {{ load_time('keyed_rows') }} desc,
                    _fivetran_synced desc nulls last,
                    {{ by_content(columns) }}
            ) as load_rank

        from (
            select
                source_rows.*,
                {{ key_of('source_rows.' ~ key) }} as record_key

            from {{ raw_table(table, vendor, 'source_rows') }}
        ) as keyed_rows
    ) as ranked_rows
{%- endmacro %}


{#
  A select of the newest load of each record, with the columns of `record_loads`. It is for lookups,
  and for records that become several events: an event that a correction takes away is gone. All rows
  without an id are kept.
#}
{% macro newest_rows(vendor, table, key) -%}
    select * from (
        {{ record_loads(vendor, table, key) }}
    ) as record_loads
    where load_rank = 1 or record_key is null
{%- endmacro %}


{# The name of a person, built from its parts if there is no full name. Null if there is no name. #}
{% macro full_name(whole, first, last) -%}
    coalesce(
        {{ whole }},
        nullif(trim(coalesce({{ first }}, '') || ' ' || coalesce({{ last }}, '')), '')
    )
{%- endmacro %}


{#
  Several values in one text, written ["1", "2"] or 1;2 by connectors and exports, in one spelling:
  1,2. Null if there is none.
#}
{% macro listed(text) -%}
    nullif(replace({{ replace_all(text, '[\\[\\]"\\s]+', '') }}, ';', ','), '')
{%- endmacro %}


{#
  A select of the words with a meaning in a table of the landing contract, one row each, as
  `plain_word`. They are our own words and those of the seed `event_words`. `column_name` is
  event_type or outcome. Ignored words are left out, unless `with_ignored`.
#}
{% macro translated_words(contract_table, column_name, with_ignored=false) -%}
    {%- set tables = landing_contract() | selectattr('name', 'equalto', contract_table) | list -%}
    {%- set meta = tables[0].config.meta if tables else {} -%}
    select plain_word from (
        select {{ plain_word('word') }} as plain_word

        from {{ ref('event_words') }}
        where
            source_table = '{{ contract_table }}'
            and column_name {{ '=' if column_name == 'outcome' else '<>' }} 'outcome'
            {{ '' if with_ignored else "and means <> 'ignored'" }}
        {%- if column_name != 'outcome' %}
        union distinct
        select {{ plain_word('event_type') }} as plain_word

        from {{ ref('signals') }}
        where channel = '{{ meta.channel }}'
        {%- endif %}
        {%- for word in meta.get('outcomes' if column_name == 'outcome' else 'event_types', []) %}
        union distinct
        select {{ plain_word("'" ~ word ~ "'") }} as plain_word
        {%- endfor %}
    ) as words
    where plain_word is not null
{%- endmacro %}


{#
  A select of the records that were merged into others, one row each: `merged_id`, `survivor_id` and
  the row of the remaining record. `rows` is a CTE with its id as `record_key`, and the text
  `merged_ids`, which can hold several ids.
#}
{% macro merged_records(rows) -%}
    select
        {{ without_decimals('split_ids.value') }} as merged_id,
        {{ rows }}.record_key as survivor_id,
        {{ rows }}.row_id as survivor_row_id

    from {{ rows }}
    inner join (
        {{ split_values('(select distinct merged_ids from ' ~ rows ~ ') as lists', 'merged_ids', '[;,|\\s]+') }}
    ) as split_ids
        on {{ rows }}.merged_ids = split_ids.merged_ids
    where {{ without_decimals('split_ids.value') }} <> {{ rows }}.record_key
{%- endmacro %}


{#
  Two texts of which either can be null, as one list: 'a;b', or the one that isn't null. Null if both
  are.
#}
{% macro both(first, second) -%}
    coalesce({{ first }} || ';' || {{ second }}, {{ first }}, {{ second }})
{%- endmacro %}


{# The first value of a text from `listed`. #}
{% macro first_listed(text) -%}
    split_part({{ text }}, ',', 1)
{%- endmacro %}


{#
  True if a record of `record_loads` no longer exists, in any connector's spelling. `flags` are the
  columns of the table that say so.
#}
{% macro is_gone(flags, alias='') -%}
    {%- set table = alias ~ '.' if alias else '' -%}
    (
        {%- for flag in flags %}coalesce({{ table ~ flag }}, false) or {% endfor -%}
        {{ table }}is_ended
    )
{%- endmacro %}


{# The number of a tier, from 'tier_1' or 'Tier 1'. Null for other texts. #}
{% macro tier_number(text) -%}
    case
        when {{ replace_all(text, '[^1-3]', '') }} in ('1', '2', '3')
            then cast({{ replace_all(text, '[^1-3]', '') }} as integer)
    end
{%- endmacro %}


{#
  A select of the company of each record in a HubSpot table that links records to companies, one row
  per `record_key`. It is the primary company, whose links have the type `primary_type`, or else any.
#}
{% macro linked_companies(table, id, primary_type) -%}
    select
        record_key,
        company_id

    from (
        select
            record_key,
            company_id,
            row_number() over (
                partition by record_key
                order by
                    case when {{ without_decimals('type_id') }} = '{{ primary_type }}' then 1 else 2 end,
                    company_id
            ) as company_rank

        from (
            select
                *,
                {{ without_decimals(id) }} as record_key

            from {{ raw_table(table, 'hubspot') }}
        ) as keyed_links
        where not coalesce(_fivetran_deleted, false)
    ) as ranked_links
    where company_rank = 1
{%- endmacro %}


{# The id of a HubSpot owner, or the owner's name as exports give it, in one spelling. #}
{% macro owner_key(owner) -%}
    lower({{ without_decimals(owner) }})
{%- endmacro %}


{# A select of the HubSpot owners' `email` by `owner_key`, for both id and name. #}
{% macro hubspot_owners() -%}
    select
        owner_key,
        max(email) as email

    from (
        select
            {{ owner_key('owner_id') }} as owner_key,
            email

        from {{ raw_table('owner', 'hubspot') }}
        union all
        select
            lower({{ full_name('null', 'first_name', 'last_name') }}) as owner_key,
            email

        from {{ raw_table('owner', 'hubspot') }}
    ) as keyed_owners
    where owner_key is not null
    group by owner_key
{%- endmacro %}


{#
  A select of the texts in the column `text` of the CTE `rows` that match a pattern of the seed
  `message_patterns`, one row each. `applies_to` and `means` are those of the patterns.
#}
{% macro matched_messages(rows, text, applies_to, means) -%}
    select texts.{{ text }}
    from (
        select distinct
            {{ text }},
            {{ matched_text('lower(trim(' ~ text ~ '))') }} as matched_text

        from {{ rows }}
        where {{ text }} is not null
    ) as texts
    inner join {{ ref('message_patterns') }} as patterns
        on texts.matched_text like lower(patterns.text_pattern)
    where patterns.applies_to = '{{ applies_to }}' and patterns.means = '{{ means }}'
    group by texts.{{ text }}
{%- endmacro %}


{#
  The id of a related record, in one spelling. One connector writes it as an id, another as an object.
#}
{% macro id_or_object(id, object) -%}
    coalesce({{ without_decimals(id) }}, {{ json_member(object, 'id') }})
{%- endmacro %}
