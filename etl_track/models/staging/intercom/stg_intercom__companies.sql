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
        {{ json_text('custom_attributes', '$.region') }} as region,
        {{ whole_number(json_text('custom_attributes', '$.arr')) }} as arr,
        {{ json_text('custom_attributes', '$.previous_tier') }} as previous_tier,
        {{ whole_number(json_text('custom_attributes', '$.previous_arr')) }} as previous_arr,
        {{ epoch_to_timestamp(whole_number(json_text('custom_attributes', '$.plan_since_at'))) }} as plan_since,
        size as seats,
        industry,
        {{ epoch_to_timestamp('created_at') }} as created_at,
        {{ epoch_to_timestamp('updated_at') }} as updated_at,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
