with state as (

    {{ state_of_base('base_toy__watermarked') }}

)

select * from state
