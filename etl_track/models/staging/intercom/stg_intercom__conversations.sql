with

source as (

    select * from {{ source('intercom', 'conversations') }}

),

newest as (

    select
        *,
        row_number() over (partition by id order by updated_at desc nulls last) as recency
    from source

),

renamed as (

    select
        id as conversation_id,
        state,
        priority,
        {{ json_text('source', '$.type') }} as channel,
        coalesce({{ json_text('custom_attributes', '$.product_category') }}, 'unknown') as product_category,
        {{ json_text('contacts', '$.contacts[0].id') }} as contact_id,
        cast(admin_assignee_id as varchar) as admin_id,
        {{ whole_number(json_text('conversation_rating', '$.rating')) }} as rating,
        {{ json_text('source', '$.author.type') }} as first_author_type,
        {{ plain_text(json_text('source', '$.body')) }} as first_message,
        conversation_parts,
        {{ epoch_to_timestamp('created_at') }} as created_at,
        {{ epoch_to_timestamp('updated_at') }} as updated_at
    from newest
    where recency = 1

)

select * from renamed
