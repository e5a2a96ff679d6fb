-- An agent who works on both help desks is one agent: the e-mail address tells.
with

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

admins as (

    select * from {{ ref('stg_intercom__admins') }}

),

zendesk_agents as (

    select
        coalesce(email, 'zendesk-' || user_id) as agent_id,
        name as agent_name,
        team,
        time_zone
    from users
    where is_agent

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
        zendesk_agents.time_zone
    from zendesk_agents
    full outer join intercom_agents on zendesk_agents.agent_id = intercom_agents.agent_id

)

select * from joined
