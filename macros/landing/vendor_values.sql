{# When a row of a vendor's table was loaded: the connector says it, else landing has seen it. #}
{% macro load_time(alias) -%}
    coalesce(
        {%- for column in ('_fivetran_start', '_fivetran_synced', '_airbyte_extracted_at') %}
        {{ alias }}.{{ column }},
        {%- endfor %}
        {{ alias }}.first_seen_at
    )
{%- endmacro %}


{#
  A select of the newest load of each record of a vendor's table, to look something up in. `key` is the
  column that names the record, and `record_key` the same in the one spelling of `id_key`.
#}
{% macro newest_rows(vendor, table, key) -%}
    select * from (
        select
            *,
            row_number() over (
                partition by record_key
                order by {{ load_time('keyed_rows') }} desc, row_id desc
            ) as load_rank

        from (
            select
                source_rows.*,
                {{ id_key('source_rows.' ~ key) }} as record_key

            from {{ raw_table(table, vendor) }} as source_rows
        ) as keyed_rows
    ) as ranked_rows
    where load_rank = 1 and record_key is not null
{%- endmacro %}


{# The name of a person, of the parts if there is no whole one; null: no name. #}
{% macro full_name(whole, first, last) -%}
    coalesce(
        {{ whole }},
        nullif(trim(coalesce({{ first }}, '') || ' ' || coalesce({{ last }}, '')), '')
    )
{%- endmacro %}


{#
  Several values in one text, as connectors and exports write them, ["1", "2"] or 1;2, in the one
  spelling 1,2. Null: there is none.
#}
{% macro listed(text) -%}
    nullif(replace({{ replace_all(text, '[\\[\\]"\\s]+', '') }}, ';', ','), '')
{%- endmacro %}


{#
  A select of the words that have a meaning in a table of the landing contract, one row each, as
  `plain_word`: our own and those of the seed `event_words`. `column_name` is event_type or outcome.
  Words that are ignored are left out, unless `with_ignored`.
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
        union
        select {{ plain_word('event_type') }} as plain_word

        from {{ ref('signals') }}
        where channel = '{{ meta.channel }}'
        {%- endif %}
        {%- for word in meta.get('outcomes' if column_name == 'outcome' else 'event_types', []) %}
        union
        select {{ plain_word("'" ~ word ~ "'") }} as plain_word
        {%- endfor %}
    ) as words
    where plain_word is not null
{%- endmacro %}


{#
  A select of the records that were merged into others, one row each: `merged_id`, `survivor_id` and the
  survivor's row. `rows` is a CTE with the column `id` and the text `merged_ids`, which may hold several.
#}
{% macro merged_records(rows) -%}
    select
        split_ids.value as merged_id,
        {{ rows }}.id as survivor_id,
        {{ rows }}.row_id as survivor_row_id

    from {{ rows }}
    inner join (
        {{ split_values('(select distinct merged_ids from ' ~ rows ~ ') as lists', 'merged_ids', '[;,|\\s]+') }}
    ) as split_ids
        on {{ rows }}.merged_ids = split_ids.merged_ids
    where split_ids.value <> {{ rows }}.id
{%- endmacro %}


{# The first value of a text of `listed`. #}
{% macro first_listed(text) -%}
    split_part({{ text }}, ',', 1)
{%- endmacro %}


{# True for a record that is gone from HubSpot, by any connector's word for it. #}
{% macro is_gone() -%}
    coalesce(is_deleted, false) or coalesce(_fivetran_deleted, false) or coalesce(archived, false)
{%- endmacro %}


{# The number of a tier, of 'tier_1' or 'Tier 1'; null: another text. #}
{% macro tier_number(text) -%}
    case
        when {{ replace_all(text, '[^1-3]', '') }} in ('1', '2', '3')
            then cast({{ replace_all(text, '[^1-3]', '') }} as integer)
    end
{%- endmacro %}


{# The id of an owner of HubSpot or, as exports have it, the name, in one spelling. #}
{% macro owner_key(owner) -%}
    lower({{ id_key(owner) }})
{%- endmacro %}


{# A select of the owners of HubSpot: `email` by `owner_key`, of the id and of the name. #}
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
  The id of a record that one belongs to, where one connector writes the id and another an object, in the
  spelling of `id_key`.
#}
{% macro id_or_object(id, object) -%}
    coalesce({{ id_key(id) }}, {{ json_member(object, 'id') }})
{%- endmacro %}
