with

staged as (

    select 'zendesk-' || ticket_id as ticket_key
    from {{ ref('stg_zendesk__tickets') }}
    where status != 'deleted'
    union all
    select 'intercom-' || conversation_id as ticket_key from {{ ref('stg_intercom__conversations') }}

),

facts as (

    select ticket_key from {{ ref('fct_support_tickets') }}

)

select coalesce(staged.ticket_key, facts.ticket_key) as ticket_key
from staged
full outer join facts on staged.ticket_key = facts.ticket_key
where staged.ticket_key is null or facts.ticket_key is null
