-- One shape for both help desks. What each calls solved, waiting or a channel is translated here.
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail', pre_hook="{{ delete_changed() }}"
) }}

with

zendesk_tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

organizations as (

    select * from {{ ref('stg_zendesk__organizations') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

agents as (

    select distinct user_id from {{ ref('int_zendesk_agents') }}

),

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}

),

conversations as (

    select * from {{ ref('stg_intercom__conversations') }}

),

contacts as (

    select * from {{ ref('int_contacts_unioned') }}

),

admins as (

    select * from {{ ref('stg_intercom__admins') }}

),

loads as (

    select * from {{ ref('int_ticket_loads') }}
    {%- if is_incremental() %}
    where {{ changed('loaded_at', 'active_at') }}
    {%- endif %}

),

-- The line that a merge leaves on the loser names the winner.
merge_lines as (

    select
        ticket_id,
        max(source_ticket_id) as merged_into_ticket_id
    from comments
    where is_merge and source_ticket_id is not null
    group by ticket_id

),

zendesk as (

    select
        'zendesk-' || tickets.ticket_id as ticket_key,
        'zendesk' as source_name,
        tickets.status,
        coalesce(tickets.priority, 'normal') as priority,
        tickets.channel,
        tickets.product_category,
        organizations.customer_id,
        'zendesk-' || tickets.requester_id as help_desk_contact_id,
        'zendesk-' || coalesce(tickets.submitter_id, tickets.requester_id) as help_desk_opener_id,
        coalesce(users.email, 'zendesk-' || tickets.assignee_id) as agent_id,
        tickets.is_merged,
        case when tickets.is_merged then 'zendesk-' || merge_lines.merged_into_ticket_id end as merged_into_ticket_key,
        coalesce(tickets.submitter_id != tickets.requester_id and submitters.user_id is not null, false)
            as is_agent_created,
        case tickets.satisfaction_score when 'good' then true when 'bad' then false end as is_rated_good,
        length(tickets.description) as description_length,
        tickets.created_at
    from zendesk_tickets as tickets
    left join organizations on tickets.organization_id = organizations.organization_id
    left join users on tickets.assignee_id = users.user_id
    left join agents as submitters on tickets.submitter_id = submitters.user_id
    left join merge_lines on tickets.ticket_id = merge_lines.ticket_id

),

intercom as (

    select
        'intercom-' || conversations.conversation_id as ticket_key,
        'intercom' as source_name,
        case conversations.state when 'closed' then 'solved' when 'snoozed' then 'pending' else 'open' end as status,
        case conversations.priority when 'priority' then 'high' else 'normal' end as priority,
        case conversations.channel when 'conversation' then 'chat' else conversations.channel end as channel,
        conversations.product_category,
        contacts.customer_id,
        'intercom-' || conversations.contact_id as help_desk_contact_id,
        'intercom-' || conversations.first_author_id as help_desk_opener_id,
        coalesce(admins.email, 'intercom-' || conversations.admin_id) as agent_id,
        false as is_merged,
        null as merged_into_ticket_key,
        coalesce(conversations.first_author_type = 'admin', false) as is_agent_created,
        case when conversations.rating >= 4 then true when conversations.rating <= 2 then false end as is_rated_good,
        length(conversations.first_message) as description_length,
        conversations.created_at
    from conversations
    left join contacts on 'intercom-' || conversations.contact_id = contacts.help_desk_contact_id
    left join admins on conversations.admin_id = admins.admin_id

),

unioned as (

    select * from zendesk
    union all
    select * from intercom

),

loaded as (

    select
        unioned.*,
        loads.loaded_at
    from unioned
    inner join loads on unioned.ticket_key = loads.ticket_key

)

select * from loaded
