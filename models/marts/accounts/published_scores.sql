{#
  One row per prospect account, day and publication: the score that was published, and under which
  rules. Rows are only added, whatever happens to the rules, the data or other tables.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        partition_by=partitioned_by('as_of_date'),
        on_schema_change='append_new_columns',
        full_refresh=false,
    )
}}
with

account_scores as (

    select * from {{ ref('account_scores') }}

),

published as (

    {% if is_incremental() %}
    select
        *,
        max(publication_number) over (partition by account_id, as_of_date) as last_publication_number

    from {{ this }}
    where as_of_date >= (select max(as_of_date) from account_scores)
    {% else %}
    select
        *,
        1 as publication_number,
        1 as last_publication_number

    from account_scores
    where 1 = 0
    {% endif %}

),

newest as (

    select max(as_of_date) as last_published_on from published

),

last_published as (

    select * from published
    where publication_number = last_publication_number

),

final as (

    -- unchanged scores aren't published again, and neither is a day before the last published one
    select
        account_scores.account_id,
        account_scores.as_of_date,
        cast(coalesce(last_published.publication_number, 0) + 1 as integer) as publication_number,
        account_scores.scoring_model,
        account_scores.score,
        account_scores.score_raw,
        account_scores.band,
        account_scores.band_order,
        account_scores.config_version

    from account_scores
    cross join newest
    left join last_published
        on
            account_scores.account_id = last_published.account_id
            and account_scores.as_of_date = last_published.as_of_date
    where
        coalesce(newest.last_published_on <= account_scores.as_of_date, true)
        and (
            last_published.account_id is null
            or last_published.score_raw <> account_scores.score_raw
            or last_published.band <> account_scores.band
            or last_published.config_version <> account_scores.config_version
        )

)

select * from final
