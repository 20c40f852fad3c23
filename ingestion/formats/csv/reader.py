"""Reads the parts of a CSV extract: scan, find the layout, convert."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from ingestion.arrow import Ints
from ingestion.codes import Code
from ingestion.errors import BadExtract
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.records import START, Place, Records
from ingestion.formats.csv.rows import conflicts, convert, empty_rows
from ingestion.formats.csv.scanner import Scan
from ingestion.formats.layout import (
    DELIMITER_LINE,
    OTHER_DELIMITERS,
    Header,
    Layout,
    as_json,
    fitting_layouts,
    fitting_nothing,
    headerless_layouts,
    nth,
    read_header,
)
from ingestion.formats.model import Batch, Extract, Part, Reject
from ingestion.formats.reader import Reader
from ingestion.formats.text import BLOCK_SIZE, BYTE_ORDER_MARK, first_lines, text_blocks

MAX_ROWS = 65_536
"""The maximum of records in one batch, which bounds memory for short records."""

_UNCLEAR = "other columns than the contract's, or it is not clear which DMS has put in front: say `dms_columns`"


@dataclass(frozen=True)
class Stretch:
    """Records that follow each other, the layout by which they are read, and the extract as its file says it is."""

    records: Records
    layout: Layout
    extract: Extract

    @property
    def number(self) -> int:
        """The number of the first record."""
        return self.records.place.number

    def __len__(self) -> int:
        return len(self.records)


class CsvReader(Reader[Stretch]):
    """Reads the parts in blocks of `block_size` bytes."""

    def __init__(
        self, parts: Iterable[Part], extract: Extract, block_size: int = BLOCK_SIZE
    ) -> None:
        super().__init__(parts, extract)
        self._block_size = block_size

    def convert(self, stretch: Stretch) -> Batch:
        """A batch of the stretch, read by its layout."""
        return convert(stretch.records, stretch.layout, stretch.extract)

    def conflicts(self, stretch: Stretch, rows: Ints) -> list[Reject]:
        """These records, read by the stretch's layout."""
        return conflicts(stretch.records, rows, stretch.layout, stretch.extract)

    def stretches(self) -> Iterator[Stretch]:
        """The records as they lie in the parts, at most MAX_ROWS at once."""
        place = START
        for part in self._parts:
            blocks = text_blocks(
                part,
                self._extract.delivery.encoding,
                self._extract.table.limits,
                block_size=self._block_size,
                warnings=self.warnings,
            )
            first = next(blocks, b"")
            if first.startswith(BYTE_ORDER_MARK):
                first = first.removeprefix(BYTE_ORDER_MARK)
                place = replace(place, offset=place.offset + len(BYTE_ORDER_MARK))
            extract, skipped = self._extract, self._extract.delivery.skip_lines
            above = 0
            if skipped:
                first, above = _with_lines(first, blocks, skipped)
            elif extract.delivery.header and (line := DELIMITER_LINE.match(first)):
                extract = _delimited(extract, line["delimiter"].decode())
                skipped, above = 1, line.end()
            first = first[above:]
            place = replace(place, offset=place.offset + above, line=place.line + skipped)
            scan = Scan(chain([first], blocks), Dialect.of(extract.delivery), place)
            rows = place.number - 1
            for stretch in self._stretches(scan, place, extract):
                rows += len(stretch)
                yield from _shortened(stretch)
            # The header of a part is not a record.
            place = replace(scan.place, number=rows + 1)

    def _stretches(self, scan: Scan, place: Place, extract: Extract) -> Iterator[Stretch]:
        """The stretches of one part. The first record that fits decides on the layout."""
        table, delivery = extract.table, extract.delivery
        header: Header | None = None
        candidates = [] if delivery.header else list(headerless_layouts(table, delivery))
        layout: Layout | None = None
        for found in scan:
            records = found
            if delivery.header:
                if header is None:
                    header = read_header(records, table, delivery)
                    candidates = [header.layout]
                    self.warnings |= header.warnings
                    records = records.part(1, len(records))
                # The header was counted by the scan.
                shifted = replace(records.place, number=records.place.number - 1)
                records = replace(records, place=shifted)
            if layout is None and len(records):
                at_start = not delivery.header and records.place == place
                layout = _find_layout(records, candidates, header, extract, at_start)
            if records.tail != "ended":
                _refuse_cut(records, layout or candidates[0], extract)
            if len(records):
                # without a header, no record that was seen fits: none is read by a layout for others
                yield Stretch(
                    records,
                    layout or (header.layout if header else fitting_nothing(table)),
                    extract,
                )
        if delivery.header:
            _require_whole_header(header, layout, place)


