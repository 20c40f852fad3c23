with missing as (

    {{ missing_measures() }}

)

select * from missing
