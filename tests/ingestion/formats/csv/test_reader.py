"""Whole CSV extracts through the reader: headers, layouts, rejects, and an oracle for all the rest."""

import re
import threading
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.errors import BadExtract
from ingestion.formats import rows_at
from ingestion.formats.csv import reader as csv_reader
from ingestion.formats.model import KEY_SEPARATOR
from tests.ingestion.formats import reference
from tests.ingestion.formats.support import (
    Bytes,
    column,
    extract_of,
    read,
    read_in_blocks,
)

PLAIN = extract_of(column("id"), column("name"))
TYPED = extract_of(
    column("id", "bigint"),
    column("amount", "decimal(12,2)", format="money"),
    column("day", "date", format="M/D/YYYY"),
    column("text"),
)
HEAD = b"id,amount,day,text\n"


def refusal(data: bytes | list[bytes], extract=PLAIN, name: str = "t.csv") -> BadExtract:
    with pytest.raises(BadExtract) as refused:
        read(data, extract, name)
    return refused.value


# the oracle

PIECES = st.sampled_from(
    [
        b'"',
        b'"',
        b",",
        b",",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b"a",
        b"b",
        b" ",
        b"\xc3\xa9",
        b"\x00",
        b"\xff",
    ]
)
BODIES = st.lists(PIECES, max_size=50).map(b"".join)


def expected_of(data: bytes) -> tuple[list[tuple[int, str | None, str | None]], list[tuple]]:
    """What lands of a body of two text columns, and which rows do not, by the rules."""
    landed, rejected = [], []
    for number, record in enumerate(reference.read(data)):
        line = record.line + 1
        cells = [cell.strip(b" \t") for cell in record.cells]
        if record.broken:
            columns = ["id", "name"][len(cells) - 1 : len(cells)]
            rejected.append((line, columns[0] if columns else None, "open_quote"))
        elif not any(cells):
            continue
        elif len(cells) != 2:
            rejected.append((line, None, "column_count"))
        else:
            codes = [
                "nul_byte" if b"\x00" in c else "encoding" if b"\xff" in c else None for c in cells
            ]
            bad = next((i for i, code in enumerate(codes) if code), None)
            if bad is not None:
                rejected.append((line, ["id", "name"][bad], codes[bad]))
            elif not cells[0]:
                rejected.append((line, "id", "null_key"))
            else:
                landed.append((number + 1, cells[0].decode(), cells[1].decode() or None))
    return landed, rejected


@given(BODIES, st.integers(1, 60))
@example(b'1,"a\r\nb"\r\n2,x\r3,"y" z\n\n4,"\xc3\xa9"\n', 7)
def test_any_body_lands_as_the_oracle_says_whatever_the_block_size(body: bytes, size: int):
    records = reference.read(body)
    last = records[-1] if records else None
    landed, rejected = expected_of(body)
    fitting = [
        len(r.cells) for r in records if not r.broken and any(c.strip(b" \t") for c in r.cells)
    ]
    if fitting and (3 in fitting) and (2 not in fitting or fitting.index(3) < fitting.index(2)):
        return  # a delimiter at each row's end has tests of its own
    data = b"id,name\n" + body
    if not records:
        code = "no_rows"
    elif last.tail == "open":
        code = "open_quote"
    elif last.tail == "unended" and not last.broken and len(last.cells) < 2:
        code = "truncated"
    elif not (landed or rejected):  # nothing but empty rows
        code = "no_rows"
    elif not landed and all(reject[2] == "encoding" for reject in rejected):
        code = "encoding"
    else:
        result = read_in_blocks(data, PLAIN, size)
        rows = [(row["_source_row"], row["id"], row["name"]) for row in result.rows]
        assert rows == landed
        assert result.codes == rejected
        empty = [r for r in records if not r.broken and not any(c.strip(b" \t") for c in r.cells)]
        assert result.rows_in == len(records) - len(empty)
        assert result.warnings["empty_row"] == len(empty)
        for reject in result.rejects:
            assert data[reject.offset :].startswith(reject.raw)
        return
    assert refusal(data).code == code


# headers


