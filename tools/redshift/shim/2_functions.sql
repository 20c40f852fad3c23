-- Functions that Redshift has, or has with another meaning. functions.py says which name leads here.

create function landfall.version() returns text language sql immutable
return 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.99999';

-- dates ------------------------------------------------------------------------------------------------------------

-- One value per statement: dbt's snapshot compares getdate() with itself. Whole seconds, unlike sysdate.
create function landfall.getdate() returns timestamp language sql stable
return date_trunc('second', statement_timestamp() at time zone 'utc');

create function landfall.sysdate() returns timestamp language sql stable
return transaction_timestamp() at time zone 'utc';

-- PostgreSQL makes a date a timestamp with a zone.
create function landfall.date_trunc(part text, value date) returns timestamp language sql immutable
return date_trunc(part, value::timestamp);
create function landfall.date_trunc(part text, value timestamp) returns timestamp language sql immutable
return date_trunc(part, value);
create function landfall.date_trunc(part text, value timestamptz) returns timestamptz language sql stable
return date_trunc(part, value);

create function landfall.trunc(value timestamp) returns date language sql immutable return value::date;
create function landfall.trunc(value numeric) returns numeric language sql immutable return trunc(value);
create function landfall.trunc(value numeric, digits integer) returns numeric language sql immutable
return trunc(value, digits);
create function landfall.trunc(value double precision) returns double precision language sql immutable
return trunc(value);

-- extract gives whole numbers, date_part doubles; PostgreSQL's extract gives decimals.
create function landfall.extract(part text, value timestamp) returns integer language sql immutable
return date_part(part, value)::integer;
create function landfall.date_part(part text, value timestamp) returns double precision language sql immutable
return date_part(part, value);

-- a timestamp, also of a date
create function landfall.dateadd(part text, number bigint, value timestamp) returns timestamp
language sql immutable
return value + case when part = 'quarter' then number * interval '3 months' else number * ('1 ' || part)::interval end;

-- Boundaries crossed, not time elapsed; weeks begin on Sunday here.
create function landfall.datediff(part text, first timestamp, second timestamp) returns bigint
language sql immutable
return case part
    when 'century' then extract(century from second) - extract(century from first)
    when 'decade' then extract(decade from second) - extract(decade from first)
    when 'year' then extract(year from second) - extract(year from first)
    when 'quarter' then
        (extract(year from second) - extract(year from first)) * 4
        + extract(quarter from second) - extract(quarter from first)
    when 'month' then
        (extract(year from second) - extract(year from first)) * 12
        + extract(month from second) - extract(month from first)
    when 'week' then
        (date_trunc('week', second + interval '1 day')::date - date_trunc('week', first + interval '1 day')::date) / 7
    when 'day' then second::date - first::date
    else extract(epoch from date_trunc(part, second) - date_trunc(part, first))
        * case part
            when 'hour' then 1 / 3600.0
            when 'minute' then 1 / 60.0
            when 'second' then 1
            when 'millisecond' then 1000
            when 'microsecond' then 1000000
        end
end::bigint;

create function landfall.last_day(value timestamp) returns date language sql immutable
return (date_trunc('month', value) + interval '1 month - 1 day')::date;

-- From a month's last day to a month's last day.
create function landfall.add_months(value timestamp, number integer) returns timestamp language sql immutable
return case
    when value::date = landfall.last_day(value)
        then landfall.last_day(value + number * interval '1 month') + value::time
    else value + number * interval '1 month'
end;

create function landfall.convert_timezone(source text, target text, value timestamp) returns timestamp
language sql immutable
return value at time zone source at time zone target;
create function landfall.convert_timezone(target text, value timestamp) returns timestamp language sql immutable
return value at time zone 'UTC' at time zone target;

-- texts ------------------------------------------------------------------------------------------------------------

-- Every match is replaced, and groups are $1.
create function landfall.regexp_replace(value text, pattern text, replacement text default '') returns text
language sql immutable
return regexp_replace(value, pattern, regexp_replace(replacement, E'\\$(\\d)', E'\\\\\\1', 'g'), 'g');

-- No match gives an empty text.
create function landfall.regexp_substr(value text, pattern text) returns text language sql immutable
return case when value is not null then coalesce(regexp_substr(value, pattern), '') end;
create function landfall.regexp_substr(value text, pattern text, start integer, occurrence integer default 1)
returns text language sql immutable
return case when value is not null then coalesce(regexp_substr(value, pattern, start, occurrence), '') end;

