-- Live exports repeat a ticket at each change: the newest state wins.
with

source as (

    select * from {{ source('zendesk', 'tickets') }}

),

newest as (

    select
        id,
        max(generated_timestamp) as generated_timestamp
    from source
    group by id

),

renamed as (

    select
        source.id as ticket_id,
        source.status,
        source.priority,
        {{ json_text('source.via', '$.channel') }} as channel,
        coalesce({{ custom_field('source.custom_fields', var('zendesk_product_field')) }}, 'unknown')
            as product_category,
        source.requester_id,
        source.submitter_id,
        source.assignee_id,
        source.organization_id,
        {{ json_array_has('source.tags', 'closed_by_merge') }} as is_merged,
        {{ json_text('source.satisfaction_rating', '$.score') }} as satisfaction_score,
        source.subject,
        source.description,
        {{ iso_to_timestamp('source.created_at') }} as created_at,
        {{ iso_to_timestamp('source.updated_at') }} as updated_at,
        {{ utc_timestamp('source._loaded_at') }} as loaded_at
    from source
    inner join newest
        on
            source.id = newest.id
            and source.generated_timestamp is not distinct from newest.generated_timestamp

)

select * from renamed
