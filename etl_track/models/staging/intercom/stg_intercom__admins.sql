with

source as (

    select * from {{ source('intercom', 'admins') }}

),

renamed as (

    select
        id as admin_id,
        name,
        lower(email) as email,
        job_title as team,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
