-- Both help desks know the same accounts. Zendesk's word counts where both have one.
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
        {{ known_tier('coalesce(organizations.previous_tier, companies.previous_tier)') }} as previous_tier,
        coalesce(organizations.plan_since, companies.plan_since) as plan_since,
        coalesce(organizations.region, companies.region, 'unknown') as region,
        coalesce(organizations.industry, companies.industry, 'unknown') as industry,
        coalesce(organizations.arr, companies.arr) as arr,
        coalesce(organizations.seats, companies.seats) as seats
    from organizations
    full outer join companies on organizations.customer_id = companies.customer_id

)

select * from joined
