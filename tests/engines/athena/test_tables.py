"""Hive and Iceberg tables through Athena's statements: what is made, changed, kept up and shown."""

import io
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.athena.engine import Athena, QueryFailed

pytestmark = pytest.mark.slow


def iceberg(database: str, name: str, query: str, more: str = "") -> str:
    location = f"s3://landfall/{database}/{name}"
    return (
        f"create table {database}.{name} with (table_type='iceberg', is_external=false,"
        f" location='{location}', format='parquet'{more}) as {query}"
    )


def hive(database: str, name: str, query: str, more: str = "") -> str:
    location = f"s3://landfall/{database}/{name}"
    return (
        f"create table {database}.{name} with (table_type='hive', is_external=true,"
        f" external_location='{location}', format='parquet'{more}) as {query}"
    )


def put_parquet(athena: Athena, key: str, rows: int) -> None:
    table = pa.table({"a": pa.array(range(rows), pa.int64())})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    athena.s3.put_object(Bucket="landfall", Key=key, Body=buffer.getvalue())


def test_a_hive_table_is_made_from_a_query_and_stands_in_glue(
    athena: Athena, database: str
) -> None:
    query_id = athena.start(
        hive(
            database,
            "t",
            "select * from (values (1, 'x', 'p'), (2, null, 'q')) as t(a, b, c)",
            ", partitioned_by=ARRAY['c']",
        )
    )
    ended = athena.wait(query_id)
    assert (ended["Status"]["State"], ended["StatementType"]) == ("SUCCEEDED", "DML")
    results = athena.athena.get_query_results(QueryExecutionId=query_id)
    assert (results["UpdateCount"], results["ResultSet"]["Rows"]) == (2, [])
    entry = athena.glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert [key["Name"] for key in entry["PartitionKeys"]] == ["c"]
    assert entry["StorageDescriptor"]["Location"].rstrip("/") == f"s3://landfall/{database}/t"
    assert athena.rows(f"select a, b from {database}.t order by a") == [("1", "x"), ("2", None)]
    assert athena.rows(f"show partitions {database}.t") == [("c=p",), ("c=q",)]


def test_a_hive_table_without_a_location_goes_beside_the_results(
    athena: Athena, database: str
) -> None:
    athena.rows(f"create table {database}.t as select 1 as a")
    entry = athena.glue.get_table(DatabaseName=database, Name="t")["Table"]
    location = entry["StorageDescriptor"]["Location"]
    assert location.startswith("s3://landfall/athena-results/tables/")
    assert athena.rows(f"select * from {database}.t") == [("1",)]


def test_a_hive_table_is_not_made_where_files_lie(athena: Athena, database: str) -> None:
    put_parquet(athena, f"{database}/t/old.parquet", 1)
    with pytest.raises(QueryFailed, match="HIVE_PATH_ALREADY_EXISTS"):
        athena.rows(hive(database, "t", "select 1 as a"))


def test_an_iceberg_table_is_made_from_a_query_and_merged_into(
    athena: Athena, database: str
) -> None:
    athena.rows(
        iceberg(
            database,
            "t",
            "select * from (values (1, 'x', date '2026-11-20'), (2, 'y', date '2026-11-20'))"
            " as t(a, b, d)",
            ", partitioning=ARRAY['day(d)'], write_compression='snappy'",
        )
    )
    entry = athena.glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert entry["Parameters"]["table_type"].lower() == "iceberg"
    merge = athena.start(
        f"merge into {database}.t as target using (values (2, 'z', date '2026-11-20'),"
        " (3, 'n', date '2026-11-21')) as source(a, b, d) on target.a = source.a"
        " when matched then update set b = source.b"
        " when not matched then insert (a, b, d) values (source.a, source.b, source.d)"
    )
    assert athena.wait(merge)["Status"]["State"] == "SUCCEEDED"
    assert athena.athena.get_query_results(QueryExecutionId=merge)["UpdateCount"] == 2
    rows = athena.rows(f"select a, b from {database}.t order by a")
    assert rows == [("1", "x"), ("2", "z"), ("3", "n")]
    athena.rows(f"delete from {database}.t where a = 1")
    athena.rows(f"update {database}.t set b = 'u' where a = 3")
    assert athena.rows(f"select b from {database}.t order by a") == [("z",), ("u",)]


