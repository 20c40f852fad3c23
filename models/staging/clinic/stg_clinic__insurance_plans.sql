with source as (

    {{ state_of('clinic', 'insurance') }}

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
        _source_row as source_row
    from source

)

select * from renamed
