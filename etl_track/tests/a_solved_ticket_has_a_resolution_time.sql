with

solved_once as (

    select distinct ticket_key
    from {{ ref('fct_ticket_status_changes') }}
    where status in ('solved', 'closed')

)

select
    tickets.ticket_key,
    tickets.status,
    tickets.is_solved,
    tickets.first_resolution_minutes,
    tickets.full_resolution_minutes
from {{ ref('fct_support_tickets') }} as tickets
left join solved_once on tickets.ticket_key = solved_once.ticket_key
where
    (
        tickets.is_solved
        and solved_once.ticket_key is not null
        and (tickets.first_resolution_minutes is null or tickets.full_resolution_minutes is null)
    )
    or (not tickets.is_solved and tickets.full_resolution_minutes is not null)
