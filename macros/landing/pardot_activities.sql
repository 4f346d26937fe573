{#
  The object of a Pardot activity, as SQL over the columns of visitor_activity. It is the first part
  of the activity's word in `event_words`, such as "form 4". Types 8 to 10, 18, 19 and 38 are deals of
  the CRM, so they are null.
#}
{% macro pardot_object() -%}
    case
        when type in (8, 9, 10, 18, 19, 38) then null
        when
            coalesce(email_id, list_email_id, email_template_id) is not null
            or type in (6, 11, 12, 13, 14, 15, 16, 35, 36, 37)
            then 'email'
        when type in (23, 24, 25) then 'webinar'
        when type in (28, 29) then 'event'
        when type in (27, 30, 34) then 'video'
        when form_handler_id is not null then 'form handler'
        when form_id is not null then 'form'
        when landing_page_id is not null then 'landing page'
        when downloaded_file_id is not null then 'file'
        when custom_redirect_id is not null or type in (17, 21) then 'link'
        when visitor_page_view_id is not null then 'page'
        when type = 20 then 'visit'
        else 'activity'
    end
{%- endmacro %}


{# True if a Pardot activity is a submitted form, as SQL over its columns. #}
{% macro is_pardot_success() -%}
    coalesce(
        type = 4 and coalesce(form_id, form_handler_id, landing_page_id) is not null, false
    )
{%- endmacro %}
