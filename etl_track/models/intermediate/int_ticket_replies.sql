-- What the messages of a ticket say about its replies.
with

messages as (

    select * from {{ ref('fct_ticket_messages') }}

),

summed as (

    select
        ticket_key,
        count(*) as message_count,
        count(case when is_reply then 1 end) as reply_count,
        count(case when author_type = 'agent' and is_public then 1 end) as public_agent_message_count,
        count(distinct case when author_type = 'agent' then author_key end) as agent_count,
        min(case when is_reply then sent_at end) as first_reply_at,
        min(case when is_reply then sent_clock end) as first_reply_clock,
        -- Seconds are added, because a sum of fractions depends on the order in which they come.
        sum({{ seconds_between('asked_at', 'sent_at') }}) / 60.0 as total_reply_minutes,
        sum(sent_clock - asked_clock) / 60.0 as total_reply_business_minutes
    from messages
    where not is_merge
    group by ticket_key

)

select * from summed
