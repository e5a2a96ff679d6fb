with

source as (

    select * from {{ source('intercom', 'conversations') }}

),

newest as (

    select
        id,
        max(updated_at) as updated_at
    from source
    group by id

),

renamed as (

    select
        source.id as conversation_id,
        source.state,
        source.priority,
        {{ json_text('source.source', '$.type') }} as channel,
        coalesce({{ json_text('source.custom_attributes', '$.product_category') }}, 'unknown') as product_category,
        {{ json_text('source.contacts', '$.contacts[0].id') }} as contact_id,
        cast(source.admin_assignee_id as varchar) as admin_id,
        {{ whole_number(json_text('source.conversation_rating', '$.rating')) }} as rating,
        {{ json_text('source.source', '$.author.type') }} as first_author_type,
        {{ json_text('source.source', '$.author.id') }} as first_author_id,
        {{ plain_text(json_text('source.source', '$.body')) }} as first_message,
        source.conversation_parts,
        {{ epoch_to_timestamp('source.created_at') }} as created_at,
        {{ epoch_to_timestamp('source.updated_at') }} as updated_at,
        {{ utc_timestamp('source._loaded_at') }} as loaded_at
    from source
    inner join newest
        on
            source.id = newest.id
            and source.updated_at is not distinct from newest.updated_at

)

select * from renamed
