select
    outcomes.sla_outcome_key,
    outcomes.ticket_key,
    tickets.status,
    tickets.is_merged
from {{ ref('fct_sla_outcomes') }} as outcomes
left join {{ ref('fct_support_tickets') }} as tickets on outcomes.ticket_key = tickets.ticket_key
where tickets.ticket_key is null or tickets.is_merged
