"""Reads the parts of a DynamoDB export: gzipped JSON lines, one item or one changed item a line.

    {"Item": {"ID": {"N": "103"}, …}}                                                     of a full export
    {"Metadata": {"WriteTimestampMicros": {"N": "…"}}, "Keys": …, "NewImage": …, "OldImage": …}   incremental

(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html). A number is a text of up to
38 digits and stays text until its column's own check reads it, so that no digit is lost. Items are sparse: a missing
attribute is null. A line of changes is the item's final state of its window: without a new image it was deleted.

pyarrow parses the lines into columns by a schema made from the contract, in two threads; an attribute that the contract
does not name appears as a further field.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from pyarrow import json as arrow_json

from ingestion.codes import Code
from ingestion.contract import Column, PortableType, Table
from ingestion.errors import BadExtract
from ingestion.formats.arrow import Array, Ints, Mask, pa, pc, truth, whole
from ingestion.formats.depth import LONG, beyond_bounds
from ingestion.formats.dynamodb.items import (
    WRITE_TIME,
    Items,
    first_bad_place,
    is_parsed,
    schema_of,
)
from ingestion.formats.dynamodb.lines import Lines, lines_of
from ingestion.formats.dynamodb.nested import Nested
from ingestion.formats.model import (
    MAX_RAW,
    Batch,
    Extract,
    Part,
    Reject,
    batch_schema,
)
from ingestion.formats.values.column import from_text, from_typed
from ingestion.formats.values.numbers import Typed
from ingestion.formats.verdict import Verdict

CONVERTERS = 2
STRETCHES_AHEAD = 3


def read_dynamodb(parts: Iterable[Part], extract: Extract) -> Iterator[Batch]:
    """Yield the batches of an export. Raises BadExtract when the whole export is refused."""
    pending: deque[Future[Batch]] = deque()
    rows = 0
    with ThreadPoolExecutor(CONVERTERS, thread_name_prefix="convert") as pool:
        try:
            for lines in lines_of(parts, extract.table.limits):
                rows += len(lines)
                pending.append(pool.submit(_convert, lines, extract))
                if len(pending) > STRETCHES_AHEAD:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
    if not rows and not extract.table.may_be_empty:
        raise BadExtract(Code.NO_ROWS)


def dynamodb_rows_at(parts: Iterable[Part], extract: Extract, wanted: set[int]) -> Iterator[Reject]:
    """Read the export again for the items with these numbers, as rejects for `key_conflict`."""
    column = next(iter(extract.table.key_columns), None)
    for lines in lines_of(parts, extract.table.limits):
        numbers = range(lines.number, lines.number + len(lines))
        chosen = np.array([n - lines.number for n in numbers if n in wanted], np.int64)
        if chosen.size:
            verdict = _judge(lines, extract).verdict
            keys = verdict.keys(chosen, extract.table)
            reasons = [("key_conflict", column, key) for key in keys]
            yield from _rejects(lines, chosen, reasons)


@dataclass(frozen=True)
class _Judged:
    columns: list[Array]
    verdict: Verdict


def _convert(lines: Lines, extract: Extract) -> Batch:
    judged = _judge(lines, extract)
    count, good = len(lines), judged.verdict.good
    numbers = pa.array(np.arange(lines.number, lines.number + count), pa.int64())
    rows = pa.RecordBatch.from_arrays(
        [*judged.columns, numbers], schema=batch_schema(extract.table)
    )
    warnings: Counter[str] = judged.verdict.warnings()
    if good.all():
        return Batch(rows, [], count, warnings)
    bad = np.flatnonzero(~good)
    codes, columns = judged.verdict.of(bad)
    reasons = list(zip(codes, columns, judged.verdict.keys(bad, extract.table), strict=True))
    return Batch(rows.filter(pa.array(good)), list(_rejects(lines, bad, reasons)), count, warnings)


def _rejects(
    lines: Lines, rows: Ints, reasons: list[tuple[str, str | None, str | None]]
) -> Iterator[Reject]:
    for row, (code, column, key) in zip(rows.tolist(), reasons, strict=True):
        offset = lines.offset + int(lines.starts[row])
        yield Reject(lines.number + row, offset, column, code, lines.raw(row)[:MAX_RAW], key)


def _judge(lines: Lines, extract: Extract) -> _Judged:
    """Every column in the contract's type, then the operation where the table has one."""
    table, is_change = extract.table, extract.delivery.kind == "changes"
    parsed = _parsed(lines, extract)
    items = Items(parsed["NewImage" if is_change else "Item"], lines, table)
    keys = Items(parsed["Keys"], lines, table) if is_change else None
    nested = Nested(table, items)
    verdict = Verdict(len(lines))
    # then only cells spelt with \u… have more than ASCII, and arrow decodes these to UTF-8
    is_ascii = lines.data.isascii()
    columns = []
    for column in table.columns:
        clash: Mask | None = None
        if column.file_name == WRITE_TIME:
            typed = _write_times(parsed, len(lines), column, extract)
            verdict.add(column.name, typed)
            columns.append(typed.values)
            continue
        if column.within:
            cells = nested.cells(column)
        else:
            cells, clash = items.cells(column)
            if keys is not None:
                cells = pc.coalesce(cells, keys.cells(column)[0])
        typed = from_text(cells if is_ascii else cells.cast(pa.binary()), column, extract)
        bad = typed.bad | nested.bad(column)
        if clash is not None and clash.any():
            bad["duplicate_column"] = clash
        warned = typed.warned | nested.warned(column)
        is_key = column.name in table.key_columns
        verdict.add(column.name, Typed(typed.values, bad, warned), is_key)
        columns.append(typed.values)
    if table.has_changes:
        columns.append(_operations(parsed, len(lines), is_change))
    return _Judged(columns, verdict)


