with

in_order as (

    select
        customer_key,
        customer_id,
        version,
        valid_from,
        valid_to,
        is_current,
        row_number() over (partition by customer_id order by version) as expected_version,
        lead(customer_key) over (partition by customer_id order by version) as next_customer_key,
        lead(valid_from) over (partition by customer_id order by version) as next_valid_from
    from {{ ref('dim_customers') }}

)

select *
from in_order
where
    version != expected_version
    or valid_from >= valid_to
    or is_current != (next_customer_key is null)
    or is_current != (valid_to is null)
    or (next_customer_key is not null and (valid_to != next_valid_from or next_valid_from is null))
