with state as (

    {{ state_of_base('base_billing__ledger_entries') }}

)

select * from state
