with

source as (

    select * from {{ source('zendesk', 'users') }}

),

renamed as (

    select
        id as user_id,
        name,
        lower(email) as email,
        role,
        role in ('agent', 'admin') and not {{ json_array_has('tags', 'bot') }} as is_agent,
        {{ json_array_has('tags', 'bot') }} as is_bot,
        organization_id,
        {{ json_text('user_fields', '$.team') }} as team,
        time_zone
    from source

)

select * from renamed
