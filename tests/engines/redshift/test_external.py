"""External schemas show exactly the registered partitions of Glue."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from redshift_connector.error import ProgrammingError

from tools.redshift.engine import Redshift

pytestmark = pytest.mark.slow

BUCKET = "landfall"
FIELDS: list[pa.Field[Any]] = [
    pa.field("name", pa.string()),
    pa.field("visits", pa.int64()),
    pa.field("balance", pa.decimal128(12, 2)),
    pa.field("born", pa.date32()),
    pa.field("seen_at", pa.timestamp("ms")),
    pa.field("open", pa.bool_()),
    pa.field("score", pa.float64()),
]
SHAPE = pa.schema(FIELDS)
COLUMNS = ["string", "bigint", "decimal(12,2)", "date", "timestamp", "boolean", "double"]
DAY = datetime.datetime(2026, 11, 20, 3, 4, 5, 678000)


class Table:
    """A table of Glue over files in S3; each part is one row named by the part."""

    def __init__(self, redshift: Redshift, database: str) -> None:
        self.redshift, self.database = redshift, database
        redshift.glue.create_database(DatabaseInput={"Name": database})

    def storage(self, location: str) -> dict[str, Any]:
        hive = "org.apache.hadoop.hive.ql.io.parquet."
        return {
            "Columns": [{"Name": f.name, "Type": t} for f, t in zip(SHAPE, COLUMNS, strict=True)],
            "Location": f"s3://{BUCKET}/{self.database}/{location}",
            "InputFormat": hive + "MapredParquetInputFormat",
            "OutputFormat": hive + "MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": hive + "serde.ParquetHiveSerDe"},
        }

    def create(self, name: str, partitioned: bool = True) -> None:
        keys = [{"Name": "extract_date", "Type": "date"}, {"Name": "load_id", "Type": "string"}]
        self.redshift.glue.create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "PartitionKeys": keys if partitioned else [],
                "StorageDescriptor": self.storage(f"{name}/"),
            },
        )

    def write(
        self, key: str, name: str | None, shape: pa.Schema = SHAPE, file: str = "part-0.parquet"
    ) -> None:
        cells = [name, 3, Decimal("1.20"), datetime.date(1990, 2, 3), DAY, True, 0.5]
        row = {
            field: cell
            for field, cell in zip(SHAPE.names, cells, strict=True)
            if field in shape.names
        }
        buffer = io.BytesIO()
        pyarrow.parquet.write_table(pa.Table.from_pylist([row], schema=shape), buffer)
        self.redshift.s3.put_object(
            Bucket=BUCKET, Key=f"{self.database}/{key}{file}", Body=buffer.getvalue()
        )

    def register(self, name: str, load: str, key: str) -> None:
        self.redshift.glue.create_partition(
            DatabaseName=self.database,
            TableName=name,
            PartitionInput={"Values": ["2026-11-20", load], "StorageDescriptor": self.storage(key)},
        )

    def attach(self) -> None:
        self.redshift.rows(
            f"create external schema if not exists {self.database} from data catalog "
            f"database '{self.database}' iam_role default region 'us-east-1'"
        )

    def loads(self, name: str) -> list[str]:
        return [
            row[0]
            for row in self.redshift.rows(f"select load_id from {self.database}.{name} order by 1")
        ]


@pytest.fixture
def lake(redshift: Redshift, request: pytest.FixtureRequest) -> Iterator[Table]:
    table = Table(redshift, "raw_" + request.node.name.removeprefix("test_")[:40].lower())
    yield table
    redshift.rows(f"drop schema if exists {table.database} cascade")


def test_every_type_comes_as_it_is(redshift: Redshift, lake: Table) -> None:
    lake.create("t")
    lake.write("t/one/", 'é "quoted", \n two lines')
    lake.register("t", "0007", "t/one/")
    lake.attach()
    assert redshift.rows(f"select * from {lake.database}.t") == [
        [
            'é "quoted", \n two lines',
            3,
            Decimal("1.20"),
            datetime.date(1990, 2, 3),
            DAY,
            True,
            0.5,
            datetime.date(2026, 11, 20),
            "0007",
        ]
    ]


def test_an_empty_text_is_not_a_null(redshift: Redshift, lake: Table) -> None:
    lake.create("t")
    lake.write("t/a/", "")
    lake.write("t/b/", None)
    lake.register("t", "a", "t/a/")
    lake.register("t", "b", "t/b/")
    lake.attach()
    assert redshift.rows(f"select load_id, name from {lake.database}.t order by 1") == [
        ["a", ""],
        ["b", None],
    ]


def test_only_registered_partitions_are_seen(redshift: Redshift, lake: Table) -> None:
    lake.create("t")
    lake.write("t/one/", "a")
    lake.write("t/half/", "b")
    lake.write("t/one/", "c", file="_temporary")
    lake.register("t", "one", "t/one/")
    lake.attach()
    assert lake.loads("t") == ["one"]
    lake.register("t", "half", "t/half/")
    assert lake.loads("t") == ["half", "one"]
    redshift.glue.delete_partition(
        DatabaseName=lake.database, TableName="t", PartitionValues=["2026-11-20", "one"]
    )
    assert lake.loads("t") == ["half"]


def test_a_table_that_comes_later_is_seen_and_one_that_goes_is_not(
    redshift: Redshift, lake: Table
) -> None:
    lake.create("t")
    lake.attach()
    assert lake.loads("t") == []
    lake.create("u")
    assert lake.loads("u") == []
    redshift.glue.delete_table(DatabaseName=lake.database, Name="t")
    with pytest.raises(ProgrammingError, match="does not exist"):
        lake.loads("t")


def test_a_table_without_partitions_follows_its_location(redshift: Redshift, lake: Table) -> None:
    lake.create("t", partitioned=False)
    lake.write("t/", "a")
    lake.attach()
    assert redshift.value(f"select name from {lake.database}.t") == "a"
    lake.write("elsewhere/", "b")
    table = {
        "Name": "t",
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": lake.storage("elsewhere/"),
    }
    redshift.glue.update_table(DatabaseName=lake.database, TableInput=table)
    assert redshift.value(f"select name from {lake.database}.t") == "b"
    lake.write("elsewhere/", "c", file="part-1.parquet")
    assert redshift.value(f"select count(*) from {lake.database}.t") == 2


def test_columns_go_by_name(redshift: Redshift, lake: Table) -> None:
    lake.create("t", partitioned=False)
    lake.write("t/", "a", shape=pa.schema([FIELDS[1], FIELDS[0]]))
    lake.attach()
    assert redshift.rows(f"select name, visits, balance from {lake.database}.t") == [["a", 3, None]]


@pytest.mark.parametrize(
    ("column", "kind"),
    [("visits", pa.string()), ("visits", pa.int32()), ("balance", pa.decimal128(10, 2))],
)
def test_a_file_of_other_types_is_an_error(
    redshift: Redshift, column: str, kind: pa.DataType
) -> None:
    lake = Table(redshift, f"raw_wrong_{column}_{str(kind).split('(')[0]}")
    lake.create("t", partitioned=False)
    values = {"visits": "3" if kind == pa.string() else 3, "balance": Decimal("1.20")}
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({column: pa.array([values[column]], kind)}), buffer)
    redshift.s3.put_object(
        Bucket=BUCKET, Key=f"{lake.database}/t/part-0.parquet", Body=buffer.getvalue()
    )
    with pytest.raises(ProgrammingError, match=f"Spectrum Scan Error: column {column}"):
        lake.attach()


def test_external_tables_are_in_their_own_catalogue_only(redshift: Redshift, lake: Table) -> None:
    lake.create("t")
    lake.write("t/one/", "a")
    lake.register("t", "one", "t/one/")
    lake.attach()
    where = f"where schemaname = '{lake.database}'"
    assert redshift.rows(f"select tablename from svv_external_tables {where}") == [["t"]]
    assert redshift.rows(
        f"select columnname, external_type, part_key from svv_external_columns {where} order by columnnum"
    )[-3:] == [["score", "double", 0], ["extract_date", "date", 1], ["load_id", "string", 2]]
    assert redshift.rows(f'select "values" from svv_external_partitions {where}') == [
        ['["2026-11-20", "one"]']
    ]
    assert redshift.rows(f"select databasename from svv_external_schemas {where}") == [
        [lake.database]
    ]
    assert (
        redshift.rows(
            f"select table_name from information_schema.tables where table_schema = '{lake.database}'"
        )
        == []
    )
    assert redshift.rows(f"select viewname from pg_views {where}") == []
    names = redshift.rows("select nspname from pg_namespace where nspname like '%landfall%'")
    assert names == []


def test_external_tables_are_read_through_views_but_not_written(
    redshift: Redshift, lake: Table, schema: str
) -> None:
    lake.create("t")
    lake.attach()
    with pytest.raises(ProgrammingError, match="WITH NO SCHEMA BINDING"):
        redshift.rows(f"create view {schema}.v as select * from {lake.database}.t")
    redshift.rows(
        f"create view {schema}.v as select name from {lake.database}.t with no schema binding"
    )
    assert redshift.rows(f"select * from {schema}.v") == []
    with pytest.raises(ProgrammingError, match="cannot change external table t"):
        redshift.rows(f"delete from {lake.database}.t")


def test_a_schema_can_be_dropped_and_made_anew(redshift: Redshift, lake: Table) -> None:
    lake.create("t")
    lake.attach()
    redshift.rows(f"drop schema {lake.database} cascade")
    with pytest.raises(ProgrammingError, match="does not exist"):
        lake.loads("t")
    lake.attach()
    assert lake.loads("t") == []
