{# Everything that differs from one database to the next. Another target adds its own `<target>__` macros. #}

{% macro json_text(column, path) -%}
    {{ return(adapter.dispatch('json_text')(column, path)) }}
{%- endmacro %}

{% macro duckdb__json_text(column, path) -%}
    json_extract_string({{ column }}, '{{ path }}')
{%- endmacro %}

{# One row for each element of a JSON array; the element is JSON. #}
{% macro json_rows(column, path) -%}
    {{ return(adapter.dispatch('json_rows')(column, path)) }}
{%- endmacro %}

{% macro duckdb__json_rows(column, path) -%}
    unnest(json_extract({{ column }}, '{{ path }}[*]'))
{%- endmacro %}

{# Whether a JSON array of texts holds a value. #}
{% macro json_array_has(column, value) -%}
    {{ return(adapter.dispatch('json_array_has')(column, value)) }}
{%- endmacro %}

{% macro duckdb__json_array_has(column, value) -%}
    coalesce(json_contains({{ column }}, '"{{ value }}"'), false)
{%- endmacro %}

{# Times are UTC and carry no zone: from ISO text, and from seconds since the epoch. #}
{% macro iso_to_timestamp(column) -%}
    cast({{ column }} as timestamp)
{%- endmacro %}

{% macro epoch_to_timestamp(column) -%}
    {{ return(adapter.dispatch('epoch_to_timestamp')(column)) }}
{%- endmacro %}

{% macro duckdb__epoch_to_timestamp(column) -%}
    make_timestamp({{ column }} * 1000000)
{%- endmacro %}

{# A whole number, or null where the text is none. #}
{% macro whole_number(column) -%}
    {{ return(adapter.dispatch('whole_number')(column)) }}
{%- endmacro %}

{% macro duckdb__whole_number(column) -%}
    try_cast({{ column }} as bigint)
{%- endmacro %}

{# Minutes from start to end, with seconds as a fraction. #}
{% macro minutes_between(start, end) -%}
    {{ return(adapter.dispatch('minutes_between')(start, end)) }}
{%- endmacro %}

{% macro duckdb__minutes_between(start, end) -%}
    date_diff('second', {{ start }}, {{ end }}) / 60.0
{%- endmacro %}

{# One row for each day, both ends included. #}
{% macro days_between(start, end) -%}
    {{ return(adapter.dispatch('days_between')(start, end)) }}
{%- endmacro %}

{% macro duckdb__days_between(start, end) -%}
    cast(unnest(generate_series({{ start }}, {{ end }}, interval 1 day)) as date)
{%- endmacro %}

{# HTML as Intercom sends it, without its tags. #}
{% macro plain_text(column) -%}
    {{ return(adapter.dispatch('plain_text')(column)) }}
{%- endmacro %}

{% macro duckdb__plain_text(column) -%}
    trim(replace(replace(replace(
        regexp_replace(replace(replace({{ column }}, '</p><p>', chr(10)), '<br>', chr(10)), '<[^>]+>', '', 'g'),
        '&lt;', '<'), '&gt;', '>'), '&amp;', '&'))
{%- endmacro %}
