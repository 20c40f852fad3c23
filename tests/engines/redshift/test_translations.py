"""What becomes of a statement on its way to PostgreSQL; all that is not named here stays as it was written."""

import json
import re

import pytest

from tools.redshift.tokens import Tokens
from tools.redshift.translate import Translation, translate


def translated(sql: str) -> str:
    return translate(sql, frozenset(["lake"])).sql


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select dateadd(day, 3, d) from t", "select landfall.dateadd('day', 3, d) from t"),
        ("select dateadd('mons', 3, d) from t", "select landfall.dateadd('month', 3, d) from t"),
        ("select datediff(qtr, a, b) from t", "select landfall.datediff('quarter', a, b) from t"),
        ("select date_part(dow, d) from t", "select landfall.date_part('dow', d) from t"),
        ("select extract(yr from d) from t", "select landfall.extract('year', d) from t"),
        ("select date_trunc('month', d) from t", "select landfall.date_trunc('month', d) from t"),
        (
            "select getdate(), sysdate from t",
            "select landfall.getdate(), landfall.sysdate() from t",
        ),
        ("select nvl(a, 1), len(b) from t", "select coalesce(a, 1), length(b) from t"),
        ("select nvl2(a, 1, 2) from t", "select landfall.nvl2(a, 1, 2) from t"),
        ("select avg(a), median(a) from t", "select landfall.avg(a), landfall.median(a) from t"),
        ("select regexp_replace(a, 'x') from t", "select landfall.regexp_replace(a, 'x') from t"),
        ("select regexp_substr(a, 'x') from t", "select landfall.regexp_substr(a, 'x') from t"),
        ("select concat(a, b) from t", "select pg_catalog.textcat(a, b) from t"),
        (
            "select listagg(a, ', ') within group (order by b desc) from t",
            "select string_agg(a, ', ' order by b desc) from t",
        ),
        ("select listagg(a) from t", "select string_agg(a, '') from t"),
        ("select a from t minus select b from t", "select a from t except select b from t"),
        ("select approximate count(distinct a) from t", "select  count(distinct a) from t"),
        ("select a::varchar, b::text from t", "select a::varchar(256), b::varchar(256) from t"),
        ("select cast(a as varchar) from t", "select cast(a as varchar(256)) from t"),
        ("select cast(a as character varying) from t", "select cast(a as varchar(256)) from t"),
        ("select cast(a as varchar(max)) from t", "select cast(a as varchar(65535)) from t"),
        ("select cast(a as nvarchar(3)) from t", "select cast(a as varchar(3)) from t"),
        ("select cast(a as numeric) from t", "select cast(a as numeric(18,0)) from t"),
        ('select "A b" as "Name" from T', 'select "a b" as "name" from T'),
        ("select text, varchar from t", "select text, varchar from t"),
        ("select (select a as text) from t", "select (select a as text) from t"),
        ("select own.nvl(a), nvl from t", "select own.nvl(a), nvl from t"),
        (
            "select 'nvl(a, 1)' -- nvl(a, 1)\nfrom t /* len(a) */",
            "select 'nvl(a, 1)' -- nvl(a, 1)\nfrom t /* len(a) */",
        ),
        ("select $1::varchar, %s", "select $1::varchar(256), %s"),
        ("alter table t add column a varchar", "alter table t add column a varchar(256)"),
        ("grant select on t to role a, group b, c", "grant select on t to  a, group b, c"),
        ("revoke select on t from role a", "revoke select on t from  a"),
        ("create user reader password disable", 'create role "reader" login'),
        ("create group readers", 'create role "readers" connection limit 0'),
        ("vacuum full s.t", "vacuum s.t"),
        ("vacuum", "vacuum "),
        ("set query_group to 'x'", "set landfall.query_group to 'x'"),
        ("begin; select 1", "begin; select 1"),
        ("alter table t add primary key (a)", "select 1 where false"),
        ("alter table s.t add constraint k unique (a)", "select 1 where false"),
        ("this is 'no SQL", "this is 'no SQL"),
        ("", ""),
    ],
)
def test_a_statement_is_changed_in_place(sql: str, expected: str) -> None:
    assert translated(sql) == expected


def storage_of(sql: str) -> tuple[dict[str, object], str]:
    out = translated(sql)
    comment, rest = out.split("*/ ", 1)
    return json.loads(comment.removeprefix("/*landfall ")), re.sub(r"\s+", " ", rest).strip()


