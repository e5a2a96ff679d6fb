with

drafts as (

    select
        draft_id,
        sum(case when is_latest then 1 else 0 end) as newest_verdicts,
        max(given_at) as last_given_at,
        max(case when is_latest then given_at end) as newest_given_at
    from {{ ref('fct_draft_feedback') }}
    group by draft_id

)

select *
from drafts
where newest_verdicts != 1 or newest_given_at is distinct from last_given_at
