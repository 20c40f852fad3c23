with contracted as (

    {{ tables_of_contracts() }}

)

select * from contracted
