-- Twin of the RAG track's documents.py, which reads the same messages as text.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('records_loaded_at') }}"
) }}

with

messages as (

    select *
    from {{ ref('int_messages_unioned') }}
    {%- if is_incremental() %}
    -- An Intercom record holds its whole conversation: one that did not change need not be taken apart.
    where source_name = 'zendesk' or {{ changed('record_loaded_at', 'record_active_at') }}
    {%- endif %}

),

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

loads as (

    select *
    from {{ ref('int_ticket_loads') }}
    {%- if is_incremental() %}
    where {{ changed('records_loaded_at', 'active_at') }}
    {%- endif %}

),

business_hours as (

    select * from {{ ref('int_business_hours') }}

),

of_changed_tickets as (

    select
        messages.*,
        tickets.created_at as ticket_created_at,
        tickets.is_agent_created,
        tickets.is_merged,
        loads.records_loaded_at as loaded_at
    from messages
    inner join tickets on messages.ticket_key = tickets.ticket_key
    inner join loads on messages.ticket_key = loads.ticket_key
    where tickets.status != 'deleted'

),

clocked as (

    select
        messages.*,
        {{ business_clock('messages.sent_at') }} as sent_clock,
        row_number() over (partition by messages.ticket_key order by messages.sent_at, messages.position) = 1
            as is_first
    from of_changed_tickets as messages
    {{ join_business_hours('messages.sent_at') }}

),

-- Where an agent opened the ticket for the customer, the first message is no reply.
opened as (

    select
        *,
        is_agent_created and is_first and is_public and sent_at = ticket_created_at as is_opening
    from clocked

),

judged as (

    select
        *,
        author_type = 'agent' and is_public and not is_merge and not is_merged and not is_opening as is_reply
    from opened

),

-- A burst is what the customer wrote since the last reply; the next reply ends it.
in_bursts as (

    select
        *,
        count(case when is_reply then 1 end) over (
            partition by ticket_key order by sent_at, position rows between unbounded preceding and current row
        ) - case when is_reply then 1 else 0 end as burst_number
    from judged

),

started as (

    select
        *,
        min(case when author_type = 'customer' and is_public then sent_at end)
            over (partition by ticket_key, burst_number) as burst_started_at,
        min(case when author_type = 'customer' and is_public then sent_clock end)
            over (partition by ticket_key, burst_number) as burst_started_clock
    from in_bursts

),

answered as (

    select
        *,
        case when is_reply then burst_started_at end as asked_at,
        case when is_reply then burst_started_clock end as asked_clock
    from started

),

final as (

    select
        message_id,
        ticket_key,
        author_key,
        author_type,
        is_public,
        is_merge,
        is_opening,
        is_reply,
        sent_at,
        sent_clock,
        asked_at,
        asked_clock,
        {{ minutes_between('asked_at', 'sent_at') }} as waited_minutes,
        {{ business_minutes('asked_clock', 'sent_clock') }} as waited_business_minutes,
        character_count,
        loaded_at
    from answered

)

select * from final
