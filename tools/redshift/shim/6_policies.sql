-- Dynamic data masking and row-level security (policies.py). Masking policies and what they are attached to are kept
-- here; the proxy reads masked columns through them. Row-level security is PostgreSQL's own, under Redshift's rules: a
-- role without a policy sees no row, of several policies all must hold, and a superuser sees everything.

create table landfall.masking_policies (
    policy_name text primary key, input_name text not null, input_type text not null, expression text not null
);
create table landfall.masks (
    policy_name text not null references landfall.masking_policies,
    relation oid not null,
    column_name text not null,
    grantee text not null,
    grantee_type text not null,
    priority integer not null
);
create table landfall.row_policies (
    policy_name text primary key, inputs text[] not null, types text[] not null, expression text not null
);

create function landfall.deny(state text, message text) returns void language plpgsql as $$
begin
    raise exception using errcode = state, message = message;
end $$;

-- The relation of a path, or the error that it is not there.
create function landfall.relation_of(path text) returns oid language plpgsql as $$
begin
    if to_regclass(path) is null then
        perform landfall.deny('42P01', format('relation %s does not exist', path));
    end if;
    return path::regclass;
end $$;

create function landfall.type_of(relation oid, name text) returns text language plpgsql as $$
declare
    found text;
begin
    select landfall.sized(format_type(atttypid, atttypmod)) into found
    from pg_catalog.pg_attribute
    where attrelid = relation and attname = name and attnum > 0 and not attisdropped;
    if found is null then
        perform landfall.deny('42703', format('column "%s" does not exist', name));
    end if;
    return found;
end $$;

create function landfall.check_grantee(grantee text, grantee_type text) returns void language plpgsql as $$
begin
    if grantee_type <> 'public' and not exists (
        select from pg_catalog.pg_roles where rolname = grantee and rolcanlogin = (grantee_type = 'user')
    ) then
        perform landfall.deny('42704', format('%s "%s" does not exist', grantee_type, grantee));
    end if;
end $$;

-- masking ------------------------------------------------------------------------------------------------------------

create procedure landfall.create_masking_policy(name text, input text, type text, expression text) language plpgsql as $$
declare
    given text;
begin
    if exists (select from landfall.masking_policies where policy_name = name) then
        perform landfall.deny('42710', format('masking policy "%s" already exists', name));
    end if;
    execute format('create temporary view landfall_probe as select %s as mask from (select null::%s as %I) as given',
        expression, type, input);
    select format_type(atttypid, atttypmod) into given
    from pg_catalog.pg_attribute where attrelid = 'pg_temp.landfall_probe'::regclass and attnum = 1;
    drop view pg_temp.landfall_probe;
    if given <> format_type(to_regtype(type), to_regtypemod(type)) then
        perform landfall.deny('42804', format('the masking expression is of type %s, its input of type %s', given, type));
    end if;
    insert into landfall.masking_policies
    values (name, input, format_type(to_regtype(type), to_regtypemod(type)), expression);
end $$;

create procedure landfall.drop_masking_policy(name text) language plpgsql as $$
begin
    if exists (select from landfall.live_masks where policy_name = name) then
        perform landfall.deny('2BP01', format('masking policy "%s" is attached', name));
    end if;
    delete from landfall.masks where policy_name = name;
    delete from landfall.masking_policies where policy_name = name;
    if not found then
        perform landfall.deny('42704', format('masking policy "%s" does not exist', name));
    end if;
end $$;

create procedure landfall.attach_masking_policy(
    name text, path text, wanted text, grantee_name text, kind text, rank integer
) language plpgsql as $$
declare
    id oid := landfall.relation_of(path);
    policy landfall.masking_policies;
begin
    select * into policy from landfall.masking_policies where policy_name = name;
    if policy.policy_name is null then
        perform landfall.deny('42704', format('masking policy "%s" does not exist', name));
    end if;
    perform landfall.check_grantee(grantee_name, kind);
    if landfall.type_of(id, wanted) <> policy.input_type then
        perform landfall.deny('42804', format('column "%s" is not of type %s', wanted, policy.input_type));
    end if;
    if exists (
        select from landfall.masks
        where relation = id and column_name = wanted and policy_name <> name
            and (priority = rank or (grantee = grantee_name and grantee_type = kind))
    ) then
        perform landfall.deny('42710', format('another policy is attached to column "%s" there', wanted));
    end if;
    insert into landfall.masks values (name, id, wanted, grantee_name, kind, rank);
