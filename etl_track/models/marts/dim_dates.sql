-- Also the time spine of the metrics. A day ends when it ends on the company's clock, not at midnight UTC.
with

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

loads as (

    select * from {{ ref('stg_lab__loads') }}

),

openings as (

    select * from {{ ref('int_schedule_openings') }}

),

holidays as (

    select * from {{ ref('int_holidays') }}

),

bounds as (

    select
        cast(min(tickets.created_at) as date) as first_day,
        cast(max(loads.clock) as date) as last_day
    from loads
    left join tickets on loads.clock >= tickets.created_at

),

days as (

    select {{ days_between('first_day', 'last_day') }} as date_day
    from bounds

),

open_weekdays as (

    select
        weekday_number,
        max(time_zone) as time_zone
    from openings
    group by weekday_number

),

company as (

    select
        coalesce(max(time_zone), 'UTC') as time_zone,
        count(*) > 0 as has_schedule
    from open_weekdays

),

named as (

    select
        days.date_day,
        {{ start_of('days.date_day', 'week') }} as week_start,
        {{ start_of('days.date_day', 'month') }} as month_start,
        {{ start_of('days.date_day', 'quarter') }} as quarter_start,
        cast(extract(year from days.date_day) as integer) as year_number,
        cast(extract(month from days.date_day) as integer) as month_number,
        cast({{ iso_weekday('days.date_day') }} as integer) as weekday_number,
        {{ iso_weekday('days.date_day') }} > 5 as is_weekend,
        holidays.holiday_name,
        holidays.holiday_name is null
        -- Without a schedule the week from Monday to Friday is taken.
        and case
            when company.has_schedule then open_weekdays.weekday_number is not null
            else {{ iso_weekday('days.date_day') }} <= 5
        end as is_business_day,
        {{ local_to_utc('cast(' ~ add_days('days.date_day', 1) ~ ' as timestamp)', 'company.time_zone') }} as ends_at
    from days
    cross join company
    left join open_weekdays on {{ iso_weekday('days.date_day') }} = open_weekdays.weekday_number
    left join holidays on days.date_day = holidays.holiday_date

)

select * from named
