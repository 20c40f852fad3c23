"""Athena's own work in Glue: databases, Hive tables and their partitions."""

from typing import Any

from botocore.exceptions import ClientError

from tools.athena.statements import (
    AddPartitions,
    Column,
    CreateDatabase,
    CreateTable,
    DropDatabase,
    DropPartitions,
    Name,
)
from tools.athena.trino import StatementFailed

HADOOP = "org.apache.hadoop."
HIVE_QL = HADOOP + "hive.ql.io."
TEXT = (
    HADOOP + "mapred.TextInputFormat",
    HIVE_QL + "HiveIgnoreKeyTextOutputFormat",
    HADOOP + "hive.serde2.lazy.LazySimpleSerDe",
)
# stored as …: input format, output format, serde
STORED = {
    "": TEXT,
    "textfile": TEXT,
    "parquet": (
        HIVE_QL + "parquet.MapredParquetInputFormat",
        HIVE_QL + "parquet.MapredParquetOutputFormat",
        HIVE_QL + "parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        HIVE_QL + "orc.OrcInputFormat",
        HIVE_QL + "orc.OrcOutputFormat",
        HIVE_QL + "orc.OrcSerde",
    ),
    "avro": (
        HIVE_QL + "avro.AvroContainerInputFormat",
        HIVE_QL + "avro.AvroContainerOutputFormat",
        HADOOP + "hive.serde2.avro.AvroSerDe",
    ),
}
READ_ONLY = {
    "DatabaseName",
    "CreateTime",
    "UpdateTime",
    "CreatedBy",
    "CatalogId",
    "VersionId",
    "IsRegisteredWithLakeFormation",
    "IsMultiDialectView",
}


def _fields(columns: list[Column]) -> list[dict[str, str]]:
    return [
        {"Name": c.name, "Type": c.type} | ({"Comment": c.comment} if c.comment else {})
        for c in columns
    ]


