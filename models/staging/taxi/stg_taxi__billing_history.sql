with source as (

    {{ state_of('taxi', 'billing_history') }}

),

renamed as (

    select
        -- keys
        id as billing_id,
        driver_id_pseudonym as driver_pseudonym,

        -- attributes
        billing_cycle,
        description,
        billing_status,

        -- amounts
        billing_amount,
        commissions as commission_share,
        rides_total,

        -- times
        {{ as_timestamp('billing_start') }} as billing_start_at,
        {{ as_timestamp('billing_end') }} as billing_end_at,
        {{ as_timestamp('billing_date') }} as billed_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