def test_an_iceberg_merge_with_two_rows_for_one_fails(athena: Athena, database: str) -> None:
    athena.rows(iceberg(database, "t", "select 1 as a, 'x' as b"))
    with pytest.raises(QueryFailed, match="matched more than one source row"):
        athena.rows(
            f"merge into {database}.t as t using (values (1, 'y'), (1, 'z')) as s(a, b)"
            " on t.a = s.a when matched then update set b = s.b"
        )


def test_of_commits_at_the_same_time_none_is_lost(athena: Athena, database: str) -> None:
    athena.rows(iceberg(database, "t", "select 0 as a"))
    with ThreadPoolExecutor(3) as threads:
        list(
            threads.map(lambda a: athena.rows(f"insert into {database}.t values {a}"), range(1, 13))
        )
    kept = [int(a or 0) for (a,) in athena.rows(f"select a from {database}.t")]
    assert sorted(kept) == list(range(13))


def test_rows_of_a_hive_table_cannot_be_changed(athena: Athena, database: str) -> None:
    athena.rows(hive(database, "t", "select 1 as a"))
    for sql in (f"update {database}.t set a = 2", f"delete from {database}.t where a > 0"):
        with pytest.raises(QueryFailed, match="NOT_SUPPORTED"):
            athena.rows(sql)


def test_an_iceberg_table_is_renamed_even_into_the_place_of_another(
    athena: Athena, database: str
) -> None:
    athena.rows(iceberg(database, "old", "select 1 as a"))
    athena.rows(iceberg(database, "new", "select 2 as a"))
    athena.rows(f"alter table `{database}`.`old` rename to `{database}`.`old__bkp`")
    athena.rows(f"alter table `{database}`.`new` rename to `{database}`.`old`")
    assert athena.rows(f"show tables in {database}") == [("old",), ("old__bkp",)]
    assert athena.rows(f"select a from {database}.old") == [("2",)]
    assert athena.rows(f"select a from {database}.old__bkp") == [("1",)]


def test_a_hive_table_cannot_be_renamed(athena: Athena, database: str) -> None:
    athena.rows(hive(database, "t", "select 1 as a"))
    with pytest.raises(QueryFailed, match="Iceberg tables only"):
        athena.rows(f"alter table {database}.t rename to {database}.u")


def test_columns_of_an_iceberg_table_are_added_changed_and_dropped(
    athena: Athena, database: str
) -> None:
    athena.rows(iceberg(database, "t", "select 1 as a, 'x' as b"))
    athena.rows(f"alter table {database}.t add columns (c timestamp, d string)")
    athena.rows(f"alter table {database}.t change column a aa bigint")
    athena.rows(f"alter table {database}.t drop column b")
    athena.rows(f"insert into {database}.t values (2, timestamp '2026-11-21 10:00:00', 'n')")
    assert athena.rows(f"select aa, c, d from {database}.t order by 1") == [
        ("1", None, None),
        ("2", "2026-11-21 10:00:00.000000", "n"),
    ]
    with pytest.raises(QueryFailed, match="can't be replaced"):
        athena.rows(f"alter table {database}.t replace columns (a int)")


def test_an_iceberg_table_is_made_with_columns_and_partitions(
    athena: Athena, database: str
) -> None:
    athena.rows(
        f"create table {database}.t (a int, b timestamp, c decimal(12,2), d string)"
        f" partitioned by (day(b)) location 's3://landfall/{database}/t/'"
        " tblproperties ('table_type' = 'ICEBERG', 'vacuum_max_snapshot_age_seconds' = '60')"
    )
    athena.rows(f"insert into {database}.t values (1, timestamp '2026-11-21 10:00:00', 2.50, 'x')")
    assert athena.rows(f'select partition.b_day from {database}."t$partitions"') == [
        ("2026-11-21",)
    ]


