"""The rows of a stretch in the contract's types, with the verdict on each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ingestion.arrow import Array, Ints, pa, pc, truth
from ingestion.formats.layout import DMS_TIME, OPERATIONS
from ingestion.formats.model import OPERATION, TIME, Batch, Extract, Rejected, batch_schema
from ingestion.formats.values.numbers import Typed, seen
from ingestion.formats.verdict import Reason, Verdict

_DMS_TIME = f"^{DMS_TIME}$"


@dataclass(frozen=True)
class Judged:
    """Typed columns as a batch has them, without the numbers of the rows, and the verdict on each row."""

    extract: Extract
    columns: list[Array]
    verdict: Verdict

    def good(self, numbers: Array) -> pa.RecordBatch:
        """The rows that land; `numbers` are those of all rows."""
        schema, good = batch_schema(self.extract.table), self.verdict.good
        rows = pa.RecordBatch.from_arrays(
            [*self.columns, pa.array(numbers, pa.int64())], schema=schema
        )
        return rows if good.all() else rows.filter(pa.array(good))

    def batch(self, number: int, rejects: Callable[[Ints, list[Reason]], Rejected]) -> Batch:
        """All rows, the first of which has this number; `rejects` makes those of the bad ones, for their reasons."""
        good = self.verdict.good
        rows, bad = self.good(np.arange(number, number + len(good))), np.flatnonzero(~good)
        reasons = self.verdict.reasons(bad, self.extract.table)
        return Batch(rows, rejects(bad, reasons), len(good), self.verdict.warnings())


def judged(
    count: int,
    extract: Extract,
    columns: Iterable[Typed | None],
    operation: Typed | None = None,
    time: Typed | None = None,
) -> Judged:
    """Judge rows by all their columns: those of the contract in its order (None: absent), and those that DMS adds.

    The operation and the time are checked wherever they are, and only the operations of changes land.
    """
    table, verdict = extract.table, Verdict(count)
    operations: Array = pa.nulls(count, pa.string())
    if operation is not None:
        verdict.add(OPERATION, operation)
        operations = operation.values if extract.delivery.kind == "changes" else operations
    if time is not None:
        verdict.add(TIME, time)
    arrays = []
    for column, typed in zip(table.columns, columns, strict=True):
        if typed is None:
            arrays.append(pa.nulls(count, column.type.arrow))
            continue
        verdict.add(column.name, typed, column.name in table.key_columns)
        arrays.append(typed.values)
    return Judged(extract, [*arrays, operations] if table.has_changes else arrays, verdict)


def to_operations(cells: Array) -> Typed:
    """The operations of a file of changes; any except I, U and D is bad."""
    known = truth(pc.is_in(cells, value_set=pa.array([o.encode() for o in OPERATIONS])))
    values = pc.if_else(pa.array(known), cells, pa.scalar(None, pa.binary())).cast(pa.string())
    return Typed(values, seen(bad_operation=~known))


def to_dms_times(cells: Array) -> Typed:
    """The times that DMS adds, which are checked and not landed: another content of such a cell would be lost."""
    is_time = truth(pc.match_substring_regex(cells.cast(pa.binary()), _DMS_TIME))
    return Typed(cells, seen(bad_time=~is_time))