def _parsed(lines: Lines, extract: Extract) -> dict[str, Array]:
    """The fields of the lines, each an array of structs with a row for each line."""
    is_change = extract.delivery.kind == "changes"
    _refuse_beyond_bounds(lines)
    schema = schema_of(extract.table, is_change, lines.data)
    try:
        parsed = arrow_json.read_json(
            pa.BufferReader(lines.data),
            arrow_json.ReadOptions(use_threads=False, block_size=len(lines.data) + 1),
            arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="infer"),
        )
    except pa.ArrowInvalid:
        raise _not_dynamodb(lines, extract.table) from None
    if not is_parsed(parsed, schema, len(lines)):
        raise _not_dynamodb(lines, extract.table)
    return {name: whole(parsed.column(name)) for name in schema.names}


def _not_dynamodb(lines: Lines, table: Table) -> BadExtract:
    line, place = first_bad_place(lines, table)
    return BadExtract(
        Code.WRONG_TYPE, line, detail=": ".join(filter(None, (place, "no DynamoDB JSON")))
    )


def _refuse_beyond_bounds(lines: Lines) -> None:
    for row in np.flatnonzero(lines.stops - lines.starts >= LONG).tolist():
        if wrong := beyond_bounds(lines.raw(row)):
            raise BadExtract(Code.TOO_LARGE, lines.number + row, detail=wrong)


def _write_times(parsed: dict[str, Array], rows: int, column: Column, extract: Extract) -> Typed:
    """Microseconds since 1970, or milliseconds if the column is a timestamp."""
    if "Metadata" not in parsed:
        return Typed(pa.nulls(rows, column.type.arrow))
    time = parsed["Metadata"].field("WriteTimestampMicros")
    text = (time.field("N") if pa.types.is_struct(time.type) else time).cast(pa.string())
    number = column.model_copy(update={"type": PortableType("bigint")})
    typed = from_text(text.cast(pa.binary()), number, extract)
    if column.type.name != "timestamp":
        return typed
    millis = pc.divide(typed.values, 1000).cast(column.type.arrow)
    return from_typed(Typed(millis, typed.bad), column, extract)


def _operations(parsed: dict[str, Array], rows: int, is_change: bool) -> Array:
    """I without an old image (also where the export's view leaves old images out), U with one, D without a new one."""
    if not is_change:
        return pa.nulls(rows, pa.string())
    new, old = truth(parsed["NewImage"].is_valid()), truth(parsed["OldImage"].is_valid())
    return pa.array(np.where(~new, "D", np.where(old, "U", "I")), pa.string())
