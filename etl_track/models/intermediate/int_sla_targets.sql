-- What is promised: business minutes by tier, promise and priority. Of Zendesk's policies those are understood that
-- hold for one tier or for everybody; where two promise the same thing, the one that Zendesk looks at first counts.
with

policies as (

    select * from {{ ref('stg_zendesk__sla_policies') }}

),

metrics as (

    select
        policy_name,
        policy_position,
        policy_filter,
        {{ json_rows('policy_metrics', '$') }} as metric
    from policies

),

renamed as (

    select
        policy_name,
        policy_position,
        {{ json_text('policy_filter', '$.all[0].field') }} as condition_field,
        {{ json_text('policy_filter', '$.all[0].operator') }} as condition_operator,
        {{ json_text('policy_filter', '$.all[0].value') }} as condition_value,
        {{ json_text('policy_filter', '$.all[1].field') }} as second_condition_field,
        {{ json_text('policy_filter', '$.any[0].field') }} as other_condition_field,
        {{ json_text('metric', '$.metric') }} as zendesk_metric,
        {{ json_text('metric', '$.priority') }} as priority,
        {{ whole_number(json_text('metric', '$.target')) }} as target_minutes
    from metrics
    where {{ json_text('metric', '$.business_hours') }} = 'true'

),

understood as (

    select
        policy_name,
        policy_position,
        condition_value as customer_tier,
        case zendesk_metric when 'first_reply_time' then 'first_reply' else 'full_resolution' end as sla_metric,
        priority,
        target_minutes
    from renamed
    where
        zendesk_metric in ('first_reply_time', 'requester_wait_time')
        and second_condition_field is null
        and other_condition_field is null
        and (condition_field is null or (condition_field like '%tier' and condition_operator = 'is'))

),

first_matching as (

    select
        *,
        row_number() over (
            partition by customer_tier, sla_metric, priority order by policy_position, policy_name
        ) as precedence
    from understood

)

select
    policy_name,
    customer_tier,
    sla_metric,
    priority,
    target_minutes
from first_matching
where precedence = 1
