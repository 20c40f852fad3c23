-- The catalogue as Redshift shows it. Questions to the catalogue go to the views of `landfall` with PostgreSQL's names
-- (catalogue.py): late-binding views have no columns there, external tables do not exist, nor does what is ours.

create table landfall.external_schemas (schemaname text primary key, databasename text not null);
create table landfall.external_columns (
    schemaname text, tablename text, columnname text, external_type text, columnnum integer, part_key integer
);
create table landfall.external_partitions (
    id serial primary key, schemaname text, tablename text, "values" text, location text, etags text
);

create view landfall.late_views as
select distinct rules.ev_class as id
from pg_catalog.pg_rewrite as rules
inner join pg_catalog.pg_depend as depends
    on depends.classid = 'pg_catalog.pg_rewrite'::regclass
    and depends.objid = rules.oid
    and depends.refclassid = 'pg_catalog.pg_proc'::regclass
where depends.refobjid in ('landfall.late(text)'::regprocedure, 'landfall.late_pending(text)'::regprocedure);

create view landfall.hidden_schemas as
select oid, nspname from pg_catalog.pg_namespace
where nspname in ('landfall', 'landfall_external', 'pg_toast')
    or nspname in (select schemaname from landfall.external_schemas);

create view landfall.pg_namespace as
select * from pg_catalog.pg_namespace where nspname not in ('landfall', 'landfall_external');
create view landfall.pg_class as
select * from pg_catalog.pg_class where relnamespace not in (select oid from landfall.hidden_schemas);
create view landfall.pg_attribute as
select * from pg_catalog.pg_attribute where attrelid not in (select id from landfall.late_views);
create view landfall.pg_views as
select * from pg_catalog.pg_views where schemaname not in (select nspname from landfall.hidden_schemas);
create view landfall.pg_tables as
select * from pg_catalog.pg_tables where schemaname not in (select nspname from landfall.hidden_schemas);
create view landfall.tables as
select * from information_schema.tables where table_schema not in (select nspname from landfall.hidden_schemas);
create view landfall.views as
select * from information_schema.views where table_schema not in (select nspname from landfall.hidden_schemas);
-- PostgreSQL forgets the size of a computed text or decimal, which Redshift never does. Where dbt asks for a type to cast
-- to, a text without a size has the largest, and a decimal without one is of a type that cuts nothing.
create domain landfall.unsized_numeric as numeric;
create function landfall.sized(type_name text) returns varchar language sql immutable
return case
    when type_name in ('text', 'character varying') then 'character varying(65535)'
    when type_name = 'numeric' then 'landfall.unsized_numeric'
    else type_name
end;
create view landfall.columns as
select
    table_catalog,
    table_schema,
    table_name,
    column_name,
    ordinal_position,
    column_default,
    is_nullable,
    case
        when data_type = 'text' then 'character varying'
        when data_type = 'numeric' and numeric_precision is null then landfall.sized(data_type)
        else data_type
    end as data_type,
    case
        when data_type in ('text', 'character varying') then coalesce(character_maximum_length, 65535)
        else character_maximum_length
    end as character_maximum_length,
    numeric_precision,
    numeric_scale,
    datetime_precision
from information_schema.columns
where table_schema not in (select nspname from landfall.hidden_schemas)
    and not exists (
        select from landfall.late_views
        where id = to_regclass(format('%I.%I', table_schema, table_name))
    );

create function pg_catalog.pg_get_late_binding_view_cols() returns setof record language sql stable
begin atomic
    select
        spaces.nspname,
        classes.relname,
        columns.attname,
        landfall.sized(format_type(columns.atttypid, columns.atttypmod)),
        columns.attnum::integer
    from landfall.late_views
    inner join pg_catalog.pg_class as classes on classes.oid = late_views.id
    inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace
    inner join pg_catalog.pg_attribute as columns on columns.attrelid = classes.oid and columns.attnum > 0
    where classes.oid not in (select view_id from landfall.pending);