end $$;

create procedure landfall.detach_masking_policy(
    name text, path text, wanted text, grantee_name text, kind text
) language plpgsql as $$
begin
    delete from landfall.masks
    where policy_name = name and relation = landfall.relation_of(path) and column_name = wanted
        and grantee = grantee_name and grantee_type = kind;
    if not found then
        perform landfall.deny('42704', format('masking policy "%s" is not attached there', name));
    end if;
end $$;

-- A table that is dropped takes its attachments along.
create view landfall.live_masks as
select masks.*, spaces.nspname as schema_name, classes.relname as table_name, classes.relkind
from landfall.masks
inner join pg_catalog.pg_class as classes on classes.oid = masks.relation
inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace;

-- Who a user is: the user, and every role that the user was granted, directly or through another. A superuser is
-- taken to hold no other role.
create function landfall.roles_of(who text) returns setof text language sql stable as $$
    with recursive held (id) as (
        select oid from pg_catalog.pg_roles where rolname = who
        union
        select members.roleid from pg_catalog.pg_auth_members as members inner join held on held.id = members.member
    )
    select rolname::text from pg_catalog.pg_roles inner join held on held.id = pg_roles.oid
$$;

-- What a user reads in the place of each table of which some column is masked for that user.
create function landfall.masked_reads(who text) returns table (path text, body text) language sql stable as $$
    with mine as (
        select distinct on (relation, column_name) relation, column_name, input_name, expression
        from landfall.live_masks
        inner join landfall.masking_policies using (policy_name)
        where grantee_type = 'public' or grantee in (select landfall.roles_of(who))
        order by relation, column_name, priority desc
    )
    select
        spaces.nspname || '.' || classes.relname,
        format('select %s from %I.%I', string_agg(
            case
                when mine.relation is null then format('%I', columns.attname)
                else format('%s as %I',
                    regexp_replace(mine.expression, '\m' || mine.input_name || '\M', format('%I', columns.attname), 'g'),
                    columns.attname)
            end, ', ' order by columns.attnum
        ), spaces.nspname, classes.relname)
    from pg_catalog.pg_attribute as columns
    inner join pg_catalog.pg_class as classes on classes.oid = columns.attrelid
    inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace
    left join mine on mine.relation = columns.attrelid and mine.column_name = columns.attname
    where columns.attrelid in (select relation from mine) and columns.attnum > 0 and not columns.attisdropped
        and has_column_privilege(who, columns.attrelid, columns.attnum, 'select')
    group by spaces.nspname, classes.relname
$$;

-- row-level security ---------------------------------------------------------------------------------------------------

create procedure landfall.create_row_policy(name text, inputs text[], types text[], expression text) language plpgsql as $$
begin
    if exists (select from landfall.row_policies where policy_name = name) then
        perform landfall.deny('42710', format('RLS policy "%s" already exists', name));
    end if;
    insert into landfall.row_policies values (name, inputs, types, expression);
end $$;

create procedure landfall.attach_row_policy(name text, path text, grantee_name text, kind text) language plpgsql as $$
declare
    id oid := landfall.relation_of(path);
    policy landfall.row_policies;
    place integer;
    given text;
begin
    select * into policy from landfall.row_policies where policy_name = name;
    if policy.policy_name is null then
        perform landfall.deny('42704', format('RLS policy "%s" does not exist', name));
    end if;
    perform landfall.check_grantee(grantee_name, kind);
    for place in 1 .. coalesce(array_length(policy.inputs, 1), 0) loop
        given := landfall.type_of(id, policy.inputs[place]);
        if to_regtype(given) <> to_regtype(policy.types[place]) then
            perform landfall.deny('42804', format('column "%s" is of type %s', policy.inputs[place], given));
        end if;
    end loop;
    execute format('create policy %I on %s as restrictive for select to %s using (%s)',
        name || '|' || grantee_name, path, grantee_name, policy.expression);
    if not exists (
        select from pg_catalog.pg_policy where polrelid = id and polname = '|' || grantee_name
    ) then
        execute format('create policy %I on %s for select to %s using (true)', '|' || grantee_name, path, grantee_name);
    end if;
