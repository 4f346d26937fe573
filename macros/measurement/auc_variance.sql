{#
  Variance of an AUC, or of a difference of two on the same rows, as an aggregate over accounts:
  Obuchowski (1997), "Nonparametric analysis of clustered ROC curve data". Rows of one account may
  depend on each other in any way. What is summed are the account's residuals of its rows that
  converted and of those that did not, each divided by how many rows there are of the kind.
#}
{% macro auc_variance(positives, negatives, positive_residual, negative_residual) -%}
    {%- set positive_accounts = 'sum(case when ' ~ positives ~ ' > 0 then 1 else 0 end)' -%}
    {%- set negative_accounts = 'sum(case when ' ~ negatives ~ ' > 0 then 1 else 0 end)' -%}
    {{ exact_sum('power(' ~ positive_residual ~ ', 2)') }}
    * {{ positive_accounts }} / nullif({{ positive_accounts }} - 1, 0)
    + {{ exact_sum('power(' ~ negative_residual ~ ', 2)') }}
    * {{ negative_accounts }} / nullif({{ negative_accounts }} - 1, 0)
    + 2 * {{ exact_sum('(' ~ positive_residual ~ ') * (' ~ negative_residual ~ ')') }}
    * count(*) / nullif(count(*) - 1, 0)
{%- endmacro %}
