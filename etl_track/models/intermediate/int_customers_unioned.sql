-- Both help desks know the same accounts, as of today. Zendesk's word counts where both have one.
with

organizations as (

    select * from {{ ref('stg_zendesk__organizations') }}

),

companies as (

    select * from {{ ref('stg_intercom__companies') }}

),

joined as (

    select
        coalesce(organizations.customer_id, companies.customer_id) as customer_id,
        coalesce(organizations.name, companies.name) as customer_name,
        {{ known_tier('coalesce(organizations.recorded_tier, companies.recorded_tier)') }} as customer_tier,
        coalesce(organizations.arr, companies.arr) as arr,
        coalesce(organizations.seats, companies.seats) as seats,
        coalesce(organizations.region, companies.region, 'unknown') as region,
        coalesce(organizations.industry, companies.industry, 'unknown') as industry,
        coalesce(organizations.plan_since, companies.plan_since) as plan_since,
        coalesce(organizations.previous_tier, companies.previous_tier) as recorded_previous_tier,
        coalesce(organizations.previous_arr, companies.previous_arr) as previous_arr,
        coalesce(organizations.created_at, companies.created_at) as created_at,
        coalesce(organizations.updated_at, companies.updated_at) as updated_at,
        organizations.loaded_at as organization_loaded_at,
        companies.loaded_at as company_loaded_at
    from organizations
    full outer join companies on organizations.customer_id = companies.customer_id

),

dated as (

    select
        customer_id,
        customer_name,
        customer_tier,
        arr,
        seats,
        region,
        industry,
        plan_since,
        case when plan_since is not null then {{ known_tier('recorded_previous_tier') }} end as previous_tier,
        previous_arr,
        created_at,
        -- Since when today's plan holds, as well as the help desks tell it.
        coalesce(plan_since, updated_at, created_at) as changed_at,
        case
            when company_loaded_at is null or organization_loaded_at > company_loaded_at then organization_loaded_at
            else company_loaded_at
        end as loaded_at
    from joined

)

select * from dated
