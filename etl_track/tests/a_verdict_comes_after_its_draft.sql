-- A warning: whoever hands in feedback later may say when it was given, by another clock.
{{ config(severity='warn') }}

select
    feedback_id,
    drafted_at,
    given_at
from {{ ref('fct_draft_feedback') }}
where given_at < drafted_at
