"""From records to typed rows: pyarrow splits the whole ones into cells, each column is converted."""

import numpy as np
from pyarrow import csv

from ingestion.arrow import Array, Ints, Mask, pa, pc, truth
from ingestion.codes import Code
from ingestion.contract import Delivery
from ingestion.errors import LandfallError
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.records import Records
from ingestion.formats.judged import Judged, judged, to_dms_times, to_operations
from ingestion.formats.layout import Layout
from ingestion.formats.model import MAX_RAW, Batch, Extract, Reject
from ingestion.formats.text import BYTE_ORDER_MARK
from ingestion.formats.values.cells import BLANKS
from ingestion.formats.values.column import from_text
from ingestion.formats.values.numbers import Typed
from ingestion.formats.verdict import Reason


def convert(records: Records, layout: Layout, extract: Extract) -> Batch:
    """Turn one stretch into a batch."""
    empty = empty_rows(records, extract)
    whole = ~records.broken & ~empty & (records.cells == layout.cells)
    found = judge(records, whole, layout, extract)
    rows = found.good(records.place.number + np.flatnonzero(whole))
    warnings = found.verdict.warnings()
    if layout.trailing and rows.num_rows:
        warnings[Code.TRAILING_DELIMITER] = rows.num_rows
    skipped = int(empty.sum())
    if skipped:
        warnings[Code.EMPTY_ROW] = skipped
    count = len(records) - skipped
    rejects = [] if rows.num_rows == count else _rejects(records, whole, empty, found, layout)
    return Batch(rows, rejects, count, warnings)


def empty_rows(records: Records, extract: Extract) -> Mask:
    """The records with only empty cells that are no rows, as spreadsheets write them below and between their data.

    Where the contract takes an empty cell for a text, a record of such cells is a row.
    """
    if not extract.skips_empty or any(column.empty == "text" for column in extract.table.columns):
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
    cells = _cells(records, whole, layout, extract.delivery)
    operation, time = layout.operation, layout.time
    found = judged(
        int(whole.sum()),
        extract,
        (
            None if place is None else from_text(cells[place], column, extract)
            for column, place in zip(extract.table.columns, layout.places, strict=True)
        ),
        None if operation is None else to_operations(cells[operation]),
        None if time is None else to_dms_times(cells[time]),
    )
    for place in range(layout.width, layout.cells):
        last = pc.ascii_trim(cells[place].cast(pa.string(), safe=False), BLANKS)
        found.verdict.add("", Typed(last, {Code.COLUMN_COUNT: ~truth(pc.equal(last, ""))}))
    return found


def conflicts(records: Records, rows: Ints, layout: Layout, extract: Extract) -> list[Reject]:
    """These records of a stretch as rejects for `key_conflict`, with their keys."""
    whole = np.zeros(len(records), bool)
    whole[rows] = True
    verdict = judge(records, whole, layout, extract).verdict
    return _rejected(records, rows, verdict.conflicts(np.arange(len(rows)), extract.table))


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


def _rejects(
    records: Records, whole: Mask, empty: Mask, found: Judged, layout: Layout
) -> list[Reject]:
    """The rejects of a stretch in the order of its records."""
    table, rows = found.extract.table, np.flatnonzero(~found.verdict.good)
    # An extra cell at the end shows only after the split; the code belongs to the whole row.
    reasons: list[Reason] = [
        (code, None, None) if code == Code.COLUMN_COUNT else (code, column, key)
        for code, column, key in found.verdict.reasons(rows, table)
    ]
    cut = np.flatnonzero(~whole & ~empty)
    names = [layout.column_at(table, cell) for cell in range(layout.cells)]
    for is_broken, cells in zip(
        records.broken[cut].tolist(), records.cells[cut].tolist(), strict=True
    ):
        column = names[cells - 1] if is_broken and cells <= len(names) else None
        reasons.append((Code.OPEN_QUOTE if is_broken else Code.COLUMN_COUNT, column, None))
    indexes = np.concatenate((np.flatnonzero(whole)[rows], cut))
    order = np.argsort(indexes)
    return _rejected(records, indexes[order], [reasons[number] for number in order])


def _rejected(records: Records, indexes: Ints, reasons: list[Reason]) -> list[Reject]:
    """These records as rejects, for these reasons."""
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
