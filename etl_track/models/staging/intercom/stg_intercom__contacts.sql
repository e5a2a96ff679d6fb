with

source as (

    select * from {{ source('intercom', 'contacts') }}

),

renamed as (

    select
        id as contact_id,
        name,
        lower(email) as email,
        {{ json_text('companies', '$.data[0].id') }} as company_id
    from source

)

select * from renamed
