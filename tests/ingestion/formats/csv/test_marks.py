"""What a draft takes quotation marks for: text only where no writer that quotes would have written them so."""

import csv
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingestion.formats import Peek, peek
from ingestion.formats.text import text_blocks
from tests.ingestion.formats.support import Bytes

VALUES = st.one_of(
    st.text('"",;|\t\n\r aé', max_size=5),
    st.text(max_size=4),
    st.sampled_from(["NULL", "Rome", "1", "true"]),
    st.integers(-99, 99),
    st.floats(),
    st.booleans(),
    st.none(),
    st.decimals(places=2).filter(lambda value: not value.is_snan()),  # which Python alone writes
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=1, max_size=9)
)


def looked_at(text: str) -> Peek:
    return peek(Bytes("t.csv", text.encode("utf-8", "replace")))


@pytest.mark.slow
@settings(max_examples=400)
@given(
    TABLES,
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_MINIMAL]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
@example([["Rome", 1], [Decimal("NaN"), True]], csv.QUOTE_NONNUMERIC, ",", "\n")
@example([['a,"', "x"], ["b", "y"]], csv.QUOTE_MINIMAL, "|", "\n")
@example([["a", "b"]], csv.QUOTE_ALL, ",", "\n")
@example([["", ""], ["", ""]], csv.QUOTE_ALL, ";", "\n")
def test_what_the_csv_module_quotes_is_never_taken_for_text(rows, quoting, delimiter, end):
    lines: list[str] = []
    # With "\n" as its end of line, Python 3.11 would leave a carriage return in a cell without quotes.
    writer = csv.writer(SimpleNamespace(write=lines.append), delimiter=delimiter, quoting=quoting)
    writer.writerows(rows)
    text = "".join(line.removesuffix("\r\n") + end for line in lines)
    if not text.strip("\ufeff \t\r\n") or text.lstrip("\ufeff \t\r\n")[0] in "{[" or "\0" in text:
        return  # such a file is empty, JSON or no text
    assert looked_at(text).quoted


def test_a_row_that_its_cell_breaks_is_not_taken_for_lines_above_a_header() -> None:
    row = "a,b,c,d\n"
    broken = "a,b,c,x\r;\n"  # as a writer leaves it that does not quote a carriage return
    assert not looked_at(3 * row + broken + 2 * row).skip_lines


QUOTED = {
    "a writer for which a space needs quotes": 'id,name\n1,"Ann Lee"\n2,Bob\n3,"Al Anne"\n',
    "texts, and words for none and true": 'id,name\n1,"Ann"\n2,NA\n3,true\n4,\\N\n',
    "a header in quotes": '"id","name"\n1,Ann\n2,Bob\n',
    "dates below a header in quotes": '"id","born"\n"Ann",2001-02-03\n"Bob",2001-02-04\n',
    "one broken row of a file with a cell that needs them": 'id,name\n1,"a" b\n2,"a, b"\n3,c\n',
    "quotes in each text that are not doubled": 'id,name\n1,"a "b" c"\n2,"d"\n3,"e"\n',
    "marks within texts": 'id,name\n1,5" tape\n2,a "b" c\n',
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED)
def test_what_another_writer_quotes_is_not_taken_for_text(text: str) -> None:
    assert looked_at(text).quoted


TEXT = {
    "some titles of a column": (
        'id\ttitle\n1\t"gal"\n2\tlag\n3\tAl, "Bo"\n',
        "1 of 3 texts in column 2 begin and end with them",
    ),
    "a column of such texts alone beside": (
        'json\ttitle\n"[]"\tab\n"[]"\t"ba"\n"[]"\tb\n',
        "1 of 3 texts in column 2 begin and end with them",
    ),
    "broken quotes": ('id;title\n1;"a" b\n2;"\n3;c\n', "as quotes they are broken in 2 rows"),
    "open to the end": ('id\ttitle\n1\tb\n2\t"a\n3\tc\n', "as quotes they are broken in 1 rows"),
}


@pytest.mark.parametrize(("text", "reason"), TEXT.values(), ids=TEXT)
def test_what_no_writer_quotes_so_is_text(text: str, reason: str) -> None:
    found = looked_at(text)
    assert (found.quoted, found.unquoted_as, len(found.cells)) == (False, reason, 2)


def test_a_quote_that_the_first_block_cuts_is_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'id,note\n1,"a\n' + "2,b\n" * 3000
    assert not looked_at(text).quoted
    monkeypatch.setitem(text_blocks.__kwdefaults__, "block_size", 2000)
    assert looked_at(text).quoted
