"""Files that quote nothing: a quotation mark is text, as csv's QUOTE_NONE and DuckDB's `quote=''` read it too."""

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion.errors import BadExtract
from ingestion.formats import Edits, rewrite, rows_at
from tests.ingestion.formats.support import (
    Bytes,
    Result,
    column,
    extract_of,
    read,
    read_in_blocks,
)

TABS = {"delimiter": "\t", "quoted": False}
COLUMNS = (column("id"), column("a"), column("b"))
PLAIN = extract_of(*COLUMNS, delivery=TABS)
HEAD = "id\ta\tb\n"

CELL = st.text('"",;xé ', max_size=5)
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8)
MARKS = [('"Giliap"', '"a'), ('""', 'b"'), ('5" tape', '"a""b"'), ('"', '"x","y"')]


def written(rows: list[tuple[str, str]], end: str) -> str:
    return "".join(f"{n}\t{a}\t{b}{end}" for n, (a, b) in enumerate(rows, 1))


def landed(result: Result) -> list[tuple[str, ...]]:
    """The rows, where none is left out."""
    assert not result.rejects
    return [(row["id"], row["a"] or "", row["b"] or "") for row in result.rows]


def stripped(rows: list[list[str]] | list[tuple[str | None, ...]]) -> list[tuple[str, ...]]:
    """The rows of another reader, without the spaces around a cell that landing strips."""
    return [tuple((cell or "").strip(" ") for cell in row) for row in rows]


@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 40))
@example(MARKS, "\n", 3)
def test_the_cells_are_those_of_the_csv_module_whatever_the_block_size(rows, end, size):
    text = written(rows, end)
    by_csv = [
        cells
        for line in text.split(end)[:-1]
        for cells in csv.reader([line], delimiter="\t", quoting=csv.QUOTE_NONE)
    ]
    data = HEAD.replace("\n", end) + text
    assert landed(read_in_blocks(data.encode(), PLAIN, size)) == stripped(by_csv)


@pytest.mark.slow
@settings(max_examples=40)
@given(ROWS, st.sampled_from(["\n", "\r\n"]))
@example(MARKS, "\n")
def test_the_cells_are_those_of_duckdb(tmp_path_factory: pytest.TempPathFactory, rows, end):
    path: Path = tmp_path_factory.getbasetemp() / "unquoted.tsv"
    path.write_bytes(written(rows, end).encode())
    sql = (
        f"select * from read_csv('{path}', delim='\t', quote='', escape='', header=false, auto_detect=false,"
        " columns={'id': 'varchar', 'a': 'varchar', 'b': 'varchar'})"
    )
    with duckdb.connect() as connection:
        by_duckdb = connection.execute(sql).fetchall()
    assert landed(read(HEAD.encode() + path.read_bytes(), PLAIN)) == stripped(by_duckdb)


def test_a_quotation_mark_is_text_in_a_header():
    named = extract_of(column("id", header='"id"'), column("a", header='the "a'), delivery=TABS)
    assert [row["a"] for row in read(b'"id"\tthe "a\n1\tx\n', named).rows] == ["x"]
    with pytest.raises(BadExtract) as refused:
        read(b'"id"\t"a"\t"b"\n1\tx\ty\n', PLAIN)
    assert (refused.value.code, refused.value.line) == ("missing_header", 1)


def test_a_header_under_another_delimiter_is_told_from_one_that_is_missing():
    named = extract_of(column("id", header='"id"'), column("a"), delivery=TABS)
    with pytest.raises(BadExtract) as refused:
        read(b'"id",x\n1,x\n', named)
    assert (refused.value.code, refused.value.line) == ("wrong_delimiter", 1)


def test_quotation_marks_alone_are_text_and_a_quoted_word_is_null_only_if_listed():
    extract = extract_of(*COLUMNS, key="row", delivery={**TABS, "nulls": ["\\N", '"\\N"']})
    result = read(HEAD.encode() + b'""\t""\t""\n\t\t\n\\N\t"\\N"\t"N"\n', extract)
    assert [(row["id"], row["a"], row["b"]) for row in result.rows] == [
        ('""', '""', '""'), (None, None, '"N"'),
    ]  # fmt: skip
    assert result.warnings == {"empty_row": 1}


def test_a_row_with_another_number_of_cells_is_quarantined_alone():
    result = read(HEAD.encode() + b'1\t"x\ty\n2\t"x\n3\tx"\t"y\n', PLAIN)
    assert result.codes == [(3, None, "column_count")]
    assert [row["a"] for row in result.rows] == ['"x', 'x"']


def test_single_records_are_found_again():
    part = Bytes("t.csv", HEAD.encode() + b'1\t"x\ty\n2\t"a"\t"\n3\tx\t"\n')
    (found,) = rows_at([part], PLAIN, {2})
    assert (found.line, found.raw, found.row_key) == (3, b'2\t"a"\t"', "2")


def test_persons_are_erased_from_the_cells_that_they_are_in(tmp_path: Path):
    named = extract_of(
        column("id", sensitivity="direct"), column("a", sensitivity="direct"), column("b"),
        delivery=TABS,
    )  # fmt: skip
    part = Bytes("t.csv", HEAD.encode() + b'"p\t"x\t"\n"q"\t"y\tz"\n"r\tu\t"\n')
    (path,) = rewrite([part], named, Edits(frozenset({1}), emptied={2: "k"}), tmp_path)
    assert path.read_bytes() == HEAD.encode() + b'k\t\tz"\n"r\tu\t"\n'


def test_a_file_that_may_quote_loses_such_marks():
    """Why `quoted: false` exists: by default the same bytes give other cells."""
    by_default = extract_of(*COLUMNS, delivery={"delimiter": "\t"})
    data = HEAD.encode() + b'1\t"Giliap"\tx\n'
    assert landed(read(data, by_default)) == [("1", "Giliap", "x")]
    assert landed(read(data, PLAIN)) == [("1", '"Giliap"', "x")]
