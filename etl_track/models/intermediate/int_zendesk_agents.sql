-- Who was an agent when. The help desk tells today's roles only: the snapshot keeps those of earlier days, and whoever
-- has tickets assigned was an agent even if no snapshot saw it.
with

roles as (

    select * from {{ ref('snap_zendesk_roles') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

versions as (

    select
        user_id,
        is_agent,
        -- What the first snapshot saw holds for the time before it as well.
        lag(dbt_valid_to) over (partition by user_id order by dbt_valid_from) as valid_from,
        dbt_valid_to as valid_to
    from roles

),

seen as (

    select
        user_id,
        valid_from,
        valid_to
    from versions
    where is_agent

),

assigned as (

    select distinct
        users.user_id,
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to
    from tickets
    inner join users on tickets.assignee_id = users.user_id
    left join seen on users.user_id = seen.user_id
    where not users.is_bot and seen.user_id is null

),

unioned as (

    select * from seen
    union all
    select * from assigned

),

bounded as (

    select
        user_id,
        coalesce(valid_from, cast('1900-01-01' as timestamp)) as agent_from,
        coalesce(valid_to, cast('9999-12-31' as timestamp)) as agent_to
    from unioned

)

select * from bounded
