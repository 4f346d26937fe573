{# The level of all intervals, in words. Change it together with `interval_width`. #}
{% macro interval_level() -%}
    95 %
{%- endmacro %}


{#
  Standard errors that an interval of that level extends to either side: the 97.5 % quantile of the
  normal distribution.
#}
{% macro interval_width() -%}
    {{ double('1.959963984540054') }}
{%- endmacro %}


{# A measured number as published: rounded to twelve decimals, so that every run gives the same. #}
{% macro measured(expression) -%}
    cast({{ expression }} as decimal(28, 12))
{%- endmacro %}


{# A sum of doubles that is the same in any order. Each double is rounded to twelve decimals first. #}
{% macro exact_sum(expression) -%}
    {{ double('sum(cast(' ~ expression ~ ' as decimal(38, 12)))') }}
{%- endmacro %}


{#
  A bound of the Wilson interval of a rate; `sign` is '-' or '+'. The interval stays within 0 to 1,
  and has a width even at 0 % or 100 %. Null without trials.

  {{ wilson_bound('-', '5', '100') }} -> 0.0215, {{ wilson_bound('+', '5', '100') }} -> 0.1118
#}
{% macro wilson_bound(sign, successes, trials) -%}
    {%- set trials = double(trials) -%}
    {%- set successes = double(successes) -%}
    {%- set squared = interval_width() ~ ' * ' ~ interval_width() -%}
    case
        when {{ trials }} > 0 then least(1, greatest(0, (
            {{ successes }} + {{ squared }} / 2
            {{ sign }} {{ interval_width() }} * sqrt(
                greatest(0, {{ successes }} * ({{ trials }} - {{ successes }})) / {{ trials }}
                + {{ squared }} / 4
            )
        ) / ({{ trials }} + {{ squared }})))
    end
{%- endmacro %}


{#
  "enough data", or a note on which data is too scarce. Numbers based on too little data are null.
  Without `converted_accounts`, only accounts are counted.
#}
{% macro data_verdict(accounts, converted_accounts=none) -%}
    case
        when {{ accounts }} < {{ var('measurement_min_accounts') }}
            then 'not enough data: fewer than {{ var("measurement_min_accounts") }} accounts'
        {%- if converted_accounts is not none %}
        when {{ converted_accounts }} < {{ var('measurement_min_conversions') }}
            then 'not enough data: fewer than {{ var("measurement_min_conversions") }} '
                || 'accounts converted'
        {%- endif %}
        else 'enough data'
    end
{%- endmacro %}


{# A number that is published only if the column `verdict` says "enough data"; otherwise null. #}
{% macro if_enough(expression) -%}
    case when verdict = 'enough data' then {{ measured(expression) }} end
{%- endmacro %}
