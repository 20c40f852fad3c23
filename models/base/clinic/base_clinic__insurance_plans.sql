with source as (

    {{ rows_of('clinic', 'insurance') }}

),

renamed as (

    select
        -- keys
        insid as insurance_plan_id,

        -- attributes
        plan as plan_name,
        payer_class,
        active as is_active,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,

        -- what decides between rows
        row_key,
        is_removal
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'plan_name',
            'payer_class',
        ], conditions=['is_active']) }} as row_hash
    from renamed

)

select * from hashed
