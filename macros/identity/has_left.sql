{# True if a person of a table with `account_id` and `person_id` has moved to another account since. #}
{% macro has_left(people) -%}
    exists (
        select 1 from {{ ref('int_contact_accounts') }} as former
        where
            former.has_left
            and former.account_id = {{ people }}.account_id
            and former.contact_id = {{ people }}.person_id
    )
{%- endmacro %}
