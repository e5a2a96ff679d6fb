-- Intercom keeps a conversation's parts inside of it: one raw table, two models.
with

conversations as (

    select * from {{ ref('stg_intercom__conversations') }}

),

parts as (

    select
        conversation_id,
        {{ json_rows('conversation_parts', '$.conversation_parts') }} as part,
        updated_at,
        loaded_at
    from conversations

),

renamed as (

    select
        {{ json_text('part', '$.id') }} as part_id,
        conversation_id,
        {{ json_text('part', '$.part_type') }} as part_type,
        {{ json_text('part', '$.author.type') }} as author_type,
        {{ json_text('part', '$.author.id') }} as author_id,
        {{ plain_text(json_text('part', '$.body')) }} as body,
        {{ epoch_to_timestamp(whole_number(json_text('part', '$.created_at'))) }} as created_at,
        updated_at as conversation_updated_at,
        loaded_at
    from parts

)

select * from renamed
