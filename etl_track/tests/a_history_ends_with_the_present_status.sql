-- A warning: an export may hold only the beginning of a history.
{{ config(severity='warn') }}

select
    tickets.ticket_key,
    tickets.status,
    changes.status as last_status_told,
    changes.changed_at
from {{ ref('fct_support_tickets') }} as tickets
inner join {{ ref('fct_ticket_status_changes') }} as changes on tickets.ticket_key = changes.ticket_key
where
    changes.ended_at is null
    and tickets.status != changes.status
    -- The help desk closes what is solved after some days, and does not always say so.
    and not (tickets.status = 'closed' and changes.status = 'solved')
