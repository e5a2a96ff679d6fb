with

contacts as (

    select * from {{ ref('int_contacts_unioned') }}

),

agents as (

    select * from {{ ref('int_zendesk_agents') }}

),

-- Agents have records among Zendesk's users; they are in dim_agents.
customers_people as (

    select contacts.*
    from contacts
    left join agents on contacts.help_desk_contact_id = 'zendesk-' || agents.user_id
    where agents.user_id is null

),

merged as (

    select
        contact_key,
        -- Zendesk sorts last, and its word counts where both have one.
        max_by(contact_name, source_name) as contact_name,
        min(email) as email,
        max_by(customer_id, source_name) as customer_id,
        max(case when source_name = 'zendesk' then source_contact_id end) as zendesk_user_id,
        max(case when source_name = 'intercom' then source_contact_id end) as intercom_contact_id,
        count(distinct source_name) = 2 as is_on_both_help_desks
    from customers_people
    group by contact_key

)

select * from merged
