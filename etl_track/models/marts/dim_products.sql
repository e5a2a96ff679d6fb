with

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

products as (

    select
        product_category,
        upper(left(product_category, 1)) || replace(substr(product_category, 2), '_', ' ') as product_name
    from tickets
    group by product_category

)

select * from products
