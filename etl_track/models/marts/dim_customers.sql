-- Every plan that a customer had: what the snapshot recorded, and before it what the help desks say of the plan before.
with

snapshots as (

    select * from {{ ref('snap_customers') }}

),

customers as (

    select * from {{ ref('int_customers_unioned') }}

),

recorded as (

    select
        *,
        row_number() over (partition by customer_id order by dbt_valid_from) as recorded_version
    from snapshots

),

before_records as (

    select
        customer_id,
        previous_tier as customer_tier,
        previous_arr as arr,
        created_at as valid_from,
        plan_since as valid_to
    from recorded
    where recorded_version = 1 and previous_tier is not null

),

unioned as (

    select * from before_records
    union all
    select
        customer_id,
        customer_tier,
        arr,
        -- What the first snapshot saw holds since the account began, where nothing is known of a plan before.
        case when recorded_version = 1 and plan_since is null then created_at else dbt_valid_from end as valid_from,
        dbt_valid_to as valid_to
    from recorded

),

numbered as (

    select
        *,
        row_number() over (partition by customer_id order by valid_from) as version
    from unioned

),

final as (

    select
        numbered.customer_id || '-' || numbered.version as customer_key,
        numbered.customer_id,
        numbered.version,
        customers.customer_name,
        numbered.customer_tier,
        numbered.arr,
        customers.seats,
        customers.region,
        customers.industry,
        numbered.valid_from,
        numbered.valid_to,
        numbered.valid_to is null as is_current
    from numbered
    inner join customers on numbered.customer_id = customers.customer_id

)

select * from final
