-- A warning: help desks let an agent write in a solved ticket without opening it again.
{{ config(severity='warn') }}

select
    ticket_key,
    first_reply_at,
    first_solved_at,
    last_solved_at
from {{ ref('fct_support_tickets') }}
where first_reply_at > last_solved_at
