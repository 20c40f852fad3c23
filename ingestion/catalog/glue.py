"""The Glue catalogue, for Athena and for Redshift's external schemas: a database per source, a partition per load.

Each partition has a StorageDescriptor of its own. Limits of the API: 100 partitions are created or updated in one
call, 25 deleted (https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-partitions.html).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ingestion.aws import answering, code_of
from ingestion.catalog.base import OWN_DATABASE, DerivedTable, Difference, Registration
from ingestion.catalog.schema import PARTITION_COLUMNS, RawTable
from ingestion.contract import PortableType
from ingestion.errors import LandingFailed
from ingestion.loads import Manifest
from ingestion.retries import ATTEMPTS, attempts
from ingestion.store import Store

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_PARAMETERS = {"EXTERNAL": "TRUE", "classification": "parquet"}

_CREATED_AT_ONCE = 100
_DELETED_AT_ONCE = 25
_THERE = "AlreadyExistsException"
_MISSING = "EntityNotFoundException"
_RACING = "ConcurrentModificationException"

Item = TypeVar("Item")
Values = tuple[str, str]
"""A partition's values: extract date and load id."""


class GlueCatalog:
    """Registers the raw tables of a lake on S3 in the account's Glue catalogue."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _client(self) -> "GlueClient":
        return boto3.client(
            "glue", config=Config(retries={"mode": "standard", "max_attempts": ATTEMPTS})
        )

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Create missing databases and tables, update outdated ones; create partitions, and delete others.

        With `added` only the partitions of these loads are created, also for a table that was missing. A table whose
        columns have changed gets all of its partitions again.
        """
        with answering("register in Glue"):
            there = {name: self._tables(name) for name in {r.table.database for r in registrations}}
            new = {load.load_id for load in added or ()}
            for wanted in registrations:
                table = wanted.table
                definition = _raw_table_input(table, self._location(wanted))
                is_changed = self._put_table(
                    table.database, definition, there[table.database].get(table.name)
                )
                if added is None or is_changed:
                    self._compare(wanted)
                else:
                    loads = [load for load in wanted.loads if load.load_id in new]
                    self._create(wanted, self._inputs(wanted, loads))

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Switch the tables of `raw_landfall` to their newest objects, without keeping versions of the definition."""
        with answering("publish in Glue"):
            there = self._tables(OWN_DATABASE)
            for table in tables:
                definition = _table_input(table.name, table.columns, self._store.uri(table.prefix))
                self._put_table(OWN_DATABASE, definition, there.get(table.name))

    def differences(self, registrations: Sequence[Registration]) -> list[Difference]:
        """Tables that are missing or have other columns, and partitions that are not those of the loads."""
        with answering("look into Glue"):
            return [
                Difference(wanted.table.full_name, problem)
                for wanted in registrations
                if (problem := self._difference(wanted))
            ]

    def _difference(self, wanted: Registration) -> str | None:
        definition = _raw_table_input(wanted.table, self._location(wanted))
        try:
            there = self._client.get_table(
                DatabaseName=wanted.table.database, Name=wanted.table.name
            )
        except ClientError as error:
            if code_of(error) != _MISSING:
                raise
            return "table missing"
        if not _same_table(there["Table"], definition):
            return "table of other columns or place"
        partitions, due = self._partitions(wanted), _by_values(self._inputs(wanted, wanted.loads))
        if partitions.keys() != due.keys():
            return "partitions of other loads"
        if any(not _same_table(partitions[values], due[values]) for values in due):
            return "partitions of other columns or places"
        return None

    def taken_loads(self) -> list[str]:
        """None: Glue is not the warehouse, and a run compares these loads in the engine itself."""
        return []

    def _location(self, wanted: Registration) -> str:
        return self._store.uri(
            f"raw/{wanted.table.database.removeprefix('raw_')}/{wanted.table.name}/"
        )

    def _tables(self, database: str) -> dict[str, Any]:
        """The definitions of the database's tables by name; the database is made if it is missing."""
        try:
            pages = self._client.get_paginator("get_tables").paginate(DatabaseName=database)
            return {table["Name"]: table for page in pages for table in page["TableList"]}
        except ClientError as error:
            if code_of(error) != _MISSING:
                raise
        _made(self._client.create_database, DatabaseInput={"Name": database})
        return {}

    def _put_table(self, database: str, definition: Any, there: Any) -> bool:
        """Create the table, or update it where it differs. Returns whether partitions with other columns may exist."""
        names = {"DatabaseName": database, "TableInput": definition}
        if there is None:
            if _made(self._client.create_table, **names):
                return False
        elif _same_table(there, definition):
            return False
        _insisting(self._client.update_table, **names, SkipArchive=True)
        return not _same_columns(there, definition)

    def _compare(self, wanted: Registration) -> None:
        """Create and delete partitions until they are exactly the table's loads, with its columns and each load's
        place."""
        there, due = self._partitions(wanted), _by_values(self._inputs(wanted, wanted.loads))
        self._create(wanted, [due[values] for values in due if values not in there])
        outdated = [
            partition
            for values, partition in due.items()
            if values in there and not _same_table(there[values], partition)
        ]
        for some in _in_lots(outdated, _CREATED_AT_ONCE):
            entries = [{"PartitionValueList": one["Values"], "PartitionInput": one} for one in some]
            update = self._client.batch_update_partition
            _refuse_errors(_insisting(update, **_names(wanted), Entries=entries), _MISSING)
        for values in _in_lots([values for values in there if values not in due], _DELETED_AT_ONCE):
            gone = [{"Values": list(value)} for value in values]
            delete = self._client.batch_delete_partition
            _refuse_errors(_insisting(delete, **_names(wanted), PartitionsToDelete=gone), _MISSING)

    def _create(self, wanted: Registration, partitions: Sequence[Any]) -> None:
        for some in _in_lots(partitions, _CREATED_AT_ONCE):
            create = self._client.batch_create_partition
            _refuse_errors(_insisting(create, **_names(wanted), PartitionInputList=some), _THERE)

    def _inputs(self, wanted: Registration, loads: Iterable[Manifest]) -> list[dict[str, Any]]:
        """The partitions of these loads. Their columns are the table's: files are read by name."""
        columns, place = wanted.table.columns, self._store.uri
        return [
            {
                "Values": [str(load.extract_date), load.load_id],
                "StorageDescriptor": _storage(columns, place(load.data_prefix)),
                "Parameters": {"classification": "parquet"},
            }
            for load in loads
        ]

    def _partitions(self, wanted: Registration) -> dict[Values, Any]:
        pages = self._client.get_paginator("get_partitions").paginate(**_names(wanted))
        return _by_values(partition for page in pages for partition in page["Partitions"])


