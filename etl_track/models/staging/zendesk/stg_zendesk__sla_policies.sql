with

source as (

    select * from {{ source('zendesk', 'sla_policies') }}

),

renamed as (

    select
        id as policy_id,
        title as policy_name,
        position as policy_position,
        filter as policy_filter,
        policy_metrics,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
