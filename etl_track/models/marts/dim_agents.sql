-- An agent who works on both help desks is one agent: the e-mail address tells. Who left stays.
with

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

zendesk_staff as (

    select distinct user_id from {{ ref('int_zendesk_agents') }}

),

admins as (

    select * from {{ ref('stg_intercom__admins') }}

),

zendesk_agents as (

    select
        coalesce(users.email, 'zendesk-' || users.user_id) as agent_id,
        users.name as agent_name,
        users.team,
        users.time_zone,
        users.has_agent_role as is_active
    from users
    inner join zendesk_staff on users.user_id = zendesk_staff.user_id

),

intercom_agents as (

    select
        coalesce(email, 'intercom-' || admin_id) as agent_id,
        name as agent_name,
        team
    from admins

),

joined as (

    select
        coalesce(zendesk_agents.agent_id, intercom_agents.agent_id) as agent_id,
        coalesce(zendesk_agents.agent_name, intercom_agents.agent_name) as agent_name,
        coalesce(zendesk_agents.team, intercom_agents.team, 'unknown') as team,
        zendesk_agents.time_zone,
        coalesce(zendesk_agents.is_active, true) as is_active
    from zendesk_agents
    full outer join intercom_agents on zendesk_agents.agent_id = intercom_agents.agent_id

)

select * from joined
