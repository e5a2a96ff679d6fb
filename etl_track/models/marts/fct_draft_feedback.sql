-- Made anew each time: a later verdict, or news of its ticket, changes an old row.
with

feedback as (

    select * from {{ ref('stg_lab__draft_feedback') }}

),

tickets as (

    select * from {{ ref('fct_support_tickets') }}

),

-- A draft belongs to its ticket. Where that is not known, the filters tell what it was about.
joined as (

    select
        feedback.*,
        tickets.ticket_key,
        coalesce(tickets.source_name, feedback.filter_source_name, 'unknown') as source_name,
        coalesce(tickets.product_category, feedback.filter_product_category, 'unknown') as product_category,
        coalesce(tickets.customer_tier, {{ known_tier('feedback.filter_customer_tier') }}) as customer_tier,
        coalesce(tickets.region, feedback.filter_region, 'unknown') as region,
        row_number() over (
            partition by feedback.draft_id
            order by feedback.given_at desc, feedback.feedback_number desc
        ) = 1 as is_latest
    from feedback
    left join tickets on feedback.ticket_id = tickets.ticket_key

),

compared as (

    select
        *,
        is_latest and not is_declined as is_counted,
        case when not is_declined then {{ edit_distance('draft_text', 'sent_text') }} end as edit_distance,
        greatest(length(draft_text), length(sent_text)) as longer_length
    from joined

),

final as (

    select
        feedback_id,
        draft_id,
        ticket_key,
        source_name,
        product_category,
        customer_tier,
        region,
        agent_id,
        model_name,
        verdict,
        verdict = 'accepted' as is_accepted,
        verdict = 'edited' as is_edited,
        verdict = 'rejected' as is_rejected,
        is_declined,
        is_latest,
        is_counted,
        drafted_at,
        given_at,
        -- Two clocks may disagree; there is no waiting for less than nothing.
        case when given_at >= drafted_at then {{ minutes_between('drafted_at', 'given_at') }} end as verdict_minutes,
        edit_distance,
        edit_distance / nullif(longer_length, 0) as edit_share,
        citation_count,
        citations_kept_count,
        citations_dropped_count,
        loaded_at
    from compared

)

select * from final
