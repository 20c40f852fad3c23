"""Reads the parts of a DynamoDB export: gzipped JSON lines, one item or one changed item a line.

    {"Item": {"ID": {"N": "103"}, …}}                                                     of a full export
    {"Metadata": {"WriteTimestampMicros": {"N": "…"}}, "Keys": …, "NewImage": …, "OldImage": …}   incremental

(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html). A number is a text of up to
38 digits and stays text until its column's own check reads it, so that no digit is lost. Items are sparse: a missing
attribute is null. A line of changes is the item's final state of its window: without a new image it was deleted.

pyarrow parses the lines into columns by a schema made from the contract; an attribute that the contract does not name
appears as a further field.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from ingestion.arrow import Array, Ints, pa, pc, truth, whole
from ingestion.codes import Code
from ingestion.contract import Column, PortableType, Table
from ingestion.errors import BadExtract
from ingestion.formats.depth import LONG, beyond_bounds
from ingestion.formats.dynamodb.items import (
    WRITE_TIME,
    Items,
    first_bad_place,
    parsed_as,
    schema_of,
)
from ingestion.formats.dynamodb.lines import Lines, lines_of
from ingestion.formats.dynamodb.nested import nested
from ingestion.formats.judged import Judged, judged
from ingestion.formats.model import MAX_RAW, Batch, Extract, Reject
from ingestion.formats.reader import Reader
from ingestion.formats.values.column import from_text, from_typed
from ingestion.formats.values.moments import coarser
from ingestion.formats.values.numbers import Typed, seen
from ingestion.formats.verdict import Reason


class DynamoReader(Reader[Lines]):
    """Reads the lines of an export's data files."""

    def stretches(self) -> Iterator[Lines]:
        """The lines of all parts."""
        return lines_of(self._parts, self._extract.table.limits)

    def convert(self, stretch: Lines) -> Batch:
        """A batch of the items in these lines."""
        return _judge(stretch, self._extract).batch(stretch.number, partial(_rejects, stretch))

    def conflicts(self, stretch: Lines, rows: Ints) -> list[Reject]:
        """The items of these lines."""
        verdict = _judge(stretch, self._extract).verdict
        return _rejects(stretch, rows, verdict.conflicts(rows, self._extract.table))


def _rejects(lines: Lines, rows: Ints, reasons: list[Reason]) -> list[Reject]:
    offsets = (lines.offset + lines.starts[rows]).tolist()
    return [
        Reject(lines.number + row, offset, column, code, lines.raw(row)[:MAX_RAW], key)
        for row, offset, (code, column, key) in zip(rows.tolist(), offsets, reasons, strict=True)
    ]


def _judge(lines: Lines, extract: Extract) -> Judged:
    parsed = _parsed(lines, extract)
    is_change = extract.delivery.kind == "changes"
    operation = Typed(_operations(parsed)) if is_change else None
    return judged(len(lines), extract, _columns(lines, parsed, extract), operation)


def _columns(lines: Lines, parsed: dict[str, Array], extract: Extract) -> Iterator[Typed]:
    """Every column in the contract's type."""
    table, is_change = extract.table, "Keys" in parsed
    items = Items(parsed["NewImage" if is_change else "Item"], lines, table)
    keys = Items(parsed["Keys"], lines, table) if is_change else None
    inner = nested(table, items)
    # then only cells spelt with \u… have more than ASCII, and arrow decodes these to UTF-8
    is_ascii = lines.data.isascii()
    for column in table.columns:
        if column.file_name == WRITE_TIME:
            yield _write_times(parsed, len(lines), column, extract)
            continue
        if column.within:
            cells, bad, warned = inner[column.name]
        else:
            cells, clash = items.cells(column)
            bad, warned = seen(duplicate_column=clash), {}
            if keys is not None:
                cells = pc.coalesce(cells, keys.cells(column)[0])
        typed = from_text(cells if is_ascii else cells.cast(pa.binary()), column, extract)
        yield Typed(typed.values, typed.bad | bad, typed.warned | warned)


def _parsed(lines: Lines, extract: Extract) -> dict[str, Array]:
    """The fields of the lines, each an array of structs with a row for each line."""
    is_change = extract.delivery.kind == "changes"
    _refuse_beyond_bounds(lines)
    schema = schema_of(extract.table, is_change, lines.data)
    parsed = _read(lines.data, schema, len(lines))
    if parsed is None:
        raise _not_dynamodb(lines, extract.table, schema)
    return {name: whole(parsed.column(name)) for name in schema.names}


def _read(data: bytes, schema: Any, lines: int) -> Any:
    """The lines as a table of arrow, with structs in the fields of the schema; None where a line does not fit."""
    parsed = parsed_as(schema, data, lines)
    if parsed is None:
        return None
    is_sound = all(pa.types.is_struct(parsed.schema.field(name).type) for name in schema.names)
    return parsed if is_sound else None


def _not_dynamodb(lines: Lines, table: Table, schema: Any) -> BadExtract:
    """The refusal of the first line that is none by itself, or else that has a value of another form than the lines
    before it."""
    if found := first_bad_place(lines, table):
        line, place = found
        return BadExtract(Code.WRONG_TYPE, line, detail=f"{place}: no DynamoDB JSON")
    many = bisect_left(
        range(1, len(lines)),
        True,
        key=lambda count: _read(lines.data[: lines.stops[count - 1]], schema, count) is None,
    )
    said = "a value of an unexpected form: no DynamoDB JSON"
    return BadExtract(Code.WRONG_TYPE, lines.number + many, detail=said)


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
    millis = coarser(typed.values.cast(pa.timestamp("us")), "ms")
    return from_typed(Typed(millis, typed.bad), column, extract)


def _operations(parsed: dict[str, Array]) -> Array:
    """I without an old image (also where the export's view leaves old images out), U with one, D without a new one."""
    new, old = truth(parsed["NewImage"].is_valid()), truth(parsed["OldImage"].is_valid())
    return pa.array(np.where(~new, "D", np.where(old, "U", "I")), pa.string())
