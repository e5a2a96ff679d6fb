-- What the changes of status of a ticket say about its solutions and waits.
with

changes as (

    select * from {{ ref('fct_ticket_status_changes') }}

),

summed as (

    select
        ticket_key,
        -- A ticket that was closed and never solved is solved when it is closed.
        {% for moment in ['at', 'clock'] -%}
        coalesce(
            min(case when status = 'solved' then changed_{{ moment }} end),
            min(case when status = 'closed' then changed_{{ moment }} end)
        ) as first_solved_{{ moment }},
        coalesce(
            max(case when status = 'solved' then changed_{{ moment }} end),
            max(case when status = 'closed' then changed_{{ moment }} end)
        ) as last_solved_{{ moment }},
        {% endfor -%}
        count(case when is_reopening then 1 end) as reopen_count,
        max(case when previous_status is null then priority end) as first_priority,
        -- Seconds are added, because a sum of fractions depends on the order in which they come.
        {% for wait, statuses in [
            ('requester_wait', "'new', 'open', 'hold'"), ('agent_wait', "'pending'"), ('on_hold', "'hold'")
        ] -%}
        coalesce(sum(case when status in ({{ statuses }}) then {{ seconds_between('changed_at', 'ended_at') }} end), 0)
        / 60.0 as {{ wait }}_minutes,
        coalesce(sum(case when status in ({{ statuses }}) then ended_clock - changed_clock end), 0)
        / 60.0 as {{ wait }}_business_minutes
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from changes
    group by ticket_key

)

select * from summed