end $$;

create procedure landfall.detach_row_policy(name text, path text, grantee_name text, kind text) language plpgsql as $$
declare
    id oid := landfall.relation_of(path);
begin
    if not exists (select from pg_catalog.pg_policy where polrelid = id and polname = name || '|' || grantee_name) then
        perform landfall.deny('42704', format('RLS policy "%s" is not attached there', name));
    end if;
    execute format('drop policy %I on %s', name || '|' || grantee_name, path);
    if not exists (
        select from pg_catalog.pg_policy where polrelid = id and polname like '_%|' || grantee_name
    ) then
        execute format('drop policy %I on %s', '|' || grantee_name, path);
    end if;
end $$;

create procedure landfall.drop_row_policy(name text) language plpgsql as $$
begin
    if exists (select from pg_catalog.pg_policy where polname like replace(name, '_', '\_') || '|%') then
        perform landfall.deny('2BP01', format('RLS policy "%s" is attached to a relation', name));
    end if;
    delete from landfall.row_policies where policy_name = name;
    if not found then
        perform landfall.deny('42704', format('RLS policy "%s" does not exist', name));
    end if;
end $$;

-- the catalogue's views: only a superuser sees a policy ------------------------------------------------------------------

create function landfall.is_superuser() returns boolean language sql stable
return (select rolsuper from pg_catalog.pg_roles where rolname = session_user);

create view pg_catalog.svv_masking_policy as
select
    current_database()::text as policy_database,
    policy_name,
    json_build_array(json_build_object('colname', input_name, 'type', input_type))::text as input_columns,
    json_build_array(json_build_object('expr', expression, 'type', input_type))::text as policy_expression
from landfall.masking_policies
where landfall.is_superuser();

create view pg_catalog.svv_attached_masking_policy as
select
    policy_name,
    schema_name::text as schema_name,
    table_name::text as table_name,
    case relkind when 'v' then 'view' else 'table' end as table_type,
    'landfall'::text as grantor,
    grantee,
    grantee_type,
    priority,
    json_build_array(column_name)::text as input_columns,
    json_build_array(column_name)::text as output_columns
from landfall.live_masks
where landfall.is_superuser();

create view pg_catalog.svv_rls_policy as
select
    current_database()::text as poldb,
    policy_name as polname,
    null::text as polalias,
    array_to_json(inputs)::text as polatts,
    expression as polqual,
    true as polenabled,
    'landfall'::text as polmodifiedby
from landfall.row_policies
where landfall.is_superuser();

create view pg_catalog.svv_rls_attached_policy as
select
    spaces.nspname::text as relschema,
    classes.relname::text as relname,
    'table'::text as relkind,
    split_part(policies.polname, '|', 1) as polname,
    'landfall'::text as grantor,
    split_part(policies.polname, '|', 2) as grantee,
    case
        when split_part(policies.polname, '|', 2) = 'public' then 'public'
        when roles.rolcanlogin then 'user'
        else 'role'
    end as granteekind,
    true as is_pol_on,
    classes.relrowsecurity as is_rls_on,
    'and'::text as rls_conjunction_type
from pg_catalog.pg_policy as policies
inner join pg_catalog.pg_class as classes on classes.oid = policies.polrelid
inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace
left join pg_catalog.pg_roles as roles on roles.rolname = split_part(policies.polname, '|', 2)
where policies.polname not like '|%' and landfall.is_superuser();

create view pg_catalog.svv_rls_relation as
select
    current_database()::text as datname,
    spaces.nspname::text as relschema,
    classes.relname::text as relname,
    'table'::text as relkind,
    classes.relrowsecurity as is_rls_on
from pg_catalog.pg_class as classes
inner join pg_catalog.pg_namespace as spaces on spaces.oid = classes.relnamespace
where classes.relkind in ('r', 'p') and landfall.is_superuser()
    and (classes.relrowsecurity or exists (select from pg_catalog.pg_policy where polrelid = classes.oid));

grant select on pg_catalog.svv_masking_policy, pg_catalog.svv_attached_masking_policy, pg_catalog.svv_rls_policy,
pg_catalog.svv_rls_attached_policy, pg_catalog.svv_rls_relation to public;
