{#
    What an incremental model has to make anew. A ticket has changed when something of it was loaded after the newest
    load that the model has seen, or when something happened on it shortly before that load: an extract that was cut
    brings late what happened early.
#}
{% macro changed(loaded_at, active_at) -%}
    {%- set newest = run_query('select max(loaded_at) from ' ~ this).columns[0].values()[0] -%}
    {%- if newest -%}
        (
            {{ loaded_at }} > cast('{{ newest }}' as timestamp)
            or {{ active_at }} > {{ add_minutes("cast('" ~ newest ~ "' as timestamp)", -60 * var('lookback_hours')) }}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# Before new rows are added: delete those of tickets that changed or are no longer there, and what `also` says. #}
{% macro delete_changed(loaded_at='loaded_at', also='false') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where
            ticket_key not in (
                select ticket_key from {{ ref('int_ticket_loads') }} where not {{ changed(loaded_at, 'active_at') }}
            )
            or {{ also }}
    {%- endif -%}
{%- endmacro %}
