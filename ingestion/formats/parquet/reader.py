"""Reads the parts of a parquet extract by the same contract and the same checks as CSV.

A narrower type is widened when no value can change by it; any other type refuses the file. A column whose type is
declared (`file_type`) is parsed as a CSV's cells are. A row's line is its number over all parts, and a rejected row is
kept as JSON of its cells. Columns that the contract drops are not read.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO, cast

import numpy as np

from ingestion.arrow import Array, Ints, pa, pc
from ingestion.codes import Code
from ingestion.contract import Column
from ingestion.errors import BadExtract
from ingestion.formats.judged import Judged, judged, to_dms_times, to_operations
from ingestion.formats.layout import Header, match_names, nth
from ingestion.formats.model import MAX_RAW, Batch, Extract, Part, Reject
from ingestion.formats.parquet.as_json import objects
from ingestion.formats.parquet.bounds import refuse_beyond_limits, rows_at_once, slices
from ingestion.formats.parquet.columns import Stored, stored_columns
from ingestion.formats.parquet.opening import opened
from ingestion.formats.parquet.widening import is_read, is_spelt, spelt, widened, with_nanos
from ingestion.formats.reader import Reader
from ingestion.formats.text import NOT_AS_JSON, SNIFFED, is_json
from ingestion.formats.values.column import from_text, from_typed
from ingestion.formats.values.numbers import Typed
from ingestion.formats.verdict import Reason

RAW_ROWS = 256
"""How many rejected rows are written as JSON at once."""


@dataclass(frozen=True)
class Columns:
    """The columns of a file that are read: one for each of the contract, None where it is absent, and DMS's own."""

    places: tuple[Stored | None, ...]
    operation: Stored | None
    time: Stored | None

    @property
    def read(self) -> dict[str, Stored]:
        """The present columns, by name, in the contract's order."""
        return {s.name: s for s in (self.operation, self.time, *self.places) if s is not None}


@dataclass(frozen=True)
class Rows:
    """Rows of the file, the first of which has this number: the arrays of its columns by name, in plain types.

    `nanos` are those of each INT96 column that its milliseconds here leave out.
    """

    cells: dict[str, Array]
    count: int
    number: int
    columns: Columns
    nanos: dict[str, Ints]

    def __len__(self) -> int:
        return self.count

    def take(self, rows: Ints) -> "Rows":
        """Some of the rows, numbered from `number` on."""
        cells = {name: array.take(pa.array(rows)) for name, array in self.cells.items()}
        nanos = {name: some[rows] for name, some in self.nanos.items()}
        return replace(self, cells=cells, count=len(rows), nanos=nanos)

    def raws(self, rows: Ints) -> Iterator[bytes]:
        """These rows as JSON."""
        for first in range(0, len(rows), RAW_ROWS):
            few = self.take(rows[first : first + RAW_ROWS])
            cells = {
                name: with_nanos(array, few.nanos[name]) if name in few.nanos else array
                for name, array in few.cells.items()
            }
            yield from pc.binary_slice(objects(cells, cells.values()), 0, MAX_RAW).to_pylist()


class ParquetReader(Reader[Rows]):
    """Reads the rows of the files, a batch of the file at once."""

    def stretches(self) -> Iterator[Rows]:
        """The rows of all parts. A refusal names the part, where there are several."""
        parts, number = [*self._parts], 1
        for part in parts:
            try:
                for rows in self._part(part, number):
                    number += len(rows)
                    yield rows
            except BadExtract as error:
                if len(parts) == 1:
                    raise
                raise _in_part(error, part) from None

    def _part(self, part: Part, number: int) -> Iterator[Rows]:
        if not part.size:
            raise BadExtract(Code.EMPTY_OBJECT)
        with part.open() as stored, _seekable(stored) as whole:
            yield from self._rows(whole, number, part.size)

    def _rows(self, stored: BinaryIO, number: int, size: int) -> Iterator[Rows]:
        try:
            file = opened(stored, int96="ms")
            limits = self._extract.table.limits
            refuse_beyond_limits(file.metadata, size, limits)
            columns, warnings = _columns(file, self._extract)
            self.warnings |= warnings
            many = rows_at_once(stored, file.metadata, columns.read, limits.expanded_bytes)
            for batch, nanos in _batches(file, stored, columns, many):
                cells = {name: s.plain(batch.column(name)) for name, s in columns.read.items()}
                if batch.num_rows:
                    yield Rows(cells, batch.num_rows, number, columns, nanos)
                number += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # an error of the storage, not of the file
            stored.seek(0)
            if is_json(stored.read(SNIFFED)):
                raise BadExtract(Code.WRONG_FORMAT, detail=NOT_AS_JSON) from None
            raise BadExtract(Code.WRONG_TYPE, detail="no parquet, or broken") from None
        except UnicodeDecodeError:
            raise BadExtract(Code.ENCODING, detail="the name of a column") from None

    def batches(self) -> Iterator[Batch]:
        """A batch after the other, so that one alone is in memory."""
        return map(self.convert, self.stretches())

    def convert(self, stretch: Rows) -> Batch:
        """A batch of these rows; its rejects are written as JSON when they are iterated."""
        return _judge(stretch, self._extract).batch(stretch.number, partial(Rejects, stretch))

    def conflicts(self, stretch: Rows, rows: Ints) -> Iterator[Reject]:
        """These rows, of which only the chosen ones are judged again."""
        verdict = _judge(stretch.take(rows), self._extract).verdict
        reasons = verdict.conflicts(np.arange(len(rows)), self._extract.table)
        return iter(Rejects(stretch, rows, reasons))


