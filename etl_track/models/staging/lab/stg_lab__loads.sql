with

source as (

    select * from {{ source('lab', 'loads') }}

),

renamed as (

    select
        origin,
        {{ utc_timestamp('clock') }} as clock,
        {{ utc_timestamp('loaded_at') }} as loaded_at
    from source

)

select * from renamed
