-- Who wrote what when. The author is the customer, a human agent, or a bot.
with

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

agents as (

    select * from {{ ref('int_zendesk_agents') }}

),

conversations as (

    select * from {{ ref('stg_intercom__conversations') }}

),

parts as (

    select * from {{ ref('stg_intercom__conversation_parts') }}

),

zendesk as (

    select
        'zendesk-' || comments.comment_id as message_id,
        'zendesk-' || comments.ticket_id as ticket_key,
        'zendesk' as source_name,
        'zendesk-' || comments.author_id as author_key,
        case
            when agents.user_id is not null then 'agent'
            when users.is_bot then 'bot'
            -- Users may be missing from an export. Who asked is known all the same; of others nothing is claimed.
            when users.user_id is null and 'zendesk-' || comments.author_id != tickets.help_desk_contact_id then 'bot'
            else 'customer'
        end as author_type,
        comments.is_public,
        comments.is_merge,
        comments.comment_id as position,
        length(comments.body) as character_count,
        comments.created_at as sent_at,
        comments.created_at as record_active_at,
        comments.loaded_at as record_loaded_at
    from comments
    left join tickets on 'zendesk-' || comments.ticket_id = tickets.ticket_key
    left join users on comments.author_id = users.user_id
    left join agents
        on
            comments.author_id = agents.user_id
            and comments.created_at >= agents.agent_from
            and comments.created_at < agents.agent_to

),

-- Where the first message was not exported as a comment, the ticket's description is it.
zendesk_descriptions as (

    select
        'zendesk-first-' || tickets.ticket_key as message_id,
        tickets.ticket_key,
        'zendesk' as source_name,
        tickets.help_desk_opener_id as author_key,
        case when tickets.is_agent_created then 'agent' else 'customer' end as author_type,
        true as is_public,
        false as is_merge,
        0 as position,
        tickets.description_length as character_count,
        tickets.created_at as sent_at,
        tickets.created_at as record_active_at,
        tickets.loaded_at as record_loaded_at
    from tickets
    left join zendesk as first_messages
        on
            tickets.ticket_key = first_messages.ticket_key
            and tickets.created_at = first_messages.sent_at
            and first_messages.author_type != 'bot'
    where
        tickets.source_name = 'zendesk'
        and first_messages.ticket_key is null

),

intercom_first_messages as (

    select
        'intercom-first-' || conversation_id as message_id,
        'intercom-' || conversation_id as ticket_key,
        'intercom' as source_name,
        'intercom-' || first_author_id as author_key,
        case first_author_type when 'admin' then 'agent' when 'bot' then 'bot' else 'customer' end as author_type,
        true as is_public,
        false as is_merge,
        0 as position,
        length(first_message) as character_count,
        created_at as sent_at,
        updated_at as record_active_at,
        loaded_at as record_loaded_at
    from conversations

),

intercom_parts as (

    select
        'intercom-' || part_id as message_id,
        'intercom-' || conversation_id as ticket_key,
        'intercom' as source_name,
        'intercom-' || author_id as author_key,
        case when author_type = 'admin' then 'agent' when author_type in ('user', 'lead') then 'customer' else 'bot' end
            as author_type,
        part_type != 'note' as is_public,
        false as is_merge,
        {{ whole_number('part_id') }} as position,
        length(body) as character_count,
        created_at as sent_at,
        conversation_updated_at as record_active_at,
        loaded_at as record_loaded_at
    from parts
    where
        (part_type in ('comment', 'note') and body is not null)
        -- Without words an assignment only hands the conversation on.
        or (part_type = 'assignment' and body != '')

),

unioned as (

    select * from zendesk
    union all
    select * from zendesk_descriptions
    union all
    select * from intercom_first_messages
    union all
    select * from intercom_parts

)

select * from unioned