def _in_part(error: BadExtract, part: Part) -> BadExtract:
    """The refusal with the end of the part's path: the names before it are those of the whole extract."""
    place = "/".join(part.name.split("/")[-2:]).encode("unicode_escape").decode()
    detail = f"{error.detail}, in {place}" if error.detail else f"in {place}"
    return BadExtract(error.code, error.line, error.column, detail)


def columns_of(file: Any, extract: Extract) -> dict[str, tuple[Stored, Column | None]]:
    """By name, the columns of an open file that are read, with the contract's; None for those that DMS has added."""
    found, _ = _columns(file, extract)
    places = (found.operation, found.time, *found.places)
    columns = (None, None, *extract.table.columns)
    pairs = zip(places, columns, strict=True)
    return {stored.name: (stored, column) for stored, column in pairs if stored}


def _columns(file: Any, extract: Extract) -> tuple[Columns, Counter[str]]:
    """The columns of an open file, and the warnings of their names."""
    stored = stored_columns(file)
    header = _header([column.name for column in stored], extract)
    layout = header.layout
    operation = None if layout.operation is None else stored[layout.operation]
    if operation and not operation.is_text:
        detail = f"the operation: found {_said(operation)}, expected string"
        raise BadExtract(Code.WRONG_TYPE, detail=detail)
    time = None if layout.time is None else stored[layout.time]
    if time and not time.is_text:
        raise BadExtract(Code.UNKNOWN_COLUMN, detail=nth(stored.index(time)))
    places = tuple(None if place is None else stored[place] for place in layout.places)
    for column, found in zip(extract.table.columns, places, strict=True):
        if found and not is_read(found, column):
            detail = f"found {_said(found)}, expected {column.type}"
            raise BadExtract(Code.WRONG_TYPE, column=column.name, detail=detail)
    return Columns(places, operation, time), header.warnings


def _header(names: list[str], extract: Extract) -> Header:
    try:
        header = match_names(names, extract.table, extract.delivery, None)
    except BadExtract as error:
        if error.code != Code.MISSING_COLUMN:
            raise
        raise BadExtract(Code.WRONG_TYPE, column=error.column, detail="missing") from None
    if header.ends_empty:
        raise BadExtract(Code.UNKNOWN_COLUMN, detail="an unnamed column at the end")
    return header


def _batches(
    file: Any, stored: BinaryIO, columns: Columns, many: int
) -> Iterator[tuple[Any, dict[str, Ints]]]:
    """The file's batches of this number of rows at most, and what the milliseconds of INT96 columns leave out."""
    old = [name for name, column in columns.read.items() if column.is_int96]
    again: Any = opened(stored).iter_batches(many, columns=old, use_threads=False) if old else None
    for batch in file.iter_batches(many, columns=[*columns.read], use_threads=False):
        exact = next(again) if old else batch
        nanos = {name: _nanos(batch.column(name), exact.column(name)) for name in old}
        first = 0
        for part in slices(batch):
            stop = first + part.num_rows
            yield part, {name: some[first:stop] for name, some in nanos.items()}
            first = stop


def _nanos(millis: Array, exact: Array) -> Ints:
    """The nanoseconds that these milliseconds of INT96 leave out; 0 for null.

    An INT96 holds nanoseconds of any year. Read as milliseconds it always fits 64 bits; read as nanoseconds it wraps
    around, but the difference of the two, in the arithmetic that wraps, still is what the milliseconds leave out.
    """
    ours, theirs = (
        np.asarray(pc.fill_null(times.cast(pa.int64()), 0)).astype(np.uint64)
        for times in (millis, exact)
    )
    return (theirs - ours * np.uint64(1_000_000)).astype(np.int64)


def _said(stored: Stored) -> str:
    """A type of the file in a contract's words, without text from the file."""
    kind = stored.kind
    if stored.word == "bigint":
        return f"{'un' if pa.types.is_unsigned_integer(kind) else ''}signed {kind.bit_width} bit integer"
    return "list, struct or map" if stored.word == "json" else stored.spelling


def _seekable(stored: BinaryIO) -> BinaryIO:
    """Parquet is read from its end: a stream is copied to a temporary file first."""
    if stored.seekable():
        return stored
    copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(stored, copy)
    copy.seek(0)
    return copy


@dataclass(frozen=True)
class Rejects:
    """Rows that do not land, each with code, column and key as its reason. Iterating writes their JSON."""

    rows: Rows
    chosen: Ints
    reasons: list[Reason]

    def __len__(self) -> int:
        return len(self.chosen)

    def __iter__(self) -> Iterator[Reject]:
        facts = zip(self.chosen.tolist(), self.rows.raws(self.chosen), self.reasons, strict=True)
        for index, raw, (code, column, key) in facts:
            yield Reject(self.rows.number + index, 0, column, code, raw, key)


def _judge(rows: Rows, extract: Extract) -> Judged:
    operation, time = rows.columns.operation, rows.columns.time
    columns = (
        None if stored is None else _column(rows, stored, column, extract)
        for column, stored in zip(extract.table.columns, rows.columns.places, strict=True)
    )
    return judged(
        len(rows),
        extract,
        columns,
        None if operation is None else to_operations(rows.cells[operation.name]),
        None if time is None else to_dms_times(rows.cells[time.name]),
    )


def _column(rows: Rows, stored: Stored, column: Column, extract: Extract) -> Typed:
    cells, nanos = rows.cells[stored.name], rows.nanos.get(stored.name)
    if is_spelt(stored, column):
        # a file may declare as text what is not UTF-8, so the bytes are checked
        return from_text(pa.concat_arrays([spelt(cells, stored, column, nanos)]), column, extract)
    return from_typed(widened(cells, column, extract.table.time_zone, nanos), column, extract)
