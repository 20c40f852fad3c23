"""External schemas: the tables of a Glue database, as far as their partitions are registered.

pyarrow reads each partition's parquet from S3, and its rows are copied into a table of the shim. A view over this table
has the external table's name. A file of no registered partition is not read, and the rows of a partition that is no
longer registered are deleted. Only parquet is read, and its types must be those of the table, as in Spectrum.
"""

from __future__ import annotations

import contextlib
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from tools.redshift.errors import Refused
from tools.redshift.postgres import connect
from tools.standins.aws import changes, client

# Glue's types as Redshift sees them, and what parquet must hold for them.
TYPES = {
    "string": ("varchar(65535)", (pa.types.is_string, pa.types.is_large_string)),
    "int": ("integer", (pa.types.is_int32,)),
    "bigint": ("bigint", (pa.types.is_int64,)),
    "smallint": ("smallint", (pa.types.is_int16, pa.types.is_int32)),
    "double": ("double precision", (pa.types.is_float64,)),
    "float": ("real", (pa.types.is_float32,)),
    "boolean": ("boolean", (pa.types.is_boolean,)),
    "date": ("date", (pa.types.is_date32,)),
    "timestamp": ("timestamp", (pa.types.is_timestamp,)),
    "decimal": ("numeric", (pa.types.is_decimal,)),
}


@dataclass(frozen=True)
class External:
    """A table of Glue: columns and partition keys as (name, Glue type), and where its unpartitioned files lie."""

    schema: str
    name: str
    columns: list[tuple[str, str]]
    keys: list[tuple[str, str]]
    location: str

    @property
    def store(self) -> str:
        """The shim's table with the rows, quoted."""
        return f'landfall_external."{self.schema}.{self.name}"'