def test_an_iceberg_table_is_optimized_and_vacuumed(athena: Athena, database: str) -> None:
    athena.rows(iceberg(database, "t", "select 1 as a"))
    athena.rows(f"insert into {database}.t values 2")
    athena.rows(f"insert into {database}.t values 3")
    files = f'select count(*) from {database}."t$files"'
    assert athena.rows(files) == [("3",)]
    athena.rows(f"optimize {database}.t rewrite data using bin_pack")
    assert athena.rows(files) == [("1",)]
    snapshots = f'select count(*) from {database}."t$snapshots"'
    assert athena.rows(snapshots) > [("1",)]
    athena.rows(
        f"alter table {database}.t set tblproperties ('vacuum_max_snapshot_age_seconds' = '0')"
    )
    athena.rows(f"vacuum {database}.t")
    assert athena.rows(snapshots) == [("1",)]
    assert athena.rows(f"select count(*) from {database}.t") == [("3",)]


def test_a_dropped_iceberg_table_takes_its_files_along_and_a_hive_one_does_not(
    athena: Athena, database: str
) -> None:
    athena.rows(iceberg(database, "i", "select 1 as a"))
    athena.rows(hive(database, "h", "select 1 as a"))
    for name, left in (("i", 0), ("h", 1)):
        athena.rows(f"drop table `{database}`.`{name}`")
        prefix = f"{database}/{name}/"
        listed = athena.s3.list_objects_v2(Bucket="landfall", Prefix=prefix)
        assert listed["KeyCount"] == left
    athena.rows(f"drop table if exists {database}.i")


def test_an_external_table_shows_only_registered_partitions(athena: Athena, database: str) -> None:
    athena.rows(
        f"create external table {database}.t (a bigint) partitioned by (d date) stored as parquet"
        f" location 's3://landfall/{database}/t/'"
    )
    for day, rows in (("2026-11-20", 1), ("2026-11-21", 2)):
        put_parquet(athena, f"{database}/t/d={day}/part.parquet", rows)
    assert athena.rows(f"select count(*) from {database}.t") == [("0",)]
    athena.rows(f"alter table {database}.t add partition (d = date '2026-11-21')")
    assert athena.rows(f"select d, count(*) from {database}.t group by d") == [("2026-11-21", "2")]
    athena.rows(f"msck repair table {database}.t")
    assert athena.rows(f"show partitions {database}.t") == [("d=2026-11-20",), ("d=2026-11-21",)]
    athena.rows(f"alter table {database}.t drop partition (d = date '2026-11-20')")
    assert athena.rows(f"select count(*) from {database}.t") == [("2",)]


def test_all_below_a_tables_folder_is_read(athena: Athena, database: str) -> None:
    for part in ("part", "deeper/and/deeper/part"):
        put_parquet(athena, f"{database}/t/{part}.parquet", 2)
    athena.rows(
        f"create external table {database}.t (a bigint) stored as parquet"
        f" location 's3://landfall/{database}/t/'"
    )
    assert athena.rows(f"select count(*) from {database}.t") == [("4",)]


def test_a_csv_table_is_read_as_the_adapters_seeds_are(athena: Athena, database: str) -> None:
    athena.s3.put_object(
        Bucket="landfall", Key=f"{database}/seed/s.csv", Body=b'a,b\nx,"1,5"\ny,2\n'
    )
    athena.rows(
        f"create external table `{database}`.`seed` (`a` string, `b` string)"
        " row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
        f" location 's3://landfall/{database}/seed/' tblproperties ('skip.header.line.count'='1')"
    )
    assert athena.rows(f"select * from {database}.seed") == [("x", "1,5"), ("y", "2")]


def test_properties_and_columns_of_a_hive_table_are_changed_in_glue(
    athena: Athena, database: str
) -> None:
    athena.rows(hive(database, "t", "select 1 as a"))
    athena.rows(f"alter table `{database}`.`t` set tblproperties ('classification' = 'parquet')")
    athena.rows(f"alter table {database}.t add columns (b string)")
    entry = athena.glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert entry["Parameters"]["classification"] == "parquet"
    assert athena.rows(f"select * from {database}.t") == [("1", None)]
    assert ("classification\tparquet",) in athena.rows(f"show tblproperties {database}.t")