@pytest.mark.parametrize(
    ("sql", "kept", "rest"),
    [
        ("create table x as select 1 as a", {}, "create table x as select 1 as a"),
        (
            "create table s.x diststyle key distkey (A) compound sortkey(b, a) as (select a, b from t)",
            {"diststyle": "key", "distkey": "a", "sortkeys": ["b", "a"]},
            "create table s.x as (select a, b from t)",
        ),
        (
            "create temporary table if not exists x backup no diststyle all interleaved sortkey (a) as select 1 as a",
            {"diststyle": "all", "sortkeys": ["a"], "interleaved": True},
            "create temporary table if not exists x as select 1 as a",
        ),
        (
            "create table x (a int encode az64 distkey sortkey, b varchar encode zstd) encode auto",
            {"distkey": "a", "sortkeys": ["a"], "encodings": {"a": "az64", "b": "zstd"}},
            "create table x (a int , b varchar(256) )",
        ),
        (
            "create table x (a int not null primary key, b int unique references t(a), constraint k primary key (a, b),"
            " foreign key (b) references s.t (a), unique (b))",
            {},
            "create table x (a int not null , b int )",
        ),
        (
            "create table x (a bigint identity(1, 2))",
            {},
            "create table x (a bigint generated by default as identity (start 1 minvalue 0 increment 2))",
        ),
        (
            "create table x (a int) diststyle auto sortkey auto",
            {"diststyle": "auto"},
            "create table x (a int)",
        ),
        ("create table x (like s.t)", {}, "create table x (like s.t)"),
    ],
)
def test_storage_and_keys_are_taken_out_of_a_table(
    sql: str, kept: dict[str, object], rest: str
) -> None:
    storage, statement = storage_of(sql)
    empty: dict[str, object] = {
        "diststyle": None,
        "distkey": None,
        "sortkeys": [],
        "interleaved": False,
        "encodings": {},
    }
    assert storage == {**empty, **kept}
    assert statement == rest


def test_storage_can_be_altered() -> None:
    out = translated("alter table s.t alter distkey a, alter compound sortkey (a, b)")
    assert out.startswith('call landfall.alter_storage($landfall$"s"."t"$landfall$')
    assert '"distkey": "a"' in out and '"sortkeys": ["a", "b"]' in out
    assert '"encodings": {"b": "zstd"}' in translated("alter table t alter column b encode zstd")
    assert translated("alter table t rename to u") == "alter table t rename to u"


def test_a_late_binding_view_is_handed_over_as_text() -> None:
    out = translated(
        "create view a.b as (\n    select nvl(c, 1) as c from d -- why\n)\nwith no schema binding;"
    )
    assert out == (
        'call landfall.create_late_view($landfall$"a"."b"$landfall$, '
        "$landfall$ (\n    select coalesce(c, 1) as c from d -- why\n)\n$landfall$, false)"
    )
    out = translated('create or replace view "dev"."a"."B" (x) as select 1 with no schema binding')
    assert out.startswith('call landfall.create_late_view($landfall$"a"."b"$landfall$, ')
    assert "as late (x)" in out and out.endswith(", true)")
    assert translated("create view a.b as select 1 as c") == "create view a.b as select 1 as c"


def test_an_external_schema_names_its_database() -> None:
    sql = "create external schema if not exists Raw from data catalog database 'Lake_Raw' iam_role default region 'x'"
    assert translate(sql) == Translation("select 1 where false", ("raw", "lake_raw"))


def test_the_catalogue_is_asked_through_the_shim() -> None:
    assert translated(
        "select pg_class.oid from pg_catalog.pg_class join pg_attribute a on true"
    ) == ("select pg_class.oid from landfall.pg_class join landfall.pg_attribute a on true")
    assert (
        translated('select table_name from information_schema."columns"')
        == "select table_name from landfall.columns"
    )


def test_words_come_apart_and_keep_their_places() -> None:
    sql = "select  a from t GROUP  BY 1, 'it''s' || \"B\"::character varying(3) /* x */ -- y"
    tokens = Tokens(sql)
    for word in tokens.words:
        written = sql[word.start : word.end]
        assert written.strip("'\"").replace("''", "'") == word.text or written.lower() == word.text
    assert [word.text for word in tokens.words][4:6] == ["group", "by"]
