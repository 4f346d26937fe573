{#
  One row per fault in the patterns of titles and paths, and in what is said of a persona.
#}
{{ config(materialized='ephemeral') }}
with

personas as (

    select * from {{ ref('personas') }}

),

page_categories as (

    select * from {{ ref('page_categories') }}

),

persona_faults as (

    select
        'personas' as seed,
        'persona=' || persona as row_key,
        'the rows of this persona differ in weight or is_decision_maker' as fault,
        'Write the same weight and is_decision_maker in all rows of a persona.' as remedy

    from personas
    group by persona
    having count(distinct weight) > 1 or count(distinct is_decision_maker) > 1

    union all

    select
        'personas' as seed,
        'title_pattern=' || title_pattern as row_key,
        'the persona is called decision_maker' as fault,
        'Choose another name: decision_maker stands for all personas that decide.' as remedy

    from personas
    where persona = 'decision_maker'

),

path_faults as (

    select
        'page_categories' as seed,
        'path_pattern=' || path_pattern as row_key,
        'path_pattern starts with neither / nor %, so no path can fit' as fault,
        'Begin it with / (or % for anything).' as remedy

    from page_categories
    where substr(path_pattern, 1, 1) not in ('/', '%')

    union all

    select
        'page_categories' as seed,
        'path_pattern=' || path_pattern as row_key,
        'path_pattern ends with /, and no path does' as fault,
        'Leave it out: the pattern fits all that is below, too.' as remedy

    from page_categories
    where path_pattern like '_%/'

),

title_faults as (

    select
        'personas' as seed,
        'title_pattern=' || title_pattern as row_key,
        'title_pattern has other marks than letters and digits, and titles are compared without'
            as fault,
        'Write a blank for each: co founder, it chef.' as remedy

    from personas
    where
        {{ words_of("replace(replace(title_pattern, '%', 'x'), '_', 'x')") }}
        <> ' ' || replace(replace(lower(title_pattern), '%', 'x'), '_', 'x') || ' '

),

final as (

    select * from persona_faults
    union all
    select * from path_faults
    union all
    select * from title_faults

)

select * from final
