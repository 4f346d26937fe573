{#
  Deletes the rows of `account_score_history` that `int_history_refresh` says have to be computed
  again, and those outside of the history. Before an incremental run, in its transaction.
#}
{% macro delete_stale_history() -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where
        score_date < (
            select {{ add_days('as_of_date', '1 - ' ~ var('history_days')) }}
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
