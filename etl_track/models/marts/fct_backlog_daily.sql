-- What was left at the end of each business day. A day is added once, a ticket that changed is counted anew.
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail', pre_hook="{{ delete_changed() }}"
) }}

with

changed as (

    select ticket_key
    from {{ ref('int_ticket_loads') }}
    {%- if is_incremental() %}
    where {{ changed('loaded_at', 'active_at') }}
    {%- endif %}

),

tickets as (

    select * from {{ ref('fct_support_tickets') }}

),

status_changes as (

    select *
    from {{ ref('fct_ticket_status_changes') }}
    where status in ('new', 'open', 'pending', 'hold')

),

days as (

    select * from {{ ref('dim_dates') }}

),

loads as (

    select * from {{ ref('stg_lab__loads') }}

),

business_days as (

    select
        days.date_day,
        days.ends_at
    from days
    inner join loads on days.ends_at <= loads.clock
    where days.is_business_day

),

left_over as (

    select
        status_changes.ticket_key,
        business_days.date_day as backlog_date,
        status_changes.status
    from status_changes
    inner join business_days
        on
            status_changes.changed_at < business_days.ends_at
            and (status_changes.ended_at is null or status_changes.ended_at >= business_days.ends_at)
    -- Within one second the last status counts.
    where status_changes.ended_at is null or status_changes.ended_at > status_changes.changed_at

),

final as (

    select
        left_over.ticket_key,
        left_over.backlog_date,
        left_over.status,
        tickets.source_name,
        tickets.customer_tier,
        tickets.product_category,
        tickets.region,
        tickets.agent_team,
        tickets.loaded_at
    from left_over
    inner join tickets on left_over.ticket_key = tickets.ticket_key
    left join changed on left_over.ticket_key = changed.ticket_key
    where
        changed.ticket_key is not null
        {%- if is_incremental() %}
        or left_over.backlog_date > (select max(counted.backlog_date) from {{ this }} as counted)
        {%- endif %}

)

select * from final
