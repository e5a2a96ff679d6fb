-- The third source: agents' verdicts on drafts. Whoever accepts a draft sends it as it is.
with

source as (

    select * from {{ source('lab', 'draft_feedback') }}

),

renamed as (

    select
        feedback_id,
        sequence as feedback_number,
        draft_id,
        ticket_id,
        verdict,
        agent_id,
        model as model_name,
        {{ without_citations('draft_text') }} as draft_text,
        case verdict
            when 'accepted' then {{ without_citations('draft_text') }}
            when 'edited' then {{ without_citations('edited_text') }}
        end as sent_text,
        {{ json_text('filters', '$.source') }} as filter_source_name,
        {{ json_text('filters', '$.product_category') }} as filter_product_category,
        {{ json_text('filters', '$.customer_tier') }} as filter_customer_tier,
        {{ json_text('filters', '$.region') }} as filter_region,
        {{ json_length('citations') }} as citation_count,
        {{ json_length('citations_kept') }} as citations_kept_count,
        {{ json_length('citations_dropped') }} as citations_dropped_count,
        coalesce(declined, false) as is_declined,
        {{ iso_to_timestamp('drafted_at') }} as drafted_at,
        {{ iso_to_timestamp('given_at') }} as given_at,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
