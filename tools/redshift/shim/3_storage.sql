-- How tables are stored (storage.py): remembered with the table, reported by svv_table_info and pg_table_def.

create table landfall.storage (
    relation oid primary key,
    diststyle text,
    distkey text,
    sortkeys text[] not null,
    interleaved boolean not null,
    encodings jsonb not null
);

create function landfall.set_storage(relation_id oid, given jsonb) returns void language plpgsql as $$
declare
    missing text;
    before landfall.storage;
begin
    select wanted into missing
    from (
        select given ->> 'distkey' union all
        select jsonb_array_elements_text(given -> 'sortkeys') union all
        select jsonb_object_keys(given -> 'encodings')
    ) as named (wanted)
    where wanted is not null and not exists (
        select from pg_catalog.pg_attribute
        where attrelid = relation_id and attname = wanted and attnum > 0 and not attisdropped
    );
    if missing is not null then
        raise exception using errcode = '42703', message = format('column "%s" does not exist', missing);
    end if;
    select * into before from landfall.storage where relation = relation_id;
    delete from landfall.storage where relation = relation_id;
    insert into landfall.storage
    select
        relation_id,
        coalesce(given ->> 'diststyle', before.diststyle),
        case when given ->> 'diststyle' is null then coalesce(given ->> 'distkey', before.distkey)
            else given ->> 'distkey' end,
        case when given -> 'sortkeys' = '[]' then coalesce(before.sortkeys, '{}')
            else array(select jsonb_array_elements_text(given -> 'sortkeys')) end,
        coalesce(nullif((given ->> 'interleaved')::boolean, false), before.interleaved, false),
        coalesce(before.encodings, '{}') || (given -> 'encodings');
end $$;

create procedure landfall.alter_storage(path text, given text) language plpgsql as $$
begin
    if to_regclass(path) is null then
        raise exception using errcode = '42P01', message = format('relation %s does not exist', path);
    end if;
    perform landfall.set_storage(path::regclass, given::jsonb);
end $$;

create function landfall.on_create() returns event_trigger language plpgsql as $$
declare
    given jsonb := substring(current_query() from '^/[*]landfall (.*?)[*]/ ')::jsonb;
    made record;
begin
    if given is not null then
        for made in
            select objid from pg_event_trigger_ddl_commands()
            where command_tag in ('CREATE TABLE', 'CREATE TABLE AS') and object_type = 'table'
        loop
            perform landfall.set_storage(made.objid, given);
        end loop;
    end if;
end $$;

create function landfall.on_drop() returns event_trigger language plpgsql as $$
begin
    delete from landfall.storage where relation in (select objid from pg_event_trigger_dropped_objects());
end $$;

create event trigger landfall_create on ddl_command_end
when tag in ('CREATE TABLE', 'CREATE TABLE AS') execute function landfall.on_create();
create event trigger landfall_drop on sql_drop when tag in ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED')
execute function landfall.on_drop();
