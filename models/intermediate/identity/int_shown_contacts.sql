{#
  One row per live contact as marts show it: with its name, addresses and title, or without them if
  var `mask_personal_data` says so. The one place where contacts are masked.
#}
with

contacts as (

    select * from {{ ref('int_contacts') }}

),

final as (

    select
        contact_id,
        {{ masked('contact_id') }} as person_id,
        {{ shown_name('full_name', 'contact_id') }} as full_name,
        {{ masked('email') }} as email,
        {{ hidden('job_title') }} as job_title,
        persona,
        is_decision_maker

    from contacts

)

select * from final
