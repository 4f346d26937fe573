{#
  One row per domain seen on an account, a contact or an event and ending of it that begins at a
  label: mail.acme.com, acme.com and com for mail.acme.com.
#}
with recursive

seen_domains as (

    select domain from {{ ref('int_addresses') }}
    union
    select host as domain from {{ ref('int_websites') }} where host is not null

),

endings as (

    select
        domain,
        domain as ending,
        -- the ending with one label more; null: this is all of it
        {{ null_text() }} as longer_ending

    from seen_domains

    union all

    select
        domain,
        substr(ending, position('.' in ending) + 1) as ending,
        ending as longer_ending

    from endings
    where position('.' in ending) > 0

),

final as (

    select
        domain,
        ending,
        longer_ending,
        length(ending) as ending_length

    from endings

)

select * from final
