with

source as (

    select * from {{ source('zendesk', 'ticket_events') }}

),

child_events as (

    select
        id as event_id,
        ticket_id,
        updater_id,
        created_at,
        {{ json_rows('child_events', '$') }} as child_event
    from source

),

renamed as (

    select
        event_id,
        ticket_id,
        updater_id,
        {{ json_text('child_event', '$.status') }} as status,
        {{ json_text('child_event', '$.previous_value') }} as previous_status,
        {{ iso_to_timestamp('created_at') }} as changed_at
    from child_events
    where {{ json_text('child_event', '$.status') }} is not null

)

select * from renamed
