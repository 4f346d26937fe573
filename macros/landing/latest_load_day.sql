{#
  The last day on which a row can have been loaded, as text YYYY-MM-DD: the day after the build by
  this machine's clock, in UTC, so that machines may differ by hours; or var `latest_load_date`.

  The only place that reads the machine's clock. The as-of date comes from the rows, so one row that
  claims to be of 2062 would publish the scores of that day, and all later builds would be looks
  back; and no row can tell that another one is wrong.
#}
{% macro latest_load_day() %}
    {% set given = day_var('latest_load_date') %}
    {# so that the sample gives the same scores on any machine #}
    {% set last_day_of_sample = '2026-05-31' %}
    {% set tomorrow = (run_started_at + modules.datetime.timedelta(days=1)).strftime('%Y-%m-%d') %}
    {% do return(given or [tomorrow, last_day_of_sample] | max) %}
{% endmacro %}


{#
  Runs before anything is written: ends the build if scores of a day after `latest_load_day` were
  published. Then the clock was set back, and every row since would seem to be from the future.
#}
{% macro refuse_wrong_clock() %}
    {% if execute %}
        {% set node = graph.nodes['model.engagement.published_scores'] %}
        {% set published = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% set last_day = run_query('select max(as_of_date) from ' ~ published)[0][0] | string
            if published else '' %}
        {% if last_day not in ('', 'None') and last_day > latest_load_day() %}
            {% do exceptions.raise_compiler_error(
                'Scores of ' ~ last_day ~ ' are published, but no row can have been loaded after '
                ~ latest_load_day() ~ ': that is ' ~ (
                    'var latest_load_date' if day_var('latest_load_date')
                    else "the day after today by this machine's clock"
                ) ~ '. Nothing was built. Set the clock right and run the same command again. '
                ~ 'If the clock is right, that day was published by mistake: '
                ~ 'docs/operations.md says what to do.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
