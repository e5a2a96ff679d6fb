-- When a ticket was solved and when it was opened again. Zendesk closes solved tickets days later: that is no event here.
with

zendesk_changes as (

    select * from {{ ref('stg_zendesk__ticket_status_changes') }}

),

parts as (

    select * from {{ ref('stg_intercom__conversation_parts') }}

),

zendesk as (

    select
        'zendesk-' || ticket_id as ticket_key,
        status,
        changed_at,
        event_id as position
    from zendesk_changes
    where status != 'closed'

),

intercom as (

    select
        'intercom-' || conversation_id as ticket_key,
        case part_type when 'close' then 'solved' when 'snoozed' then 'pending' else 'open' end as status,
        created_at as changed_at,
        {{ whole_number('part_id') }} as position
    from parts
    where part_type in ('open', 'close', 'snoozed')

),

unioned as (

    select * from zendesk
    union all
    select * from intercom

),

with_previous as (

    select
        ticket_key,
        status,
        lag(status) over (partition by ticket_key order by changed_at, position) as previous_status,
        changed_at
    from unioned

)

select * from with_previous
