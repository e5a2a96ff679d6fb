with

tickets as (

    select * from {{ ref('fct_support_tickets') }}

),

messages as (

    select
        ticket_key,
        count(*) as message_count,
        count(case when is_reply then 1 end) as reply_count
    from {{ ref('fct_ticket_messages') }}
    where not is_merge
    group by ticket_key

),

changes as (

    select
        ticket_key,
        count(case when is_reopening then 1 end) as reopen_count
    from {{ ref('fct_ticket_status_changes') }}
    group by ticket_key

)

select
    tickets.ticket_key,
    tickets.message_count,
    messages.message_count as messages_in_their_fact,
    tickets.reply_count,
    messages.reply_count as replies_in_their_fact,
    tickets.reopen_count,
    changes.reopen_count as reopenings_in_their_fact,
    tickets.loaded_at
from tickets
left join messages on tickets.ticket_key = messages.ticket_key
left join changes on tickets.ticket_key = changes.ticket_key
where
    tickets.message_count != coalesce(messages.message_count, 0)
    or tickets.reply_count != coalesce(messages.reply_count, 0)
    or tickets.reopen_count != coalesce(changes.reopen_count, 0)
    or tickets.has_history != (changes.ticket_key is not null)
