with

landed as (

    select feedback_id from {{ ref('stg_lab__draft_feedback') }}

),

facts as (

    select
        feedback_id,
        count(*) as copies
    from {{ ref('fct_draft_feedback') }}
    group by feedback_id

)

select
    landed.feedback_id,
    facts.feedback_id as fact_feedback_id,
    facts.copies
from landed
full outer join facts on landed.feedback_id = facts.feedback_id
where landed.feedback_id is null or facts.copies is distinct from 1
