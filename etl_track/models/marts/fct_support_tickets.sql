-- Twin of the RAG track's chunk.py: the same tickets, cut to the grain at which they are asked about.
with

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

messages as (

    select * from {{ ref('int_messages_unioned') }}

),

status_changes as (

    select * from {{ ref('int_status_changes_unioned') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

replies as (

    select
        messages.ticket_key,
        min(messages.sent_at) as first_reply_at,
        count(*) as reply_count
    from messages
    inner join tickets on messages.ticket_key = tickets.ticket_key
    where
        messages.author_type = 'agent'
        and messages.is_public
        and messages.is_merge is not true
        -- Where an agent opened the ticket for the customer, the first message is no reply.
        and not coalesce(tickets.is_agent_created and messages.is_first, false)
        and tickets.is_merged is not true
    group by messages.ticket_key

),

resolutions as (

    select
        ticket_key,
        min(case when status = 'solved' then changed_at end) as first_solved_at,
        max(case when status = 'solved' then changed_at end) as last_solved_at,
        count(case when previous_status = 'solved' and status != 'solved' then 1 end) as reopen_count
    from status_changes
    group by ticket_key

),

joined as (

    select
        tickets.ticket_key,
        tickets.source_name,
        tickets.customer_id,
        tickets.agent_id,
        tickets.status,
        tickets.status in ('solved', 'closed') as is_solved,
        tickets.priority,
        tickets.channel,
        tickets.product_category,
        -- The plan of the day on which the ticket came, not today's.
        coalesce(
            case when tickets.created_at < customers.plan_since then customers.previous_tier else customers.customer_tier end,
            'unknown'
        ) as customer_tier,
        coalesce(customers.region, 'unknown') as region,
        tickets.is_rated_good,
        coalesce(tickets.is_merged, false) as is_merged,
        tickets.created_at,
        cast(tickets.created_at as date) as created_date,
        replies.first_reply_at,
        coalesce(replies.reply_count, 0) as reply_count,
        -- A ticket that is open again has no resolution, whatever happened before; nor has one that was merged away.
        tickets.status in ('solved', 'closed') and tickets.is_merged is not true as has_resolution,
        case when has_resolution then resolutions.first_solved_at end as first_solved_at,
        case when has_resolution then resolutions.last_solved_at end as last_solved_at,
        coalesce(resolutions.reopen_count, 0) as reopen_count,
        resolutions.ticket_key is not null as has_history
    from tickets
    left join replies on tickets.ticket_key = replies.ticket_key
    left join resolutions on tickets.ticket_key = resolutions.ticket_key
    left join customers on tickets.customer_id = customers.customer_id
    where tickets.status != 'deleted'

),

measured as (

    select
        *,
        {{ minutes_between('created_at', 'first_reply_at') }} as first_reply_minutes,
        {{ minutes_between('created_at', 'first_solved_at') }} as first_resolution_minutes,
        {{ minutes_between('created_at', 'last_solved_at') }} as full_resolution_minutes
    from joined

)

select * from measured