-- digits of a base up to 36 as a number: https://docs.aws.amazon.com/redshift/latest/dg/r_STRTOL.html
create function landfall.strtol(digits text, base integer) returns bigint language plpgsql immutable strict as $$
declare
    known constant text := left('0123456789abcdefghijklmnopqrstuvwxyz', base);
    found numeric := 0;
begin
    for place in 1 .. length(ltrim(digits, '-')) loop
        if strpos(known, lower(substr(ltrim(digits, '-'), place, 1))) = 0 then
            perform landfall.refuse(
                '22P02', 'The input ' || digits || ' is not valid to be converted to base ' || base
            );
        end if;
        found := found * base + strpos(known, lower(substr(ltrim(digits, '-'), place, 1))) - 1;
    end loop;
    return case when digits like '-%' then -found else found end;
end $$;

create function landfall.charindex(part text, value text) returns integer language sql immutable
return strpos(value, part);

create function landfall.sha2(value text, bits integer) returns text language sql immutable
return encode(
    case bits
        when 224 then sha224(convert_to(value, 'UTF8'))
        when 384 then sha384(convert_to(value, 'UTF8'))
        when 512 then sha512(convert_to(value, 'UTF8'))
        when 256 then sha256(convert_to(value, 'UTF8'))
        when 0 then sha256(convert_to(value, 'UTF8'))
    end,
    'hex'
);

create function landfall.json_extract_path_text(value text, variadic path text[]) returns text
language sql immutable
return coalesce(json_extract_path_text(value::json, variadic path), '');

create function landfall.nvl2(tested anyelement, given anycompatible, missing anycompatible) returns anycompatible
language sql immutable as $$
select case when tested is not null then given else missing end
$$;

-- numbers ----------------------------------------------------------------------------------------------------------

create function pg_catalog.round(value double precision, digits integer) returns double precision
language sql immutable
return round(value::numeric, digits)::double precision;

-- The mean of whole numbers is a whole number, that of decimals has their scale.
create function landfall.avg_add(state numeric[], value numeric) returns numeric[] language sql immutable
return case
    when value is null then state
    else array[coalesce(state[1], 0) + value, coalesce(state[2], 0) + 1, greatest(coalesce(state[3], 0), scale(value))]
end;
create function landfall.avg_end(state numeric[]) returns numeric language sql immutable
return trunc(state[1] / state[2], state[3]::integer);
create aggregate landfall.avg(numeric) (
    sfunc = landfall.avg_add, stype = numeric[], initcond = '{}', finalfunc = landfall.avg_end
);
create function landfall.avg_end_whole(state numeric[]) returns bigint language sql immutable
return trunc(state[1] / state[2])::bigint;
create function landfall.avg_add(state numeric[], value smallint) returns numeric[] language sql immutable
return landfall.avg_add(state, value::numeric);
create aggregate landfall.avg(smallint) (
    sfunc = landfall.avg_add, stype = numeric[], initcond = '{}', finalfunc = landfall.avg_end_whole
);
create function landfall.avg_add(state numeric[], value integer) returns numeric[] language sql immutable
return landfall.avg_add(state, value::numeric);
create aggregate landfall.avg(integer) (
    sfunc = landfall.avg_add, stype = numeric[], initcond = '{}', finalfunc = landfall.avg_end_whole
);
create function landfall.avg_add(state numeric[], value bigint) returns numeric[] language sql immutable
return landfall.avg_add(state, value::numeric);
create aggregate landfall.avg(bigint) (
    sfunc = landfall.avg_add, stype = numeric[], initcond = '{}', finalfunc = landfall.avg_end_whole
);
create function landfall.avg_add_double(state double precision[], value double precision)
returns double precision[] language sql immutable
return case when value is null then state else array[coalesce(state[1], 0) + value, coalesce(state[2], 0) + 1] end;
create function landfall.avg_end_double(state double precision[]) returns double precision language sql immutable
return state[1] / state[2];
create aggregate landfall.avg(double precision) (
    sfunc = landfall.avg_add_double, stype = double precision[], initcond = '{}',
    finalfunc = landfall.avg_end_double
);

create function landfall.median_end(state numeric[]) returns numeric language sql immutable
return (select percentile_cont(0.5) within group (order by value)::numeric from unnest(state) as value);
create function landfall.median_add(state numeric[], value numeric) returns numeric[] language sql immutable
return case when value is null then state else array_append(state, value) end;
create aggregate landfall.median(numeric) (
    sfunc = landfall.median_add, stype = numeric[], initcond = '{}', finalfunc = landfall.median_end
);
