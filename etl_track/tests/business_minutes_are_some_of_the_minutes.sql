{%- set measures = [
    'first_reply', 'total_reply', 'first_resolution', 'full_resolution', 'requester_wait', 'agent_wait', 'on_hold'
] -%}

with

tickets as (

    -- Without a schedule, and before the business clock begins, there are no business minutes.
    select *
    from {{ ref('fct_support_tickets') }}
    where created_clock is not null

),

pairs as (

    {% for measure in measures -%}
    select
        ticket_key,
        '{{ measure }}' as measure,
        {{ measure }}_minutes as minutes,
        {{ measure }}_business_minutes as business_minutes
    from tickets
    {% if not loop.last -%} union all {% endif -%}
    {% endfor %}

)

select *
from pairs
where
    business_minutes < 0
    or business_minutes > minutes
    or (minutes is null and business_minutes is not null)
    or (minutes is not null and business_minutes is null)
