with

source as (

    select * from {{ source('lab', 'rejects') }}

),

renamed as (

    select
        source as source_name,
        "table" as table_name,
        line as line_number,
        reason,
        record
    from source

)

select * from renamed
