with

source as (

    select * from {{ source('intercom', 'companies') }}

),

renamed as (

    select
        id as company_id,
        coalesce(company_id, 'intercom-' || id) as customer_id,
        name,
        {{ json_text('plan', '$.name') }} as recorded_tier,
        coalesce({{ json_text('custom_attributes', '$.region') }}, 'unknown') as region,
        {{ whole_number(json_text('custom_attributes', '$.arr')) }} as arr,
        {{ json_text('custom_attributes', '$.previous_tier') }} as previous_tier,
        {{ epoch_to_timestamp(whole_number(json_text('custom_attributes', '$.plan_since_at'))) }} as plan_since,
        size as seats,
        industry
    from source

)

select * from renamed
