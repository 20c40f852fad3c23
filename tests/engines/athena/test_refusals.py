"""What Athena refuses and the engine alone would take, or take otherwise: one test for each rule."""

import pytest

from tools.athena.engine import Athena, QueryFailed

pytestmark = pytest.mark.slow

ICEBERG = "table_type='iceberg', is_external=false"


def failure(athena: Athena, sql: str) -> str:
    with pytest.raises(QueryFailed) as caught:
        athena.rows(sql)
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("cast(1 as tinyint)", "tinyint"),
        ("cast(1 as smallint)", "smallint"),
        ("cast('x' as char(3))", "char"),
        ("timestamp '2026-11-21 10:00:00.000'", "Timestamp precision (3)"),
        ("cast(current_date as timestamp)", "Timestamp precision (3)"),
        ("array[cast(1 as smallint)]", "smallint"),
    ],
)
def test_a_type_that_iceberg_lacks_makes_no_table(
    athena: Athena, database: str, expression: str, complaint: str
) -> None:
    location = f"location='s3://landfall/{database}/t'"
    message = failure(
        athena,
        f"create table {database}.t with ({ICEBERG}, {location}) as select {expression} as a",
    )
    assert message.startswith("NOT_SUPPORTED") and complaint in message
    assert athena.rows(f"show tables in {database}") == []


def test_a_timestamp_of_six_digits_makes_an_iceberg_table(athena: Athena, database: str) -> None:
    athena.rows(
        f"create table {database}.t with ({ICEBERG}, location='s3://landfall/{database}/t') as"
        " select cast(timestamp '2026-11-21 10:00:00' as timestamp(6)) as a"
    )
    assert athena.rows(f"select cast(a as varchar) from {database}.t") == [
        ("2026-11-21 10:00:00.000000",)
    ]


@pytest.mark.parametrize("kind", ["tinyint", "smallint", "char(3)"])
def test_a_type_that_iceberg_lacks_is_not_declared_nor_added(
    athena: Athena, database: str, kind: str
) -> None:
    create = f"location 's3://landfall/{database}/t/' tblproperties ('table_type'='iceberg')"
    assert "NOT_SUPPORTED" in failure(athena, f"create table {database}.t (a {kind}) {create}")
    athena.rows(f"create table {database}.t (a int) {create}")
    assert "NOT_SUPPORTED" in failure(athena, f"alter table {database}.t add columns (b {kind})")


def test_an_iceberg_table_is_never_external_and_has_a_location(
    athena: Athena, database: str
) -> None:
    table, query = f"create table {database}.t with", "as select 1 as a"
    place = f"location='s3://landfall/{database}/t'"
    assert "can't be external" in failure(
        athena, f"{table} (table_type='iceberg', {place}) {query}"
    )
    assert "needs a location" in failure(athena, f"{table} ({ICEBERG}) {query}")
    assert "can't be external" in failure(
        athena,
        f"create external table {database}.t (a int) location 's3://landfall/{database}/t/'"
        " tblproperties ('table_type'='iceberg')",
    )


def test_an_iceberg_table_is_not_made_where_files_lie(athena: Athena, database: str) -> None:
    athena.s3.put_object(Bucket="landfall", Key=f"{database}/t/left", Body=b"over")
    message = failure(
        athena,
        f"create table {database}.t with ({ICEBERG}, location='s3://landfall/{database}/t')"
        " as select 1 as a",
    )
    assert "non-empty location" in message


@pytest.mark.parametrize(
    "properties",
    [
        "table_type='hive', partitioning=ARRAY['a']",
        f"{ICEBERG}, location='s3://landfall/x', partitioned_by=ARRAY['a']",
        f"{ICEBERG}, location='s3://landfall/x', bucketed_by=ARRAY['a'], bucket_count=3",
        f"{ICEBERG}, location='s3://landfall/x', sorted_by=ARRAY['a']",
        "transactional=true",
        "table_type='delta'",
    ],
)
def test_a_property_of_the_other_kind_of_table_or_of_trino_is_refused(
    athena: Athena, database: str, properties: str
) -> None:
    message = failure(athena, f"create table {database}.t with ({properties}) as select 1 as a")
    assert message.startswith("NOT_SUPPORTED")


def test_only_external_tables_are_declared_but_for_icebergs(athena: Athena, database: str) -> None:
    location = f"location 's3://landfall/{database}/t/'"
    assert "Only external" in failure(athena, f"create table {database}.t (a int) {location}")
    assert "needs a location" in failure(athena, f"create external table {database}.t (a int)")


def test_an_iceberg_table_takes_only_its_own_properties(athena: Athena, database: str) -> None:
    place = f"location='s3://landfall/{database}/t'"
    athena.rows(f"create table {database}.t with ({ICEBERG}, {place}) as select 1 as a")
    assert "classification" in failure(
        athena, f"alter table {database}.t set tblproperties ('classification'='parquet')"
    )


@pytest.mark.parametrize("kind", ["hive", "iceberg"])
def test_more_than_a_hundred_partitions_are_too_many_for_one_statement(
    athena: Athena, database: str, kind: str
) -> None:
    def create(name: str, partitions: int) -> str:
        location = f"s3://landfall/{database}/{name}"
        properties = {
            "hive": f"external_location='{location}', partitioned_by=ARRAY['p']",
            "iceberg": f"{ICEBERG}, location='{location}', partitioning=ARRAY['p']",
        }[kind]
        query = f"select 1 as a, x as p from unnest(sequence(1, {partitions})) as t(x)"
        return f"create table {database}.{name} with ({properties}) as {query}"

    assert "TOO_MANY_OPEN_PARTITIONS" in failure(athena, create("many", 101))
    assert athena.rows(f"show tables in {database}") == []
    athena.rows(create("most", 100))
    assert athena.rows(f"select count(*) from {database}.most") == [("100",)]


def test_maintenance_is_for_iceberg(athena: Athena, database: str) -> None:
    athena.rows(f"create table {database}.t as select 1 as a")
    for sql in (f"vacuum {database}.t", f"optimize {database}.t rewrite data using bin_pack"):
        assert "Iceberg tables only" in failure(athena, sql)
