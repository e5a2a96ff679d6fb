with

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

bounds as (

    select
        cast(min(created_at) as date) as first_day,
        cast(max(created_at) as date) as last_day
    from tickets

),

days as (

    select {{ days_between('first_day', 'last_day') }} as date_day
    from bounds

),

named as (

    select
        date_day,
        cast(date_trunc('month', date_day) as date) as month_start,
        extract(year from date_day) as year_number,
        extract(month from date_day) as month_number,
        extract(isodow from date_day) as weekday_number,
        extract(isodow from date_day) > 5 as is_weekend
    from days

)

select * from named
