"""Lines of DynamoDB exports: types, spellings, sparse items, what stands inside a text, changes, refusals."""

import base64
import gzip
import json
import random
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.contract import Table
from ingestion.errors import BadExtract
from ingestion.formats import Extract, rows_at
from ingestion.formats.dynamodb.lines import lines_of
from ingestion.formats.values.cells import plain_text
from tests.ingestion import dynamodb
from tests.ingestion.formats.support import EXTRACT_DATE, Bytes, Result, column, extract_of, read


def items_of(*columns: dict[str, Any], kind: str = "full", **words: Any) -> Extract:
    path = "s/AWSDynamoDB/{export_id}/manifest-summary.json"
    deliveries = [{"path": path, "kind": k, "file": "dynamodb"} for k in ("full", "changes")]
    table = Table.model_validate(
        {"source": "s", "name": "t", "columns": columns, "key": ["id"], "deliveries": deliveries}
        | words
    )
    delivery = next(d for d in table.deliveries if d.kind == kind)
    return Extract(table, delivery, EXTRACT_DATE, datetime(2026, 1, 31), "s/t")


def read_items(extract: Extract, *items: dict[str, Any]) -> Result:
    return read(dynamodb.lines(dynamodb.full(*items)), extract, "t.json.gz")


def test_typed_values_become_the_contracts_types_and_no_digit_is_lost() -> None:
    extract = items_of(
        column("id"),
        column("fare", "decimal(38,18)", header="FARE"),
        column("seats", "bigint"),
        column("done", "boolean"),
        column("at", "timestamp", format=["YYYY-MM-DD HH:MM:SS", "YYYY-MM-DDTHH:MM:SSZ"]),
        column("day", "date", header="on", format="YYYY-MM-DD"),
        column("text"),
    )
    digits = "12345678901234567890.123456789012345678"
    result = read_items(
        extract,
        {"id": {"N": "103"}, "FARE": {"N": digits}, "seats": {"N": "9007199254740993"},
         "done": {"BOOL": True}, "at": {"S": "2024-04-08T04:53:55Z"}, "on": {"S": "2024-04-08"},
         "text": {"B": "aGVsbG8="}},
        {"id": {"S": "x"}, "FARE": {"S": "1.50"}, "seats": {"N": "1E+2"}, "done": {"BOOL": False},
         "at": {"S": "2024-04-08 04:53:55.25"}, "text": {"S": "größer \u2028"}},
        {"id": {"S": "z"}, "FARE": {"NULL": True}, "text": {"BOOL": True}},
    )  # fmt: skip
    assert result.rejects == []
    first, second, third = result.rows
    assert first == {
        "id": "103", "fare": Decimal(digits), "seats": 9007199254740993, "done": True,
        "at": datetime(2024, 4, 8, 4, 53, 55), "day": date(2024, 4, 8), "text": "aGVsbG8=",
        "_operation": None, "_source_row": 1,
    }  # fmt: skip
    assert second["fare"] == Decimal("1.5")
    assert (second["seats"], second["done"]) == (100, False)
    assert second["at"] == datetime(2024, 4, 8, 4, 53, 55, 250_000)
    assert second["text"] == "größer"
    assert third["text"] == "true"
    assert [third[name] for name in ("fare", "seats", "done", "at", "day")] == [None] * 5
    assert result.warnings == Counter(control_characters=1)


def test_bytes_are_hexadecimal_digits_where_the_contract_says_so() -> None:
    extract = items_of(column("id", binary="hex"), column("text"))
    items = [{"id": {"B": "AAH/"}, "text": {"B": "AAH/"}}, {"id": {"S": "AAH/"}}, {"id": {"B": ""}}]
    result = read_items(extract, *items)
    assert [(row["id"], row["text"]) for row in result.rows] == [("0001ff", "AAH/"), ("AAH/", None)]
    assert result.codes == [(3, "id", "null_key")]
    exponent = read_items(extract, {"id": {"B": base64.b64encode(b"\x12\xe4").decode()}})
    assert [row["id"] for row in exponent.rows] == ["12e4"]
    with pytest.raises(BadExtract, match=r"wrong_type at line 2.*base64") as refused:
        read_items(extract, items[0], {"id": {"B": "Zoë!"}})
    assert "Zo" not in str(refused.value)


