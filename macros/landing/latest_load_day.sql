{#
  The last day on which a row can have been loaded, as text YYYY-MM-DD: var `latest_load_date`, or the
  day after the build, in UTC. It uses this machine's clock, and the extra day lets clocks differ by
  hours.

  No other macro reads the machine's clock. The as-of date comes from the rows. A single row that
  claims to be from 2062 would publish the scores of that day, and every later build would be in its
  past.
#}
{% macro latest_load_day() %}
    {% set given = day_var('latest_load_date') %}
    {# so that the sample gives the same scores on any machine #}
    {% set last_day_of_sample = '2026-05-31' %}
    {% set tomorrow = (run_started_at + modules.datetime.timedelta(days=1)).strftime('%Y-%m-%d') %}
    {% do return(given or [tomorrow, last_day_of_sample] | max) %}
{% endmacro %}