end;

-- svv_… ------------------------------------------------------------------------------------------------------------

create view pg_catalog.svv_external_schemas as
select 1 as esoid, 1 as eskind, schemaname, 100 as esowner, databasename, ''::text as esoptions
from landfall.external_schemas;
create view pg_catalog.svv_external_columns as
select current_database()::text as redshift_database_name, *, 'YES'::text as is_nullable from landfall.external_columns;
create view pg_catalog.svv_external_tables as
select distinct current_database()::text as redshift_database_name, schemaname, tablename, ''::text as tabletype
from landfall.external_columns;
create view pg_catalog.svv_external_partitions as
select schemaname, tablename, "values", location from landfall.external_partitions where "values" <> '[]';

create view pg_catalog.svv_table_info as
select
    current_database()::text as "database",
    spaces.nspname::text as "schema",
    classes.oid as table_id,
    classes.relname::text as "table",
    case when storage.encodings <> '{}' then 'Y' else 'Y, AUTO(ENCODE)' end as encoded,
    case
        when storage.distkey is not null then format('KEY(%s)', storage.distkey)
        when storage.diststyle in ('all', 'even') then upper(storage.diststyle)
        else 'AUTO(ALL)'
    end as diststyle,
    case
        when storage.interleaved then format('INTERLEAVED(%s)', array_to_string(storage.sortkeys, ','))
        else coalesce(storage.sortkeys[1], 'AUTO(SORTKEY)')
    end as sortkey1,
    coalesce((
        select max(atttypmod - 4) from pg_catalog.pg_attribute
        where attrelid = classes.oid and atttypid = 'varchar'::regtype and attnum > 0
    ), 0) as max_varchar,
    coalesce(storage.encodings ->> storage.sortkeys[1], 'none') as sortkey1_enc,
    coalesce(cardinality(storage.sortkeys), 0) as sortkey_num,
    ceil(pg_total_relation_size(classes.oid) / 1048576.0)::bigint as size,
    0::numeric as pct_used,
    0::bigint as empty,
    null::numeric as unsorted,
    0::numeric as stats_off,
    greatest(pg_stat_get_live_tuples(classes.oid), classes.reltuples, 0)::numeric as tbl_rows,
    null::numeric as skew_sortkey1,
    null::numeric as skew_rows
from pg_catalog.pg_class as classes
inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace
left join landfall.storage on storage.relation = classes.oid
where classes.relkind = 'r'
    and spaces.nspname not in ('pg_catalog', 'information_schema')
    and spaces.oid not in (select oid from landfall.hidden_schemas);

create view pg_catalog.pg_table_def as
select
    spaces.nspname as schemaname,
    classes.relname as tablename,
    columns.attname as "column",
    format_type(columns.atttypid, columns.atttypmod) as type,
    coalesce(storage.encodings ->> columns.attname, 'none') as encoding,
    coalesce(storage.distkey = columns.attname, false) as distkey,
    coalesce(array_position(storage.sortkeys, columns.attname::text), 0) as sortkey,
    columns.attnotnull as "notnull"
from pg_catalog.pg_class as classes
inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace
inner join pg_catalog.pg_attribute as columns on columns.attrelid = classes.oid
left join landfall.storage on storage.relation = classes.oid
where classes.relkind = 'r' and columns.attnum > 0 and not columns.attisdropped
    and spaces.oid not in (select oid from landfall.hidden_schemas);

create view pg_catalog.svv_relation_privileges as
select
    grants.table_schema::text as namespace_name,
    grants.table_name::text as relation_name,
    lower(grants.privilege_type) as privilege_type,
    case when grants.grantee = 'PUBLIC' then 'public' else grants.grantee::text end as identity_name,
    case
        when grants.grantee = 'PUBLIC' then 'public'
        when roles.rolcanlogin then 'user'
        when roles.rolconnlimit = 0 then 'group'
        else 'role'
    end as identity_type
