{#
  Links (id, next_id) from CRM records to the records they were merged into. `records` is a CTE with the
  columns `id_key` and `merged_into_key` (see `id_key`). If an id has two spellings, the shorter one
  links to the longer one.
#}
{% macro merge_links(records, id) -%}
    {%- set spellings -%}
        (partition by id_key order by length({{ id }}) desc, loaded_at desc, {{ id }})
    {%- endset -%}
    select
        merged.{{ id }} as id,
        case
            when merged.{{ id }} <> merged.spelling then merged.spelling
            else nullif(survivors.{{ id }}, merged.{{ id }})
        end as next_id

    from (
        select
            {{ id }},
            merged_into_key,
            first_value({{ id }}) over {{ spellings }} as spelling

        from {{ records }}
    ) as merged
    left join (
        select
            {{ id }},
            id_key,
            row_number() over {{ spellings }} as spelling_rank

        from {{ records }}
    ) as survivors
        on merged.merged_into_key = survivors.id_key and survivors.spelling_rank = 1
{%- endmacro %}


{#
  The recursive part of following each row of `links` (id, next_id; a null next_id is the end) to the
  end of its chain. A chain of twenty steps counts as a circle.
#}
{% macro chain_steps(links) -%}
    select
        id,
        id as end_id,
        next_id,
        0 as step_count

    from {{ links }}

    union all

    select
        steps.id,
        {{ links }}.id as end_id,
        {{ links }}.next_id,
        steps.step_count + 1 as step_count

    from steps
    inner join {{ links }} on steps.next_id = {{ links }}.id
    where steps.step_count < 20
{%- endmacro %}


{# The end of each chain in the CTE `steps`: id, end_id. In a circle, each row is its own end. #}
{% macro chain_ends() -%}
    select
        id,
        case when step_count = 20 then id else end_id end as end_id

    from (
        select
            *,
            row_number() over (partition by id order by step_count desc) as end_rank

        from steps
    ) as ranked_steps
    where end_rank = 1
{%- endmacro %}