@pytest.mark.parametrize(
    ("header", "code", "line", "name"),
    [
        (b"id", "missing_column", 1, "name"),
        (b"id,name,extra", "unknown_column", 1, None),
        (b",id,name", "unknown_column", 1, None),
        (b"id,name,", "unknown_column", 1, None),
        (b"id,name,ID", "duplicate_column", 1, "id"),
        (b"17,Smith", "missing_header", 1, None),
        (b"id,Smith", "missing_header", 1, None),
        (b"Smith,Smith,id,id", "missing_header", 1, None),
        (b"id,ID", "duplicate_column", 1, "id"),
        (b"name,ID,Smith,Smith 2", "unknown_column", 1, None),
        (b"id,name,Smith,Smith", "duplicate_column", 1, None),
        (b"", "missing_header", 1, None),
        (b"id;name", "wrong_delimiter", 1, None),
        (b"id\tname", "wrong_delimiter", 1, None),
        (b'"id"|"name"', "wrong_delimiter", 1, None),
        (b'"id" x,name', "open_quote", 1, None),
        (b"id,\xffname", "encoding", 1, None),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header, code, line, name):
    error = refusal(header + b"\n1,a\n")
    assert (error.code, error.line, error.column) == (code, line, name)
    assert "Smith" not in str(error)


def test_a_name_that_is_not_repeated_is_told_by_its_place():
    assert refusal(b"id,name,Smith,Jones\n").detail == "column 3 of the file"
    assert refusal(b"id,name,Smith,Smith\n").detail == "column 4 of the file"


def test_a_first_line_of_values_is_no_header_though_every_column_is_optional():
    extract = extract_of(column("a", optional=True), column("b", optional=True), key="row")
    assert refusal(b"Smith,Jones\n", extract).code == "missing_header"
    assert read(b"b\nx\n", extract).rows == [{"a": None, "b": "x", "_source_row": 1}]


def test_columns_are_found_by_name_in_any_order_and_spelling():
    result = read(b' NAME ,"Id"\r\na,1\r\n', PLAIN)
    assert result.rows == [{"id": "1", "name": "a", "_source_row": 1}]
    assert result.warnings == Counter(header_spelling=1)
    assert read(b"name,id\na,1\n", PLAIN).warnings == Counter()


def test_optional_columns_may_be_absent_and_ignored_ones_are_dropped():
    extract = extract_of(
        column("id"), column("name", header="appName"), column("later", optional=True),
        ignored_headers=[""],
    )  # fmt: skip
    result = read(b",id,appName\n0,x,y\n1,z,w\n", extract)
    assert result.rows[1] == {"id": "z", "name": "w", "later": None, "_source_row": 2}
    assert result.warnings == Counter()
    assert read(b"id,appName,later\nx,y,z\n", extract).rows[0]["later"] == "z"


def test_a_byte_order_mark_is_stripped_and_counted_in_the_offset():
    result = read(b"\xef\xbb\xbfid,name\n1\n2,b\n", PLAIN)
    assert [(r.line, r.offset) for r in result.rejects] == [(2, 11)]


# structure


def test_one_empty_cell_more_at_each_end_is_warned_of_and_the_first_record_decides():
    result = read(b"id,name\n1,a,\n2,b,\n3,c\n4,d,x\n5,e, \n", PLAIN)
    assert [row["id"] for row in result.rows] == ["1", "2", "5"]
    assert result.codes == [(4, None, "column_count"), (5, None, "column_count")]
    assert result.warnings == Counter(trailing_delimiter=3)
    result = read(b"id,name,\n1,a,\n", PLAIN)
    assert (len(result.rows), result.warnings) == (1, Counter(trailing_delimiter=1))
    assert read(b"id,name\n1,a\n2,b,\n", PLAIN).codes == [(3, None, "column_count")]


def test_empty_lines_are_counted_before_a_record_and_not_after_the_last():
    result = read(b"id,name\r\n1,a\r\n\r\n2,b\r\n\r\n\r\n", PLAIN)
    assert (result.codes, result.rows_in, result.warnings) == ([], 2, {"empty_row": 1})
    assert result.rows[1]["_source_row"] == 3


def test_what_a_row_is_rejected_for_and_the_key_that_could_be_read():
    body = b"".join([
        b"1,x,2/30/2021,a\n",  # two bad cells: the first counts
        b'2,$1.00,1/2/2021,"a\n\x00"\n',  # the row as a whole comes first
        b"y,$1.00,1/2/2021,a\n",
        b" ,$1.00,1/2/2021,a\n",
        b"5,$1.00\n",
        b" 6 ,($1.00),1/2/2021,a\n",
    ])  # fmt: skip
    result = read(HEAD + body, TYPED)
    assert [(r.line, r.column, r.code, r.row_key) for r in result.rejects] == [
        (2, "amount", "bad_number", "1"),
        (3, "text", "nul_byte", "2"),
        (5, "id", "bad_number", None),
        (6, "id", "null_key", None),
        (7, None, "column_count", None),
    ]
    row = {"id": 6, "amount": Decimal("-1.00"), "day": date(2021, 1, 2), "text": "a"}
    assert result.rows == [row | {"_source_row": 6}]
    assert result.warnings == Counter(key_spaces=1)


def test_a_key_of_several_columns_is_joined_as_it_lands():
    extract = extract_of(
        column("day", "date", format="M/D/YYYY"), column("n", "bigint"), column("v", "bigint"),
        key=["n", "day"],
    )  # fmt: skip
    result = read(b"day,n,v\n1/2/2021,007,x\n", extract)
    assert result.rejects[0].row_key == f"7{KEY_SEPARATOR}2021-01-02"


def test_no_key_is_read_where_the_row_is_the_key():
    assert read(b"id,v\na,x\n", extract_of(column("id"), column("v", "bigint"), key="row")).rejects[
        0
    ].row_key is None  # fmt: skip


def test_only_so_much_of_a_bad_record_is_kept():
    result = read(b"id,name\n1," + b"x" * 70_000 + b"\n2,b\n", PLAIN)
    assert result.codes == [(2, "name", "value_too_long")]
    assert len(result.rejects[0].raw) == 65_536


@pytest.mark.parametrize(
    ("body", "code", "line", "name"),
    [
        (b"1,a\n2", "truncated", 3, None),
        (b'1,a\n2,"b\n3,c\n', "open_quote", 3, "name"),
        (b"1,\xff\n2,\xfe\n", "encoding", 2, "name"),
        (b"", "no_rows", None, None),
        (b"\n\r\n", "no_rows", None, None),
    ],
)
def test_a_file_is_refused_for_its_end_or_for_all_its_rows(body, code, line, name):
    error = refusal(b"id,name\n" + body)
    assert (error.code, error.line, error.column) == (code, line, name)


def test_an_empty_extract_is_warned_of_where_the_contract_allows_it():
    extract = extract_of(column("id"), may_be_empty=True)
    result = read(b"id\n", extract)
    assert (result.rows, result.rows_in, result.warnings) == ([], 0, Counter(no_rows=1))


def test_a_mark_at_a_records_start_is_text_that_is_stripped():
    """The parser takes a byte order mark at the start of its buffer for the file's own."""
    for size in (1, 8, 11, 100):
        result = read_in_blocks(b"id,name\n\xef\xbb\xbf1,a\n\xef\xbb\xbf2,b\n", PLAIN, size)
        assert [row["id"] for row in result.rows] == ["1", "2"]
        assert result.warnings == Counter(control_characters=2)


# without a header: DMS

DMS = {"header": False, "nulls": "NULL"}
CHANGES = {"header": False, "nulls": "NULL", "kind": "changes", "path": "s/c/{change_time}.csv"}


def test_null_is_null_unquoted_and_text_in_quotes():
    extract = extract_of(column("id"), column("name"), column("n", "bigint"), delivery=DMS)
    result = read(b'1,NULL,NULL\n2,"NULL",5\n3,"",\n', extract)
    assert [(row["name"], row["n"]) for row in result.rows] == [
        (None, None), ("NULL", 5), (None, None),
    ]  # fmt: skip
    assert read(b"NULL,a,1\n2,b,2\n", extract).codes == [(1, "id", "null_key")]


def test_the_first_fitting_record_tells_whether_the_optional_columns_are_there():
    extract = extract_of(column("id"), column("name"), column("later", optional=True), delivery=DMS)
    assert [r["later"] for r in read(b"1,a\n2,b\n", extract).rows] == [None, None]
    both = read(b"0\n1,a,x\n2,b\n", extract)
    assert [row["later"] for row in both.rows] == ["x"]
    assert both.codes == [(1, None, "column_count"), (3, None, "column_count")]


def test_a_full_load_may_carry_an_operation_in_front():
    extract = extract_of(column("id"), column("name"), delivery=DMS, also_changes=True)
    plain = {"id": "1", "name": "a", "_operation": None, "_source_row": 1}
    assert read(b"1,a\n", extract).rows == [plain]
    assert read(b"I,1,a\n", extract).rows == [plain]
    assert read(b"1,a,\n", extract).rows == [plain]


def test_changes_carry_their_operation():
    extract = extract_of(column("id"), column("name"), delivery=CHANGES)
    result = read(b"I,1,a\nU,1,b\nD,1,NULL\nX,2,c\n,3,d\n", extract)
    assert [(row["_operation"], row["name"]) for row in result.rows] == [
        ("I", "a"), ("U", "b"), ("D", None),
    ]  # fmt: skip
    assert [(r.line, r.column, r.code, r.row_key) for r in result.rejects] == [
        (4, "_operation", "bad_operation", "2"),
        (5, "_operation", "bad_operation", "3"),
    ]


TIME = b"2024-05-02 14:00:00.000000"
FULL = {"header": False, "path": "s/c/{load}.csv"}


@pytest.mark.parametrize(
    ("words", "data", "is_refused"),
    [
        (CHANGES, b"U,TIME,1,b\n", True),  # a column was dropped: the key would be a time
        (CHANGES, b"U,1,a,b,new\n", True),  # a column was added: it has no time
        (CHANGES, b"U,TIME,1,a,b,new\n", True),
        (CHANGES, b"U,TIME,1,a,b,new,newer\n", False),
        (FULL, b"TIME,1,b\n", True),
        (FULL, b"I,TIME,1,b\n", True),
    ],
)
def test_a_file_of_dms_with_other_columns_than_the_contract_shifts_none(
    words: dict[str, Any], data: bytes, is_refused: bool
) -> None:
    extract = extract_of(column("id"), column("name"), column("title"), delivery=words)
    data = data.replace(b"TIME", TIME)
    if is_refused:
        assert re.match(r"column_count at line 1 .*dms_columns", str(refusal(data, extract)))
    else:
        result = read(data, extract)
        assert (result.rows, result.codes) == ([], [(1, None, "column_count")])


OWN_TIME = [
    column("at", "timestamp", format="YYYY-MM-DD HH:MM:SS"),
    column("id"),
    column("later", optional=True),
]
OWN_DAY = [
    column("day", "date", format="YYYY-MM-DD HH:MM:SS", nulls="NULL"),
    column("id"),
    column("later", optional=True),
]
OWN_CODE = [column("code"), column("id"), column("later", optional=True)]


@pytest.mark.parametrize(
    ("columns", "words", "data", "ids"),
    [
        (OWN_TIME, FULL, b"TIME,1,a\n", ["1"]),
        (OWN_TIME, FULL, b"TIME,TIME,1,a\n", ["1"]),
        (OWN_TIME, FULL, b"TIME,TIME,1\n", "column_count"),  # or the second time is an id
        (OWN_TIME, {**FULL, "dms_columns": ["time"]}, b"TIME,TIME,1\n", ["1"]),
        (OWN_TIME, {**FULL, "dms_columns": []}, b"TIME,1,TIME\n", ["1"]),
        (OWN_DAY, FULL, b"2024-05-02 00:00:00.000000,1,a\n", ["1"]),
        (OWN_DAY, CHANGES, b"U,TIME,NULL,1,a\n", ["1"]),
        (OWN_CODE, {**FULL, "dms_columns": []}, b"TIME,1,a\n", ["1"]),
        (OWN_CODE, FULL, b"I,1\nU,2\n", ["1", "2"]),
        (OWN_CODE, FULL, b"I,1,a\n", "column_count"),  # or an operation before a code
        (OWN_CODE, {**FULL, "dms_columns": []}, b"I,1,a\n", ["1"]),
        (OWN_CODE, {**FULL, "dms_columns": ["operation"]}, b"I,x,1\n", ["1"]),
        (OWN_CODE, {**FULL, "dms_columns": ["time", "operation"]}, b"I,TIME,x,1,a\n", ["1"]),
    ],
)
def test_a_file_of_dms_that_may_be_read_in_two_ways_is_refused_until_the_contract_says_which(
    columns: list[dict[str, Any]], words: dict[str, Any], data: bytes, ids: list[str] | str
) -> None:
    extract, data = extract_of(*columns, delivery=words), data.replace(b"TIME", TIME)
    if isinstance(ids, str):
        error = refusal(data, extract)
        assert (error.code, error.line) == (ids, 1) and "dms_columns" in str(error)
    else:
        assert [row["id"] for row in read(data, extract).rows] == ids


def test_a_declared_time_that_is_none_is_quarantined() -> None:
    words = {**CHANGES, "dms_columns": ["operation", "time"]}
    extract = extract_of(column("id"), column("name"), delivery=words)
    result = read(b"U,%s,1,a\nU,x,2,b\n" % TIME, extract)
    assert [row["id"] for row in result.rows] == ["1"]
    assert result.codes == [(2, "_time", "bad_time")]


def test_without_a_header_the_delimiter_shows_in_the_first_record():
    extract = extract_of(column("id"), column("name"), delivery=DMS)
    assert refusal(b"1;a\n2;b\n", extract).code == "wrong_delimiter"
    assert refusal(b'"1"|"a"\n', extract).code == "wrong_delimiter"


@pytest.mark.parametrize(
    "data",
    [
        b'{"id":"1","name":"a"}\n{"id":"2","name":"b"}\n',
        b'{"id": 1, "name": "a"}\n',
        b'[{"id":"1","name":"a"},\n {"id":"2","name":"b"}]\n',
        b'\xef\xbb\xbf[\n  {\n    "id": "1",\n    "name": "a"\n  }\n]\n',
        b'[{"id":"1"}]',
    ],
)
@pytest.mark.parametrize("words", [DMS, {"header": False}])
def test_json_is_refused_without_a_header_too(words: dict[str, Any], data: bytes) -> None:
    error = refusal(data, extract_of(column("id"), column("name"), delivery=words))
    assert (error.code, error.line) == ("wrong_format", 1)


def test_a_first_cell_of_json_is_a_cell_without_a_header() -> None:
    extract = extract_of(column("id"), column("name"), delivery={"header": False})
    quoted, plain = b'"{""a"":1}",x\n', b'{"a":1},y\n'
    for data in (quoted + plain, plain + quoted):
        assert [row["id"] for row in read(data, extract).rows] == ['{"a":1}', '{"a":1}']
    texts = extract_of(column("id"), delivery={"header": False})
    assert [row["id"] for row in read(b'{"a":1}\n', texts).rows] == ['{"a":1}']


def test_parts_are_counted_on_and_each_header_is_read():
    result = read([b"id,name\n1,a\n2\n\n", b"name,id\nb,3,x\nc,4\n"], PLAIN)
    assert [(row["id"], row["_source_row"]) for row in result.rows] == [("1", 1), ("4", 4)]
    assert [(r.line, r.offset) for r in result.rejects] == [(3, 12), (6, 23)]


# the second pass


def test_single_records_are_read_again_with_their_keys(monkeypatch):
    monkeypatch.setattr(csv_reader, "MAX_ROWS", 3)
    body = b"".join(b'%d,$1.00,1/2/2021,"a\nb"\n' % n for n in range(1, 11))
    parts = [Bytes("t.csv", HEAD + body)]
    found = list(rows_at(parts, TYPED, {1, 4, 10}))
    assert [(r.line, r.row_key, r.code, r.column) for r in found] == [
        (2, "1", "key_conflict", "id"),
        (8, "4", "key_conflict", "id"),
        (20, "10", "key_conflict", "id"),
    ]
    assert found[1].raw == b'4,$1.00,1/2/2021,"a\nb"'
    assert (HEAD + body)[found[2].offset :].startswith(b"10,")


def test_small_batches_give_the_same_rows(monkeypatch):
    body = b"".join(b"%d,x%d\n" % (n, n) if n % 7 else b"%d\n" % n for n in range(1, 100))
    whole = read(b"id,name\n" + body, PLAIN)
    monkeypatch.setattr(csv_reader, "MAX_ROWS", 4)
    assert read(b"id,name\n" + body, PLAIN) == whole
    assert len(whole.rejects) == 14


def test_stopping_early_ends_the_threads():
    before = {*threading.enumerate()}
    data = b"id,name\n" + b"".join(b"%d,a\n" % n for n in range(100_000))
    batches = csv_reader.CsvReader([Bytes("t.csv", data)], PLAIN, 10_000).batches()
    next(batches)
    assert {*threading.enumerate()} - before
    batches.close()
    assert not {*threading.enumerate()} - before


def test_rows_without_anything_in_them_are_skipped_and_counted() -> None:
    nothing = [b",,,", b'"","","",""', b' ,"\t",,', b",\xc2\xa0,,", b"", b",", b",,,,,"]
    rows = [b"1,2.50,1/2/2026,a", *nothing, b"2,$ -,1/3/2026 0:00,", b',,,","', b'"",,,x', *nothing]
    result = read(HEAD + b"\n".join(rows) + b"\n", SHEET)
    assert [(row["id"], row["amount"], row["_source_row"]) for row in result.rows] == [
        (1, Decimal("2.50"), 1), (2, Decimal(0), 9),
    ]  # fmt: skip
    assert result.codes == [(11, "id", "null_key"), (12, "id", "null_key")]
    assert (result.rows_in, result.warnings["empty_row"]) == (4, 2 * len(nothing))


def test_an_empty_cell_that_is_a_text_makes_no_row_empty() -> None:
    extract = extract_of(column("a", empty="text"), column("b"), key="row")
    result = read(b"a,b\n,\n", extract)
    assert (result.rows, result.warnings) == ([{"a": "", "b": None, "_source_row": 1}], {})


SHEET = extract_of(
    column("id", "bigint"),
    column("amount", "decimal(12,2)", format="money"),
    column("day", "date", format=["M/D/YYYY", "M/D/YYYY H:MM"]),
    column("text"),
)


def test_what_a_spreadsheet_saves_lands_and_its_total_does_not() -> None:
    data = (
        b'\xef\xbb\xbfsep=;\r\n id ; Amount;day;text;;\r\n1; $ 1,234.50 ;1/2/2026 0:00;"a;b";;\r\n;;;;;\r\n'
        b"2; $ (12.50);1/3/2026;;;\r\n3; $ -   ;1/4/2026;c;;\r\nTotal; $ 1,222.00 ;;;;\r\n;;;;;\r\n"
    )
    result = read(data, SHEET)
    assert [(row["id"], row["amount"], row["day"], row["text"]) for row in result.rows] == [
        (1, Decimal("1234.50"), date(2026, 1, 2), "a;b"),
        (2, Decimal("-12.50"), date(2026, 1, 3), None),
        (3, Decimal(0), date(2026, 1, 4), "c"),
    ]
    assert result.codes == [(7, "id", "bad_number")]
    assert result.rejects[0].offset == data.removeprefix(b"\xef\xbb\xbf").index(b"Total") + 3
    assert result.warnings == {"empty_row": 2, "header_spelling": 1, "trailing_delimiter": 3}


@pytest.mark.parametrize("line", [b'"sep=|"\n', b"SEP=|\r"])
def test_a_file_may_say_its_delimiter_whatever_the_contract_says(line: bytes) -> None:
    parts = [line + b"id|name\n1|a,b\n", b"id,name\n2,c\n"]
    result = read(parts, PLAIN)
    assert [row["name"] for row in result.rows] == ["a,b", "c"]
    again = list(rows_at([Bytes("t.csv", part) for part in parts], PLAIN, {1}))
    assert [(reject.row_key, reject.raw) for reject in again] == [("1", b"1|a,b")]


TITLED = extract_of(column("id"), column("name"), delivery={"skip_lines": 3})


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), min_size=3, max_size=3
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.integers(1, 40),
)
@example(["", '"', "sep=;"], "\r\n", True, 1)
def test_lines_above_the_header_are_not_read_whatever_is_in_them(
    titles: list[str], end: str, marked: bool, size: int
) -> None:
    table = f'id,name{end}1,"a{end}b"{end}{end}2{end}3,c{end}'.encode()
    above = "".join(title + end for title in titles).encode()
    data = (b"\xef\xbb\xbf" if marked else b"") + b"x" + above + table
    plain, titled = read(table, PLAIN), read_in_blocks(data, TITLED, size)
    assert titled.rows == plain.rows and titled.warnings == plain.warnings
    (reject,), (other,) = titled.rejects, plain.rejects
    assert reject.line == other.line + 3 and data[reject.offset :].startswith(b"2")


