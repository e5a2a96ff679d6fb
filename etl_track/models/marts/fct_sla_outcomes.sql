-- Whether promises were kept. Tickets that are not solved are judged anew each time: time alone breaks a promise.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed(also='ticket_key in (select ticket_key from ' ~ ref('fct_support_tickets')
        ~ ' where not is_solved)') }}"
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

    select tickets.*
    from {{ ref('fct_support_tickets') }} as tickets
    left join changed on tickets.ticket_key = changed.ticket_key
    where not tickets.is_merged and (changed.ticket_key is not null or not tickets.is_solved)

),

histories as (

    select * from {{ ref('int_ticket_histories') }}

),

present_statuses as (

    select *
    from {{ ref('fct_ticket_status_changes') }}
    where ended_at is null and status in ('new', 'open', 'hold')

),

targets as (

    select * from {{ ref('int_sla_targets') }}

),

loads as (

    select * from {{ ref('stg_lab__loads') }}

),

business_hours as (

    select * from {{ ref('int_business_hours') }}

),

lab_clock as (

    select {{ business_clock('loads.clock') }} as now_clock
    from loads
    {{ join_business_hours('loads.clock') }}

),

promised as (

    select
        tickets.*,
        targets.sla_metric,
        -- A promise to the tier goes before one to everybody.
        row_number() over (
            partition by tickets.ticket_key, targets.sla_metric
            order by case when targets.customer_tier is null then 2 else 1 end
        ) as precedence,
        targets.policy_name,
        targets.priority as promised_priority,
        targets.target_minutes,
        histories.first_solved_at as ever_solved_at,
        {{ business_minutes('tickets.created_clock', 'histories.first_solved_clock') }} as ever_solved_minutes,
        {{ business_minutes('tickets.created_clock', 'lab_clock.now_clock') }} as minutes_until_now,
        {{ business_minutes('present_statuses.changed_clock', 'lab_clock.now_clock') }} as present_wait_minutes
    from tickets
    left join histories on tickets.ticket_key = histories.ticket_key
    inner join targets
        on
            coalesce(targets.customer_tier, tickets.customer_tier) = tickets.customer_tier
            -- The priority at the beginning counts, whatever became of it.
            and coalesce(histories.first_priority, tickets.priority) = targets.priority
    left join present_statuses on tickets.ticket_key = present_statuses.ticket_key
    cross join lab_clock

),

-- Whoever solves a ticket without a word has kept the promise of a reply, too.
first_replies as (

    select
        *,
        case when first_reply_at is null or ever_solved_at < first_reply_at then ever_solved_at else first_reply_at end
            as fulfilled_at,
        case
            when first_reply_at is null and ever_solved_at is null and not is_solved then minutes_until_now
            when first_reply_at is null or ever_solved_at < first_reply_at then ever_solved_minutes
            else first_reply_business_minutes
        end as spent_minutes
    from promised
    where sla_metric = 'first_reply' and precedence = 1

),

full_resolutions as (

    select
        *,
        last_solved_at as fulfilled_at,
        requester_wait_business_minutes + coalesce(present_wait_minutes, 0) as spent_minutes
    from promised
    where sla_metric = 'full_resolution' and precedence = 1

),

outcomes as (

    select * from first_replies
    union all
    select * from full_resolutions

),

final as (

    select
        ticket_key || '-' || sla_metric as sla_outcome_key,
        ticket_key,
        sla_metric,
        policy_name,
        customer_tier,
        promised_priority as priority,
        source_name,
        product_category,
        region,
        agent_team,
        channel,
        target_minutes,
        spent_minutes,
        created_at as started_at,
        fulfilled_at,
        case
            when spent_minutes > target_minutes then true
            when fulfilled_at is not null and spent_minutes is not null then false
        end as is_breached,
        loaded_at
    from outcomes

)

select * from final
