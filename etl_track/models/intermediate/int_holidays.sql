with

schedules as (

    select * from {{ ref('stg_zendesk__schedules') }}

),

ranked as (

    select
        *,
        row_number() over (order by schedule_id) as precedence
    from schedules

),

in_force as (

    select {{ json_rows('holidays', '$') }} as holiday
    from ranked
    where precedence = 1

),

spans as (

    select
        {{ json_text('holiday', '$.name') }} as holiday_name,
        cast({{ json_text('holiday', '$.start_date') }} as date) as first_day,
        cast({{ json_text('holiday', '$.end_date') }} as date) as last_day
    from in_force

),

days as (

    select
        holiday_name,
        {{ days_between('first_day', 'last_day') }} as holiday_date
    from spans

),

named as (

    select
        holiday_date,
        min(holiday_name) as holiday_name
    from days
    group by holiday_date

)

select * from named