from information_schema.role_table_grants as grants
left join pg_catalog.pg_roles as roles on roles.rolname = grants.grantee;

create view pg_catalog.svv_roles as
select oid::integer as role_id, rolname::text as role_name, null::text as role_owner, null::text as external_id
from pg_catalog.pg_roles
where not rolcanlogin and rolconnlimit <> 0 and rolname not like 'pg\_%';

create view pg_catalog.svv_schema_privileges as
select
    spaces.nspname::text as namespace_name,
    lower(rights.privilege_type) as privilege_type,
    coalesce(roles.rolname::text, 'public') as identity_name,
    case
        when roles.oid is null then 'public'
        when roles.rolcanlogin then 'user'
        when roles.rolconnlimit = 0 then 'group'
        else 'role'
    end as identity_type
from pg_catalog.pg_namespace as spaces
cross join lateral aclexplode(spaces.nspacl) as rights
left join pg_catalog.pg_roles as roles on roles.oid = rights.grantee;

create view pg_catalog.svv_column_privileges as
select
    spaces.nspname::text as namespace_name,
    classes.relname::text as relation_name,
    columns.attname::text as column_name,
    lower(rights.privilege_type) as privilege_type,
    coalesce(roles.rolname::text, 'public') as identity_name,
    case
        when roles.oid is null then 'public'
        when roles.rolcanlogin then 'user'
        when roles.rolconnlimit = 0 then 'group'
        else 'role'
    end as identity_type
from pg_catalog.pg_attribute as columns
inner join pg_catalog.pg_class as classes on classes.oid = columns.attrelid
inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace
cross join lateral aclexplode(columns.attacl) as rights
left join pg_catalog.pg_roles as roles on roles.oid = rights.grantee;

create view pg_catalog.svv_columns as select * from landfall.columns;
create view pg_catalog.svv_tables as
select table_catalog, table_schema, table_name, table_type, null::text as remarks from landfall.tables
union all
select current_database(), schemaname, tablename, 'EXTERNAL TABLE', null from pg_catalog.svv_external_tables;
create view pg_catalog.svv_redshift_columns as
select
    table_catalog::text as database_name,
    table_schema::text as schema_name,
    table_name::text as table_name,
    column_name::text as column_name,
    ordinal_position::integer as ordinal_position,
    data_type::text as data_type,
    column_default::text as column_default,
    is_nullable::text as is_nullable,
    null::text as encoding,
    false as distkey,
    0 as sortkey,
    null::text as column_acl,
    null::text as remarks
from landfall.columns;

-- What was and is going on: empty where the stand-in keeps no record.
create view pg_catalog.svv_mv_info as
select null::text as database_name, null::text as schema_name, null::text as name, null::boolean as is_stale,
    null::integer as state, null::text as autorewrite, null::text as autorefresh
where false;
create view pg_catalog.stv_mv_info as select * from pg_catalog.svv_mv_info;
create view pg_catalog.sys_query_detail as
select null::bigint as query_id, null::oid as table_id, null::text as step_name, null::timestamp as start_time,
    null::timestamp as end_time
where false;
create view pg_catalog.stv_sessions as
select backend_start::timestamp as starttime, pid as process, usename::text as user_name, datname::text as db_name
from pg_catalog.pg_stat_activity where backend_type = 'client backend';
create view pg_catalog.stv_recents as
select 'Running'::text as status, query_start::timestamp as starttime, usename::text as user_name,
    datname::text as db_name, query, pid
from pg_catalog.pg_stat_activity where state = 'active' and backend_type = 'client backend';
create view pg_catalog.stl_query as
select null::integer as userid, null::integer as query, null::text as label, null::bigint as xid, null::integer as pid,
    null::text as "database", null::text as querytxt, null::timestamp as starttime, null::timestamp as endtime,
    null::integer as aborted
where false;
create view pg_catalog.svl_qlog as select * from pg_catalog.stl_query;
