"""Tables: how they are stored, what their keys do not do, who may read them."""

import pytest
from redshift_connector.error import ProgrammingError

from tools.redshift.engine import Redshift

pytestmark = pytest.mark.slow


def info(
    redshift: Redshift, schema: str, columns: str = "diststyle, sortkey1, sortkey_num"
) -> list[list[object]]:
    return redshift.rows(
        f"""select "table", {columns} from svv_table_info where "schema" = '{schema}' order by 1"""
    )


def test_how_a_table_is_stored_is_reported(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.a diststyle key distkey (y) compound sortkey (x, y) as select 1 as x, 2 as y",
        f"create table {schema}.b (x int encode az64, y varchar(9)) diststyle all",
        f"create table {schema}.c diststyle even interleaved sortkey (x, y) as select 1 as x, 2 as y",
        f"create table {schema}.d as select 1 as x",
    )
    assert info(redshift, schema) == [
        ["a", "KEY(y)", "x", 2],
        ["b", "ALL", "AUTO(SORTKEY)", 0],
        ["c", "EVEN", "INTERLEAVED(x,y)", 2],
        ["d", "AUTO(ALL)", "AUTO(SORTKEY)", 0],
    ]
    assert info(redshift, schema, "encoded, max_varchar")[1] == ["b", "Y", 9]
    assert redshift.rows(
        f"""select "column", encoding, distkey, sortkey from pg_table_def where schemaname = '{schema}'
        and tablename in ('a', 'b') order by tablename, 1"""
    ) == [
        ["x", "none", False, 1],
        ["y", "none", True, 2],
        ["x", "az64", False, 0],
        ["y", "none", False, 0],
    ]


def test_it_follows_the_table_and_ends_with_it(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.a diststyle key distkey (x) as select 1 as x",
        f"alter table {schema}.a rename to b",
        "begin",
        f"create table {schema}.c diststyle all as select 1 as x",
        "rollback",
    )
    assert info(redshift, schema) == [["b", "KEY(x)", "AUTO(SORTKEY)", 0]]
    redshift.rows(f"drop table {schema}.b", f"create table {schema}.b as select 1 as x")
    assert info(redshift, schema) == [["b", "AUTO(ALL)", "AUTO(SORTKEY)", 0]]


def test_it_can_be_altered(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.a (x int, y int)",
        f"alter table {schema}.a alter sortkey (y), alter distkey x",
        f"alter table {schema}.a alter column y encode zstd",
    )
    assert info(redshift, schema, "diststyle, sortkey1, sortkey1_enc") == [
        ["a", "KEY(x)", "y", "zstd"]
    ]


@pytest.mark.parametrize("clause", ["distkey (z)", "sortkey (x, z)"])
def test_a_key_that_is_no_column_is_an_error(redshift: Redshift, schema: str, clause: str) -> None:
    with pytest.raises(ProgrammingError, match=r"column .*z.* does not exist"):
        redshift.rows(f"create table {schema}.a {clause} as select 1 as x")
    assert info(redshift, schema) == []


def test_keys_are_not_enforced_but_not_null_is(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.a (x int not null primary key, y int unique references {schema}.a (x))",
        f"alter table {schema}.a add constraint k unique (y)",
        f"insert into {schema}.a values (1, 7), (1, 7)",
    )
    assert redshift.value(f"select count(*) from {schema}.a") == 2
    with pytest.raises(ProgrammingError, match="null value in column"):
        redshift.rows(f"insert into {schema}.a values (null, 1)")


def test_a_text_that_is_too_long_in_bytes_is_an_error(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.a (x varchar(4))",
        f"insert into {schema}.a values ('héé'::varchar(4))",
    )
    for value in ("'héé'", "repeat('x', 5)", "'xxxxx'"):
        with pytest.raises(ProgrammingError, match="value too long for type character varying"):
            redshift.rows(f"insert into {schema}.a values ({value})")
    redshift.rows(f"insert into {schema}.a values ('xxxx  ')")  # blanks at the end are cut


def test_a_column_without_a_length_has_256_bytes(redshift: Redshift, schema: str) -> None:
    redshift.rows(f"create table {schema}.a (x varchar, y text, z decimal)")
    with pytest.raises(ProgrammingError, match="value too long"):
        redshift.rows(f"insert into {schema}.a values (repeat('x', 257), 'y', 1)")
    redshift.rows(f"insert into {schema}.a values ('x', repeat('y', 256), 1.5)")
    assert redshift.value(f"select z from {schema}.a") == 2


def test_identity_columns_count(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.a (x bigint identity(0, 1), y int)",
        f"insert into {schema}.a (y) values (7), (8)",
    )
    assert redshift.value(f"select count(distinct x) from {schema}.a") == 2


def test_names_are_kept_in_lower_case(redshift: Redshift, schema: str) -> None:
    redshift.rows(f'create table {schema}."Odd Name" as select 1 as "Some Column"')
    assert redshift.rows(f'select "some column" from {schema}."odd name"') == [[1]]


def test_privileges_tell_users_roles_and_groups_apart(redshift: Redshift, schema: str) -> None:
    names = {"user": f"{schema}_u", "role": f"{schema}_r", "group": f"{schema}_g"}
    redshift.rows(
        f"create table {schema}.a as select 1 as x",
        f"create user {names['user']} password disable",
        f"create role {names['role']}",
        f"create group {names['group']}",
        f"grant select on {schema}.a to {names['user']}, role {names['role']}, group {names['group']}",
    )
    try:
        found = redshift.rows(
            "select identity_type, identity_name, privilege_type from svv_relation_privileges "
            f"where namespace_name = '{schema}' and identity_name <> current_user order by 1"
        )
        assert found == [[kind, names[kind], "select"] for kind in ("group", "role", "user")]
    finally:
        redshift.rows(*(f"drop owned by {name}" for name in names.values()))
        redshift.rows(*(f"drop role {name}" for name in names.values()))