class Externals:
    """The external schemas of one database."""

    def __init__(self, port: int, aws_url: str) -> None:
        self._port, self._aws_url = port, aws_url
        self._seen = -1
        self._glue, self._s3 = client("glue", aws_url), client("s3", aws_url)
        self._lock = threading.Lock()
        self.schemas: dict[str, str] = {}

    def create(self, schema: str, database: str) -> None:
        """Make a schema over a Glue database, or bring the one of that name up to date."""
        self.schemas[schema] = database
        self._refresh_one(schema, database)

    def refresh(self) -> None:
        """Bring all schemas up to date with Glue; those that were dropped are forgotten.

        Each new connection calls it, and a build opens one for each node, so it first checks whether anything has
        changed.
        """
        if not self.schemas:
            return
        now = changes(self._aws_url)
        if now == self._seen and not self._dropped():
            return
        for schema, database in list(self.schemas.items()):
            self._refresh_one(schema, database)
        self._seen = now

    def _dropped(self) -> bool:
        with contextlib.closing(connect(self._port)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "select from landfall.external_schemas"
                " where schemaname not in (select nspname from pg_namespace)"
            )
            return cursor.fetchone() is not None

    def _refresh_one(self, schema: str, database: str) -> None:
        with (
            self._lock,
            contextlib.closing(connect(self._port)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("select from landfall.external_schemas where schemaname = %s", (schema,))
            known = cursor.fetchone() is not None
            cursor.execute("select from pg_namespace where nspname = %s", (schema,))
            if known and cursor.fetchone() is None:
                self._forget(cursor, schema)
                return
            if not known:
                cursor.execute(f'create schema "{schema}"')
                cursor.execute(
                    "insert into landfall.external_schemas values (%s, %s)", (schema, database)
                )
            tables = list(self._tables(schema, database))
            for table in tables:
                self._bring(cursor, database, table)
            self._remove_others(cursor, schema, tables)

    def _forget(self, cursor: Any, schema: str) -> None:
        del self.schemas[schema]
        self._remove_others(cursor, schema, [])
        cursor.execute("delete from landfall.external_schemas where schemaname = %s", (schema,))

    def _tables(self, schema: str, database: str) -> Iterator[External]:
        for page in self._glue.get_paginator("get_tables").paginate(DatabaseName=database):
            for table in page["TableList"]:
                storage = table.get("StorageDescriptor", {})
                if "ParquetHiveSerDe" in storage.get("SerdeInfo", {}).get(
                    "SerializationLibrary", ""
                ):
                    columns, keys = (
                        [(column["Name"], column["Type"]) for column in found]
                        for found in (storage["Columns"], table.get("PartitionKeys", []))
                    )
                    yield External(schema, table["Name"], columns, keys, storage["Location"])

    def _bring(self, cursor: Any, database: str, table: External) -> None:
        """Make the table if it is new or has other columns; copy new partitions, delete the rows of gone ones."""
        if _recorded_columns(cursor, table) != [*table.columns, *table.keys]:
            _remove(cursor, table.schema, table.name)
            _make(cursor, table)
        cursor.execute(
            'select "values", location, etags, id from landfall.external_partitions '
            "where schemaname = %s and tablename = %s",
            (table.schema, table.name),
        )
        have = {row[:3]: row[3] for row in cursor.fetchall()}
        wanted = set(self._partitions(database, table))
        for gone in have.keys() - wanted:
            cursor.execute(f"delete from {table.store} where _partition = %s", (have[gone],))
            cursor.execute("delete from landfall.external_partitions where id = %s", (have[gone],))
        for values, location, etags in sorted(wanted - have.keys()):
            cursor.execute(
                'insert into landfall.external_partitions (schemaname, tablename, "values", location, etags) '
                "values (%s, %s, %s, %s, %s) returning id",
                (table.schema, table.name, values, location, etags),
            )
            number = cursor.fetchone()[0]
            for body in self._files(location):
                _copy(cursor, table, body, json.loads(values), number)

    def _partitions(self, database: str, table: External) -> Iterator[tuple[str, str, str]]:
        """The registered partitions, as (values in JSON, location, "").

        A table without partitions is one entry, whose ETags show a change.
        """
        if not table.keys:
            yield (
                "[]",
                table.location,
                json.dumps([etag for _, etag in self._objects(table.location)]),
            )
            return
        pages = self._glue.get_paginator("get_partitions").paginate(
            DatabaseName=database, TableName=table.name
        )
        for page in pages:
            for partition in page["Partitions"]:
                yield (
                    json.dumps(partition["Values"]),
                    partition["StorageDescriptor"]["Location"],
                    "",
                )

    def _objects(self, location: str) -> Iterator[tuple[str, str]]:
        """Key and ETag of the files below a location; names that begin with _ or . are not data."""
        url = urlparse(location.rstrip("/") + "/")
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=url.netloc, Prefix=url.path.lstrip("/")
        )
        for page in pages:
            for found in page.get("Contents", []):
                if not found["Key"].rsplit("/", 1)[-1].startswith(("_", ".")):
                    yield found["Key"], found["ETag"]

    def _files(self, location: str) -> Iterator[bytes]:
        bucket = urlparse(location).netloc
        for key, _ in self._objects(location):
            body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            yield body

    def _remove_others(self, cursor: Any, schema: str, tables: list[External]) -> None:
        cursor.execute(
            "select distinct tablename from landfall.external_columns where schemaname = %s",
            (schema,),
        )
        for (name,) in cursor.fetchall():
            if name not in {table.name for table in tables}:
                _remove(cursor, schema, name)


def _redshift_type(glue: str) -> str:
    base, bracket, size = glue.partition("(")
    if base not in TYPES:
        raise Refused(f"external tables cannot have columns of type {glue}")
    return TYPES[base][0] + bracket + size


def _recorded_columns(cursor: Any, table: External) -> list[tuple[str, str]]:
    cursor.execute(
        "select columnname, external_type from landfall.external_columns "
        "where schemaname = %s and tablename = %s order by columnnum",
        (table.schema, table.name),
    )
    return list(cursor.fetchall())


def _make(cursor: Any, table: External) -> None:
    columns = [*table.columns, *table.keys]
    shape = ", ".join(f'"{name}" {_redshift_type(glue)}' for name, glue in columns)
    names = ", ".join(f'"{name}"' for name, _ in columns)
    cursor.execute(f"create unlogged table {table.store} ({shape}, _partition integer)")
    cursor.execute(
        f'create view "{table.schema}"."{table.name}" as select {names} from {table.store}'
    )
    for number, (name, glue) in enumerate(columns, 1):
        key = max(0, number - len(table.columns))
        row = (table.schema, table.name, name, glue, number, key)
        cursor.execute("insert into landfall.external_columns values (%s, %s, %s, %s, %s, %s)", row)


def _remove(cursor: Any, schema: str, name: str) -> None:
    cursor.execute(f'drop table if exists landfall_external."{schema}.{name}" cascade')
    for record in ("external_columns", "external_partitions"):
        cursor.execute(
            f"delete from landfall.{record} where schemaname = %s and tablename = %s",
            (schema, name),
        )


def _copy(cursor: Any, table: External, body: bytes, values: list[str], partition: int) -> None:
    """Copy one parquet file: columns by name, a missing one is null, an extra one is not read."""
    file = pyarrow.parquet.read_table(io.BytesIO(body), partitioning=None)
    columns: dict[str, Any] = {}
    for name, glue in table.columns:
        column = (
            file.column(name) if name in file.column_names else pa.nulls(file.num_rows, pa.string())
        )
        if name in file.column_names:
            _check(table, name, glue, column.type)
        columns[name] = column
    constants = {key: value for (key, _), value in zip(table.keys, values, strict=True)}
    for name, value in {**constants, "_partition": str(partition)}.items():
        columns[name] = pa.repeat(pa.scalar(value, pa.string()), file.num_rows)
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(pa.table(columns), buffer, pyarrow.csv.WriteOptions(include_header=False))
    buffer.seek(0)
    cursor.copy_expert(f"copy {table.store} from stdin with (format csv)", buffer)


def _check(table: External, name: str, glue: str, found: pa.DataType) -> None:
    base, _, size = glue.partition("(")
    fits = any(test(found) for test in TYPES[base][1]) if base in TYPES else False
    if fits and size and pa.types.is_decimal(found):
        fits = size == f"{found.precision},{found.scale})"
    if not fits:
        raise Refused(
            "Spectrum Scan Error: "
            f"column {name} of {table.schema}.{table.name} has an incompatible Parquet schema: {glue} against {found}"
        )
