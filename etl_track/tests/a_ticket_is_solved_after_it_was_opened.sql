-- Minutes are never negative, and the first resolution is not after the full one. A solved ticket has a resolution time,
-- unless it was merged away or the help desk did not tell its history.
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
    or (is_solved and has_history and not is_merged and full_resolution_minutes is null)
