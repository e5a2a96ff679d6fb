{# For source freshness: a moment as long ago on this machine's clock as the newest record is on the lab's clock. #}
{% macro newest_record(source_name, table_name, changed_at) -%}
    select
        {{ utc_timestamp(dbt.current_timestamp()) }}
        - ((select max({{ utc_timestamp('clock') }}) from {{ source('lab', 'loads') }}) - max({{ changed_at }}))
    from {{ source(source_name, table_name) }}
{%- endmacro %}
