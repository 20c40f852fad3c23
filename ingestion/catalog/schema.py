"""The columns of raw tables: one order and one set of types for parquet, Glue and DuckDB."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from ingestion.contract import PortableType, Table, arrow_schema
from ingestion.formats import OPERATION, SOURCE_ROW

PSEUDONYM_KEY_ID = "_pseudonym_key_id"
EXTRACTED_AT = "_extracted_at"
PARTITION_COLUMNS = {"extract_date": PortableType("date"), "load_id": PortableType("string")}
"""The partition of a load; `extract_date` is of type date, and always compared with `date '…'`."""

PARQUET_OPTIONS: dict[str, Any] = {
    "compression": "snappy",  # what Spectrum, Athena and DuckDB all read
    "version": "2.6",
    "store_schema": False,  # with it, another version of the writer would write other bytes
}

_STRING, _BIGINT = PortableType("string"), PortableType("bigint")


@dataclass(frozen=True)
class RawTable:
    """A raw table as engines see it: `columns` are the columns of its parquet files, in order."""

    database: str
    name: str
    columns: dict[str, PortableType]

    @property
    def full_name(self) -> str:
        """`database.name`."""
        return f"{self.database}.{self.name}"

    @cached_property
    def arrow(self) -> pa.Schema:
        """The schema of its parquet files."""
        return arrow_schema(self.columns)


def raw_table(table: Table) -> RawTable:
    """The raw table of a contract: its columns, a pseudonym for each that has one, and each row's origin."""
    columns = {column.name: column.type for column in table.columns}
    columns |= {name: _STRING for column in table.columns if (name := column.pseudonym_name)}
    if table.has_changes:
        columns[OPERATION] = _STRING
    if table.has_pseudonyms:
        columns[PSEUDONYM_KEY_ID] = _STRING
    columns |= {EXTRACTED_AT: PortableType("timestamp"), SOURCE_ROW: _BIGINT}
    return RawTable(f"raw_{table.source}", table.name, columns)
