-- Types and errors that differ. This folder runs once, in the order of the names, as the owner of the database.
-- Bodies are SQL-standard (`return`, `begin atomic`) or hold no backslash: sessions read backslashes as Redshift does.

create schema landfall;
create schema landfall_external;

-- a refused statement ends here, so that its error comes like any other
create function landfall.refuse(state text, message text) returns void language plpgsql as $$
begin
    raise exception using errcode = state, message = message;
end $$;

-- A varchar's length counts bytes. A cast cuts (between characters); anything else that is too long is an error.
create function landfall.varchar_cut(value varchar, bytes integer, by_cast boolean) returns varchar
language plpgsql immutable as $$
declare
    cut varchar := left(value, bytes);
begin
    if not by_cast and octet_length(rtrim(value, ' ')) > bytes then
        raise exception using errcode = '22001', message = format('value too long for type character varying(%s)', bytes);
    end if;
    while octet_length(cut) > bytes loop
        cut := left(cut, length(cut) - 1);
    end loop;
    return cut;
end $$;

create function landfall.varchar_fit(value varchar, typmod integer, by_cast boolean) returns varchar
language sql immutable
return case
    when typmod >= 4 and octet_length(value) > typmod - 4 then landfall.varchar_cut(value, typmod - 4, by_cast)
    else value
end;

update pg_catalog.pg_cast set castfunc = 'landfall.varchar_fit(varchar, integer, boolean)'::regprocedure
where castsource = 'varchar'::regtype and casttarget = 'varchar'::regtype;

-- A boolean is not a text.
create function landfall.boolean_is_no_text(value boolean) returns text language plpgsql immutable as $$
begin
    raise exception using errcode = '42846', message = 'cannot cast type boolean to character varying';
end $$;

update pg_catalog.pg_cast set castfunc = 'landfall.boolean_is_no_text(boolean)'::regprocedure
where castsource = 'boolean'::regtype and casttarget in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype);
