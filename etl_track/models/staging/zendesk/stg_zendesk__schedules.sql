with

source as (

    select * from {{ source('zendesk', 'schedules') }}

),

renamed as (

    select
        id as schedule_id,
        name as schedule_name,
        time_zone as time_zone_name,
        intervals,
        holidays,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
