"""Edits that remove records or cells from the files of an extract, and writing a file again without them.

The readers number the records of an extract from 1 over all of its parts; edits name them by these numbers.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from ingestion.contract import Column, Table


@dataclass(frozen=True)
class Edits:
    """Records to remove, and records to keep without direct cells.

    `dropped` and `lines` are removed: the first by the record's number, the second by the line on which it begins, as
    rejects have it. `emptied` are kept: with each the text that replaces direct cells of its key, which stay if it is
    empty; `past` are lines of DynamoDB of which only the old image is emptied.
    """

    dropped: frozenset[int] = frozenset()
    lines: frozenset[int] = frozenset()
    emptied: Mapping[int, str] = field(default_factory=dict)
    past: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.dropped or self.lines or self.emptied or self.past)


def is_replaced(column: Column, table: Table) -> bool:
    """Whether a text replaces a direct column of a kept row: one of the key, which may not be empty."""
    return column.sensitivity == "direct" and column.name in table.key_columns


@contextmanager
def written(path: Path, name: str) -> Iterator[BinaryIO]:
    """A new file to write, gzipped if the object's name says so, without the clock's time."""
    with path.open("wb") as file:
        if not name.endswith(".gz"):
            yield file
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield cast(BinaryIO, packed)


@dataclass
class Span:
    """A stretch of bytes, from `start` to before `stop`, and its replacement."""

    start: int
    stop: int
    text: bytes = b""


def edited(blocks: Iterable[bytes], spans: list[Span], at: int) -> Iterator[bytes]:
    """The blocks, whose first byte has the offset `at`, with the spans replaced; finished spans leave the list."""
    for block in blocks:
        end, here, kept = at + len(block), at, []
        while spans and spans[0].start < end:
            span = spans[0]
            kept += [block[here - at : span.start - at], span.text]
            here = min(span.stop, end)
            if span.stop > end:  # the rest of it is in the next block
                span.start, span.text = end, b""
                break
            spans.pop(0)
        kept.append(block[here - at :])
        at = end
        yield b"".join(kept)
