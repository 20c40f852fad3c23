-- Completed or missed, on a day after the as-of date: a wrong date or a wrong word. The outcome
-- stands as the practice wrote it.
{{ config(severity='warn') }}
with encounters as (

    select * from {{ ref('fct_encounters') }}

),

early as (

    select encounter_key
    from encounters
    where
        outcome in ('completed', 'no-show')
        and visit_date > as_of_date

)

select * from early
