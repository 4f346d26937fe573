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
