"""The scanner against an oracle that reads one byte at a time, and against python's own csv module."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.errors import BadExtract
from ingestion.formats.csv import scanner
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.records import Place
from ingestion.formats.csv.scanner import Scan
from tests.ingestion.formats import reference

COMMA = Dialect(b",")
ALPHABET = st.sampled_from(
    [
        b'"',
        b'"',
        b",",
        b"\n",
        b"\r",
        b"\r\n",
        b"a",
        b"b",
        b" ",
        b"\t",
        b"\xc3\xa9",
        b"\x00",
        b"\xff",
    ]
)
FILES = st.lists(ALPHABET, max_size=60).map(b"".join)


def scanned(data: bytes, size: int) -> list[reference.Record]:
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    found = []
    for records in Scan(blocks, COMMA):
        for index in range(len(records)):
            last = index == len(records) - 1
            found.append(
                reference.Record(
                    records.line_of(index),
                    records.place.offset + int(records.starts[index]),
                    records.raw(index),
                    (b"",) * int(records.cells[index]),
                    bool(records.broken[index]),
                    records.tail if last else "ended",
                )
            )
    return found


def without_text(records: list[reference.Record]) -> list[reference.Record]:
    return [
        reference.Record(r.line, r.offset, r.raw, (b"",) * len(r.cells), r.broken, r.tail)
        for r in records
    ]


@given(FILES, st.integers(1, 70))
@example(b'1,"ab"c\n2,x\n', 3)
@example(b'1,"a\n2,"b"\n3,c\n', 1)
@example(b'1,5"" tape"\n"a""",2\r\r\n', 2)
@example(b'a,"b\r\n\r\nc","d\re""f\n"g\n', 4)
def test_the_scanner_agrees_with_the_oracle_whatever_the_block_size(data: bytes, size: int):
    assert scanned(data, size) == without_text(reference.read(data))


CELLS = st.lists(
    st.lists(st.text('ab, \r\n"é\t', max_size=6), min_size=2, max_size=4), min_size=1, max_size=8
)


def written(cell: str, quoted: bool) -> str:
    """csv.writer would leave a lone CR unquoted."""
    return '"' + cell.replace('"', '""') + '"' if quoted or set(cell) & set(',"\r\n') else cell


@given(CELLS, st.sampled_from(["\r\n", "\n", "\r"]), st.booleans(), st.integers(1, 40))
def test_well_formed_files_are_cut_as_the_csv_module_cuts_them(rows, ending, quoted, size):
    lines = [",".join(written(cell, quoted) for cell in row) + ending for row in rows]
    data = "".join(lines).encode()
    found = scanned(data, size)
    assert [len(record.cells) for record in found] == [len(row) for row in rows]
    assert not any(record.broken for record in found)
    again = [next(csv.reader(io.StringIO(r.raw.decode(), newline=""), strict=True)) for r in found]
    assert again == rows


@given(FILES)
def test_the_oracle_reads_strictly_what_the_csv_module_reads_strictly(data: bytes):
    """The oracle itself must be right: where it sees nothing broken, python's strict reader sees the same cells."""
    data = data.replace(b"\xff", b"x").replace(b"\x00", b"y")
    records = [record for record in reference.read(data) if record.raw]
    if any(record.broken for record in records):
        return
    for record in records:
        rows = list(csv.reader(io.StringIO(record.raw.decode(), newline=""), strict=True))
        assert [tuple(cell.encode() for cell in row) for row in rows] == [record.cells]


def test_the_scan_goes_on_after_the_line_where_the_broken_quote_opened():
    found = scanned(b'1,"x\ny","open\n2,b\n3,"c" d\n4,e\n', 100)
    assert [(r.line, r.raw, r.broken) for r in found] == [
        (1, b'1,"x\ny","open', True),
        (3, b"2,b", False),
        (4, b'3,"c" d', True),
        (5, b"4,e", False),
    ]
    assert len(found[0].cells) == 3


def test_lines_are_counted_on_from_a_given_place():
    records = next(iter(Scan([b"a\r\rb\n"], COMMA, Place(offset=10, line=5, number=3))))
    assert [records.line_of(i) for i in range(3)] == [5, 6, 7]
    assert records.after() == Place(offset=15, line=8, number=6)
    assert len(records.part(1, 3)) == 2
    assert records.part(1, 3).place.number == 4


def test_a_record_without_an_end_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(scanner, "MAX_RECORD", 1000)
    with pytest.raises(BadExtract) as refused:
        list(Scan([b"a,b\n", *[b'"' + b"x" * 99] * 30], COMMA))
    assert (refused.value.code, refused.value.line) == ("open_quote", 2)


def test_millions_of_empty_lines_at_the_end_are_nothing_and_before_a_record_too_many(monkeypatch):
    monkeypatch.setattr(scanner, "MAX_BLANK", 100)
    blank = [b"\r\n" * 20] * 50
    assert len(scanned(b"a,b\r\n" + b"".join(blank), 40)) == 1
    with pytest.raises(BadExtract) as refused:
        list(Scan([b"a,b\r\n", *blank, b"c,d"], COMMA))
    assert (refused.value.code, refused.value.line) == ("too_many_rejects", 2)