def test_documents_lists_and_sets_are_kept_as_their_json_and_are_no_numbers() -> None:
    extract = items_of(column("id"), column("more"), column("n", "decimal(5,2)"))
    values: list[dict[str, Any]] = [
        {"M": {"a": {"N": "1.10"}, "b": {"L": [{"S": "x"}, {"NULL": True}]}}},
        {"SS": ["b", "a"]}, {"NS": ["1.10", "2"]}, {"BS": ["aGk="]}, {"L": []}, {"S": "plain"},
    ]  # fmt: skip
    result = read_items(extract, *({"id": {"N": str(n)}, "more": v} for n, v in enumerate(values)))
    assert [row["more"] for row in result.rows] == [
        '{"a":{"N":"1.10"},"b":{"L":[{"S":"x"},{"NULL":true}]}}',
        '["b","a"]', '["1.10","2"]', '["aGk="]', "[]", "plain",
    ]  # fmt: skip
    wrong = read_items(extract, {"id": {"N": "1"}, "n": {"L": [{"N": "1"}]}}, {"id": {"N": "2"}})
    assert wrong.codes == [(1, "n", "bad_number")]


def test_two_spellings_of_one_attribute_are_one_column_unless_they_differ() -> None:
    extract = items_of(column("id"), column("paid", "bigint", header="PAIDR", also=["PAIDT"]))
    result = read_items(
        extract,
        {"id": {"N": "1"}, "PAIDR": {"N": "4"}},
        {"id": {"N": "2"}, "PAIDT": {"N": "5"}},
        {"id": {"N": "3"}, "PAIDR": {"N": "6"}, "PAIDT": {"N": "6"}},
        {"id": {"N": "4"}, "PAIDR": {"N": "6"}, "PAIDT": {"N": "7"}},
    )
    assert [row["paid"] for row in result.rows] == [4, 5, 6]
    assert result.codes == [(4, "paid", "duplicate_column")]


def test_a_csv_may_have_either_spelling_but_not_both() -> None:
    extract = extract_of(column("id"), column("paid", "bigint", header="PAIDR", also=["PAIDT"]))
    assert read(b"id,PAIDT\n1,4\n", extract).rows[0]["paid"] == 4
    assert read(b"PAIDR,id\n5,1\n", extract).rows[0]["paid"] == 5
    with pytest.raises(BadExtract, match="duplicate_column"):
        read(b"id,PAIDR,PAIDT\n1,4,4\n", extract)
    with pytest.raises(BadExtract, match="missing_column"):
        read(b"id\n1\n", extract_of(column("id"), column("paid", header="X", also=["Y"])))


def test_what_stands_inside_a_text_is_taken_out_and_the_rest_of_it_is_not_landed() -> None:
    inside = [
        column("driver_name", header="name", within="Details", also=["DRIVER_NAME"]),
        column("driver_score", "decimal(20,16)", header="score", within="Details"),
        column("vehicle_id", header="The Vehicle.id", within="Details"),
    ]
    extract = items_of(column("id"), *inside)
    texts = [
        '{"name": "Zqx", "score": 4.8000000000000001}', '{"DRIVER_NAME": "Yqx", "car": {"a": 1}}',
        "{}", "", "[1]", "{'name': 1}", '{"score": "1e2", "The Vehicle": {"id": "V1", "type": 2}}',
    ]  # fmt: skip
    items = [{"id": {"N": str(n)}, "Details": {"S": text}} for n, text in enumerate(texts)]
    result = read_items(extract, *items, {"id": {"N": "9"}})
    found = {row["id"]: (row["driver_name"], row["driver_score"]) for row in result.rows}
    assert [row["vehicle_id"] for row in result.rows if row["vehicle_id"]] == ["V1"]
    assert found == {
        "0": ("Zqx", Decimal("4.8000000000000001")), "1": ("Yqx", None), "2": (None, None),
        "3": (None, None), "6": (None, Decimal(100)), "9": (None, None),
    }  # fmt: skip
    assert result.codes == [(5, "driver_name", "bad_json"), (6, "driver_name", "bad_json")]
    assert result.warnings == Counter(unknown_field=2)


