-- What snap_zendesk_roles remembers: no name and no address, only who could act as an agent.
with

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

roles as (

    select
        user_id,
        has_agent_role and not is_bot as is_agent,
        coalesce(updated_at, loaded_at) as changed_at
    from users

)

select * from roles
