with source as (

    {{ rows_of('openemr', 'insurance_companies') }}

),

renamed as (

    select
        -- keys
        id as insurance_company_id,

        -- attributes
        trim(name) as company_name,
        ins_type_code as company_type,
        inactive = 1 as is_inactive,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,

        -- what decides between rows
        row_key
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'company_name',
            'company_type',
        ], conditions=['is_inactive']) }} as row_hash
    from renamed

)

select * from hashed