VEHICLES = [
    column("driver", header="Name", within="Details"),
    column("plate", header="Car.id", within="Details"),
    column("kind", "bigint", header="Car.type", within="Details"),
]
SHORT = st.text(max_size=4)
CARS = st.fixed_dictionaries({}, optional={"id": SHORT, "type": st.integers(-(2**63), 2**63 - 1)})
PLAIN = st.fixed_dictionaries({}, optional={"Name": st.none() | SHORT, "Car": CARS})
ODD = st.fixed_dictionaries(
    {}, optional={"Name": st.integers() | st.booleans() | CARS, "Car": SHORT | st.none(), "New": SHORT}
)  # fmt: skip
SPELT = st.sampled_from([
    "", "{}", " {} ", "{\n}", "[1]", "{'a': 1}", "{}{}", '{"Name": "a}', '{"Name": "a", "Name": "b"}',
    '{"Name": "2024-04-08"}', '{"Car": {"type": 1.0}}', '{"Car": {"type": 1e2}}', r'{"Name": "\ud800"}',
])  # fmt: skip


def expect_the_same_alone_and_together(extract: Extract, items: list[Any]) -> None:
    """Each item's row, codes and warnings, read by itself and beside the others."""
    alone = [read_items(extract, item) for item in items]
    together = read_items(extract, *items)
    assert [row | {"_source_row": 1} for row in together.rows] == [
        row for result in alone for row in result.rows
    ]
    assert [code for _, *code in together.codes] == [
        code for result in alone for _, *code in result.codes
    ]
    assert together.warnings == sum((result.warnings for result in alone), Counter())


@pytest.mark.slow
@given(st.lists(st.one_of(PLAIN, PLAIN, PLAIN, ODD, SPELT), min_size=1, max_size=6))
def test_what_stands_inside_a_text_does_not_depend_on_the_texts_beside_it(inner: list[Any]) -> None:
    texts = [text if isinstance(text, str) else json.dumps(text) for text in inner]
    items = [{"id": {"N": str(n)}, "Details": {"S": text}} for n, text in enumerate(texts)]
    extract = items_of(column("id"), *VEHICLES)
    expect_the_same_alone_and_together(extract, items)


@pytest.mark.slow
@given(st.lists(PLAIN, min_size=1, max_size=6))
def test_what_stands_inside_plain_texts_is_what_json_says_of_them(inner: list[Any]) -> None:
    items = [
        {"id": {"N": str(n)}, "Details": {"S": json.dumps(text)}} for n, text in enumerate(inner)
    ]
    result = read_items(items_of(column("id"), *VEHICLES), *items)
    found = {int(row["id"]): (row["driver"], row["plate"], row["kind"]) for row in result.rows}
    cars = [text.get("Car", {}) for text in inner]
    expected = [
        (text.get("Name"), car.get("id"), car.get("type"))
        for text, car in zip(inner, cars, strict=True)
    ]
    for row, (name, plate, kind) in found.items():
        said = expected[row]
        assert (name, plate, kind) == (cleaned(said[0]), cleaned(said[1]), said[2])
    assert {n for n, *_ in result.codes} == {
        n for n, said in enumerate(expected, 1) if any("\0" in text for text in said[:2] if text)
    }


@pytest.mark.parametrize("others", [[], ["[1]"]])
def test_what_is_no_text_inside_a_text_is_quarantined(others: list[str]) -> None:
    texts = [r'{"Name": "\ud800"}', '{"Name": "~"}', '{"Name": "a"}', *others]
    items = [{"id": {"N": str(n)}, "Details": {"S": text}} for n, text in enumerate(texts)]
    data = "".join(f"{json.dumps({'Item': item})}\n" for item in items).encode()
    result = read(data.replace(b"~", b"\xff"), items_of(column("id"), *VEHICLES), "t.json")
    assert [code for *_, code in result.codes] == [
        "bad_json",
        "encoding",
        *["bad_json" for _ in others],
    ]
    assert [row["driver"] for row in result.rows] == ["a"]


