"""How a file writes its cells: the delimiter, and whether a quotation mark opens a cell or is text."""

from dataclasses import dataclass

from ingestion.contract import Delivery


@dataclass(frozen=True)
class Dialect:
    """The way in which a file writes cells. Where it is not `quoted`, a quotation mark is text and a line is a record.

    Its methods take one record that is not broken, without its line end.
    """

    delimiter: bytes
    quoted: bool = True

    @classmethod
    def of(cls, delivery: Delivery) -> "Dialect":
        """The dialect that a contract declares."""
        return cls(delivery.delimiter.encode(), delivery.quoted)

    def split(self, record: bytes) -> list[bytes]:
        """The cells of a record, without the quotes around them."""
        cells = [record[start:stop] for start, stop in self.spans(record)]
        if not self.quoted:
            return cells
        return [c[1:-1].replace(b'""', b'"') if c.startswith(b'"') else c for c in cells]

    def spans(self, record: bytes) -> list[tuple[int, int]]:
        """Where the cells of a record begin and end, the quotes around them included."""
        spans: list[tuple[int, int]] = []
        at = 0
        while True:
            start = at
            if self.quoted and record[at : at + 1] == b'"':
                end = record.index(b'"', at + 1)
                while record[end + 1 : end + 2] == b'"':
                    end = record.index(b'"', end + 2)
                at = end + 1
            else:
                end = record.find(self.delimiter, at)
                at = len(record) if end < 0 else end
            spans.append((start, at))
            if at >= len(record):
                return spans
            at += 1
