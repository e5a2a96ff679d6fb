-- An audit holds what changed together; int_status_changes_unioned takes the changes of status out of it.
with

source as (

    select * from {{ source('zendesk', 'ticket_events') }}

),

renamed as (

    select
        id as event_id,
        ticket_id,
        updater_id,
        child_events,
        {{ iso_to_timestamp('created_at') }} as created_at,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
