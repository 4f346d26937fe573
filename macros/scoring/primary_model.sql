{# The name of the primary scoring model, for comparisons. Exactly one row of `scoring_models` is it. #}
{% macro primary_model() -%}
    (select scoring_model from {{ ref('scoring_models') }} where is_primary)
{%- endmacro %}
