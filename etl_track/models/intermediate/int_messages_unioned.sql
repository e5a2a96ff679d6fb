-- Who wrote what when. The author is the customer, a human agent, or a bot; a bot never counts as a reply.
with

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

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
        case
            when users.is_agent then 'agent'
            when users.user_id is null or users.is_bot then 'bot'
            else 'customer'
        end as author_type,
        comments.is_public,
        comments.is_merge,
        comments.comment_id as position,
        comments.created_at as sent_at
    from comments
    left join users on comments.author_id = users.user_id

),

intercom_first_messages as (

    select
        'intercom-first-' || conversation_id as message_id,
        'intercom-' || conversation_id as ticket_key,
        case first_author_type when 'admin' then 'agent' when 'bot' then 'bot' else 'customer' end as author_type,
        true as is_public,
        false as is_merge,
        0 as position,
        created_at as sent_at
    from conversations

),

intercom_parts as (

    select
        'intercom-' || part_id as message_id,
        'intercom-' || conversation_id as ticket_key,
        case when author_type = 'admin' then 'agent' when author_type in ('user', 'lead') then 'customer' else 'bot' end
            as author_type,
        part_type != 'note' as is_public,
        false as is_merge,
        {{ whole_number('part_id') }} as position,
        created_at as sent_at
    from parts
    where body is not null and part_type in ('comment', 'note', 'assignment')

),

unioned as (

    select * from zendesk
    union all
    select * from intercom_first_messages
    union all
    select * from intercom_parts

),

numbered as (

    select
        message_id,
        ticket_key,
        author_type,
        is_public,
        is_merge,
        row_number() over (partition by ticket_key order by sent_at, position) = 1 as is_first,
        sent_at
    from unioned

)

select * from numbered