def test_views_are_made_replaced_shown_and_dropped(athena: Athena, database: str) -> None:
    view = f'"awsdatacatalog"."{database}"."v"'
    athena.rows(f"create or replace view {view} as select 1 as a")
    athena.rows(f"create or replace view {view} as select 2 as a")
    assert athena.rows(f"select a from {database}.v") == [("2",)]
    assert athena.rows(f"show views in {database}") == [("v",)]
    shown = "\n".join(str(row[0]) for row in athena.rows(f"show create view {database}.v"))
    assert "2 a" in shown
    athena.rows(f"drop view if exists {view}")
    assert athena.rows(f"show tables in {database}") == []


def test_a_view_stands_in_glue_with_its_columns_and_bears_a_description(
    athena: Athena, database: str
) -> None:
    view = f'"awsdatacatalog"."{database}"."v"'
    athena.rows(f"create view {view} as select 1 as a, cast('x' as varchar) as b, 2.5 as c")
    entry = athena.glue.get_table(DatabaseName=database, Name="v")["Table"]
    columns = [(column["Name"], column["Type"]) for column in entry["StorageDescriptor"]["Columns"]]
    assert columns == [("a", "int"), ("b", "string"), ("c", "decimal(2,1)")]
    parameters = {**entry["Parameters"], "comment": "what it is"}
    changed = {"Name": "v", "Description": "what it is", "Parameters": parameters}
    same = {key: entry[key] for key in ("TableType", "StorageDescriptor", "ViewOriginalText")}
    athena.glue.update_table(DatabaseName=database, TableInput=changed | same)
    assert athena.rows(f"select a from {database}.v") == [("1",)]
    assert athena.rows("select count(*) from v", database) == [("1",)]
    entry = athena.glue.get_table(DatabaseName=database, Name="v")["Table"]
    assert entry["Description"] == "what it is"
    athena.rows(f"create or replace view {view} as select 2 as a")
    assert athena.rows(f"select a from {database}.v") == [("2",)]


def test_what_is_there_is_shown(athena: Athena, database: str) -> None:
    athena.rows(
        hive(database, "t", "select 1 as a, 'x' as b, 'p' as c", ", partitioned_by=ARRAY['c']")
    )
    assert (database,) in athena.rows("show databases")
    assert athena.rows(f"show databases like '{database}'") == [(database,)]
    assert athena.rows(f"show tables in {database} 't*'") == [("t",)]
    assert athena.rows("show tables", database) == [("t",)]
    assert athena.rows(f"show columns in {database}.t") == [("a",), ("b",), ("c",)]
    described = athena.rows(f"describe {database}.t")
    assert described[:2] == [("a\tint\t",), ("b\tvarchar(1)\t",)]
    assert "external_location" in str(athena.rows(f"show create table {database}.t"))


def test_a_database_with_tables_is_dropped_only_when_asked_to(
    athena: Athena, database: str
) -> None:
    athena.rows(f"create database if not exists {database}")
    with pytest.raises(QueryFailed, match="SCHEMA_ALREADY_EXISTS"):
        athena.rows(f"create database {database}")
    athena.rows(f"create view {database}.v as select 1 as a")
    with pytest.raises(QueryFailed, match="not empty"):
        athena.rows(f"drop database {database}")
    with pytest.raises(QueryFailed, match="does not exist"):
        athena.rows("drop database nowhere")
    athena.rows("drop database if exists nowhere")


def test_bytes_scanned_are_those_of_the_partitions_read(athena: Athena, database: str) -> None:
    athena.rows(
        hive(
            database,
            "t",
            "select x as a, cast(x % 4 as integer) as p from unnest(sequence(1, 10000)) as t(x)",
            ", partitioned_by=ARRAY['p']",
        )
    )
    whole = athena.scanned(f"select sum(a) from {database}.t")
    one = athena.scanned(f"select sum(a) from {database}.t where p = 1")
    assert 0 < one < whole / 3
    assert athena.scanned("select 1") == 0
