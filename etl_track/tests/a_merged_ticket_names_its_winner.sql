-- A warning: the line that names the winner is a comment, and an export may have no comments.
{{ config(severity='warn') }}

select
    ticket_key,
    status,
    merged_into_ticket_key
from {{ ref('fct_support_tickets') }}
where is_merged and merged_into_ticket_key is null
