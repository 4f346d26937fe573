{# The vars that are whole numbers, with the lowest and the highest one that the models can use. #}
{% macro limits_of_vars() %}
    {% do return({
        'pattern_text_length': (1, 100000),
        'most_years_ahead': (0, 100),
        'scanner_delivery_seconds': (0, 86400),
        'scanner_burst_links': (2, 1000),
        'scanner_burst_seconds': (0, 86400),
        'dormant_after_days': (0, 36500),
        'timeline_days': (0, 36500),
        'history_days': (1, 9999),
        'settled_after_days': (0, 365),
        'journal_days': (0, 9999),
        'alert_days': (0, 9999),
        'landmark_every_months': (1, 12),
        'landmark_count': (1, 1000),
        'outcome_horizon_days': (1, 3650),
        'signal_window_days': (1, 3650),
        'crossing_window_days': (1, 3650),
        'campaign_window_days': (1, 3650),
        'measurement_min_accounts': (1, 1000000),
        'measurement_min_conversions': (1, 1000000),
        'highest_threshold': (0, 9999),
        'owner_capacity_per_week': (0, 1000000),
        'freshness_warn_days': (0, 36500),
        'freshness_error_days': (0, 36500),
    }) %}
{% endmacro %}


{# Stops the run before the first model if a var has a value that the models can't use. #}
{% macro refuse_wrong_vars() %}
    {% set faults = [] %}
    {% for name, limits in limits_of_vars().items() if execute %}
        {% set text = var(name) | string %}
        {% if not text.isdigit() or not limits[0] <= text | int <= limits[1] %}
            {% do faults.append(
                'Var ' ~ name ~ ' is ' ~ text ~ '. Write a whole number from ' ~ limits[0] ~ ' to '
                ~ limits[1] ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% for name in ['most_unusable_share', 'most_moved_share'] if execute %}
        {% if not 0 <= var(name) | string | float(-1) <= 1 %}
            {% do faults.append(
                'Var ' ~ name ~ ' is ' ~ var(name) ~ '. Write a number from 0 to 1, such as 0.5.'
            ) %}
        {% endif %}
    {% endfor %}
    {% set schemas = ['raw_schema'] %}
    {% for vendor in vendors_on() %}{% do schemas.append(vendor ~ '_schema') %}{% endfor %}
    {% for name in schemas if execute and not var(name) %}
        {% do faults.append('Var ' ~ name ~ ' is empty. Write the name of a schema.') %}
    {% endfor %}
    {% set prefix = var('engagement_schema_prefix') %}
    {% if execute and prefix and not modules.re.match('[A-Za-z_][A-Za-z0-9_]*$', prefix | string) %}
        {% do faults.append(
            'Var engagement_schema_prefix is ' ~ prefix
            ~ '. Use letters, digits and underscores only, and begin with a letter.'
        ) %}
    {% endif %}
    {% for name in ['crm_account_url', 'dashboard_account_url'] if execute and var(name) %}
        {% if '{account_id}' not in var(name) %}
            {% do faults.append(
                'Var ' ~ name ~ ' is ' ~ var(name) ~ ', which has no {account_id}. Every account would'
                ~ ' have the same link. Write {account_id} where the id belongs.'
            ) %}
        {% endif %}
    {% endfor %}
    {% if faults %}{% do exceptions.raise_compiler_error(faults | join(' ')) %}{% endif %}
{% endmacro %}
