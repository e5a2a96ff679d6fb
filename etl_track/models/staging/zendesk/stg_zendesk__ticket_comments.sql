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
        -- Of a merge: the loser's line names the winner; the winner's names its losers, in `ticket_ids`.
        {{ whole_number(json_text('via', '$.source.from.ticket_id')) }} as source_ticket_id,
        {{ iso_to_timestamp('created_at') }} as created_at,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
