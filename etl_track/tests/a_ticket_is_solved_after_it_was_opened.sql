-- Minutes are never negative, a solved ticket that was not merged away has a resolution time, and the first is not after the full one.
select
    ticket_key,
    first_reply_minutes,
    first_resolution_minutes,
    full_resolution_minutes
from {{ ref('fct_support_tickets') }}
where
    first_reply_minutes < 0
    or first_resolution_minutes < 0
    or first_resolution_minutes > full_resolution_minutes
    or (is_solved and not is_merged and full_resolution_minutes is null)
