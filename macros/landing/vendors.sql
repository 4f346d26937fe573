{#
  The vendors whose own tables can be read, and the tables of the landing contract that each fills.
  Each {vendor: [table]} has a folder models/landing/<vendor>/ with a source `<vendor>` and a model
  landing_<vendor>__<table> per table. A vendor that fills `crm_accounts` can be named in var `crm`.
#}
{% macro vendor_contract_tables() %}
    {% do return({
        'salesforce': [
            'crm_accounts', 'crm_contacts', 'crm_opportunities', 'crm_activities', 'email_events',
            'content_events',
        ],
        'hubspot': [
            'crm_accounts', 'crm_contacts', 'crm_opportunities', 'crm_activities', 'email_events',
            'web_events', 'content_events',
        ],
        'outreach': ['crm_accounts', 'crm_contacts', 'crm_activities', 'email_events'],
        'salesloft': ['crm_accounts', 'crm_contacts', 'crm_activities', 'email_events'],
        'marketo': ['email_events', 'web_events', 'content_events'],
        'pardot': ['email_events', 'web_events', 'content_events'],
        'segment': ['web_events', 'product_events'],
        'ga4': ['web_events'],
        'linkedin_ads': ['web_events', 'content_events', 'ad_events'],
        'intent': ['intent_events'],
    }) %}
{% endmacro %}


{#
  The vendors in var `vendors`. Stops the run if one of them is unknown, or if var `crm` isn't one of
  them or brings no accounts.
#}
{% macro vendors_on() %}
    {% set known, crm = vendor_contract_tables(), var('crm') %}
    {% set vendors = var('vendors') or [] %}
    {% set faults = [] %}
    {% if vendors is string %}
        {% do exceptions.raise_compiler_error(
            "Var vendors is '" ~ vendors ~ "'. Write a list: [" ~ vendors ~ '].'
        ) %}
    {% endif %}
    {% for vendor in vendors if vendor not in known %}
        {% do faults.append("Var vendors names '" ~ vendor ~ "', which is unknown. Use one of: "
            ~ known | sort | join(', ') ~ '.') %}
    {% endfor %}
    {% if crm and crm not in vendors %}
        {% do faults.append("Var crm is '" ~ crm ~ "', which is not switched on. Add it to var vendors, "
            ~ 'or leave crm empty to use your own tables for accounts.') %}
    {% elif crm and not faults and 'crm_accounts' not in known[crm] %}
        {% set crms = [] %}
        {% for vendor in known if 'crm_accounts' in known[vendor] %}{% do crms.append(vendor) %}{% endfor %}
        {% do faults.append("Var crm is '" ~ crm ~ "', which brings no accounts. Use one of "
            ~ crms | sort | join(', ') ~ ', or leave it empty.') %}
    {% endif %}
    {% if faults %}{% do exceptions.raise_compiler_error(faults | join(' ')) %}{% endif %}
    {% do return(vendors) %}
{% endmacro %}


{# True if var `vendors` switches this vendor on. Its models use it for `enabled`. #}
{% macro is_vendor_on(vendor) %}
    {% do return(vendor in vendors_on()) %}
{% endmacro %}


{#
  The vendor models that fill a table of the landing contract. Accounts, contacts and opportunities
  come only from the vendor in var `crm`.
#}
{% macro vendor_models(contract_table) %}
    {% set of_the_crm = ['crm_accounts', 'account_domains', 'crm_contacts', 'crm_opportunities'] %}
    {% set models = [] %}
    {% for vendor in vendors_on()
        if contract_table in vendor_contract_tables()[vendor]
        and (contract_table not in of_the_crm or vendor == var('crm')) %}
        {% do models.append('landing_' ~ vendor ~ '__' ~ contract_table) %}
    {% endfor %}
    {% do return(models) %}
{% endmacro %}
