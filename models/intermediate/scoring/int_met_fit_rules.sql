{#
  One row per account and fit rule that it meets. An empty attribute meets no rule, not even
  not_equals.
#}
with

accounts as (

    select * from {{ ref('int_accounts') }}

),

fit_rules as (

    select * from {{ ref('fit_rules') }}

),

attributes as (

    {% for attribute in ('account_tier', 'employee_count', 'annual_revenue_usd') %}
    select
        account_id,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as {{ dbt.type_string() }}) as text_value,
        {{ double(attribute) }} as number_value

    from accounts

    union all
    {% endfor %}
    {% for attribute in ('industry', 'country', 'lifecycle_stage') %}
    select
        account_id,
        '{{ attribute }}' as attribute,
        lower({{ attribute }}) as text_value,
        {{ double('null') }} as number_value

    from accounts
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

comparisons as (

    -- numbers are compared as numbers, however they are written
    select
        attributes.*,
        fit_rules.fit_rule,
        fit_rules.operator,
        lower(fit_rules.value) as rule_text,
        {{ to_number('fit_rules.value') }} as rule_number,
        coalesce(
            attributes.number_value = {{ to_number('fit_rules.value') }},
            attributes.text_value = lower(fit_rules.value)
        ) as is_equal,
        fit_rules.points

    from attributes
    inner join fit_rules on attributes.attribute = fit_rules.attribute

),

final as (

    select
        account_id,
        fit_rule,
        points

    from comparisons
    where
        case operator
            when 'equals' then is_equal
            when 'not_equals' then not is_equal
            when 'like' then {{ matched_text('text_value') }} like rule_text
            when 'at_least' then number_value >= rule_number
            when 'less_than' then number_value < rule_number
        end

)

select * from final
