"""Views with no schema binding: texts that are read when they are asked."""

import pytest
from redshift_connector.error import ProgrammingError

from tools.redshift.engine import Redshift

pytestmark = pytest.mark.slow
LATE = "with no schema binding"


def test_a_view_survives_the_rebuild_of_what_it_reads(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.t as select 1 as a, cast('x' as varchar(7)) as b",
        f"create view {schema}.v as (select * from {schema}.t) {LATE}",
        f"create view {schema}.w as select a + 1 as c, b from {schema}.v where a > 0 {LATE}",
    )
    assert redshift.rows(f"select * from {schema}.w") == [[2, "x"]]
    # as dbt swaps a table
    redshift.rows(
        f"create table {schema}.t_tmp as select 5 as a, cast('y' as varchar(7)) as b",
        "begin",
        f"alter table {schema}.t rename to t_old",
        f"alter table {schema}.t_tmp rename to t",
        "commit",
        f"drop table {schema}.t_old cascade",
    )
    assert redshift.rows(f"select * from {schema}.w") == [[6, "y"]]


def test_a_view_is_broken_only_when_it_is_asked(redshift: Redshift, schema: str) -> None:
    redshift.rows(
        f"create table {schema}.t as select 1 as a",
        f"create view {schema}.v as select a from {schema}.t {LATE}",
        f"drop table {schema}.t cascade",
    )
    with pytest.raises(ProgrammingError, match=f'relation \\\\?"{schema}.t\\\\?" does not exist'):
        redshift.rows(f"select * from {schema}.v")
    redshift.rows(f"create table {schema}.t as select 3 as a")
    assert redshift.value(f"select * from {schema}.v") == 3
    redshift.rows(f"alter table {schema}.t rename column a to b")
    with pytest.raises(ProgrammingError, match=r"column .*a.* does not exist"):
        redshift.rows(f"select * from {schema}.v")


def test_a_view_may_come_before_what_it_reads(redshift: Redshift, schema: str) -> None:
    redshift.rows(f"create view {schema}.v as select a from {schema}.t {LATE}")
    for asked in (f"select * from {schema}.v", f"select count(*) from {schema}.v"):
        with pytest.raises(ProgrammingError, match="does not exist"):
            redshift.rows(asked)
    redshift.rows(f"create table {schema}.t as select 3 as a")
    assert redshift.rows(f"select a from {schema}.v") == [[3]]


def test_a_view_is_replaced_renamed_and_dropped(redshift: Redshift, schema: str) -> None:
    redshift.rows(f"create view {schema}.v as select 1 as a {LATE}")
    with pytest.raises(ProgrammingError, match="already exists"):
        redshift.rows(f"create view {schema}.v as select 1 as a {LATE}")
    redshift.rows(
        f"create or replace view {schema}.v as select 'x' as b, 2 as c {LATE}",
        f"alter table {schema}.v rename to w",
    )
    assert redshift.rows(f"select * from {schema}.w") == [["x", 2]]
    redshift.rows(f"drop view {schema}.w cascade")
    with pytest.raises(ProgrammingError, match="does not exist"):
        redshift.rows(f"select * from {schema}.w")


def test_a_view_sees_what_its_own_transaction_wrote(redshift: Redshift, schema: str) -> None:
    found = redshift.rows(
        "begin",
        f"create table {schema}.t (a int)",
        f"create view {schema}.v as select count(*) as n from {schema}.t {LATE}",
        f"insert into {schema}.t values (1), (2)",
        f"select n from {schema}.v",
    )
    assert found == [[2]]


def test_a_text_that_is_no_sql_is_refused_at_once(redshift: Redshift, schema: str) -> None:
    with pytest.raises(ProgrammingError, match="syntax error"):
        redshift.rows(f"create view {schema}.v as (selec 1) {LATE}")


def test_the_catalogue_knows_its_columns_but_only_where_redshift_does(
    redshift: Redshift, schema: str
) -> None:
    redshift.rows(
        f"create table {schema}.t (a int, b varchar(7), c decimal(12, 2))",
        f"create view {schema}.v as select * from {schema}.t {LATE}",
        f"create view {schema}.bound as select a from {schema}.t",
    )
    found = redshift.rows(
        "select col_name, col_type, ordinal from pg_get_late_binding_view_cols() "
        "cols(view_schema name, view_name name, col_name name, col_type varchar, ordinal int) "
        f"where view_schema = '{schema}' order by ordinal"
    )
    assert found == [
        ["a", "integer", 1],
        ["b", "character varying(7)", 2],
        ["c", "numeric(12,2)", 3],
    ]
    columns = "select table_name, column_name from information_schema.columns"
    assert redshift.rows(f"{columns} where table_schema = '{schema}' order by 1, 2") == [
        ["bound", "a"],
        ["t", "a"],
        ["t", "b"],
        ["t", "c"],
    ]
    assert redshift.rows(
        f"select viewname from pg_views where schemaname = '{schema}' order by 1"
    ) == [["bound"], ["v"]]


def test_a_reader_of_a_view_needs_no_right_to_what_is_below(
    redshift: Redshift, schema: str
) -> None:
    redshift.rows(
        f"create table {schema}.t as select 1 as a",
        f"create view {schema}.v as select a from {schema}.t {LATE}",
        f"create user {schema}_reader password disable",
        f"grant usage on schema {schema} to {schema}_reader",
        f"grant select on {schema}.v to {schema}_reader",
    )
    try:
        as_reader = f"set session authorization {schema}_reader"
        assert redshift.value(as_reader, f"select a from {schema}.v") == 1
        with pytest.raises(ProgrammingError, match="permission denied"):
            redshift.rows(as_reader, f"select a from {schema}.t")
    finally:
        redshift.rows(f"drop owned by {schema}_reader", f"drop user {schema}_reader")
