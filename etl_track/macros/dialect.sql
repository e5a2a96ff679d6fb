{# Everything that differs from one database to the next. Another target adds its own `<target>__` macros. #}

{% macro json_text(column, path) -%}
    {{ adapter.dispatch('json_text')(column, path) }}
{%- endmacro %}

{% macro duckdb__json_text(column, path) -%}
    json_extract_string({{ column }}, '{{ path }}')
{%- endmacro %}

{# One row for each element of a JSON array; the element is JSON. #}
{% macro json_rows(column, path) -%}
    {{ adapter.dispatch('json_rows')(column, path) }}
{%- endmacro %}

{% macro duckdb__json_rows(column, path) -%}
    unnest(json_extract({{ column }}, '{{ path }}[*]'))
{%- endmacro %}

{# Whether a JSON array of texts holds a value. #}
{% macro json_array_has(column, value) -%}
    {{ adapter.dispatch('json_array_has')(column, value) }}
{%- endmacro %}

{% macro duckdb__json_array_has(column, value) -%}
    coalesce(json_contains({{ column }}, '"{{ value }}"'), false)
{%- endmacro %}

{# How many elements a JSON array has. #}
{% macro json_length(column) -%}
    {{ adapter.dispatch('json_length')(column) }}
{%- endmacro %}

{% macro duckdb__json_length(column) -%}
    cast(json_array_length({{ column }}) as bigint)
{%- endmacro %}

{# The value of a Zendesk custom field, by its id, in a JSON array of {id, value}. #}
{% macro custom_field(column, id) -%}
    {{ adapter.dispatch('custom_field')(column, id) }}
{%- endmacro %}

{% macro duckdb__custom_field(column, id) -%}
    json_extract_string(
        list_filter(json_extract({{ column }}, '$[*]'), lambda field: json_extract_string(field, '$.id') = '{{ id }}')[1],
        '$.value'
    )
{%- endmacro %}

{# A short text that stands for a longer one, always the same. #}
{% macro text_hash(column) -%}
    {{ adapter.dispatch('text_hash')(column) }}
{%- endmacro %}

{% macro duckdb__text_hash(column) -%}
    md5({{ column }})
{%- endmacro %}

{# Times are UTC and carry no zone: from ISO text, from seconds since the epoch, and from a type that has a zone. #}
{% macro iso_to_timestamp(column) -%}
    cast({{ column }} as timestamp)
{%- endmacro %}

{% macro epoch_to_timestamp(column) -%}
    {{ adapter.dispatch('epoch_to_timestamp')(column) }}
{%- endmacro %}

{% macro duckdb__epoch_to_timestamp(column) -%}
    make_timestamp({{ column }} * 1000000)
{%- endmacro %}

{% macro utc_timestamp(column) -%}
    {{ adapter.dispatch('utc_timestamp')(column) }}
{%- endmacro %}

{% macro duckdb__utc_timestamp(column) -%}
    timezone('UTC', {{ column }})
{%- endmacro %}

{# From the clock on the wall of a time zone to UTC, daylight saving included. #}
{% macro local_to_utc(column, time_zone) -%}
    {{ adapter.dispatch('local_to_utc')(column, time_zone) }}
{%- endmacro %}

{% macro duckdb__local_to_utc(column, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, {{ column }}))
{%- endmacro %}

{% macro add_minutes(column, minutes) -%}
    {{ adapter.dispatch('add_minutes')(column, minutes) }}
{%- endmacro %}

{% macro duckdb__add_minutes(column, minutes) -%}
    {{ column }} + to_minutes(cast({{ minutes }} as bigint))
{%- endmacro %}

{% macro add_days(column, days) -%}
    {{ adapter.dispatch('add_days')(column, days) }}
{%- endmacro %}

{% macro duckdb__add_days(column, days) -%}
    cast({{ column }} + to_days(cast({{ days }} as integer)) as date)
{%- endmacro %}

{# 1 is Monday, 7 is Sunday. #}
{% macro iso_weekday(column) -%}
    {{ adapter.dispatch('iso_weekday')(column) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(column) -%}
    extract(isodow from {{ column }})
{%- endmacro %}

{# A whole number, or null where the text is none. #}
{% macro whole_number(column) -%}
    {{ adapter.dispatch('whole_number')(column) }}
{%- endmacro %}

{% macro duckdb__whole_number(column) -%}
    try_cast({{ column }} as bigint)
{%- endmacro %}

{% macro seconds_between(start, end) -%}
    {{ adapter.dispatch('seconds_between')(start, end) }}
{%- endmacro %}

{% macro duckdb__seconds_between(start, end) -%}
    date_diff('second', {{ start }}, {{ end }})
{%- endmacro %}

{# Minutes from start to end, with seconds as a fraction. #}
{% macro minutes_between(start, end) -%}
    {{ seconds_between(start, end) }} / 60.0
{%- endmacro %}

{# One row for each day, both ends included. #}
{% macro days_between(start, end) -%}
    {{ adapter.dispatch('days_between')(start, end) }}
{%- endmacro %}

{% macro duckdb__days_between(start, end) -%}
    cast(unnest(generate_series({{ start }}, {{ end }}, interval 1 day)) as date)
{%- endmacro %}

{# HTML as Intercom sends it, without its tags. #}
{% macro plain_text(column) -%}
    {{ adapter.dispatch('plain_text')(column) }}
{%- endmacro %}

{% macro duckdb__plain_text(column) -%}
    trim(replace(replace(replace(
        regexp_replace(replace(replace({{ column }}, '</p><p>', chr(10)), '<br>', chr(10)), '<[^>]+>', '', 'g'),
        '&lt;', '<'), '&gt;', '>'), '&amp;', '&'))
{%- endmacro %}

{# One row for each whole number, both ends included. #}
{% macro numbers_between(start, end) -%}
    {{ adapter.dispatch('numbers_between')(start, end) }}
{%- endmacro %}

{% macro duckdb__numbers_between(start, end) -%}
    unnest(generate_series({{ start }}, {{ end }}))
{%- endmacro %}

{# The first day of a day's week, month or quarter. #}
{% macro start_of(column, period) -%}
    {{ adapter.dispatch('start_of')(column, period) }}
{%- endmacro %}

{% macro duckdb__start_of(column, period) -%}
    cast(date_trunc('{{ period }}', {{ column }}) as date)
{%- endmacro %}

{# A draft without the marks of its citations, such as [zendesk-400017, intercom-2150], and without white space around. #}
{% macro without_citations(column) -%}
    {{ adapter.dispatch('without_citations')(column) }}
{%- endmacro %}

{% macro duckdb__without_citations(column) -%}
    regexp_replace(
        regexp_replace({{ column }}, '\s*\[[\w.:-]*\d[\w.:-]*(,\s*[\w.:-]*\d[\w.:-]*)*\]', '', 'g'), '^\s+|\s+$', '', 'g'
    )
{%- endmacro %}

{# Characters to insert, delete or replace until one text is the other (Levenshtein). Null where one is null. #}
{% macro edit_distance(one, other) -%}
    {{ adapter.dispatch('edit_distance')(one, other) }}
{%- endmacro %}

{# The function is ours, see edit_distance.py: DuckDB's levenshtein counts bytes. #}
{% macro duckdb__edit_distance(one, other) -%}
    edit_distance({{ one }}, {{ other }})
{%- endmacro %}
