with riders as (

    {{ versions_of(ref('snap_taxi__riders'), 'rider_id') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['rider_pseudonym', 'seen_from']) }} as rider_key,
        {{ key_of(['rider_pseudonym']) }} as rider_durable_key,
        rider_id,
        rider_pseudonym,
        payment_type_id,

        -- attributes
        rider_name,
        rider_email,
        rider_mobile,
        address,
        rating,
        is_current,

        -- times
        {{ business_day('registered_at') }} as registered_on,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from riders

)

select * from keyed
