{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('records_loaded_at') }}"
) }}

with

changes as (

    select *
    from {{ ref('int_status_changes_unioned') }}
    {%- if is_incremental() %}
    -- An Intercom record holds its whole conversation: one that did not change need not be taken apart.
    where source_name = 'zendesk' or {{ changed('record_loaded_at', 'record_active_at') }}
    {%- endif %}

),

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

loads as (

    select *
    from {{ ref('int_ticket_loads') }}
    {%- if is_incremental() %}
    where {{ changed('records_loaded_at', 'active_at') }}
    {%- endif %}

),

business_hours as (

    select * from {{ ref('int_business_hours') }}

),

of_changed_tickets as (

    select
        changes.*,
        loads.records_loaded_at as loaded_at
    from changes
    inner join tickets on changes.ticket_key = tickets.ticket_key
    inner join loads on changes.ticket_key = loads.ticket_key
    where tickets.status != 'deleted'

),

clocked as (

    select
        changes.*,
        {{ business_clock('changes.changed_at') }} as changed_clock
    from of_changed_tickets as changes
    {{ join_business_hours('changes.changed_at') }}

),

in_order as (

    select
        *,
        lag(status) over (partition by ticket_key order by changed_at, position) as previous_status,
        lead(changed_at) over (partition by ticket_key order by changed_at, position) as ended_at,
        lead(changed_clock) over (partition by ticket_key order by changed_at, position) as ended_clock
    from clocked

),

final as (

    select
        status_change_id,
        ticket_key,
        status,
        previous_status,
        priority,
        changed_at,
        changed_clock,
        ended_at,
        ended_clock,
        {{ minutes_between('changed_at', 'ended_at') }} as calendar_minutes,
        {{ business_minutes('changed_clock', 'ended_clock') }} as business_minutes,
        coalesce(previous_status = 'solved' and status not in ('solved', 'closed'), false) as is_reopening,
        loaded_at
    from in_order

)

select * from final
