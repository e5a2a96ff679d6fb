with

source as (

    select * from {{ source('intercom', 'contacts') }}

),

renamed as (

    select
        id as contact_id,
        name,
        lower(email) as email,
        {{ json_text('companies', '$.data[0].id') }} as company_id,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
