{# Marts are masked when they are published (engagement/privacy.py), so these change nothing. #}
{% macro mask_journal_texts(text_column) %}{% endmacro %}
{% macro mask_journal_owners() %}{% endmacro %}
{% macro mask_journal_payloads(payload_columns) %}{% endmacro %}
