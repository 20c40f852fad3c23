-- Views with no schema binding. Such a view is a text that runs when it is asked: it needs nothing to exist before, takes
-- no notice when what it reads is dropped and made anew, and is broken only while it is asked in vain.
-- It asks with its owner's rights, as Redshift's views do.

create function landfall.late(body text) returns setof record
language plpgsql stable security definer as $$
begin
    return query execute body;
end $$;

-- For a view whose columns are not known yet: it runs its text, for the error.
create function landfall.late_pending(body text) returns integer
language plpgsql stable security definer as $$
begin
    execute body;
    return null;
end $$;

create table landfall.pending (view_id oid primary key, body text not null);

-- The statement that makes the view: its columns are those that the text has now, else a placeholder for them.
create function landfall.late_definition(path text, body text) returns text language plpgsql as $$
declare
    shape text;
    casts text;
    outer_casts text;
begin
    begin
        execute 'create temporary view landfall_probe as ' || body;
    exception when undefined_table or undefined_column or invalid_schema_name or undefined_function then
        return format('create view %s as select pending from landfall.late_pending(%L) as pending', path, body);
    end;
    select
        string_agg(format('%I %s', attname, format_type(atttypid, null)), ', ' order by attnum),
        string_agg(format('late.%I::%s', attname, format_type(atttypid, null)), ', ' order by attnum),
        string_agg(format('late.%I::%s as %I', attname, format_type(atttypid, atttypmod), attname), ', ' order by attnum)
    into shape, casts, outer_casts
    from pg_catalog.pg_attribute
    where attrelid = 'pg_temp.landfall_probe'::regclass and attnum > 0;
    drop view pg_temp.landfall_probe;
    return format(
        'create view %s as select %s from landfall.late(%L) as late (%s)',
        path, outer_casts, format('select %s from (%s%s) as late', casts, body, chr(10)), shape
    );
end $$;

create procedure landfall.create_late_view(path text, body text, replaces boolean) language plpgsql as $$
begin
    if to_regclass(path) is not null then
        if not replaces then
            raise exception using errcode = '42P07', message = format('relation %s already exists', path);
        end if;
        execute format('drop view %s', path);
    end if;
    execute landfall.late_definition(path, body);
    if exists (
        select from pg_catalog.pg_attribute where attrelid = path::regclass and attname = 'pending' and attnum = 1
    ) then
        delete from landfall.pending where view_id = path::regclass;
        insert into landfall.pending values (path::regclass, body);
    end if;
end $$;

-- Whatever is made may be what a pending view was waiting for.
create function landfall.on_change() returns event_trigger language plpgsql as $$
declare
    waiting record;
    definition text;
begin
    if pg_trigger_depth() > 0 or not exists (select from landfall.pending) then
        return;
    end if;
    for waiting in
        delete from landfall.pending
        returning view_id, view_id::regclass::text as path, body
    loop
        continue when not exists (select from pg_catalog.pg_class where oid = waiting.view_id);
        definition := landfall.late_definition(waiting.path, waiting.body);
        if strpos(definition, 'landfall.late_pending(') > 0 then
            insert into landfall.pending values (waiting.view_id, waiting.body);
        else
            execute format('drop view %s', waiting.path);
            execute definition;
        end if;
    end loop;
end $$;

create event trigger landfall_change on ddl_command_end
when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'CREATE VIEW', 'ALTER TABLE', 'ALTER VIEW')
execute function landfall.on_change();
