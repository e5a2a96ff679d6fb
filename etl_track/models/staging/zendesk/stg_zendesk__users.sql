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
        role in ('agent', 'admin') as has_agent_role,
        {{ json_array_has('tags', 'bot') }} as is_bot,
        organization_id,
        {{ json_text('user_fields', '$.team') }} as team,
        time_zone,
        {{ iso_to_timestamp('updated_at') }} as updated_at,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
