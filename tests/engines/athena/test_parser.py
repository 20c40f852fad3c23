"""The parts of a parsed statement, and the statements that are not Athena's."""

import pytest

from tools.athena.parser import LIMIT, parse
from tools.athena.statements import (
    AddColumns,
    AddPartitions,
    ChangeColumn,
    Column,
    CreateDatabase,
    CreateTable,
    CreateTableAs,
    CreateView,
    DropColumn,
    DropDatabase,
    DropPartitions,
    DropTable,
    Maintain,
    Name,
    Query,
    Rename,
    SetProperties,
    Show,
    Statement,
)
from tools.athena.tokens import Refused

TABLE = Name("db", "t")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1", Query("select 1", "select")),
        ("select 1 ;\n", Query("select 1", "select")),
        ('-- {"app": "dbt"}\n/* it\'s */ select \';\'', Query("select ';'", "select")),
        ("(select 1) union all select 2", Query("(select 1) union all select 2", "select")),
        ("values 1", Query("values 1", "values")),
        ("explain (type io) select 1", Query("explain (type io) select 1", "explain")),
        (
            'create or replace view "db"."v" as select 1',
            CreateView(Name("db", "v"), 'create or replace view "db"."v" as select 1'),
        ),
        (
            'drop view if exists "awsdatacatalog"."db"."t"',
            Query('drop view if exists "awsdatacatalog"."db"."t"', "drop view"),
        ),
        ("drop table if exists `db`.`t`", DropTable(TABLE, if_exists=True)),
        ("drop table T", DropTable(Name("", "t"), if_exists=False)),
        ("create schema if not exists `db`", CreateDatabase("db", if_not_exists=True)),
        (
            "create database db comment 'x' location 's3://b/db/'",
            CreateDatabase("db", if_not_exists=False, location="s3://b/db/"),
        ),
        ("drop schema if exists `db` cascade", DropDatabase("db", if_exists=True, cascade=True)),
        (
            "alter table `db`.`t` add columns (`a` string, b decimal(12, 2))",
            AddColumns(TABLE, [Column("a", "string"), Column("b", "decimal(12,2)")]),
        ),
        (
            "alter table db.t replace columns (a array<struct<x:int, y:string>> comment 'why')",
            AddColumns(TABLE, [Column("a", "array<struct<x:int,y:string>>", "why")], replace=True),
        ),
        ("alter table awsdatacatalog.db.t drop column a", DropColumn(TABLE, "a")),
        (
            "alter table db.t change column a b bigint",
            ChangeColumn(TABLE, "a", Column("b", "bigint")),
        ),
        ("alter table `db`.`t` rename to `db`.`t__bkp`", Rename(TABLE, Name("db", "t__bkp"))),
        (
            "alter table db.t set tblproperties ('classification' = 'parquet', \"b\"=\"it's\")",
            SetProperties(TABLE, {"classification": "parquet", "b": "it's"}),
        ),
        (
            "alter table db.t add if not exists partition (d = date '2026-11-21', l = 'x')"
            " location 's3://b/x/' partition (d='2026-11-22', l='y')",
            AddPartitions(
                TABLE,
                if_not_exists=True,
                partitions=[
                    ({"d": "2026-11-21", "l": "x"}, "s3://b/x/"),
                    ({"d": "2026-11-22", "l": "y"}, ""),
                ],
            ),
        ),
        (
            "alter table db.t drop partition (l = 'x'), partition (l = 'y')",
            DropPartitions(TABLE, if_exists=False, partitions=[{"l": "x"}, {"l": "y"}]),
        ),
        (
            "optimize db.t rewrite data using bin_pack where a = 'x'",
            Maintain(TABLE, "optimize", "where a = 'x'"),
        ),
        ("vacuum db.t", Maintain(TABLE, "vacuum")),
        ("msck repair table `db`.`t`", Maintain(TABLE, "repair")),
        ("show tables in `db` 'a*'", Show("tables", Name("db", ""), "a*")),
        ("show databases like 'a%'", Show("databases", Name("", ""), "a%")),
        ("show partitions db.t", Show("partitions", TABLE)),
        ("show create table db.t", Show("create table", TABLE)),
        ("describe formatted db.t", Show("describe", TABLE)),
    ],
)
def test_a_statement_is_read_as_what_it_is(sql: str, expected: Statement) -> None:
    assert parse(sql) == expected


def test_a_table_made_from_a_query_keeps_the_query_as_written() -> None:
    query = "with a as (select 'it''s -- no comment' as x) select x as \"Y\" from a"
    parsed = parse(
        '/* dbt */ create table "awsdatacatalog"."db"."t" with (table_type=\'iceberg\','
        " is_external=false, partitioning=ARRAY['day(x)','y'], bucket_count=3) as " + query
    )
    assert parsed == CreateTableAs(
        TABLE,
        if_not_exists=False,
        properties={
            "table_type": "iceberg",
            "is_external": "false",
            "partitioning": ["day(x)", "y"],
            "bucket_count": 3,
        },
        query=query,
    )


