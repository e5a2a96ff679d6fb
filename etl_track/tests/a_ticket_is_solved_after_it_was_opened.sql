select
    ticket_key,
    created_at,
    first_reply_minutes,
    first_resolution_minutes,
    full_resolution_minutes
from {{ ref('fct_support_tickets') }}
where
    first_reply_minutes < 0
    or first_resolution_minutes < 0
    or first_resolution_minutes > full_resolution_minutes