class Catalog:
    """The Glue data catalogue, as Athena's statements change and show it."""

    def __init__(self, glue: Any) -> None:
        self._glue = glue

    def table(self, name: Name) -> dict[str, Any]:
        """Glue's entry of a table. Raises StatementFailed for an unknown table."""
        try:
            entry: dict[str, Any] = self._glue.get_table(
                DatabaseName=name.database, Name=name.table
            )["Table"]
        except ClientError as error:
            raise _failed(
                error, "TABLE_NOT_FOUND", f"Table '{_dotted(name)}' does not exist"
            ) from error
        return entry

    def has(self, name: Name) -> bool:
        """Whether the table or view exists."""
        try:
            self.table(name)
        except StatementFailed:
            return False
        return True

    def is_iceberg(self, name: Name) -> bool:
        """Whether an existing table is Iceberg's."""
        parameters = self.table(name).get("Parameters", {})
        return bool(parameters.get("table_type", "").lower() == "iceberg")

    def create_database(self, wanted: CreateDatabase) -> None:
        """`create database`."""
        entry = {"Name": wanted.database}
        if wanted.location:
            entry["LocationUri"] = wanted.location
        try:
            self._glue.create_database(DatabaseInput=entry)
        except ClientError as error:
            if not (wanted.if_not_exists and _code(error) == "AlreadyExistsException"):
                message = f"Database {wanted.database} already exists"
                raise _failed(error, "SCHEMA_ALREADY_EXISTS", message) from error

    def drop_database(self, wanted: DropDatabase) -> None:
        """`drop database`: only an empty one, unless `cascade`. Data in S3 stays where it is."""
        if wanted.if_exists and wanted.database not in self.databases():
            return
        if self.tables(wanted.database) and not wanted.cascade:
            message = f"Database {wanted.database} is not empty. One or more tables exist."
            raise StatementFailed("SCHEMA_NOT_EMPTY", message)
        self._glue.delete_database(Name=wanted.database)

    def create_external_table(self, wanted: CreateTable) -> None:
        """`create external table`: an entry in Glue over present or future files."""
        reader, writer, serde = STORED.get(wanted.stored_as, TEXT)
        storage = {
            "Columns": _fields(wanted.columns),
            "Location": wanted.location,
            "InputFormat": wanted.formats[0] or reader,
            "OutputFormat": wanted.formats[1] or writer,
            "SerdeInfo": {
                "SerializationLibrary": wanted.serde or serde,
                "Parameters": wanted.serde_properties or {"serialization.format": "1"},
            },
        }
        entry = {
            "Name": wanted.name.table,
            "Description": wanted.comment,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", **wanted.properties},
            "PartitionKeys": _fields(wanted.partitions),
            "StorageDescriptor": storage,
        }
        try:
            self._glue.create_table(DatabaseName=wanted.name.database, TableInput=entry)
        except ClientError as error:
            exists = _code(error) == "AlreadyExistsException"
            if not (wanted.if_not_exists and exists):
                message = f"Table {_dotted(wanted.name)} " + (
                    "already exists" if exists else "can't be created: is there such a database?"
                )
                raise _failed(error, "TABLE_ALREADY_EXISTS", message) from error

    def change(self, name: Name, columns: list[Column], *, replace: bool) -> None:
        """Add columns to a Hive table, or replace them."""
        entry = self._editable(name)
        storage = entry["StorageDescriptor"]
        storage["Columns"] = ([] if replace else storage["Columns"]) + _fields(columns)
        self._glue.update_table(DatabaseName=name.database, TableInput=entry)

    def set_view_columns(self, name: Name, columns: list[Column]) -> None:
        """Write the real columns of a view that the engine has made."""
        entry = self._editable(name)
        entry["StorageDescriptor"]["Columns"] = _fields(columns)
        self._glue.update_table(DatabaseName=name.database, TableInput=entry)

    def set_properties(self, name: Name, properties: dict[str, str]) -> None:
        """Set properties of a Hive table."""
        entry = self._editable(name)
        entry["Parameters"] = {**entry.get("Parameters", {}), **properties}
        self._glue.update_table(DatabaseName=name.database, TableInput=entry)

    def _editable(self, name: Name) -> dict[str, Any]:
        return {key: value for key, value in self.table(name).items() if key not in READ_ONLY}

    def delete_table(self, name: Name) -> None:
        """Remove a Hive table from the catalogue; its files stay."""
        self._glue.delete_table(DatabaseName=name.database, Name=name.table)

    def add_partitions(self, wanted: AddPartitions) -> None:
        """`alter table … add partition`."""
        table = self.table(wanted.name)
        for spec, location in wanted.partitions:
            values, folder = self._partition(table, spec)
            storage = {**table["StorageDescriptor"]}
            storage["Location"] = location or f"{storage['Location'].rstrip('/')}/{folder}/"
            try:
                self._glue.create_partition(
                    DatabaseName=wanted.name.database,
                    TableName=wanted.name.table,
                    PartitionInput={"Values": values, "StorageDescriptor": storage},
                )
            except ClientError as error:
                if not (wanted.if_not_exists and _code(error) == "AlreadyExistsException"):
                    message = f"Partition already exists: {folder}"
                    raise _failed(error, "ALREADY_EXISTS", message) from error

    def drop_partitions(self, wanted: DropPartitions) -> None:
        """`alter table … drop partition`."""
        table = self.table(wanted.name)
        for spec in wanted.partitions:
            values, folder = self._partition(table, spec)
            try:
                self._glue.delete_partition(
                    DatabaseName=wanted.name.database,
                    TableName=wanted.name.table,
                    PartitionValues=values,
                )
            except ClientError as error:
                if not wanted.if_exists:
                    raise _failed(error, "NOT_FOUND", f"No such partition: {folder}") from error

    @staticmethod
    def _partition(table: dict[str, Any], spec: dict[str, str]) -> tuple[list[str], str]:
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        if set(keys) != set(spec):
            raise StatementFailed("INVALID_PARTITION", f"The partition columns are {keys}")
        return [spec[key] for key in keys], "/".join(f"{key}={spec[key]}" for key in keys)

    def tables(self, database: str) -> list[dict[str, Any]]:
        """Glue's entries of a database's tables and views. Raises StatementFailed without it."""
        try:
            pages = list(self._glue.get_paginator("get_tables").paginate(DatabaseName=database))
        except ClientError as error:
            message = f"Database does not exist: {database}"
            raise _failed(error, "SCHEMA_NOT_FOUND", message) from error
        return [table for page in pages for table in page["TableList"]]

    def databases(self) -> list[str]:
        """The names of all databases."""
        pages = self._glue.get_paginator("get_databases").paginate()
        return [entry["Name"] for page in pages for entry in page["DatabaseList"]]

    def partitions(self, name: Name) -> list[list[str]]:
        """The values of a table's registered partitions, in order."""
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=name.database, TableName=name.table
        )
        return sorted(partition["Values"] for page in pages for partition in page["Partitions"])


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _dotted(name: Name) -> str:
    return f"{name.database}.{name.table}"


def _failed(error: ClientError, name: str, message: str) -> StatementFailed:
    """The failure for a refusal by Glue; other errors are the stand-in's own and reported as such."""
    if _code(error) in ("EntityNotFoundException", "AlreadyExistsException"):
        return StatementFailed(name, message)
    return StatementFailed("GENERIC_INTERNAL_ERROR", str(error), user=False)
