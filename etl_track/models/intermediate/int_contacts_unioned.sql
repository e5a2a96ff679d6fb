-- Who writes on both help desks has two records and one e-mail address: the address is the person.
with

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

organizations as (

    select * from {{ ref('stg_zendesk__organizations') }}

),

contacts as (

    select * from {{ ref('stg_intercom__contacts') }}

),

companies as (

    select * from {{ ref('stg_intercom__companies') }}

),

unioned as (

    select
        'zendesk-' || users.user_id as help_desk_contact_id,
        'zendesk' as source_name,
        cast(users.user_id as varchar) as source_contact_id,
        users.name as contact_name,
        users.email,
        organizations.customer_id,
        users.loaded_at
    from users
    left join organizations on users.organization_id = organizations.organization_id
    union all
    select
        'intercom-' || contacts.contact_id as help_desk_contact_id,
        'intercom' as source_name,
        contacts.contact_id as source_contact_id,
        contacts.name as contact_name,
        contacts.email,
        companies.customer_id,
        contacts.loaded_at
    from contacts
    left join companies on contacts.company_id = companies.company_id

),

keyed as (

    select
        *,
        coalesce({{ text_hash('email') }}, help_desk_contact_id) as contact_key
    from unioned

)

select * from keyed
