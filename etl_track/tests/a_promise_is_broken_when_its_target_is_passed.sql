select
    sla_outcome_key,
    target_minutes,
    spent_minutes,
    started_at,
    fulfilled_at,
    is_breached
from {{ ref('fct_sla_outcomes') }}
where
    (spent_minutes > target_minutes and not coalesce(is_breached, false))
    or (spent_minutes <= target_minutes and fulfilled_at is not null and coalesce(is_breached, true))
    or (spent_minutes <= target_minutes and fulfilled_at is null and is_breached is not null)
    or (spent_minutes is null and is_breached is not null)
    or fulfilled_at < started_at