def _by_values(partitions: Iterable[Any]) -> dict[Values, Any]:
    return {(one["Values"][0], one["Values"][1]): one for one in partitions}


def _names(wanted: Registration) -> Any:
    return {"DatabaseName": wanted.table.database, "TableName": wanted.table.name}


def _in_lots(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _insisting(call: Callable[..., Any], **words: Any) -> Any:
    """Call again while another process changes the same table: boto3 does not retry that."""
    for is_last in attempts():
        try:
            return call(**words)
        except ClientError as error:
            if code_of(error) != _RACING or is_last:
                raise
    raise AssertionError("unreachable")


def _made(call: Callable[..., Any], **words: Any) -> bool:
    """Create something; false when it is there already."""
    try:
        _insisting(call, **words)
    except ClientError as error:
        if code_of(error) != _THERE:
            raise
        return False
    return True


def _refuse_errors(answer: Any, tolerated: str) -> None:
    """Batch calls return errors instead of failing: raise LandingFailed for any except the tolerated code."""
    codes: Iterable[str] = {entry["ErrorDetail"]["ErrorCode"] for entry in answer.get("Errors", ())}
    for code in codes:
        if code != tolerated:
            raise LandingFailed(f"Glue did not take a partition: {code}")


# The definitions of parquet tables and partitions in Glue, in a form that Athena, Spectrum and Trino read.


def _columns_input(columns: dict[str, PortableType]) -> list[dict[str, str]]:
    """Names and Glue's types."""
    return [{"Name": name, "Type": str(kind)} for name, kind in columns.items()]


def _storage(columns: dict[str, PortableType], location: str) -> dict[str, Any]:
    """The StorageDescriptor of parquet files below `location`."""
    return {
        "Columns": _columns_input(columns),
        "Location": location,
        "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
        "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
        "Compressed": False,
        "StoredAsSubDirectories": False,
    }


def _table_input(name: str, columns: dict[str, PortableType], location: str) -> dict[str, Any]:
    """A table without partitions. It has empty PartitionKeys, because Athena fails without them."""
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": _PARAMETERS,
        "PartitionKeys": [],
        "StorageDescriptor": _storage(columns, location),
    }


def _raw_table_input(table: RawTable, location: str) -> dict[str, Any]:
    """A raw table, partitioned by load."""
    return {
        **_table_input(table.name, table.columns, location),
        "PartitionKeys": _columns_input(PARTITION_COLUMNS),
    }


def _same_columns(there: Any, wanted: Any) -> bool:
    """Whether a table or partition that Glue describes has the columns wanted; false when there is none."""
    return there is not None and _columns_of(there) == _columns_of(wanted)


def _same_table(there: Any, wanted: Any) -> bool:
    """Whether a table or partition already has these columns and this location."""
    locations = (definition["StorageDescriptor"]["Location"] for definition in (there, wanted))
    return _same_columns(there, wanted) and len(set(locations)) == 1


def _columns_of(definition: Any) -> list[tuple[str, str]]:
    return [
        (column["Name"], column["Type"]) for column in definition["StorageDescriptor"]["Columns"]
    ]
