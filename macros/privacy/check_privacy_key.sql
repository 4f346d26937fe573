{#
  Runs before anything else: ends the run if personal data is to be masked, or people are to stay
  forgotten, and there is no privacy key, a short one, or not the one they were forgotten with.
#}
{% macro check_privacy_key() %}
    {% if execute and (masks_personal_data() or forgets_people()) %}
        {{ adapter.dispatch('check_privacy_key', 'engagement')() }}
    {% endif %}
{% endmacro %}


{# Engines without a keyed hash say so. #}
{% macro default__check_privacy_key() %}
    {% do keyed_hash("''", 'key') %}
{% endmacro %}


{# The key itself never leaves the engine: only its length and a hash do. #}
{% macro duckdb__check_privacy_key() %}
    {% set least_length = 32 %}
    {% set wish = 'Personal data is to be masked (var mask_personal_data)' if masks_personal_data()
        else 'People were forgotten (' ~ forgotten_people_file() ~ ')' %}
    {% set key = run_query(
        'select coalesce(length(' ~ privacy_key() ~ '), 0), ' ~ keyed_hash("''", 'key')
    )[0] %}
    {% if key[0] < least_length %}
        {% do exceptions.raise_compiler_error(
            wish ~ ', but env var DBT_ENV_SECRET_PRIVACY_KEY '
            ~ ('is not set' if key[0] == 0 else 'is too short') ~ '; nothing was built. '
            ~ 'Set it to the same secret of at least ' ~ least_length
            ~ ' characters in every build; docs/privacy.md says how to make one.'
        ) %}
    {% endif %}
    {% if forgets_people() %}
        {% set other_keys = run_query(
            'select count(*) from ' ~ forgotten_people() ~ " where key_hash is distinct from '"
            ~ key[1] ~ "' or length(identifier_hash) is distinct from 64"
        )[0][0] %}
        {% if other_keys > 0 %}
            {% do exceptions.raise_compiler_error(
                other_keys ~ ' of the rows of ' ~ forgotten_people_file()
                ~ ' were not made with the key in env var DBT_ENV_SECRET_PRIVACY_KEY; nothing was '
                ~ 'built, as forgotten people would come back. Set the key '
                ~ 'they were forgotten with, or restore the file.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
