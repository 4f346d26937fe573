{#
  Deletes the rows of `account_score_history` that `int_history_refresh` says have to be computed
  again, and those outside of the history. Before an incremental run, in its transaction. A run that
  begins with no table, while `int_history_refresh` tells of a few days only, ends in an error.
#}
{% macro delete_stale_history() -%}
    {%- if not is_incremental() %}
    {{- refuse_part_of_history() }}
    {%- else %}
    delete from {{ this }}
    where
        score_date < (
            select {{ first_history_day('as_of_date') }}
            from {{ ref('int_as_of_date') }}
        )
        or score_date >= (select max(refresh_from) from {{ ref('int_history_refresh') }})
        or account_id not in (
            select account_id from {{ ref('int_history_refresh') }}
            where refresh_from = (select max(refresh_from) from {{ ref('int_history_refresh') }})
        )
    {%- endif %}
{%- endmacro %}


{#
  Keeps in the table `int_history_state` what `account_score_history` was computed from, in the same
  transaction, so that a build that is killed leaves both as they were.
#}
{% macro remember_history_state() -%}
    {%- set refresh = ref('int_history_refresh') -%}
    {%- set state = refresh.incorporate(path={'identifier': 'int_history_state'}) -%}
    drop table if exists {{ state }};
    create table {{ state }} as
    select account_id, settled_on, rules_version, fingerprint
    from {{ refresh }}
{%- endmacro %}


{# Ends the run if `account_score_history` would be made anew of less than all its days. #}
{% macro refuse_part_of_history() -%}
    {%- if execute %}
    {%- set last_days = run_query(
        'select max(refresh_from) from ' ~ ref('int_history_refresh')
        ~ ' having max(refresh_from) > (select ' ~ first_history_day('as_of_date')
        ~ ' from ' ~ ref('int_as_of_date') ~ ')'
    ).columns[0].values() -%}
    {%- if last_days %}
    {{- exceptions.raise_compiler_error(
        'account_score_history is to be made anew, but int_history_refresh was made for the days from '
        ~ last_days[0] ~ ' on. Build the whole project, or: dbt build --full-refresh --select int_history_refresh+'
    ) }}
    {%- endif %}
    {%- endif %}
{%- endmacro %}
