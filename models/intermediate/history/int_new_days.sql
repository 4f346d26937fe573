{#
  One row: the days that the journals (`score_changes`, `score_alerts`) write in this run, those after
  the last settled one. No row in a look back, as of a day before the last one published: nothing is
  new then. A view, so that a journal that is built by itself does not write settled days again.
#}
{{ config(materialized='view') }}
with

as_of as (

    select
        as_of_date,
        {{ first_history_day('as_of_date') }} as first_day

    from {{ ref('int_as_of_date') }}

),

published as (

    select max(as_of_date) as newest_on from {{ ref('published_scores') }}

),

settled as (

    {{ last_settled_day() }}

),

final as (

    select
        settled.settled_on as settled_before,
        greatest(
            {{ add_days('coalesce(settled.settled_on, as_of.first_day)', '1') }},
            {{ add_days('as_of.first_day', '1') }}
        ) as new_from,
        {{ add_days('as_of.as_of_date', '-' ~ var('settled_after_days')) }} as settled_on,
        as_of.as_of_date

    from as_of
    cross join published
    cross join settled
    where coalesce(published.newest_on <= as_of.as_of_date, true)

)

select * from final
