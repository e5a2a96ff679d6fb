with

last_day as (

    select
        days.date_day,
        days.ends_at
    from {{ ref('dim_dates') }} as days
    inner join {{ ref('stg_lab__loads') }} as loads on days.ends_at <= loads.clock
    where days.is_business_day
    order by days.date_day desc
    limit 1

),

-- Another way to the same: the last status before the day's end, from the changes as the help desks told them.
told as (

    select
        changes.ticket_key,
        changes.status,
        last_day.date_day,
        row_number() over (
            partition by changes.ticket_key order by changes.changed_at desc, changes.position desc
        ) as steps_back
    from {{ ref('int_status_changes_unioned') }} as changes
    inner join last_day on changes.changed_at < last_day.ends_at
    inner join {{ ref('fct_support_tickets') }} as tickets on changes.ticket_key = tickets.ticket_key

),

unsolved as (

    select
        ticket_key,
        status,
        date_day
    from told
    where steps_back = 1 and status in ('new', 'open', 'pending', 'hold')

),

counted as (

    select backlog.*
    from {{ ref('fct_backlog_daily') }} as backlog
    inner join last_day on backlog.backlog_date = last_day.date_day

)

select
    coalesce(unsolved.ticket_key, counted.ticket_key) as ticket_key,
    unsolved.status as status_told,
    counted.status as status_counted,
    counted.backlog_date
from unsolved
full outer join counted on unsolved.ticket_key = counted.ticket_key
where unsolved.ticket_key is null or counted.ticket_key is null or unsolved.status != counted.status
