"""Items that a parser would die of, or take minutes for: refused before it sees them."""

import json
from typing import Any

import pytest

from ingestion.codes import Code
from ingestion.errors import BadExtract
from ingestion.formats.depth import DEEPEST, WIDEST
from tests.ingestion.formats.dynamodb.test_reader import items_of
from tests.ingestion.formats.support import column, read

ITEMS = items_of(column("id"), column("doc"))
FIRST = b'{"Item":{"id":{"S":"a"}}}\n'


def nested(depth: int, spaced: int = 0) -> bytes:
    """A line with a list in a list and so on; `spaced` bytes of text inside of each."""
    inner = b'{"S":"' + b"y" * spaced + b'"},'
    lists = (b'{"L":[' + inner) * depth + b'{"N":"1"}' + b"]}" * depth
    return b'{"Item":{"id":{"S":"b"},"doc":' + lists + b"}}\n"


def plain(*items: dict[str, Any]) -> bytes:
    """Lines that are not packed: what repeats would pack to less than a 200th."""
    return b"".join(json.dumps({"Item": item}).encode() + b"\n" for item in items)


def refused(data: bytes) -> tuple[str, int | None, str]:
    with pytest.raises(BadExtract) as error:
        read(data, ITEMS, "t.json")
    return error.value.code, error.value.line, error.value.detail


@pytest.mark.parametrize("spaced", [0, 50])
def test_an_item_that_is_nested_deeper_than_any_is_refused_at_its_line(spaced: int) -> None:
    told = (Code.TOO_LARGE, 2, f"nested deeper than {DEEPEST} levels")
    assert refused(FIRST + nested(20_000, spaced) + FIRST) == told


def test_an_item_with_more_attributes_than_any_is_refused_at_its_line() -> None:
    many = b",".join(b'"a%d":{"S":"x"}' % number for number in range(100_000))
    line = b'{"Item":{"id":{"S":"b"},' + many + b"}}\n"
    assert refused(FIRST + line) == (Code.TOO_LARGE, 2, f"more than {WIDEST} attributes")


def test_what_dynamodb_itself_takes_is_read() -> None:
    deep = nested(31, 500)
    wide = {"id": {"S": "c"}, "doc": {"L": [{"N": "1"}] * 4_000}}
    text = {"id": {"S": "d"}, "doc": {"S": '{["' * 10_000}}
    assert len(read(FIRST + deep, ITEMS, "t.json").rows) == 2
    result = read(plain(wide, text), ITEMS, "t.json")
    assert [len(row["doc"]) for row in result.rows] == [len('{"N":"1"},') * 4_000 + 1, 30_000]


def test_a_text_that_is_nested_deeper_than_any_quarantines_its_row() -> None:
    extract = items_of(column("id"), column("first", within="doc"))
    deep = '{"first": ' + '{"a":' * 20_000 + "1" + "}" * 20_001
    items = (
        {"id": {"S": "a"}, "doc": {"S": '{"first": "x"}'}},
        {"id": {"S": "b"}, "doc": {"S": deep}},
    )
    result = read(plain(*items), extract, "t.json")
    assert [row["first"] for row in result.rows] == ["x"]
    assert result.codes == [(2, "first", "bad_json")]
