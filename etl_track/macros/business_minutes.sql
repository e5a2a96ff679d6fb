{#
    Business minutes are read from a clock that runs only while the company is open (int_business_hours). What lies
    between two moments is the clock at the second less the clock at the first. Time zone, daylight saving and holidays
    are in the openings. A moment that is null has no clock, and no minutes lead to it: that is why there is no least()
    of two moments here, which would take the one that is there.

        select {{ business_clock('messages.sent_at') }} as sent_clock
        from messages
        {{ join_business_hours('messages.sent_at') }}
#}
{% macro business_minutes(start_clock, end_clock) -%}
    ({{ end_clock }} - {{ start_clock }}) / 60.0
{%- endmacro %}

{# The clock's seconds at a moment, beside join_business_hours of the same moment. #}
{% macro business_clock(at) -%}
    business_hours.seconds_before
    + least({{ seconds_between('business_hours.opens_at', at) }}, business_hours.open_seconds)
{%- endmacro %}

{# The newest opening before a moment. #}
{% macro join_business_hours(at) -%}
    {{ adapter.dispatch('join_business_hours')(at) }}
{%- endmacro %}

{% macro default__join_business_hours(at) -%}
    left join business_hours on {{ at }} >= business_hours.opens_at and {{ at }} < business_hours.next_opens_at
{%- endmacro %}

{# DuckDB has a join of its own for this, which is many times as fast. #}
{% macro duckdb__join_business_hours(at) -%}
    asof left join business_hours on {{ at }} >= business_hours.opens_at
{%- endmacro %}
