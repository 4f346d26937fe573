{#
  The kinds of Marketo activities that are read, as {kind: {column of `landing_marketo__activities`:
  SQL}}. A kind is named like its table, without `activity_`.
#}
{% macro marketo_activities() %}
    {% do return({
        'send_email': {},
        'email_delivered': {},
        'open_email': {
            'user_agent': 'activities.user_agent', 'is_bot_activity': 'activities.is_bot_activity',
        },
        'click_email': {
            'address': 'activities.link', 'user_agent': 'activities.user_agent',
            'is_bot_activity': 'activities.is_bot_activity',
        },
        'email_bounced': {},
        'email_bounced_soft': {},
        'unsubscribe_email': {'user_agent': 'activities.user_agent'},
        'visit_webpage': {
            'address': 'activities.webpage_url', 'user_agent': 'activities.user_agent',
        },
        'fill_out_form': {
            'address': 'activities.referrer_url', 'user_agent': 'activities.user_agent',
        },
        'fill_out_linkedin_lead_gen_form': {},
        'change_status_in_progression': {'new_status': 'activities.new_status'},
        'merge_leads': {'merge_ids': 'activities.merge_ids'},
        'delete_lead': {},
    }) %}
{% endmacro %}


{#
  The kind of an activity, as SQL, by Marketo's number for its type. Null for types that aren't read.
#}
{% macro marketo_activity_kind(activity_type_id) -%}
    case {{ activity_type_id }}
        when 1 then 'visit_webpage'
        when 2 then 'fill_out_form'
        when 6 then 'send_email'
        when 7 then 'email_delivered'
        when 8 then 'email_bounced'
        when 9 then 'unsubscribe_email'
        when 10 then 'open_email'
        when 11 then 'click_email'
        when 27 then 'email_bounced_soft'
        when 32 then 'merge_leads'
        when 37 then 'delete_lead'
        when 104 then 'change_status_in_progression'
    end
{%- endmacro %}