def cleaned(text: str | None) -> str | None:
    """A cell as landing keeps it."""
    return plain_text(text or "") or None


def test_a_text_where_a_number_is_expected_is_bad_by_its_own_spelling_also_where_it_is_a_time() -> (
    None
):
    extract = items_of(column("id", "bigint"), column("n", "decimal(5,2)"))
    result = read_items(
        extract,
        {"id": {"S": "7"}, "n": {"S": "2024-04-08"}},
        {"id": {"S": "2024-04-08T10:00:00Z"}},
        {"id": {"S": "8"}, "n": {"S": "1.5"}},
    )
    assert result.codes == [(1, "n", "bad_number"), (2, "id", "bad_number")]
    assert [row["n"] for row in result.rows] == [Decimal("1.5")]


VALUES = st.sampled_from([
    {"N": "1.5"}, {"S": "1.5"}, {"S": ""}, {"S": "x"}, {"S": "2024-04-08"}, {"B": "MS41"}, {"BOOL": True},
    {"NULL": True}, {"SS": ["1"]}, {"M": {"n": {"N": "2"}}}, {"M": {"text": {"S": "2"}}},
])  # fmt: skip


@pytest.mark.slow
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6))
def test_what_a_value_comes_to_does_not_depend_on_the_types_before_it(values: list[Any]) -> None:
    extract = items_of(column("id"), column("n", "double"), column("text"))
    items = [{"id": {"S": str(i)}, "n": n, "text": text} for i, (n, text) in enumerate(values)]
    expect_the_same_alone_and_together(extract, items)


@pytest.mark.parametrize("wrap", [lambda n: {"N": str(n)}, lambda n: n])
def test_changes_are_operations_in_the_order_of_their_writing(wrap: Any) -> None:
    written = column("written", "bigint", header="Metadata.WriteTimestampMicros")
    extract = items_of(column("id"), column("name"), written, kind="changes")
    as_time = column("at", "timestamp", header="Metadata.WriteTimestampMicros")
    timed = items_of(column("id"), as_time, kind="changes")
    for micros, at in [
        (1_712_552_035_000_999, datetime(2024, 4, 8, 4, 53, 55)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999_000)),
    ]:
        change = dynamodb.change({"id": {"S": "a"}}, None, None, wrap(micros))
        (row,) = read(dynamodb.lines([change]), timed, "t.json.gz").rows
        assert row["at"] == at
    key = {"id": {"S": "a"}}
    new, old = key | {"name": {"S": "n"}}, key | {"name": {"S": "o"}, "gone": {"S": "2024-01-01"}}
    result = read(
        dynamodb.lines([
            dynamodb.change(key, new, None, wrap(5)),
            dynamodb.change(key, new, old, wrap(6)),
            dynamodb.change(key, None, old, wrap(7)),
            dynamodb.change(key, None, None, wrap(8)),
        ]),
        extract,
        "t.json.gz",
    )  # fmt: skip
    assert [tuple(row.values()) for row in result.rows] == [
        ("a", "n", 5, "I", 1), ("a", "n", 6, "U", 2), ("a", None, 7, "D", 3), ("a", None, 8, "D", 4),
    ]  # fmt: skip


def test_what_is_no_text_is_quarantined_also_as_the_time_of_a_change() -> None:
    written = column("written", "bigint", header="Metadata.WriteTimestampMicros")
    extract = items_of(column("id"), column("name"), written, kind="changes")
    key = {"id": {"S": "a"}}
    changes = [
        dynamodb.change(key, key | {"name": {"S": name}}, None, {"N": time})
        for name, time in (("Núñez", "5"), ("~", "6"), ("b", "~"))
    ]
    data = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in changes).encode()
    result = read(data.replace(b"~", b"\xff"), extract, "t.json")
    assert result.codes == [(2, "name", "encoding"), (3, "written", "encoding")]
    assert [row["name"] for row in result.rows] == ["Núñez"]


