with

source as (

    select * from {{ source('zendesk', 'organizations') }}

),

renamed as (

    select
        id as organization_id,
        coalesce(external_id, 'zendesk-' || id) as customer_id,
        name,
        {{ json_text('organization_fields', '$.tier') }} as recorded_tier,
        {{ json_text('organization_fields', '$.region') }} as region,
        {{ whole_number(json_text('organization_fields', '$.arr')) }} as arr,
        {{ json_text('organization_fields', '$.previous_tier') }} as previous_tier,
        {{ whole_number(json_text('organization_fields', '$.previous_arr')) }} as previous_arr,
        {{ iso_to_timestamp(json_text('organization_fields', '$.plan_since')) }} as plan_since,
        {{ whole_number(json_text('organization_fields', '$.seats')) }} as seats,
        {{ json_text('organization_fields', '$.industry') }} as industry,
        {{ iso_to_timestamp('created_at') }} as created_at,
        {{ iso_to_timestamp('updated_at') }} as updated_at,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
