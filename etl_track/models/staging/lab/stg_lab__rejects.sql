with

source as (

    select * from {{ source('lab', 'rejects') }}

),

renamed as (

    select
        source.source as source_name,
        source.table as table_name,
        source.line as line_number,
        source.reason,
        source.record
    from source

)

select * from renamed
