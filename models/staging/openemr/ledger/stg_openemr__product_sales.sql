with source as (

    {{ state_of('openemr', 'drug_sales') }}

),

renamed as (

    select
        -- keys
        sale_id,
        pid as patient_id,
        pid_pseudonym as patient_pseudonym,
        encounter as encounter_number,

        -- attributes
        trans_type as movement_type,

        -- amounts
        fee,

        -- times
        sale_date as sold_on,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
