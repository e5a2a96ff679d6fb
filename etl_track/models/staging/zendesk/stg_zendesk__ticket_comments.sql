with

source as (

    select * from {{ source('zendesk', 'ticket_comments') }}

),

renamed as (

    select
        id as comment_id,
        ticket_id,
        author_id,
        body,
        public as is_public,
        coalesce({{ json_text('via', '$.source.rel') }} = 'merge', false) as is_merge,
        {{ iso_to_timestamp('created_at') }} as created_at
    from source

)

select * from renamed
