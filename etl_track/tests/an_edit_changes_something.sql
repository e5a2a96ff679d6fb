-- A warning: a client may call it an edit when the agent took out no more than a citation's mark.
{{ config(severity='warn') }}

select
    feedback_id,
    draft_id,
    agent_id
from {{ ref('fct_draft_feedback') }}
where is_edited and edit_distance = 0
