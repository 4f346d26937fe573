{# The level of all intervals, in words. It and `interval_width` change together or not at all. #}
{% macro interval_level() -%}
    95 %
{%- endmacro %}


{#
  How many standard errors an interval of that level reaches to either side: the 97.5 % quantile of
  the normal distribution.
#}
{% macro interval_width() -%}
    {{ double('1.959963984540054') }}
{%- endmacro %}


{#
  How far a normal 95 % interval reaches to either side of an estimate with a given variance. A
  variance that comes out below 0 counts as 0.
#}
{% macro interval_reach(variance) -%}
    {{ interval_width() }} * sqrt(case when {{ variance }} < 0 then 0 else {{ variance }} end)
{%- endmacro %}


{# A measured number as it is published: twelve decimals, so that every run gives the same. #}
{% macro measured(expression) -%}
    cast(round({{ expression }}, 12) as decimal(28, 12))
{%- endmacro %}


{# A sum of doubles that is the same in any order: each is rounded to so many decimals before. #}
{% macro exact_sum(expression, decimals=18) -%}
    {{ double('sum(cast(' ~ expression ~ ' as decimal(38, ' ~ decimals ~ ')))') }}
{%- endmacro %}


{#
  The bounds of the Wilson interval of a rate, as `sign` '-' or '+'. It never leaves 0 to 1 and is no
  point at 0 or all. Null without any trial.

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
  Rate in a group over the rate in another group. Null: no conversion in the other, or one of them
  is empty.
#}
{% macro risk_ratio(converted, trials, other_converted, other_trials) -%}
    {{ double(converted) }} / nullif({{ trials }}, 0)
    / nullif({{ double(other_converted) }} / nullif({{ other_trials }}, 0), 0)
{%- endmacro %}


{#
  The bounds of the interval of a risk ratio, as `sign` '-' or '+': Katz, Baptista, Azen and Pike
  (1978), a normal interval of its logarithm. Where only one of the groups has conversions, both get
  half a conversion more. Null: neither has any, or one of them is empty.
#}
{% macro risk_ratio_bound(sign, converted, trials, other_converted, other_trials) -%}
    {%- set half -%}
    case when {{ converted }} = 0 or {{ other_converted }} = 0 then 0.5 else 0 end
    {%- endset -%}
    {%- set one = '(' ~ double(converted) ~ ' + ' ~ half ~ ')' -%}
    {%- set other = '(' ~ double(other_converted) ~ ' + ' ~ half ~ ')' -%}
    {%- set all_one = '(' ~ double(trials) ~ ' + ' ~ half ~ ')' -%}
    {%- set all_other = '(' ~ double(other_trials) ~ ' + ' ~ half ~ ')' -%}
    case
        when {{ converted }} + {{ other_converted }} > 0 and {{ trials }} > 0
            and {{ other_trials }} > 0
            then exp(
                ln({{ one }} / {{ all_one }}) - ln({{ other }} / {{ all_other }})
                {{ sign }} {{ interval_width() }} * sqrt(greatest(
                    0,
                    1 / {{ one }} - 1 / {{ all_one }} + 1 / {{ other }} - 1 / {{ all_other }}
                ))
            )
    end
{%- endmacro %}


{#
  How many independent rows say as much about a rate as these do, where accounts stand in them
  several times: the trials divided by the design effect, never more than there are. Where all rows
  or none converted there is nothing to estimate it from, and each account counts once.
#}
{% macro effective_trials(converted, trials, accounts, squared_residuals) -%}
    case
        when {{ converted }} = 0 or {{ converted }} = {{ trials }} or {{ accounts }} = 1
            then {{ double(accounts) }}
        else {{ double(trials) }} / greatest(
            1,
            {{ squared_residuals }} * {{ accounts }} / ({{ accounts }} - 1)
            / ({{ double(converted) }} * ({{ trials }} - {{ converted }}) / {{ trials }})
        )
    end
{%- endmacro %}


{#
  "enough data", or in words what there is too little of. What is based on too little is null, not
  a number to be read. Without `converted_accounts` only accounts are counted.
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


{#
  Variance of a rate of `trials` rows that are of fewer accounts: each account counts as one
  independent row. At 0 or all it is not 0, since the middle of the Wilson interval stands for the
  rate.
#}
{% macro rate_variance(successes, trials, accounts) -%}
    {%- set squared = interval_width() ~ ' * ' ~ interval_width() -%}
    {%- set middle -%}
    (
        ({{ double(successes) }} * {{ accounts }} / {{ trials }} + {{ squared }} / 2)
        / ({{ accounts }} + {{ squared }})
    )
    {%- endset -%}
    {{ middle }} * (1 - {{ middle }}) / {{ accounts }}
{%- endmacro %}
