-- Everything that is open is owed by patients, or by plans and is then on one of three lists.
with listed as (

    select plan_open_amount as amount from {{ ref('claims_pending') }}
    union all
    select plan_open_amount as amount from {{ ref('denials_to_resubmit') }}
    union all
    select open_amount as amount from {{ ref('plans_to_follow_up') }}
    union all
    select open_amount as amount from {{ ref('ar_open_items') }}
    where payer_id = 'patient'

),

compared as (

    select
        (select coalesce(sum(amount), 0) from listed) as listed_amount,
        (select coalesce(sum(open_amount), 0) from {{ ref('ar_open_items') }}) as open_amount

)

select * from compared
where listed_amount <> open_amount
