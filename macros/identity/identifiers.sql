{#
  True if a text means "no value", by the seed `placeholders`. Use it in a where clause only; some
  engines don't allow it elsewhere.
#}
{% macro is_placeholder(text) -%}
    lower({{ text }}) in (select value from {{ ref('placeholders') }})
{%- endmacro %}


{#
  The part that two spellings of a CRM id share. Salesforce writes an id with 15 characters, or with
  three more that repeat its upper and lower case. A GUID is the same in any case, and in braces. A
  spreadsheet appends '.0' to a number. `id_key` in engagement/privacy.py is the same in Python.
#}
{% macro id_key(id) -%}
    case
        when
            length({{ id }}) = 18
            and {{ replace_all(id, '^[0-9A-Za-z]{18}$', '') }} = ''
            and substr({{ id }}, 16, 3) = {{ salesforce_suffix(id) }}
            then substr({{ id }}, 1, 15)
        when
            length({{ id }}) in (36, 38)
            and {{ replace_all('lower(' ~ id ~ ')', guid_pattern(), '') }} = ''
            then translate(lower({{ id }}), '{}', '')
        else {{ without_decimals(id) }}
    end
{%- endmacro %}


{# A pattern for a GUID in lower case, such as Dynamics has for ids. #}
{% macro guid_pattern() -%}
    ^[{]?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[}]?$
{%- endmacro %}


{#
  The three characters that Salesforce appends to its ids of 15. Each is for five characters. The
  upper-case ones among them are the bits of a number below 32. It is written as A to Z or 0 to 5.
  Source: "Convert 15 Character Id to 18 Character Id" in the help of Salesforce.
#}
{% macro salesforce_suffix(id) -%}
    {%- for part in range(3) %}
    substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1
        {%- for place in range(5) -%}
        {%- set letter = 'substr(' ~ id ~ ', ' ~ (5 * part + place + 1) ~ ', 1)' %}
        + case when {{ letter }} <> lower({{ letter }}) then {{ 2 ** place }} else 0 end
        {%- endfor -%}
    , 1)
    {{- ' ||' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# An id as the CRM writes it, without the '.0' that a spreadsheet appends to a number. #}
{% macro without_decimals(id) -%}
    case
        when {{ id }} like '%.0%' and {{ replace_all(id, '^[0-9]+\\.0+$', '') }} = ''
            then split_part({{ id }}, '.', 1)
        else {{ id }}
    end
{%- endmacro %}


{#
  A select of the values in the text column `text` of a CTE, one row each. Each has the column `key` of
  its text, or the text itself if there is no `key`. The first value has `value_rank` 1. Values are
  separated by characters that match `separators`, and are never empty.
#}
{% macro split_values(texts, text, separators, key=none) -%}
    {#- nearly all texts hold one value and don't need the join -#}
    {%- set key = key or text -%}
    {%- set separated -%}
        select
            {{ key }},
            value_list,
            length(value_list) - length(replace(value_list, ' ', '')) + 1 as value_count

        from (
            select
                {{ key }},
                trim({{ replace_all(text, separators, ' ') }}) as value_list

            from {{ texts }}
            where {{ text }} is not null
        ) as all_texts
        where value_list <> ''
    {%- endset -%}
    select
        {{ key }},
        1 as value_rank,
        value_list as value

    from (
        {{ separated }}
    ) as separated
    where value_count = 1

    union all

    select
        separated.{{ key }},
        numbers.number as value_rank,
        split_part(separated.value_list, ' ', numbers.number) as value

    from (
        {{ separated }}
    ) as separated
    inner join {{ ref('int_numbers') }} as numbers
        on numbers.number >= 1 and separated.value_count >= numbers.number
    where separated.value_count > 1
{%- endmacro %}


{#
  A select of the CRM record that each text of the CTE `texts` names: the column `text`, and the id
  after merges (null if deleted). If a text holds several ids, the first one that leads to a live
  record is used. A text that leads to no record has no row. `survivors` is a CTE with an `id_key` and
  the id after merges.
#}
{% macro named_records(texts, text, survivors, id) -%}
    select
        {{ text }},
        {{ id }}

    from (
        select
            named.{{ text }},
            records.{{ id }},
            row_number() over (
                partition by named.{{ text }}
                order by
                    case when records.{{ id }} is null then 2 else 1 end, named.value_rank
            ) as record_rank

        from (
            select
                {{ text }},
                value_rank,
                {{ id_key('value') }} as id_key

            from (
                select
                    {{ text }},
                    0 as value_rank,
                    {{ text }} as value

                from {{ texts }}

                union all

                {{ split_values(texts, text, '[;,|\\s]+') }}
            ) as all_values
        ) as named
        inner join (
            select
                id_key,
                max({{ id }}) as {{ id }}

            from {{ survivors }}
            group by id_key
        ) as records
            on named.id_key = records.id_key
    ) as ranked_records
    where record_rank = 1
{%- endmacro %}
