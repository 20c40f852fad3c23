"""A slow reader of CSV, one byte at a time, written from the rules alone: the oracle of the scanner's tests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    line: int
    offset: int
    raw: bytes
    cells: tuple[bytes, ...]
    broken: bool
    tail: str


def _line_end(data: bytes, at: int) -> int:
    """The length of the line end at this place, 0 when there is none."""
    if data[at : at + 2] == b"\r\n":
        return 2
    return 1 if data[at : at + 1] in (b"\r", b"\n") else 0


def _one_record(
    data: bytes, start: int, delimiter: bytes
) -> tuple[list[bytes], int, int, str, int]:
    """Cells, end, length of the line end, kind (ended, unended, open, broken), opening quote."""
    cells, at, size = [], start, len(data)
    while True:
        if data[at : at + 1] == b'"':
            opened, text = at, b""
            at += 1
            while True:
                if at == size:
                    return cells, size, 0, "open", opened
                if data[at : at + 2] == b'""':
                    text, at = text + b'"', at + 2
                elif data[at : at + 1] == b'"':
                    at += 1
                    break
                else:
                    text, at = text + data[at : at + 1], at + 1
            if at < size and data[at : at + 1] != delimiter and not _line_end(data, at):
                end = opened
                while end < size and not _line_end(data, end):
                    end += 1
                return cells, end, _line_end(data, end), "broken", opened
        else:
            text = b""
            while at < size and data[at : at + 1] != delimiter and not _line_end(data, at):
                text, at = text + data[at : at + 1], at + 1
        cells.append(text)
        if at == size:
            return cells, at, 0, "unended", -1
        if length := _line_end(data, at):
            return cells, at, length, "ended", -1
        at += 1


def read(data: bytes, delimiter: bytes = b",") -> list[Record]:
    """Every record of `data`, empty lines at the very end left out."""
    records, at, line = [], 0, 1
    while at < len(data):
        cells, end, length, kind, _ = _one_record(data, at, delimiter)
        broken = kind in ("broken", "open")
        tail = kind if kind == "open" else ("ended" if length else "unended")
        if broken:
            cells = [*cells, b""]
        records.append(Record(line, at, data[at:end], tuple(cells), broken, tail))
        body = data[at : end + length]
        line += body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n")
        at = end + length
    while records and not records[-1].raw:
        records.pop()
    return records
