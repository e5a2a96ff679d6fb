-- One shape for both help desks. What each calls solved, waiting or a channel is translated here.
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

intercom_conversations as (

    select * from {{ ref('stg_intercom__conversations') }}

),

contacts as (

    select * from {{ ref('stg_intercom__contacts') }}

),

companies as (

    select * from {{ ref('stg_intercom__companies') }}

),

admins as (

    select * from {{ ref('stg_intercom__admins') }}

),

zendesk as (

    select
        'zendesk-' || tickets.ticket_id as ticket_key,
        'zendesk' as source_name,
        tickets.status,
        tickets.priority,
        tickets.channel,
        tickets.product_category,
        organizations.customer_id,
        coalesce(users.email, 'zendesk-' || tickets.assignee_id) as agent_id,
        tickets.is_merged,
        tickets.submitter_id != tickets.requester_id and coalesce(submitters.is_agent, false) as is_agent_created,
        case tickets.satisfaction_score when 'good' then true when 'bad' then false end as is_rated_good,
        tickets.created_at
    from zendesk_tickets as tickets
    left join organizations on tickets.organization_id = organizations.organization_id
    left join users on tickets.assignee_id = users.user_id
    left join users as submitters on tickets.submitter_id = submitters.user_id

),

intercom as (

    select
        'intercom-' || conversations.conversation_id as ticket_key,
        'intercom' as source_name,
        case conversations.state when 'closed' then 'solved' when 'snoozed' then 'pending' else 'open' end as status,
        case conversations.priority when 'priority' then 'high' else 'normal' end as priority,
        case conversations.channel when 'conversation' then 'chat' else conversations.channel end as channel,
        conversations.product_category,
        companies.customer_id,
        coalesce(admins.email, 'intercom-' || conversations.admin_id) as agent_id,
        false as is_merged,
        conversations.first_author_type = 'admin' as is_agent_created,
        case when conversations.rating >= 4 then true when conversations.rating <= 2 then false end as is_rated_good,
        conversations.created_at
    from intercom_conversations as conversations
    left join contacts on conversations.contact_id = contacts.contact_id
    left join companies on contacts.company_id = companies.company_id
    left join admins on conversations.admin_id = admins.admin_id

),

unioned as (

    select * from zendesk
    union all
    select * from intercom

)

select * from unioned
