{#
  Who repeats: the person, else the visitor at the account, else the account. A text, of a row with
  person_id, account_id and visitor_id.
#}
{% macro repeat_actor() -%}
    case
        when person_id is not null then 'person|' || person_id
        else {{ key_text(['account_id', 'visitor_id']) }}
    end
{%- endmacro %}


{#
  Deletes the stored rows of the events that this run identifies again. Before an incremental run, in
  its transaction.
#}
{% macro delete_due_events() -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where (channel, event_id) in (select channel, event_id from {{ ref('int_due_events') }})
    {%- endif %}
{%- endmacro %}


{#
  Keeps in the table `int_identity_state` what `int_engagement_events` was identified by, in the same
  transaction.
#}
{% macro remember_identity_state() -%}
    {%- set answers = ref('int_identity_answers') -%}
    {%- set state = answers.incorporate(path={
        'schema': this.schema, 'identifier': 'int_identity_state'
    }) -%}
    drop table if exists {{ state }};
    create table {{ state }} as
    select * from {{ answers }}
{%- endmacro %}


{#
  Deletes the stored signals of the actors that this run works out again. Before an incremental run,
  in its transaction.
#}
{% macro delete_due_actors() -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where {{ repeat_actor() }} in (select actor from {{ ref('int_due_actors') }})
    {%- endif %}
{%- endmacro %}


{#
  After `int_signal_events`, in its transaction: nothing is due any more, and the table
  `int_matching_state` says by which rules it was matched.
#}
{% macro finish_due_events() -%}
    {%- set state = this.incorporate(path={'identifier': 'int_matching_state'}) -%}
    delete from {{ ref('int_due_events') }};
    drop table if exists {{ state }};
    create table {{ state }} as
    select matching_version from {{ ref('int_config_version') }}
{%- endmacro %}
