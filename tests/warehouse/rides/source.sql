-- The source's tables as far as its billing run needs them, and the run itself, written from its description.
-- The source runs it for `current_date`; here the day is given, so that days can be played through.
create table drivers (driver_id bigint primary key, payment_id bigint not null);

create table trips (
    id serial primary key,
    driver_id bigint references drivers,
    dropoff_datetime timestamp,
    total_amount double precision,
    status varchar(100)
);

create table billing (
    id serial primary key,
    driver_id bigint references drivers,
    billing_cycle double precision default 1,
    billing_start timestamp,
    billing_end timestamp,
    billing_date timestamp default current_timestamp,
    billing_amount numeric(10, 6),
    commissions numeric(10, 6) default 0.2,
    rides_total bigint,
    billing_status varchar(100)
);

create table payment (
    id serial primary key,
    billing_id bigint references billing,
    driver_id bigint references drivers,
    billing_cycle double precision default 1,
    payment_amount numeric(10, 6),
    payment_id bigint default 7
);

create sequence billing_cycles start with 2;

create procedure bill_the_day(today date) language plpgsql as $$
declare
    this_cycle bigint;
begin
    if not exists (
        select from trips
        where dropoff_datetime > today and dropoff_datetime < today + 1 and status = 'Completed'
    ) then
        return;
    end if;
    this_cycle := nextval('billing_cycles');

    insert into billing (
        driver_id, billing_cycle, billing_start, billing_end, billing_amount, commissions, rides_total, billing_status
    )
    select driver_id, this_cycle, today, today + 1, sum(total_amount), 0.8, count(*), 'Completed'
    from trips
    where dropoff_datetime > today and dropoff_datetime < today + 1 and status = 'Completed'
    group by driver_id;

    insert into payment (billing_id, driver_id, billing_cycle, payment_amount, payment_id)
    select billing.id, billing.driver_id, billing.billing_cycle, billing.billing_amount * billing.commissions, drivers.payment_id
    from billing
    inner join drivers on billing.driver_id = drivers.driver_id
    where billing.billing_cycle = this_cycle and billing.billing_status = 'Completed';

    update trips set status = 'Processed'
    where dropoff_datetime > today and dropoff_datetime < today + 1 and status = 'Completed';

    update billing set billing_status = 'Processed'
    where billing_cycle = this_cycle and billing_status = 'Completed';
end
$$;
