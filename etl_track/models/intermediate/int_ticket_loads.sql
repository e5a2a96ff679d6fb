-- When anything that a ticket's facts are made of was loaded last: incremental models ask here what has changed.
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}

),

events as (

    select * from {{ ref('stg_zendesk__ticket_events') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

organizations as (

    select * from {{ ref('stg_zendesk__organizations') }}

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

customers as (

    select * from {{ ref('int_customers_unioned') }}

),

-- The ticket itself, what was said, by whom, and its history.
records as (

    select
        'zendesk-' || ticket_id as ticket_key,
        updated_at as active_at,
        loaded_at
    from tickets
    union all
    select
        'zendesk-' || ticket_id as ticket_key,
        created_at as active_at,
        loaded_at
    from comments
    union all
    select
        'zendesk-' || ticket_id as ticket_key,
        created_at as active_at,
        loaded_at
    from events
    union all
    select
        'zendesk-' || comments.ticket_id as ticket_key,
        null as active_at,
        users.loaded_at
    from comments
    inner join users on comments.author_id = users.user_id
    union all
    select
        'intercom-' || conversation_id as ticket_key,
        updated_at as active_at,
        loaded_at
    from conversations

),

-- Whose ticket it is, and who has it.
people as (

    select
        'zendesk-' || tickets.ticket_id as ticket_key,
        users.loaded_at
    from tickets
    inner join users on tickets.requester_id = users.user_id
    union all
    select
        'zendesk-' || tickets.ticket_id as ticket_key,
        users.loaded_at
    from tickets
    inner join users on tickets.assignee_id = users.user_id
    union all
    select
        'zendesk-' || tickets.ticket_id as ticket_key,
        customers.loaded_at
    from tickets
    inner join organizations on tickets.organization_id = organizations.organization_id
    inner join customers on organizations.customer_id = customers.customer_id
    union all
    select
        'intercom-' || conversations.conversation_id as ticket_key,
        contacts.loaded_at
    from conversations
    inner join contacts on 'intercom-' || conversations.contact_id = contacts.help_desk_contact_id
    union all
    select
        'intercom-' || conversations.conversation_id as ticket_key,
        customers.loaded_at
    from conversations
    inner join contacts on 'intercom-' || conversations.contact_id = contacts.help_desk_contact_id
    inner join customers on contacts.customer_id = customers.customer_id
    union all
    select
        'intercom-' || conversations.conversation_id as ticket_key,
        admins.loaded_at
    from conversations
    inner join admins on conversations.admin_id = admins.admin_id

),

unioned as (

    select
        ticket_key,
        active_at,
        loaded_at as records_loaded_at,
        loaded_at
    from records
    union all
    select
        ticket_key,
        null as active_at,
        null as records_loaded_at,
        loaded_at
    from people

),

newest as (

    select
        ticket_key,
        max(active_at) as active_at,
        max(records_loaded_at) as records_loaded_at,
        max(loaded_at) as loaded_at
    from unioned
    group by ticket_key

)

select * from newest