def test_what_is_no_text_is_quarantined_also_in_and_beside_a_document() -> None:
    documents = [{"M": {"a": {"S": text}}} for text in ("b", "~", "c")]
    items = [
        {"id": {"S": str(n)}, "text": {"S": text}, "document": document}
        for n, (text, document) in enumerate(zip("~bc", documents, strict=True))
    ]
    data = gzip.decompress(dynamodb.lines(dynamodb.full(*items))).replace(b"~", b"\xff")
    result = read(data, items_of(column("id"), column("text"), column("document")), "t.json")
    assert result.codes == [(1, "text", "encoding"), (2, "document", "encoding")]
    assert [row["document"] for row in result.rows] == ['{"a":{"S":"c"}}']


def test_an_attribute_without_a_column_refuses_the_export_and_is_told_by_its_place() -> None:
    items = [{"id": {"N": "1"}}, {"id": {"N": "2"}, "NEW_ONE": {"S": "secret"}}]
    with pytest.raises(BadExtract) as refused:
        read_items(items_of(column("id")), *items)
    error = refused.value
    assert (error.code, error.line, error.column) == ("unknown_column", 2, None)
    assert error.detail == "attribute 2 of the item"
    assert "secret" not in str(error)
    kept = items_of(column("id"), ignored_headers=["NEW_ONE"])
    assert len(read_items(kept, *items).rows) == 2


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('{"Item": {"id": {"S": "secret"}}', "no JSON"),
        ("secret", "no JSON"),
        ('["secret"]', "no object"),
        ('{"Item": "secret"}', "Item is not an object"),
        ('{"Item": {"id": "secret"}}', "attribute id"),
        ('{"Item": {"n": {"N": "1"}, "id": {"S": 5}}}', "attribute id"),
        ('{"Item": {"id": {"S": "a"}, "more": {"S": 5}}}', "attribute 2 of the item"),
        ('{"Item": {"id": {"S": "a"}, "n": {"M": {"secret": {"L": [{"N": 1}]}}}}}', "attribute n"),
    ],
)
def test_what_is_no_item_refuses_the_export_by_line_and_attribute_without_a_word_of_it(
    line: str, place: str
) -> None:
    nested = {"M": {"secret": {"L": [{"N": "1"}]}}}
    good = json.dumps({"Item": {"id": {"S": "a"}, "n": nested, "more": {"S": "x"}}})
    extract = items_of(column("id"), column("n"), ignored_headers=["more"])
    with pytest.raises(BadExtract) as refused:
        read(f"{good}\n\n{good}\n{line}\n{good}\n".encode(), extract, "t.json")
    error = refused.value
    assert (error.code, error.line) == ("wrong_type", 3)  # an empty line counts for none
    assert error.detail == f"{place}: no DynamoDB JSON"
    assert "secret" not in str(error)


def test_what_is_no_change_is_told_by_line_and_attribute() -> None:
    good = {"Metadata": {"WriteTimestampMicros": {"N": "1"}}, "Keys": {"id": {"S": "a"}}}
    bad = good | {"OldImage": {"id": {"S": "a"}, "n": 7}}
    with pytest.raises(BadExtract) as refused:
        read(
            dynamodb.lines([good, bad]),
            items_of(column("id"), column("n"), kind="changes"),
            "t.json.gz",
        )
    error = refused.value
    assert (error.line, error.detail) == (2, "attribute n: no DynamoDB JSON")


def test_a_line_that_does_not_fit_the_lines_before_it_is_told_by_its_number() -> None:
    """Each is DynamoDB's own by itself."""
    fit, bare = (
        {"Metadata": {"WriteTimestampMicros": micros}, "Keys": {"id": {"S": "a"}}}
        for micros in ({"N": "1"}, 1)
    )
    for odd in (1, 2, 700):
        lines = dynamodb.lines([*[fit] * odd, bare, *[fit] * 3])
        with pytest.raises(BadExtract) as refused:
            read(lines, items_of(column("id"), kind="changes"), "t.json.gz")
        error = refused.value
        assert (error.code, error.line) == ("wrong_type", odd + 1)
        assert error.detail == "a value of an unexpected form: no DynamoDB JSON"


