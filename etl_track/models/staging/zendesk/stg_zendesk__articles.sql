with

source as (

    select * from {{ source('zendesk', 'articles') }}

),

renamed as (

    select
        id as article_id,
        title,
        body,
        label_names,
        {{ json_array_has('label_names', 'release-notes') }} as is_release_note,
        locale,
        draft as is_draft,
        {{ iso_to_timestamp('created_at') }} as created_at,
        {{ iso_to_timestamp('updated_at') }} as updated_at,
        {{ utc_timestamp('_loaded_at') }} as loaded_at
    from source

)

select * from renamed