def _with_lines(first: bytes, blocks: Iterator[bytes], count: int) -> tuple[bytes, int]:
    """The text up to where its first lines are whole, and their length; all of a text that has fewer."""
    lines = first_lines(count)
    # a block may end between a carriage return and its line feed
    while not (found := lines.match(first)) or found.end() == len(first):
        block = next(blocks, None)
        if block is None:
            break
        first += block
    return first, found.end() if found else len(first)


def _delimited(extract: Extract, delimiter: str) -> Extract:
    """The extract of a file whose first line names its delimiter."""
    return replace(extract, delivery=extract.delivery.model_copy(update={"delimiter": delimiter}))


def _shortened(stretch: Stretch) -> Iterator[Stretch]:
    records = stretch.records
    for first in range(0, len(records), MAX_ROWS):
        yield replace(stretch, records=records.part(first, min(first + MAX_ROWS, len(records))))


def _find_layout(
    records: Records,
    candidates: list[Layout],
    header: Header | None,
    extract: Extract,
    at_start: bool,
) -> Layout | None:
    """The layout that the first fitting record decides; None before it."""
    dialect = Dialect.of(extract.delivery)
    sound = ~records.broken & ~empty_rows(records, extract)
    table, delivery = extract.table, extract.delivery
    paddings = {0, 1, header.ends_empty if header else 0}
    widths = {layout.width + trailing for layout in candidates for trailing in paddings}
    fitting = sound & np.isin(records.cells, list(widths))
    json = as_json(records) if at_start else None
    if json and (raw := records.raw(0)) and not raw.split(dialect.delimiter)[0].endswith(b"}"):
        raise json  # a cell may hold an object, and this one is divided
    for index in np.flatnonzero(fitting).tolist():
        cells = [cell.decode(errors="replace") for cell in dialect.split(records.raw(index))]
        found = fitting_layouts(candidates, cells, table, delivery, sorted(paddings))
        if len(found) > 1:
            raise BadExtract(Code.COLUMN_COUNT, records.line_of(index), detail=_UNCLEAR)
        if found:
            return found[0]
        if header and (time := header.layout.time) is not None:
            # a column of another name that does not hold DMS's times
            raise BadExtract(Code.UNKNOWN_COLUMN, records.line_of(index), detail=nth(time))
    if json:
        raise json
    if delivery.is_dms and not header and fitting.any():
        line = records.line_of(int(np.argmax(fitting)))
        raise BadExtract(Code.COLUMN_COUNT, line, detail=_UNCLEAR)
    if at_start and records.cells[0] == 1 and (raw := records.raw(0)):
        for other in set(OTHER_DELIMITERS) - {dialect.delimiter}:
            if raw.count(other) + 1 in {layout.width for layout in candidates} - {1}:
                raise BadExtract(Code.WRONG_DELIMITER, records.line_of(0))
    return None


def _refuse_cut(records: Records, layout: Layout, extract: Extract) -> None:
    """Refuse a file whose last record is open, or too short and without a line end."""
    last = len(records) - 1
    if last < 0:
        return
    if records.tail == "open":
        column = layout.column_at(extract.table, int(records.cells[last]) - 1)
        raise BadExtract(Code.OPEN_QUOTE, records.line_of(last), column)
    if not records.broken[last] and records.cells[last] < layout.width:
        raise BadExtract(Code.TRUNCATED, records.line_of(last))


def _require_whole_header(header: Header | None, layout: Layout | None, place: Place) -> None:
    """A header is required, and may end with an empty cell only when the records do."""
    if header is None:
        raise BadExtract(Code.MISSING_HEADER, place.line)
    if header.ends_empty and (layout is None or layout.trailing != header.ends_empty):
        raise BadExtract(Code.UNKNOWN_COLUMN, place.line, detail="an unnamed column at the end")