def test_items_are_numbered_over_all_files_and_a_bad_one_keeps_its_line() -> None:
    extract = items_of(column("id"), column("n", "bigint"))
    parts = [
        dynamodb.lines(dynamodb.full({"id": {"S": "a"}, "n": {"N": "1"}})),
        dynamodb.lines([]),
        b"",
        dynamodb.lines(dynamodb.full({"id": {"S": "b"}, "n": {"S": "x"}}, {"n": {"N": "2"}})),
    ]
    result = read(parts, extract, "t.json.gz")
    assert result.codes == [(2, "n", "bad_number"), (3, "id", "null_key")]
    assert [reject.row_key for reject in result.rejects] == ["b", None]
    assert json.loads(result.rejects[0].raw) == {"Item": {"id": {"S": "b"}, "n": {"S": "x"}}}
    first_line = len(json.dumps({"Item": {"id": {"S": "a"}, "n": {"N": "1"}}})) + 1
    assert result.rejects[0].offset == first_line
    kept = [Bytes("t.json.gz", part) for part in parts]
    (again,) = rows_at(kept, extract, {1})
    assert (again.line, again.code, again.row_key) == (1, "key_conflict", "a")
    with pytest.raises(BadExtract, match="no_rows"):
        read([dynamodb.lines([]), b""], extract, "t.json.gz")


def test_the_lines_are_the_same_however_they_are_cut() -> None:
    text = b'{"a": 1}\n\n  \r\n{"b": 2}\r\n{"c": 3}'
    limits = items_of(column("id")).table.limits
    for size in (1, 9, 1000):
        parts = [Bytes("x.json", text), Bytes("y.json", b"\n{}\n")]
        found = [
            (lines.number + n, lines.raw(n).strip())
            for lines in lines_of(parts, limits, size)
            for n in range(len(lines))
        ]
        assert found == [(1, b'{"a": 1}'), (2, b'{"b": 2}'), (3, b'{"c": 3}'), (4, b"{}")]


@pytest.mark.slow
def test_every_stretch_of_a_large_export_lands_in_order() -> None:
    extract = items_of(column("id", "bigint"), column("text"))
    chance = random.Random(1)
    items = [
        {"id": {"N": str(n)}, "text": {"S": chance.randbytes(400).hex()}} for n in range(12_000)
    ]
    bad = list(range(500, 12_000, 700))
    for n in bad:
        items[n]["id"] = {"N": f"{n} and more"}
    result = read_items(extract, *items)
    good = [n for n in range(12_000) if n not in bad]
    assert [row["id"] for row in result.rows] == good
    assert [row["_source_row"] for row in result.rows] == [n + 1 for n in good]
    text = gzip.decompress(dynamodb.lines(dynamodb.full(*items)))
    for reject, n in zip(result.rejects, bad, strict=True):
        assert (reject.line, json.loads(reject.raw)) == (n + 1, {"Item": items[n]})
        assert text.startswith(reject.raw, reject.offset)


def test_a_name_that_is_no_utf_8_is_unknown_and_a_type_is_looked_past() -> None:
    extract = items_of(column("id"), column("name"))
    good = b'{"Item": {"id": {"S": "1"}, "name": {"S": "a"}}}\n'
    result = read(good + good.replace(b'"S": "1"', b'"\x80": "2"'), extract, "t.json")
    assert [row["id"] for row in result.rows] == ["1", "2"]
    with pytest.raises(BadExtract) as refused:
        read(good + good.replace(b'"name"', b'"n\x80me"'), extract, "t.json")
    assert (refused.value.code, refused.value.line) == ("unknown_column", 2)
    assert "\x80" not in str(refused.value)
