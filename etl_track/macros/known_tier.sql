{# A tier that Quillstone sells, or 'unknown': help desks keep names of plans that no longer exist. #}
{% macro known_tier(column) -%}
    case when {{ column }} in ('free', 'pro', 'enterprise') then {{ column }} else 'unknown' end
{%- endmacro %}
