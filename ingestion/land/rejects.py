"""Quarantine: streams the rejected rows of a load to parquet, with the limits beyond which the load is refused."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.catalog import PARQUET_OPTIONS
from ingestion.codes import Code
from ingestion.contract import Limits, Table, arrow_schema
from ingestion.errors import BadExtract
from ingestion.formats import Reject
from ingestion.published import QUARANTINED_ROWS

QUARANTINE = arrow_schema(QUARANTINED_ROWS).append(pa.field("raw", pa.binary()))
"""The columns of the published table of quarantined rows, and the bytes of each row."""

_BYTES = 8 * 2**20
_ROWS = 10_000
"""The most bytes of raw text, and the most rejects, that are held before they are written."""


class Rejects:
    """Keeps rejects while the extract can still be landed. Memory is flat for any number of them.

    `count` counts all of them and `unreadable_keys` those without a key; `first` is the first one.
    """

    def __init__(self, path: Path, table: Table, load_id: str) -> None:
        self.path, self.count, self.unreadable_keys = path, 0, 0
        self.first: Reject | None = None
        self._tally: dict[tuple[str, str | None], list[int]] = {}
        self._table, self._load_id, self._limits = table, load_id, table.limits
        self._pending: list[Reject] = []
        self._bytes = 0
        self._writer: pq.ParquetWriter | None = None

    @property
    def is_hopeless(self) -> bool:
        """Whether there are already too many, whatever follows."""
        return self.count > self._limits.reject_most

    def keep(self, rejects: Iterable[Reject]) -> None:
        """Add the next rejects."""
        for reject in rejects:
            self.count += 1
            self._tally.setdefault((reject.code, reject.column), [0, reject.line])[0] += 1
            self.unreadable_keys += reject.row_key is None
            self.first = self.first or reject
            if self.is_hopeless:
                self._pending.clear()
                continue
            self._pending.append(reject)
            self._bytes += len(reject.raw)
            if self._bytes > _BYTES or len(self._pending) >= _ROWS:
                self._flush()

    def refuse_too_many(self, rows_in: int, more: int = 0, next_one: Reject | None = None) -> None:
        """Raise BadExtract too_many_rejects, at the first one's line, when they are beyond the limits.

        `more` are about to come, of which `next_one` is the first.
        """
        count = self.count + more
        if count and exceeds(self._limits, count, rows_in):
            first = self.first or next_one
            assert first, "some are counted"
            if next_one:
                self._tally[next_one.code, next_one.column] = [more, next_one.line]
            detail = f"{count} of {rows_in} rows: {self._causes()}"
            raise BadExtract(Code.TOO_MANY_REJECTS, first.line, first.column, detail)

    def _causes(self) -> str:
        """Every code with its column, count, first line and expected format; the most frequent first."""
        causes = sorted(self._tally.items(), key=lambda cause: (-cause[1][0], cause[1][1]))
        return "; ".join(
            f"{code}{self._expected(column)} x{count} from line {line}"
            for (code, column), (count, line) in causes
        )

    def _expected(self, name: str | None) -> str:
        found = [column for column in self._table.columns if column.name == name]
        if not found:
            return f" in {name}" if name else ""
        spelling = " or ".join(found[0].format) or str(found[0].type)
        return f" in {name} ({spelling})"

    def close(self) -> Path | None:
        """Finish the file; None when there are no rejects."""
        if not self.count:
            return None
        self._flush()
        if self._writer:
            self._writer.close()
        return self.path

    def _flush(self) -> None:
        if not self._writer:
            self._writer = pq.ParquetWriter(self.path, QUARANTINE, **PARQUET_OPTIONS)
        rows = self._pending
        many = len(rows)
        columns = [
            pa.repeat(pa.scalar(self._table.source), many),
            pa.repeat(pa.scalar(self._table.name), many),
            pa.repeat(pa.scalar(self._load_id), many),
            pa.array([row.line for row in rows], pa.int64()),
            pa.array([row.offset for row in rows], pa.int64()),
            pa.array([row.column for row in rows], pa.string()),
            pa.array([row.code for row in rows], pa.string()),
            pa.array([row.row_key for row in rows], pa.string()),
            pa.array([row.raw for row in rows], pa.binary()),
        ]
        self._writer.write_batch(pa.record_batch(columns, schema=QUARANTINE))
        self._pending, self._bytes = [], 0


def exceeds(limits: Limits, quarantined: int, rows_in: int) -> bool:
    """Whether this many quarantined rows refuse an extract."""
    beyond_share = quarantined > limits.reject_share * rows_in and quarantined > limits.reject_rows
    return beyond_share or quarantined > limits.reject_most or quarantined == rows_in
