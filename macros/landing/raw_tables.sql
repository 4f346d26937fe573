{#
  The raw tables as a list of dicts: `name`; `model`, the base model over it; `key`, the column that
  names a record; `happened_at`, the column that says when; `is_event`: false for the tables of the
  CRM that say how things are now.
#}
{% macro raw_tables() %}
    {% set tables = [] %}
    {% for name, model, key, is_event in [
        ('crm_accounts', 'base_crm__accounts', 'account_id', false),
        ('crm_contacts', 'base_crm__contacts', 'contact_id', false),
        ('crm_opportunities', 'base_crm__opportunities', 'opportunity_id', false),
        ('crm_activities', 'base_crm__activities', 'activity_id', true),
        ('email_events', 'base_email__events', 'event_id', true),
        ('web_events', 'base_web__events', 'event_id', true),
        ('content_events', 'base_content__events', 'event_id', true),
        ('linkedin_events', 'base_linkedin__events', 'event_id', true),
        ('ad_events', 'base_ads__events', 'event_id', true),
        ('intent_events', 'base_intent__events', 'event_id', true),
        ('product_events', 'base_product__events', 'event_id', true),
    ] %}
        {% do tables.append({
            'name': name, 'model': model, 'key': key, 'is_event': is_event,
            'happened_at': 'occurred_at' if is_event else 'created_at',
        }) %}
    {% endfor %}
    {% do return(tables) %}
{% endmacro %}
