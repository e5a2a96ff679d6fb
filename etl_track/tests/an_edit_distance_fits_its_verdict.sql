select
    feedback_id,
    verdict,
    is_declined,
    edit_distance,
    edit_share
from {{ ref('fct_draft_feedback') }}
where
    (is_accepted and not is_declined and edit_distance is distinct from 0)
    or (is_edited and not is_declined and edit_distance is null)
    or ((is_rejected or is_declined) and edit_distance is not null)
    or edit_distance < 0
    or edit_share not between 0 and 1
