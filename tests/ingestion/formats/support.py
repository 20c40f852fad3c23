"""Small contracts and parts in memory for the tests of the readers."""

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

import pyarrow as pa

from ingestion.contract import Table
from ingestion.formats import Batch, Extract, Reject, read_extract
from ingestion.formats.csv.reader import CsvReader
from ingestion.formats.reading import batches_of

EXTRACT_DATE = date(2026, 1, 31)


@dataclass
class Bytes:
    """A part in memory. `seekable` false makes it a stream."""

    name: str
    data: bytes
    seekable: bool = True

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        stored = io.BytesIO(self.data)
        stored.seekable = lambda: self.seekable  # type: ignore[method-assign]
        return stored


@dataclass
class Result:
    rows: list[dict[str, Any]]
    rejects: list[Reject]
    rows_in: int
    warnings: Counter[str]

    @property
    def codes(self) -> list[tuple[int, str | None, str]]:
        return [(reject.line, reject.column, reject.code) for reject in self.rejects]


def column(name: str, kind: str = "string", **meta: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "sensitivity": "none", **meta}


def extract_of(
    *columns: dict[str, Any],
    key: Any = ("id",),
    delivery: dict[str, Any] | None = None,
    **words: Any,
) -> Extract:
    kind = (delivery or {}).get("kind", "full")
    ending = "parquet" if (delivery or {}).get("file") == "parquet" else "csv"
    first = {"path": f"s/{{date}}/t.{ending}", "kind": "full", **(delivery or {})}
    deliveries = [first]
    if words.pop("also_changes", False):
        deliveries.append({"path": "s/c/{change_time}.csv", "kind": "changes"})
    assert deliveries[0]["kind"] == kind
    table = Table.model_validate(
        {"source": "s", "name": "t", "columns": columns, "key": key, "deliveries": deliveries}
        | words
    )
    return Extract(table, table.deliveries[0], EXTRACT_DATE, datetime(2026, 1, 31), "s/t.csv")


def collect(batches: Iterable[Batch]) -> Result:
    result = Result([], [], 0, Counter())
    for batch in batches:
        assert isinstance(batch.rows, pa.RecordBatch)
        assert batch.rows_in == batch.rows.num_rows + len(batch.rejects)
        batch.rows.validate(full=True)
        result.rows += batch.rows.to_pylist()
        result.rejects += batch.rejects
        result.rows_in += batch.rows_in
        result.warnings += batch.warnings
    return result


def read(data: bytes | list[bytes], extract: Extract, name: str = "t.csv") -> Result:
    parts = [Bytes(name, part) for part in ([data] if isinstance(data, bytes) else data)]
    return collect(read_extract(parts, extract))


def read_in_blocks(data: bytes, extract: Extract, size: int) -> Result:
    return collect(batches_of(CsvReader([Bytes("t.csv", data)], extract, size), extract))
