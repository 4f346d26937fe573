{#
  The cells of a table of two groups, converted or not, each with half a case more (Haldane 1955,
  Anscombe 1956): no odds are ever 0 or infinite, and the bias of the log-odds ratio is least. A list
  of four expressions: with and converted, with and not, without and converted, without and not.
#}
{% macro smoothed_cells(converted, trials, other_converted, other_trials) %}
    {% set cells = [] %}
    {% for count in (
        converted, trials ~ ' - ' ~ converted, other_converted, other_trials ~ ' - ' ~ other_converted
    ) %}
        {% do cells.append('(' ~ double(count) ~ ' + 0.5)') %}
    {% endfor %}
    {% do return(cells) %}
{% endmacro %}


{#
  Logarithm of the odds ratio of two groups, smoothed: above 0 the first converts more often.

  30 of 100 against 10 of 100 -> ln((30.5 x 90.5) / (70.5 x 10.5)) = 1.3161
#}
{% macro log_odds_ratio(converted, trials, other_converted, other_trials) -%}
    {%- set cells = smoothed_cells(converted, trials, other_converted, other_trials) -%}
    ln({{ cells[0] }} * {{ cells[3] }} / ({{ cells[1] }} * {{ cells[2] }}))
{%- endmacro %}


{# Variance of the smoothed log-odds ratio of independent rows (Woolf 1955): the sum of 1 / cell. #}
{% macro log_odds_ratio_variance(converted, trials, other_converted, other_trials) -%}
    {%- set cells = smoothed_cells(converted, trials, other_converted, other_trials) -%}
    1 / {{ cells[0] }} + 1 / {{ cells[1] }} + 1 / {{ cells[2] }} + 1 / {{ cells[3] }}
{%- endmacro %}


{#
  What one account adds to the error of the smoothed log-odds ratio: its own conversions less those
  that the rate of each group lets one expect, each divided by the information of its group. The sum
  of the squares over accounts is the variance when rows of an account depend on each other (the
  sandwich of Liang and Zeger 1986).
#}
{% macro log_odds_ratio_residual(account, totals) -%}
    {%- set cells = smoothed_cells(*totals) -%}
    (
        {{ account[0] }} - {{ account[1] }} * {{ cells[0] }} / ({{ cells[0] }} + {{ cells[1] }})
    ) * (1 / {{ cells[0] }} + 1 / {{ cells[1] }})
    - (
        {{ account[2] }} - {{ account[3] }} * {{ cells[2] }} / ({{ cells[2] }} + {{ cells[3] }})
    ) * (1 / {{ cells[2] }} + 1 / {{ cells[3] }})
{%- endmacro %}


{#
  Information value of being in the first group (Kullback's divergence between rows that converted
  and rows that did not), smoothed: 0 says nothing about the outcome, above 0.5 says more than
  behaviour usually does.

  30 of 100 against 10 of 100 -> 0.4027
#}
{% macro information_value(converted, trials, other_converted, other_trials) -%}
    {%- set cells = smoothed_cells(converted, trials, other_converted, other_trials) -%}
    {%- set all_converted = '(' ~ cells[0] ~ ' + ' ~ cells[2] ~ ')' -%}
    {%- set all_others = '(' ~ cells[1] ~ ' + ' ~ cells[3] ~ ')' -%}
    {%- for yes, no in ((cells[0], cells[1]), (cells[2], cells[3])) %}
    ({{ yes }} / {{ all_converted }} - {{ no }} / {{ all_others }})
    * ln(({{ yes }} / {{ all_converted }}) / ({{ no }} / {{ all_others }}))
    {{- ' +' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