def test_an_external_table_is_read_with_all_its_clauses() -> None:
    parsed = parse(
        "create external table if not exists `db`.`t` (`a` string comment 'why', b int)"
        " comment 'seed' partitioned by (d date) row format serde 'x.Serde'"
        " with serdeproperties ('separatorChar' = ',') stored as inputformat 'in' outputformat 'out'"
        " location 's3://b/t/' tblproperties ('skip.header.line.count' = '1')"
    )
    assert parsed == CreateTable(
        TABLE,
        external=True,
        if_not_exists=True,
        columns=[Column("a", "string", "why"), Column("b", "int")],
        comment="seed",
        partitions=[Column("d", "date")],
        serde="x.Serde",
        serde_properties={"separatorChar": ","},
        formats=("in", "out"),
        location="s3://b/t/",
        properties={"skip.header.line.count": "1"},
    )


def test_an_iceberg_table_is_partitioned_by_functions_of_its_columns() -> None:
    parsed = parse(
        "create table db.t (a int, b timestamp) partitioned by (day(`b`), bucket(4, a))"
        " location 's3://b/t/' tblproperties ('table_type' = 'ICEBERG')"
    )
    assert isinstance(parsed, CreateTable) and parsed.is_iceberg
    assert parsed.transforms == ["day(b)", "bucket(4, a)"]


@pytest.mark.parametrize(
    "sql",
    [
        "set session query_max_run_time = '1h'",
        "reset session query_max_run_time",
        "with session x = 1 select 1",
        "with function f(x int) returns int return x select f(1)",
        "call system.runtime.kill_query('x')",
        "use db",
        "comment on table t is 'x'",
        "analyze t",
        "grant select on t to someone",
        "create materialized view v as select 1",
        "refresh materialized view v",
        "create function f(x int) returns int return x",
        "create catalog c using hive",
        "show catalogs",
        "show functions",
        "show session",
        "show stats for t",
        "start transaction",
        "explain set session x = 1",
        "truncate table t",
    ],
)
def test_a_statement_that_only_trino_knows_is_refused(sql: str) -> None:
    with pytest.raises(Refused, match="not supported"):
        parse(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from system.runtime.nodes",
        "select * from landfall_iceberg.db.t",
        "with a as (select * from jmx.current.x) select * from a",
        "insert into landfall_iceberg.db.t select 1",
        "merge into landfall_iceberg.db.t as t using db.s as s on t.a = s.a"
        " when matched then delete",
        "create table other.db.t as select 1 as a",
        "create table db.t as select * from system.runtime.nodes",
        "create view db.v as select * from system.runtime.nodes",
        "explain select * from system.runtime.nodes",
        "drop table other.db.t",
    ],
)
def test_no_catalogue_but_the_one_can_be_named(sql: str) -> None:
    with pytest.raises(Refused, match=r"Catalog '.*' does not exist"):
        parse(sql)


@pytest.mark.parametrize(
    "sql",
    [
        'alter table "db"."t" drop column a',
        'create external table "db"."t" (a int) location \'s3://b/t/\'',
        'drop table "db"."t"',
        'vacuum "db"."t"',
        "alter table db.t execute optimize",
        "optimize db.t",
        "create table `db`.`t` as select 1 as a",
        "create external table db.t location 's3://b/t/'",
        "create external table db.t (a int) bucketed by (a) location 's3://b/t/'",
        "drop table db.t purge",
        "alter table db.t add columns (a int) cascade",
    ],
)
def test_a_statement_of_the_wrong_shape_is_refused_with_its_place(sql: str) -> None:
    with pytest.raises(Refused, match=r"line 1:\d+: mismatched input"):
        parse(sql)


@pytest.mark.parametrize("sql", ["", " -- nothing\n", ";", "select 'open", 'select "open'])
def test_an_empty_or_unfinished_statement_is_refused(sql: str) -> None:
    with pytest.raises(Refused):
        parse(sql)


def test_two_statements_are_refused() -> None:
    with pytest.raises(Refused, match="Only one sql statement is allowed"):
        parse("select 1; select 2")


def test_a_statement_beyond_the_length_limit_is_refused() -> None:
    longest = "select '" + "é" * ((LIMIT - 9) // 2) + "'"
    assert isinstance(parse(longest), Query)
    with pytest.raises(Refused, match="maximum length of 262144 bytes"):
        parse(longest + "  ")
