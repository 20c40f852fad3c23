"""From records to typed rows: pyarrow splits the whole ones into cells, each column is converted."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyarrow import csv

from ingestion.codes import Code
from ingestion.contract import Delivery
from ingestion.errors import LandfallError
from ingestion.formats.arrow import Array, Mask, pa, pc, truth
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.records import Records
from ingestion.formats.layout import DMS_TIME, OPERATIONS, Layout
from ingestion.formats.model import (
    MAX_RAW,
    OPERATION,
    TIME,
    Batch,
    Extract,
    Reject,
    batch_schema,
)
from ingestion.formats.text import BYTE_ORDER_MARK
from ingestion.formats.values.cells import BLANKS
from ingestion.formats.values.column import from_text
from ingestion.formats.values.numbers import Typed
from ingestion.formats.verdict import Verdict

_DMS_TIME = f"^{DMS_TIME}$"
Indexes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """The whole records of a stretch as typed columns: `which` of its records, and what is wrong."""

    which: Indexes
    columns: list[Array]
    verdict: Verdict


def convert(
    records: Records, layout: Layout, extract: Extract, warnings: Counter[str] | None = None
) -> Batch:
    """Turn one stretch into a batch. `warnings` are added to those of its rows."""
    empty = empty_rows(records, extract)
    whole = ~records.broken & ~empty & (records.cells == layout.cells)
    judged = judge(records, whole, layout, extract)
    good = judged.verdict.good
    numbers = records.place.number + judged.which
    columns = [*judged.columns, pa.array(numbers, pa.int64())]
    rows = pa.RecordBatch.from_arrays(columns, schema=batch_schema(extract.table))
    found = judged.verdict.warnings() + (warnings or Counter())
    if layout.trailing and good.any():
        found[Code.TRAILING_DELIMITER] = int(good.sum())
    skipped = int(empty.sum())
    if skipped:
        found[Code.EMPTY_ROW] = skipped
    count = len(records) - skipped
    if good.all() and len(good) == count:
        return Batch(rows, [], count, found)
    rejects = _rejects(records, whole, empty, judged, layout, extract)
    return Batch(rows.filter(pa.array(good)), rejects, count, found)


def empty_rows(records: Records, extract: Extract) -> Mask:
    """The records with only empty cells, as spreadsheets write below and between their data.

    Where the contract takes an empty cell for a text, a record of such cells is one.
    """
    if any(column.empty == "text" for column in extract.table.columns):
        return np.zeros(len(records), bool)
    if not len(records):
        return np.zeros(0, bool)
    dialect = Dialect.of(extract.delivery)
    view = np.frombuffer(records.data, np.uint8)
    nothing = np.zeros(256, bool)
    nothing[[*dialect.delimiter, *f'{BLANKS}"'.encode()]] = True
    starts, ends = records.starts, records.ends
    empty = ~records.broken & (ends == starts)
    likely = ~records.broken & ~empty & nothing[view[starts % len(view)]] & nothing[view[ends - 1]]
    if likely.any():
        # the number of content bytes before each; a quoted delimiter is content
        many = np.concatenate(([0], np.cumsum(~nothing[view])))
        for row in np.flatnonzero(likely & (many[ends] == many[starts])).tolist():
            cells = dialect.split(records.raw(row))
            empty[row] = not any(cell.decode(errors="replace").strip(BLANKS) for cell in cells)
    return np.asarray(empty)


def judge(records: Records, whole: Mask, layout: Layout, extract: Extract) -> Judged:
    """Split the whole records into cells, and convert and check every column of the contract."""
    which = np.flatnonzero(whole)
    table = extract.table
    cells = _cells(records, whole, layout, extract.delivery)
    verdict = Verdict(len(which))
    operation: Array = pa.nulls(len(which), pa.string())
    if layout.operation is not None:
        typed = operations(cells[layout.operation])
        verdict.add(OPERATION, typed)
        operation = typed.values if extract.delivery.kind == "changes" else operation
    if layout.time is not None:
        verdict.add(TIME, dms_times(cells[layout.time]))
    columns = []
    for column, place in zip(table.columns, layout.places, strict=True):
        if place is None:
            columns.append(pa.nulls(len(which), column.type.arrow))
            continue
        typed = from_text(cells[place], column, extract)
        verdict.add(column.name, typed, column.name in table.key_columns)
        columns.append(typed.values)
    for place in range(layout.width, layout.cells):
        last = pc.ascii_trim(cells[place].cast(pa.string(), safe=False), BLANKS)
        verdict.add("", Typed(last, {Code.COLUMN_COUNT: ~truth(pc.equal(last, ""))}))
    return Judged(which, [*columns, operation] if table.has_changes else columns, verdict)


def keyed(records: Records, rows: Indexes, layout: Layout, extract: Extract) -> list[Reject]:
    """These records of a stretch as rejects for `key_conflict`, with their keys."""
    whole = np.zeros(len(records), bool)
    whole[rows] = True
    judged = judge(records, whole, layout, extract)
    keys = judged.verdict.keys(np.arange(len(rows)), extract.table)
    column = next(iter(extract.table.key_columns), None)
    return _rejected(records, rows, [(Code.KEY_CONFLICT, column, key) for key in keys])


def _cells(records: Records, whole: Mask, layout: Layout, delivery: Delivery) -> dict[int, Array]:
    """The cells of the whole records, by their place, as bytes; null where the delivery says so."""
    names = [str(place) for place in range(layout.cells)]
    wanted = [p for p in (layout.operation, layout.time, *layout.places) if p is not None]
    wanted += range(layout.width, layout.cells)
    if not whole.any():
        return {place: pa.array([], pa.binary()) for place in wanted}
    text = _joined(records, whole)
    table = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
        csv.ParseOptions(
            delimiter=delivery.delimiter,
            quote_char='"' if delivery.quoted else False,
            newlines_in_values=delivery.quoted,
            ignore_empty_lines=False,
        ),
        csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.binary()),
            include_columns=[names[place] for place in wanted],
            null_values=list(delivery.nulls),
            strings_can_be_null=bool(delivery.nulls),
            quoted_strings_can_be_null=False,
        ),
    )
    if table.num_rows != int(whole.sum()):
        raise LandfallError("internal error: the record scanner and the CSV parser disagree")
    return {place: table.column(names[place]).combine_chunks() for place in wanted}


def _joined(records: Records, whole: Mask) -> pa.Buffer:
    """The bytes of the whole records alone."""
    if whole.all():
        start, stop = int(records.starts[0]), int(records.stops[-1])
        text = pa.py_buffer(records.data).slice(start, stop - start)
    else:
        edges = np.flatnonzero(np.diff(np.concatenate(([False], whole, [False]))))
        first, last = records.starts[edges[0::2]], records.stops[edges[1::2] - 1]
        spans = zip(first.tolist(), last.tolist(), strict=True)
        text = pa.py_buffer(b"".join([records.data[start:stop] for start, stop in spans]))
    if bytes(memoryview(text)[: len(BYTE_ORDER_MARK)]) == BYTE_ORDER_MARK:
        # A mark here is text, and the parser would take the first one for the file's own.
        return pa.py_buffer(BYTE_ORDER_MARK + text.to_pybytes())
    return text


def operations(cells: Array) -> Typed:
    """The operations of a file of changes; any except I, U and D is bad."""
    known = truth(pc.is_in(cells, value_set=pa.array([o.encode() for o in OPERATIONS])))
    values = pc.if_else(pa.array(known), cells, pa.scalar(None, pa.binary())).cast(pa.string())
    return Typed(values, {} if known.all() else {"bad_operation": ~known})


def dms_times(cells: Array) -> Typed:
    """The times that DMS adds, which are checked and not landed: another content of such a cell would be lost."""
    is_time = truth(pc.match_substring_regex(cells.cast(pa.binary()), _DMS_TIME))
    return Typed(cells, {} if is_time.all() else {Code.BAD_TIME: ~is_time})


def _rejects(
    records: Records, whole: Mask, empty: Mask, judged: Judged, layout: Layout, extract: Extract
) -> list[Reject]:
    """The rejects of a stretch in the order of its records."""
    rows = np.flatnonzero(~judged.verdict.good)
    cut = np.flatnonzero(~whole & ~empty)
    codes, columns = judged.verdict.of(rows)
    keys = judged.verdict.keys(rows, extract.table)
    # An extra cell at the end shows only after the split; the code belongs to the whole row.
    for place, code in enumerate(codes):
        if code == Code.COLUMN_COUNT:
            columns[place] = keys[place] = None
    names = [layout.column_at(extract.table, cell) for cell in range(layout.cells)]
    for is_broken, cells in zip(
        records.broken[cut].tolist(), records.cells[cut].tolist(), strict=True
    ):
        codes.append(Code.OPEN_QUOTE if is_broken else Code.COLUMN_COUNT)
        columns.append(names[cells - 1] if is_broken and cells <= len(names) else None)
    keys += [None] * len(cut)
    indexes = np.concatenate((judged.which[rows], cut))
    order = np.argsort(indexes)
    return _rejected(records, indexes[order], [(codes[n], columns[n], keys[n]) for n in order])


def _rejected(
    records: Records, indexes: Indexes, reasons: list[tuple[str, str | None, str | None]]
) -> list[Reject]:
    """These records as rejects, for reasons of code, column and key."""
    facts = zip(
        records.lines_of(indexes),
        records.offsets_of(indexes),
        records.raws(indexes, MAX_RAW),
        reasons,
        strict=True,
    )
    return [
        Reject(line, offset, column, code, raw, key)
        for line, offset, raw, (code, column, key) in facts
    ]
