with source as (

    {{ state_of('synthea', 'payer_transitions') }}

),

renamed as (

    select
        -- keys
        patient as patient_id,
        patient_pseudonym,
        payer as payer_id,
        secondary_payer as secondary_payer_id,

        -- times
        {{ as_timestamp('starts_at') }} as starts_at,
        {{ as_timestamp('ends_at') }} as ends_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
