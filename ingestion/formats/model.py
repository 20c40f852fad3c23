"""The readers' input and output: parts of an extract in, batches of typed rows and rejects out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Protocol

import pyarrow as pa

from ingestion.contract import Delivery, Table

OPERATION = "_operation"
TIME = "_time"
"""A report's name for the time that DMS adds to its files."""

SOURCE_ROW = "_source_row"
KEY_SEPARATOR = "\x1f"
"""Joins the cells of a key. It is a control character, so no landed value can hold it."""

MAX_VALUE = 65_535
"""The longest value in bytes: the limit of Redshift's varchar."""

MAX_RAW = 64 * 1024
"""The bytes of a rejected record that are kept."""


class Part(Protocol):
    """One object of an extract. `size` is its stored length in bytes; `open` may be called again for a second pass."""

    @property
    def name(self) -> str:
        """The object's name: its ending is looked at, and a refusal of one part among several names it."""

    @property
    def size(self) -> int:
        """The object's length in bytes as it is stored."""

    def open(self) -> BinaryIO:
        """A fresh reader over the object's own bytes."""


@dataclass(frozen=True)
class Extract:
    """One extract of one table: the facts that its checks need. `extracted_at` is UTC without zone.

    `skips_empty`: a CSV record with nothing in any cell is skipped, as spreadsheets have them. Else it is a row.
    """

    table: Table
    delivery: Delivery
    extract_date: date
    extracted_at: datetime
    name: str
    skips_empty: bool = True


@dataclass(frozen=True)
class Reject:
    """A row that was not landed.

    `line` is the 1-based physical line where the record begins, `offset` its first byte: in the object as it would be
    unpacked and turned into UTF-8, counted on over the parts of an extract. In parquet `line` is the row's number and
    `offset` is 0. `row_key` is the key's cells as text, joined with KEY_SEPARATOR, or None when it cannot be read.
    """

    line: int
    offset: int
    column: str | None
    code: str
    raw: bytes
    row_key: str | None


class Rejected(Protocol):
    """Rejects in order. They may be made during iteration, so that memory does not hold all."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[Reject]:
        """Each of them, again each time."""


@dataclass(frozen=True)
class Batch:
    """A stretch of an extract: its typed rows (see `batch_schema`), its rejects in order, and warnings.

    `rows_in` counts every record, landed or not; `warnings` counts landed rows under each code.
    """

    rows: pa.RecordBatch
    rejects: Rejected
    rows_in: int
    warnings: Counter[str]


def batch_schema(table: Table) -> pa.Schema:
    """The arrow schema of every batch of `table`: its columns, `_operation` where it has changes, `_source_row`."""
    fields = [pa.field(column.name, column.type.arrow) for column in table.columns]
    if table.has_changes:
        fields.append(pa.field(OPERATION, pa.string()))
    return pa.schema([*fields, pa.field(SOURCE_ROW, pa.int64())])
