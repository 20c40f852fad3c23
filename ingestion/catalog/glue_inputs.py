"""Definitions of parquet tables and partitions as Glue takes them, such that Athena, Spectrum and Trino read them."""

from typing import Any

from ingestion.catalog.schema import PARTITION_COLUMNS, RawTable
from ingestion.contract import PortableType

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_PARAMETERS = {"EXTERNAL": "TRUE", "classification": "parquet"}


def columns_input(columns: dict[str, PortableType]) -> list[dict[str, str]]:
    """Names and Glue's types."""
    return [{"Name": name, "Type": kind.glue} for name, kind in columns.items()]


def storage(columns: dict[str, PortableType], location: str) -> dict[str, Any]:
    """The StorageDescriptor of parquet files below `location`."""
    return {
        "Columns": columns_input(columns),
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


def table_input(name: str, columns: dict[str, PortableType], location: str) -> dict[str, Any]:
    """A table without partitions. Its PartitionKeys are given all the same: Athena fails without."""
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": _PARAMETERS,
        "PartitionKeys": [],
        "StorageDescriptor": storage(columns, location),
    }


def raw_table_input(table: RawTable, location: str) -> dict[str, Any]:
    """A raw table, partitioned by load."""
    return {
        **table_input(table.name, table.columns, location),
        "PartitionKeys": columns_input(PARTITION_COLUMNS),
    }


def partition_input(
    columns: dict[str, PortableType], values: list[str], location: str
) -> dict[str, Any]:
    """A partition with a StorageDescriptor of its own. Its columns are the table's: files are read by name."""
    return {
        "Values": values,
        "StorageDescriptor": storage(columns, location),
        "Parameters": {"classification": "parquet"},
    }


def same_columns(there: Any, wanted: Any) -> bool:
    """Whether a table or partition that Glue describes has the columns wanted; false when there is none."""
    return there is not None and _columns(there) == _columns(wanted)


def same_table(there: Any, wanted: Any) -> bool:
    """Whether nothing of a table, or of a partition, would change: columns and location."""
    locations = (definition["StorageDescriptor"]["Location"] for definition in (there, wanted))
    return same_columns(there, wanted) and len(set(locations)) == 1


def _columns(definition: Any) -> list[tuple[str, str]]:
    return [
        (column["Name"], column["Type"]) for column in definition["StorageDescriptor"]["Columns"]
    ]