@pytest.mark.parametrize("above", [b"", b"a\n", b"a\nb\nc\nd\n"])
def test_another_number_of_lines_above_the_header_is_refused(above: bytes) -> None:
    assert refusal(above + b"id,name\n1,a\n2,b\n", TITLED).code == "missing_header"


def test_each_part_has_its_lines_above_its_header() -> None:
    part = b"a\nb\nc\nid,name\n%d,a\n%d\n"
    result = read([part % (1, 2), part % (3, 4)], TITLED)
    assert [row["id"] for row in result.rows] == ["1", "3"]
    assert [reject.line for reject in result.rejects] == [6, 12]


def test_padding_must_be_empty_and_as_wide_as_the_headers() -> None:
    assert read(b"id,name,,\n1,a,,\n2,b,,x\n3,c\n", PLAIN).codes == [
        (3, None, "column_count"), (4, None, "column_count"),
    ]  # fmt: skip
    assert refusal(b"id,name,,\n1,a,\n").code == "unknown_column"


LOADS = {"path": "s/dms/{load}.csv"}
STAMP = b"2026-01-31 10:00:00.123456"


@pytest.mark.parametrize("header", [b"", b"Op,written_at,id,name\n"])
@pytest.mark.parametrize("also_changes", [True, False])
def test_a_full_load_of_dms_may_have_operation_and_time_in_front(
    header: bytes, also_changes: bool
) -> None:
    extract = extract_of(
        column("id"), column("name"),
        delivery=LOADS | {"header": bool(header)}, also_changes=also_changes,
    )  # fmt: skip
    result = read(header + b"I," + STAMP + b",1,a\nI," + STAMP + b",2,b\n", extract)
    assert [(row["id"], row["name"]) for row in result.rows] == [("1", "a"), ("2", "b")]
    assert {row.get("_operation") for row in result.rows} == {None}
    names = header.replace(b"Op,", b"")
    result = read(names + STAMP + b",1,a\nlate,2,b\n", extract)
    assert [(row["id"], row["name"]) for row in result.rows] == [("1", "a")]
    assert result.codes == [(2 + bool(header), "_time", "bad_time")]
    names = header.replace(b"written_at,", b"")
    assert [row["id"] for row in read(names + b"I,1,a\n", extract).rows] == ["1"]
    names = names.replace(b"Op,", b"")
    assert [row["id"] for row in read(names + b"1,a\n", extract).rows] == ["1"]


def test_changes_of_dms_may_have_a_time_behind_the_operation() -> None:
    changes = {"path": "s/c/{change_time}.csv", "kind": "changes", "header": False}
    extract = extract_of(column("id"), column("name", optional=True), delivery=changes)
    result = read(b"I," + STAMP + b",1,a\nD," + STAMP + b",2,b\n", extract)
    assert [(row["id"], row["_operation"]) for row in result.rows] == [("1", "I"), ("2", "D")]
    assert [row["id"] for row in read(b"I,1,a\n", extract).rows] == ["1"]


def test_a_column_in_front_that_holds_no_time_of_dms_is_unknown() -> None:
    extract = extract_of(column("id"), column("name"), delivery=LOADS)
    for text in (b"Op,email,id,name\nI,a@b.example,1,a\n", b"email,id,name\na@b.example,1,a\n"):
        error = refusal(text, extract)
        assert (error.code, error.column) == ("unknown_column", None)
    plain = extract_of(column("id"), column("name"))
    assert refusal(b"Op,id,name\nI,1,a\n", plain).code == "unknown_column"
    assert refusal(b"written_at,id,name\n" + STAMP + b",1,a\n", plain).code == "unknown_column"
