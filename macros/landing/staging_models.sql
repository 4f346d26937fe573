{# The names of all staging models, one per raw table. #}
{% macro staging_models() %}
    {% do return([
        'stg_crm__accounts', 'stg_crm__contacts', 'stg_crm__opportunities', 'stg_crm__activities',
        'stg_email__events', 'stg_web__events', 'stg_content__events', 'stg_linkedin__events',
        'stg_ads__events', 'stg_intent__events', 'stg_product__events',
    ]) %}
{% endmacro %}
