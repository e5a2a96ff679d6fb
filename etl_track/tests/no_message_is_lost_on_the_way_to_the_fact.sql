with

tickets as (

    select * from {{ ref('fct_support_tickets') }}

),

staged as (

    select
        'zendesk-' || comment_id as message_id,
        'zendesk-' || ticket_id as ticket_key
    from {{ ref('stg_zendesk__ticket_comments') }}
    union all
    select
        'intercom-first-' || conversation_id as message_id,
        'intercom-' || conversation_id as ticket_key
    from {{ ref('stg_intercom__conversations') }}
    union all
    select
        'intercom-' || part_id as message_id,
        'intercom-' || conversation_id as ticket_key
    from {{ ref('stg_intercom__conversation_parts') }}
    where part_type in ('comment', 'note') and body is not null

),

staged_and_kept as (

    select staged.*
    from staged
    inner join tickets on staged.ticket_key = tickets.ticket_key

),

messages as (

    select * from {{ ref('fct_ticket_messages') }}

),

-- Descriptions that were no comment have no record of their own.
begun as (

    select messages.ticket_key
    from messages
    inner join tickets on messages.ticket_key = tickets.ticket_key and messages.sent_at = tickets.created_at
    group by messages.ticket_key

)

select
    staged_and_kept.ticket_key,
    staged_and_kept.message_id,
    'not in the fact' as problem
from staged_and_kept
left join messages on staged_and_kept.message_id = messages.message_id
where messages.message_id is null
union all
select
    messages.ticket_key,
    messages.message_id,
    'not in staging' as problem
from messages
left join staged on messages.message_id = staged.message_id
left join {{ ref('stg_intercom__conversation_parts') }} as parts
    on messages.message_id = 'intercom-' || parts.part_id and parts.part_type = 'assignment'
where staged.message_id is null and parts.part_id is null and messages.message_id not like 'zendesk-first-%'
union all
select
    tickets.ticket_key,
    null as message_id,
    'no first message' as problem
from tickets
left join begun on tickets.ticket_key = begun.ticket_key
where begun.ticket_key is null
