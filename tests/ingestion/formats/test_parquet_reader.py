"""Parquet by the same contract: widening, refusals, and the same checks on every value."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.errors import BadExtract
from ingestion.formats import read_extract, rows_at
from tests.ingestion.formats.support import Bytes, Result, collect, column, extract_of

PARQUET = {"file": "parquet"}


def written(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def read(data: bytes | list[bytes], extract, seekable: bool = True) -> Result:
    files = [data] if isinstance(data, bytes) else data
    parts = [Bytes("1/part-00000.gz.parquet", file, seekable) for file in files]
    return collect(read_extract(parts, extract))


def refusal(data: bytes, extract) -> BadExtract:
    with pytest.raises(BadExtract) as refused:
        read(data, extract)
    return refused.value


def one_column(kind: str, **meta: Any):
    return extract_of(column("id", "bigint"), column("v", kind, **meta), delivery=PARQUET)


def values(array: pa.Array, kind: str, **meta: Any) -> list[Any]:
    """The landed values, or the codes of the rows that did not land."""
    table = pa.table({"id": pa.array(range(len(array)), pa.int32()), "v": array})
    result = read(written(table), one_column(kind, **meta))
    found: dict[int, Any] = {row["id"]: row["v"] for row in result.rows}
    found |= {reject.line - 1: reject.code for reject in result.rejects}
    return [found[row] for row in range(len(array))]


@pytest.mark.parametrize(
    ("array", "kind", "expected"),
    [
        (pa.array([1, None], pa.int8()), "bigint", [1, None]),
        (pa.array([2**31 - 1], pa.int32()), "bigint", [2**31 - 1]),
        (pa.array([2**32 - 1], pa.uint32()), "bigint", [2**32 - 1]),
        (pa.array([2**63 - 1, 2**63], pa.uint64()), "bigint", [2**63 - 1, "bad_number"]),
        (pa.array([5], pa.int16()), "decimal(12,2)", [Decimal("5.00")]),
        (pa.array([Decimal("1.5")], pa.decimal128(3, 1)), "decimal(12,2)", [Decimal("1.50")]),
        (pa.array([1.5], pa.float32()), "double", [1.5]),
        (pa.array([1.5, float("nan"), float("inf")]), "double", [1.5, "bad_number", "bad_number"]),
        (pa.array([7], pa.int32()), "double", [7.0]),
        (pa.array([date(2021, 2, 28)], pa.date64()), "date", [date(2021, 2, 28)]),
        (pa.array([True, None]), "boolean", [True, None]),
        (pa.array([" a ", "", "x"]).dictionary_encode(), "string", ["a", None, "x"]),
        (pa.array(["a"], pa.large_string()), "string", ["a"]),
        (pa.array([None, None], pa.null()), "decimal(12,2)", [None, None]),
        (
            pa.array([datetime(2021, 1, 1, 0, 0, 0, 5000), datetime(2021, 1, 1, 0, 0, 0, 5)]),
            "timestamp",
            [datetime(2021, 1, 1, 0, 0, 0, 5000), "bad_time"],
        ),
    ],
)
def test_a_narrower_type_is_widened(array, kind, expected):
    meta = {"format": "YYYY-MM-DD"} if kind == "date" else {}
    assert values(array, kind, **meta) == expected


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (pa.array([1.0]), "bigint"),
        (pa.array(["1"]), "bigint"),
        (pa.array([1], pa.int64()), "decimal(12,2)"),
        (pa.array([1], pa.int64()), "double"),
        (pa.array([Decimal("1.500")], pa.decimal128(12, 3)), "decimal(12,2)"),
        (pa.array([Decimal("1.5")], pa.decimal128(13, 1)), "decimal(12,2)"),
        (pa.array([1]), "string"),
        (pa.array([b"a"]), "string"),
        (pa.array(["2021-01-01"]), "date"),
        (pa.array([datetime(2021, 1, 1)]), "date"),
        (pa.array([1]), "boolean"),
        (pa.array([date(2021, 1, 1)]), "timestamp"),
    ],
)
def test_any_other_type_is_refused(array, kind):
    meta = {"format": "YYYY-MM-DD"} if kind == "date" else {}
    error = refusal(written(pa.table({"id": [1], "v": array})), one_column(kind, **meta))
    assert (error.code, error.column) == ("wrong_type", "v")


def test_text_is_parsed_where_the_contract_says_that_the_file_carries_text():
    assert values(pa.array(["1.50", "x", None]), "decimal(12,2)", file_type="string") == [
        Decimal("1.50"), "bad_number", None,
    ]  # fmt: skip
    stamps = pa.array(["2021-01-01 10:00:00.5", "2021-02-30 10:00:00"])
    assert values(stamps, "timestamp", file_type="string") == [
        datetime(2021, 1, 1, 10, 0, 0, 500_000), "bad_date",
    ]  # fmt: skip
    assert values(pa.array([1.5]), "double", file_type="string") == [1.5]
    instants = pa.array(["2021-01-01T10:00:00.500+0000", "2021-01-01T10:00:00.000+0100"])
    utc = "YYYY-MM-DDTHH:MM:SS+0000"
    assert values(instants, "timestamp", file_type="string", format=utc) == [
        datetime(2021, 1, 1, 10, 0, 0, 500_000), "bad_time",
    ]  # fmt: skip


def test_dates_are_held_to_the_years_the_extract_and_the_sentinels():
    days = pa.array([date(1899, 12, 31), date(1, 1, 1), date(2026, 2, 1), date(2026, 1, 31)])
    meta = {"format": "YYYY-MM-DD", "sentinels": ["0001-01-01"], "not_after_extract": True}
    assert values(days, "date", **meta) == ["bad_date", None, "bad_date", date(2026, 1, 31)]


def test_local_timestamps_become_utc_and_those_with_a_zone_are_instants():
    extract = extract_of(
        column("id", "bigint"), column("local", "timestamp"), column("instant", "timestamp"),
        delivery=PARQUET, time_zone="America/New_York",
    )  # fmt: skip
    moments = [datetime(2022, 7, 1, 12), datetime(2022, 3, 13, 2, 30), datetime(2022, 11, 6, 1, 30)]
    table = pa.table({
        "id": [1, 2, 3],
        "local": pa.array(moments, pa.timestamp("us")),
        "instant": pa.array([moments[0]] * 3, pa.timestamp("us", "UTC")),
    })  # fmt: skip
    result = read(written(table), extract)
    assert [(row["local"], row["instant"]) for row in result.rows] == [
        (datetime(2022, 7, 1, 16), moments[0]),
        (datetime(2022, 11, 6, 5, 30), moments[0]),
    ]
    assert [(r.line, r.column, r.code) for r in result.rejects] == [(2, "local", "bad_time")]
    assert result.warnings == {"bad_time": 1}


TEXTS = extract_of(column("id"), column("name"), column("later", optional=True), delivery=PARQUET)


def test_every_text_is_checked_as_in_csv_and_lines_count_over_the_parts():
    first = pa.table({"id": ["1", None, " "], "name": ["a", "b", "c"]})
    second = pa.table({"NAME": ["d\x00", " e\u200b"], "id": ["4", "5"]})
    result = read([written(first), written(second)], TEXTS)
    assert [(row["id"], row["name"], row["_source_row"]) for row in result.rows] == [
        ("1", "a", 1), ("5", "e", 5),
    ]  # fmt: skip
    assert [(r.line, r.offset, r.column, r.code, r.row_key) for r in result.rejects] == [
        (2, 0, "id", "null_key", None),
        (3, 0, "id", "null_key", None),
        (4, 0, "name", "nul_byte", "4"),
    ]
    assert result.rejects[0].raw == b'{"id": null, "name": "b"}'
    assert result.warnings == {"control_characters": 1, "header_spelling": 1}


def test_a_stream_that_cannot_seek_is_read_too():
    data = written(pa.table({"id": ["1"], "name": ["a"]}))
    assert read(data, TEXTS, seekable=False).rows_in == 1


@pytest.mark.parametrize(
    ("names", "code", "name"),
    [
        (["id"], "wrong_type", "name"),
        (["id", "name", "extra"], "unknown_column", "extra"),
        (["id", "name", "Name"], "duplicate_column", "Name"),
        # As of a file without a header whose first row was taken for one.
        (["id", "name", "Smith", "Jones"], "unknown_column", None),
        (["id", "name", "Smith", "Smith"], "duplicate_column", None),
    ],
)
def test_columns_that_do_not_fit_are_refused(names, code, name):
    error = refusal(written(pa.table([["1"]] * len(names), names)), TEXTS)
    assert (error.code, error.line, error.column) == (code, None, name)
    assert "Smith" not in str(error)


def test_what_is_no_parquet_is_refused():
    whole = written(pa.table({"id": ["1"] * 1000, "name": ["a"] * 1000}), compression="none")
    assert refusal(b"", TEXTS).code == "empty_object"
    assert refusal(b"id,name\n1,a\n", TEXTS).code == "wrong_type"
    assert refusal(whole[:-20], TEXTS).code == "wrong_type"
    assert refusal(whole[:40] + b"\xff" * 60 + whole[100:], TEXTS).code == "wrong_type"
    empty = pa.table({name: pa.array([], pa.string()) for name in ("id", "name")})
    assert refusal(written(empty), TEXTS).code == "no_rows"


def test_single_rows_are_read_again():
    parts = [Bytes("p", written(pa.table({"id": ["1", "2"], "name": ["a", "b"]})))] * 2
    assert [(r.line, r.row_key, r.raw) for r in rows_at(parts, TEXTS, {2, 3})] == [
        (2, "2", b'{"id": "2", "name": "b"}'),
        (3, "1", b'{"id": "1", "name": "a"}'),
    ]


def test_a_double_declared_so_is_the_decimal_that_it_spells() -> None:
    doubles = pa.array([12.35, 0.1 + 0.2, 3.0, None, 1e-7, 1e20, float("nan"), -0.0001])
    found = values(doubles, "decimal(12,4)", file_type="double")
    assert found == [
        Decimal("12.35"), "bad_number", Decimal(3), None, "bad_number", "bad_number", "bad_number",
        Decimal("-0.0001"),
    ]  # fmt: skip
    assert values(pa.array([2.0, 2.5]), "bigint", file_type="double") == [2, "bad_number"]
    assert values(pa.array([Decimal("1.5")]), "decimal(12,4)", file_type="double") == [
        Decimal("1.5")
    ]
    text = written(pa.table({"id": pa.array([1], pa.int32()), "v": ["1.5"]}))
    assert refusal(text, one_column("decimal(12,4)", file_type="double")).code == "wrong_type"


def test_times_finer_than_milliseconds_are_cut_only_where_the_contract_says_so() -> None:
    texts = pa.array(["2024-04-09 00:00:01.123456", "2024-04-09 00:00:01.1234567899"])
    stamps = pa.array([datetime(2024, 4, 9, 0, 0, 1, 123456)], pa.timestamp("us"))
    cut = datetime(2024, 4, 9, 0, 0, 1, 123000)
    words = {"file_type": "string", "finer_times": "cut"}
    assert values(texts, "timestamp", **words) == [cut, "bad_time"]
    assert values(texts[:1], "timestamp", file_type="string") == ["bad_time"]
    assert values(stamps, "timestamp", finer_times="cut") == [cut]
    assert values(stamps, "timestamp") == ["bad_time"]
