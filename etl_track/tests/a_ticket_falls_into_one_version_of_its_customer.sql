with

tickets as (

    select *
    from {{ ref('fct_support_tickets') }}
    where customer_id is not null

),

matching as (

    select
        tickets.ticket_key,
        count(customers.customer_key) as versions,
        min(customers.customer_key) as customer_key
    from tickets
    left join {{ ref('dim_customers') }} as customers
        on
            tickets.customer_id = customers.customer_id
            and (customers.version = 1 or tickets.created_at >= customers.valid_from)
            and (customers.valid_to is null or tickets.created_at < customers.valid_to)
    group by tickets.ticket_key

)

select
    tickets.ticket_key,
    tickets.customer_id,
    tickets.created_at,
    tickets.customer_key,
    matching.versions,
    matching.customer_key as matching_customer_key
from tickets
inner join matching on tickets.ticket_key = matching.ticket_key
where matching.versions != 1 or tickets.customer_key is null or tickets.customer_key != matching.customer_key
