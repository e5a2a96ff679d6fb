-- Live exports repeat a ticket at each change: the newest state wins.
with

source as (

    select * from {{ source('zendesk', 'tickets') }}

),

newest as (

    select
        *,
        row_number() over (partition by id order by generated_timestamp desc nulls last, updated_at desc) as recency
    from source

),

product_fields as (

    select
        id,
        {{ json_rows('custom_fields', '$') }} as custom_field
    from newest
    where recency = 1

),

products as (

    select
        id,
        max({{ json_text('custom_field', '$.value') }}) as product_category
    from product_fields
    where {{ json_text('custom_field', '$.id') }} = '{{ var("zendesk_product_field") }}'
    group by id

),

renamed as (

    select
        newest.id as ticket_id,
        newest.subject,
        newest.status,
        newest.priority,
        {{ json_text('newest.via', '$.channel') }} as channel,
        coalesce(products.product_category, 'unknown') as product_category,
        newest.requester_id,
        newest.submitter_id,
        newest.assignee_id,
        newest.organization_id,
        {{ json_array_has('newest.tags', 'closed_by_merge') }} as is_merged,
        {{ json_text('newest.satisfaction_rating', '$.score') }} as satisfaction_score,
        {{ iso_to_timestamp('newest.created_at') }} as created_at,
        {{ iso_to_timestamp('newest.updated_at') }} as updated_at
    from newest
    left join products on newest.id = products.id
    where newest.recency = 1

)

select * from renamed
