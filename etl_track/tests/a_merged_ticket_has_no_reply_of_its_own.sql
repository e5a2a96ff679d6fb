select
    ticket_key,
    merged_into_ticket_key,
    reply_count,
    first_reply_minutes,
    full_resolution_minutes,
    requester_wait_minutes,
    is_solved
from {{ ref('fct_support_tickets') }}
where
    is_merged
    and (
        is_solved
        or is_one_touch
        or is_zero_reply
        or is_reopened
        or reply_count > 0
        or first_reply_minutes is not null
        or total_reply_minutes is not null
        or first_resolution_minutes is not null
        or full_resolution_minutes is not null
        or requester_wait_minutes is not null
        or merged_into_ticket_key = ticket_key
    )
