select
    feedback_id,
    citation_count,
    citations_kept_count,
    citations_dropped_count
from {{ ref('fct_draft_feedback') }}
where citations_kept_count + citations_dropped_count > citation_count
