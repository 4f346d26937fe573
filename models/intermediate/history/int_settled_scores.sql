{#
  One row per account: its score on the last settled day, as the journals have it and the rules then
  had it. What later data and rules make of that day is a change of the next one.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='account_id',
        on_schema_change='append_new_columns',
        full_refresh=false,
    )
}}
-- depends_on: {{ ref('score_changes') }}, {{ ref('score_alerts') }}
with

history as (

    select history.*
    from {{ ref('account_score_history') }} as history
    inner join {{ ref('scoring_models') }} as scoring_models
        on history.scoring_model = scoring_models.scoring_model and scoring_models.is_primary

),

new_days as (

    select * from {{ ref('int_new_days') }}

),

config as (

    select config_version from {{ ref('int_config_version') }}

),

settled_before as (

    {% if is_incremental() %}
    select
        account_id,
        settled_on

    from {{ this }}
    {% else %}
    select
        account_id,
        score_date as settled_on

    from history
    where 1 = 0
    {% endif %}

),

final as (

    -- a day is settled once: a second run on the same as-of date does not settle it again
    select
        history.account_id,
        history.score_date as settled_on,
        history.score,
        history.score_raw,
        history.band,
        config.config_version

    from history
    cross join config
    inner join new_days on history.score_date = new_days.settled_on
    left join settled_before on history.account_id = settled_before.account_id
    where coalesce(settled_before.settled_on < history.score_date, true)

)

select * from final
