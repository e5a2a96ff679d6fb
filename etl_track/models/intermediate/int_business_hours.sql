-- A clock that runs only while the company is open; macros/business_minutes.sql reads it.
with

openings as (

    select * from {{ ref('int_schedule_openings') }}

),

holidays as (

    select * from {{ ref('int_holidays') }}

),

loads as (

    select * from {{ ref('stg_lab__loads') }}

),

-- The first day is fixed: a clock that began with the first ticket would be another one when that ticket is deleted.
days as (

    select
        {{ days_between("cast('" ~ var('business_clock_begins') ~ "' as date)", add_days('cast(clock as date)', 31)) }}
            as date_day
    from loads

),

open_days as (

    select days.date_day
    from days
    left join holidays on days.date_day = holidays.holiday_date
    where holidays.holiday_date is null

),

on_the_wall as (

    select
        openings.time_zone,
        {{ add_minutes('cast(open_days.date_day as timestamp)', 'openings.opens_minute') }} as opens_at,
        {{ add_minutes('cast(open_days.date_day as timestamp)', 'openings.closes_minute') }} as closes_at
    from open_days
    inner join openings on {{ iso_weekday('open_days.date_day') }} = openings.weekday_number

),

in_utc as (

    select
        {{ local_to_utc('opens_at', 'time_zone') }} as opens_at,
        {{ local_to_utc('closes_at', 'time_zone') }} as closes_at
    from on_the_wall

),

measured as (

    select
        opens_at,
        {{ seconds_between('opens_at', 'closes_at') }} as open_seconds,
        coalesce(lead(opens_at) over (order by opens_at), cast('9999-12-31' as timestamp)) as next_opens_at
    from in_utc

),

running as (

    select
        opens_at,
        next_opens_at,
        open_seconds,
        cast(sum(open_seconds) over (order by opens_at) - open_seconds as bigint) as seconds_before
    from measured

)

select * from running
