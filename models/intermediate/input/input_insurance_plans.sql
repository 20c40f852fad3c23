with adapters as (

    {{ united([
        ref('map_clinic__insurance_plans'),
        ref('map_openemr__insurance_plans'),
        ref('map_synthea__insurance_plans')
    ]) }}

)

select * from adapters
