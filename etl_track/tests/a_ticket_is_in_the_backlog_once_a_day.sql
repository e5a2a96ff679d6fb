select
    ticket_key,
    backlog_date,
    count(*) as times
from {{ ref('fct_backlog_daily') }}
group by ticket_key, backlog_date
having count(*) > 1
