-- An account can have many schedules. In force is the first one, which Zendesk applies where no trigger chose another.
with

schedules as (

    select * from {{ ref('stg_zendesk__schedules') }}

),

time_zones as (

    select * from {{ ref('time_zones') }}

),

weekdays as (

    select {{ numbers_between(0, 6) }} as weekday_from_sunday

),

ranked as (

    select
        schedules.intervals,
        coalesce(time_zones.time_zone, schedules.time_zone_name) as time_zone,
        row_number() over (order by schedules.schedule_id) as precedence
    from schedules
    left join time_zones on schedules.time_zone_name = time_zones.zendesk_name

),

in_force as (

    select
        intervals,
        time_zone
    from ranked
    where precedence = 1

),

intervals as (

    select
        time_zone,
        {{ json_rows('intervals', '$') }} as opening
    from in_force

),

spans as (

    select
        time_zone,
        {{ whole_number(json_text('opening', '$.start_time')) }} as starts_minute,
        {{ whole_number(json_text('opening', '$.end_time')) }} as ends_minute
    from intervals

),

-- Zendesk counts minutes from Sunday's midnight, and an opening may last over several days.
by_weekday as (

    select
        spans.time_zone,
        case weekdays.weekday_from_sunday when 0 then 7 else weekdays.weekday_from_sunday end as weekday_number,
        greatest(spans.starts_minute - 1440 * weekdays.weekday_from_sunday, 0) as opens_minute,
        least(spans.ends_minute - 1440 * weekdays.weekday_from_sunday, 1440) as closes_minute
    from spans
    inner join weekdays
        on
            spans.starts_minute < 1440 * (weekdays.weekday_from_sunday + 1)
            and spans.ends_minute > 1440 * weekdays.weekday_from_sunday

)

select * from by_weekday
