-- Twin of the RAG track's chunk.py: the same tickets, cut to the grain at which they are asked about.
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail', pre_hook="{{ delete_changed() }}"
) }}

with

changed as (

    select ticket_key
    from {{ ref('int_ticket_loads') }}
    {%- if is_incremental() %}
    where {{ changed('loaded_at', 'active_at') }}
    {%- endif %}

),

tickets as (

    select tickets.*
    from {{ ref('int_tickets_unioned') }} as tickets
    inner join changed on tickets.ticket_key = changed.ticket_key
    where tickets.status != 'deleted'

),

replies as (

    select * from {{ ref('int_ticket_replies') }}

),

histories as (

    select * from {{ ref('int_ticket_histories') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

contacts as (

    select * from {{ ref('int_contacts_unioned') }}

),

agents as (

    select * from {{ ref('dim_agents') }}

),

business_hours as (

    select * from {{ ref('int_business_hours') }}

),

joined as (

    select
        tickets.*,
        customers.customer_key,
        -- The plan of the day on which the ticket came, not today's.
        coalesce(customers.customer_tier, 'unknown') as customer_tier,
        coalesce(customers.region, 'unknown') as region,
        contacts.contact_key,
        coalesce(agents.team, 'unknown') as agent_team,
        {{ business_clock('tickets.created_at') }} as created_clock,
        replies.first_reply_at,
        replies.first_reply_clock,
        replies.total_reply_minutes,
        replies.total_reply_business_minutes,
        coalesce(replies.message_count, 0) as message_count,
        coalesce(replies.reply_count, 0) as reply_count,
        coalesce(replies.public_agent_message_count, 0) as public_agent_message_count,
        coalesce(replies.agent_count, 0) as agent_count,
        tickets.status in ('solved', 'closed') and not tickets.is_merged as is_solved,
        histories.first_solved_at,
        histories.first_solved_clock,
        histories.last_solved_at,
        histories.last_solved_clock,
        histories.ticket_key is not null as has_history,
        coalesce(histories.reopen_count, 0) as reopen_count,
        histories.requester_wait_minutes,
        histories.requester_wait_business_minutes,
        histories.agent_wait_minutes,
        histories.agent_wait_business_minutes,
        histories.on_hold_minutes,
        histories.on_hold_business_minutes
    from tickets
    left join replies on tickets.ticket_key = replies.ticket_key
    left join histories on tickets.ticket_key = histories.ticket_key
    left join contacts on tickets.help_desk_contact_id = contacts.help_desk_contact_id
    left join agents on tickets.agent_id = agents.agent_id
    left join customers
        on
            tickets.customer_id = customers.customer_id
            and (customers.version = 1 or tickets.created_at >= customers.valid_from)
            and (customers.is_current or tickets.created_at < customers.valid_to)
    {{ join_business_hours('tickets.created_at') }}

),

-- A ticket that is open again has no resolution, whatever happened before; nor has one that was merged away.
valid as (

    select
        *,
        case when is_solved then first_solved_at end as resolved_first_at,
        case when is_solved then last_solved_at end as resolved_last_at,
        case when is_solved then first_solved_clock end as resolved_first_clock,
        case when is_solved then last_solved_clock end as resolved_last_clock
    from joined

),

measured as (

    select
        ticket_key,
        source_name,
        customer_id,
        customer_key,
        contact_key,
        agent_id,
        agent_team,
        status,
        priority,
        channel,
        product_category,
        customer_tier,
        region,
        merged_into_ticket_key,
        created_at,
        cast(created_at as date) as created_date,
        created_clock,
        first_reply_at,
        resolved_first_at as first_solved_at,
        resolved_last_at as last_solved_at,
        {{ minutes_between('created_at', 'first_reply_at') }} as first_reply_minutes,
        {{ business_minutes('created_clock', 'first_reply_clock') }} as first_reply_business_minutes,
        total_reply_minutes,
        total_reply_business_minutes,
        {{ minutes_between('created_at', 'resolved_first_at') }} as first_resolution_minutes,
        {{ business_minutes('created_clock', 'resolved_first_clock') }} as first_resolution_business_minutes,
        {{ minutes_between('created_at', 'resolved_last_at') }} as full_resolution_minutes,
        {{ business_minutes('created_clock', 'resolved_last_clock') }} as full_resolution_business_minutes,
        {% for wait in ['requester_wait', 'agent_wait', 'on_hold'] -%}
        case when not is_merged then {{ wait }}_minutes end as {{ wait }}_minutes,
        case when not is_merged then {{ wait }}_business_minutes end as {{ wait }}_business_minutes,
        {% endfor -%}
        message_count,
        reply_count,
        agent_count,
        reopen_count,
        is_solved,
        is_solved and public_agent_message_count = 1 as is_one_touch,
        is_solved and public_agent_message_count = 0 as is_zero_reply,
        not is_merged and reopen_count > 0 as is_reopened,
        is_merged,
        is_agent_created,
        is_rated_good,
        has_history,
        loaded_at
    from valid

),

final as (

    select
        *,
        case
            when not is_solved then 'unsolved'
            when full_resolution_minutes < 60 then '< 1 h'
            when full_resolution_minutes < 240 then '1-4 h'
            when full_resolution_minutes < 1440 then '4-24 h'
            when full_resolution_minutes < 4320 then '1-3 d'
            when full_resolution_minutes < 10080 then '3-7 d'
            when full_resolution_minutes is not null then '> 7 d'
            else 'unknown'
        end as resolution_bucket
    from measured

)

select * from final
