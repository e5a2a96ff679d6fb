-- Every status a ticket went into. An Intercom conversation has no history before its first part: it begins as open.
with

events as (

    select * from {{ ref('stg_zendesk__ticket_events') }}

),

conversations as (

    select * from {{ ref('stg_intercom__conversations') }}

),

parts as (

    select * from {{ ref('stg_intercom__conversation_parts') }}

),

child_events as (

    select
        event_id,
        ticket_id,
        created_at,
        loaded_at,
        {{ json_rows('child_events', '$') }} as child_event
    from events

),

-- What changed in one audit changed together, each field in a child event of its own.
audits as (

    select
        event_id,
        ticket_id,
        created_at,
        loaded_at,
        max({{ json_text('child_event', '$.status') }}) as status,
        max({{ json_text('child_event', '$.priority') }}) as priority
    from child_events
    group by event_id, ticket_id, created_at, loaded_at

),

zendesk as (

    select
        'zendesk-' || event_id as status_change_id,
        'zendesk-' || ticket_id as ticket_key,
        'zendesk' as source_name,
        status,
        priority,
        created_at as changed_at,
        event_id as position,
        created_at as record_active_at,
        loaded_at as record_loaded_at
    from audits
    where status is not null

),

intercom_openings as (

    select
        'intercom-first-' || conversation_id as status_change_id,
        'intercom-' || conversation_id as ticket_key,
        'intercom' as source_name,
        'open' as status,
        null as priority,
        created_at as changed_at,
        0 as position,
        updated_at as record_active_at,
        loaded_at as record_loaded_at
    from conversations

),

intercom_parts as (

    select
        'intercom-' || part_id as status_change_id,
        'intercom-' || conversation_id as ticket_key,
        'intercom' as source_name,
        case part_type when 'close' then 'solved' when 'snoozed' then 'pending' else 'open' end as status,
        null as priority,
        created_at as changed_at,
        {{ whole_number('part_id') }} as position,
        conversation_updated_at as record_active_at,
        loaded_at as record_loaded_at
    from parts
    where part_type in ('open', 'close', 'snoozed')

),

unioned as (

    select * from zendesk
    union all
    select * from intercom_openings
    union all
    select * from intercom_parts

)

select * from unioned
