"""Writes the parts of a CSV extract again without some records, or without some of their cells.

All other bytes stay as they are: the records are found by the reader's own scan, and only their stretches change.
"""

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ingestion.contract import Table
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.reader import CsvReader, Stretch
from ingestion.formats.edits import Edits, Span, edited, is_replaced, written
from ingestion.formats.layout import Layout
from ingestion.formats.model import Extract, Part
from ingestion.formats.text import UNDECODABLE, is_utf_8, text_blocks


def rewrite_csv(parts: list[Part], extract: Extract, edits: Edits, paths: list[Path]) -> None:
    """Write the parts to these new files."""
    found = CsvReader(parts, extract).stretches()
    spans = [span for stretch in found for span in _spans(stretch, edits)]
    encoding, limits = extract.delivery.encoding, extract.table.limits
    at = 0
    for part, path in zip(parts, paths, strict=True):
        lengths: list[int] = []
        blocks = _measured(text_blocks(part, encoding, limits), lengths)
        with written(path, part.name) as file:
            many = sum(file.write(block) for block in _encoded(edited(blocks, spans, at), encoding))
            if not many:
                file.write("\n".encode(encoding))  # an object without any byte would be refused
        at += sum(lengths)


def _spans(stretch: Stretch, edits: Edits) -> Iterator[Span]:
    """The changes in a stretch of records, by offsets in the extract."""
    records = stretch.records
    every = np.arange(len(records))
    lines = records.lines_of(every) if edits.lines else [0] * len(records)
    begin = records.place.offset
    for index, line in enumerate(lines):
        number = records.place.number + index
        start, stop = begin + int(records.starts[index]), begin + int(records.stops[index])
        if number in edits.dropped or line in edits.lines:
            yield Span(start, stop)
        elif number in edits.emptied:
            cells = Dialect.of(stretch.extract.delivery).spans(records.raw(index))
            texts = _texts(stretch.layout, stretch.extract.table, edits.emptied[number])
            for cell, (first, last) in enumerate(cells):
                if (text := texts.get(cell, b"")) is not None:
                    yield Span(start + first, start + last, text)


def _texts(layout: Layout, table: Table, replacement: str) -> dict[int, bytes | None]:
    """The new text by cell; None for a cell that stays. A cell without a column is emptied."""
    texts: dict[int, bytes | None] = {}
    for place in (layout.operation, layout.time):
        if place is not None:
            texts[place] = None
    for column, place in zip(table.columns, layout.places, strict=True):
        if place is not None:
            direct = (replacement.encode() or None) if is_replaced(column, table) else b""
            texts[place] = direct if column.sensitivity == "direct" else None
    return texts


def _measured(blocks: Iterable[bytes], lengths: list[int]) -> Iterator[bytes]:
    for block in blocks:
        lengths.append(len(block))
        yield block


def _encoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Encode UTF-8 in the file's encoding again. A byte that could not be decoded becomes another such byte."""
    if is_utf_8(encoding):
        yield from blocks
        return
    bad = _undecodable(encoding)

    def mark(error: UnicodeError) -> tuple[bytes, int]:
        """A character that the encoding lacks is a byte that it could not read."""
        assert isinstance(error, UnicodeEncodeError)
        return bad * (error.end - error.start), error.end

    codecs.register_error("landfall_unmark", mark)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    encoder = codecs.getincrementalencoder(encoding)(errors="landfall_unmark")
    for block in blocks:
        yield encoder.encode(decoder.decode(block))
    yield encoder.encode(decoder.decode(b"", final=True), final=True)


def _undecodable(encoding: str) -> bytes:
    """A byte, or a pair, that the encoding cannot read; not called for an encoding that reads every byte."""
    candidates = [*(bytes([byte]) for byte in range(255, 127, -1)), b"\x00\xd8"]
    for candidate in candidates:
        try:
            (candidate + "a".encode(encoding)).decode(encoding)
        except UnicodeDecodeError:
            return candidate
    return UNDECODABLE.encode("utf-8", "surrogateescape")
