{{ config(severity='warn') }}

-- Aurora lists the states that a trip may have. One that the seed trip_states does not know would
-- be in the marts in the source's own word: this test tells of it before any trip has it.
with statuses as (

    select * from {{ ref('stg_taxi__trip_statuses') }}

),

trip_states as (

    select * from {{ ref('trip_states') }}

)

select statuses.source_status
from statuses
left join trip_states
    on {{ remove_all('lower(statuses.source_status)', '[^a-z]') }} = trip_states.spelling
where trip_states.spelling is null
