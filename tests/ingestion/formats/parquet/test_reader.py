"""Parquet by the same contract: widening, refusals, and the same checks on every value."""

import io
import tracemalloc
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.contract import Table, read_project
from ingestion.errors import BadExtract
from ingestion.formats import Extract, read_extract, rows_at
from ingestion.formats.model import MAX_RAW
from tests.ingestion.formats.support import Bytes, Result, collect, column, extract_of
from tools.project import ROOT

PARQUET = {"file": "parquet"}
CONTRACTS = list(read_project(ROOT))


def paths_of(table: Table) -> str:
    return " ".join(str(delivery.path) for delivery in table.deliveries)


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
        (pa.array([-(2**63)], pa.int64()), "decimal(19,0)", [Decimal(-(2**63))]),
        (pa.array([2**64 - 1], pa.uint64()), "decimal(20,0)", [Decimal(2**64 - 1)]),
        (pa.array([2**64 - 1, None], pa.uint64()), "decimal(22,2)", [Decimal(2**64 - 1), None]),
        (pa.array([Decimal("1.5")], pa.decimal128(3, 1)), "decimal(12,2)", [Decimal("1.50")]),
        (pa.array([1.5], pa.float32()), "double", [1.5]),
        (pa.array([1.5, float("nan"), float("inf")]), "double", [1.5, "bad_number", "bad_number"]),
        (pa.array([7], pa.int32()), "double", [7.0]),
        (pa.array([date(2021, 2, 28)], pa.date64()), "date", [date(2021, 2, 28)]),
        (pa.array([True, None]), "boolean", [True, None]),
        (pa.array([" a ", "", "x"]).dictionary_encode(), "string", ["a", None, "x"]),
        (pa.array(["a"], pa.large_string()), "string", ["a"]),
        (pa.array(["a"], pa.string_view()), "string", ["a"]),
        (pa.array(['{"a": 1}'], pa.json_(pa.string())), "string", ['{"a": 1}']),
        (pa.array(["a"], pa.large_string()).dictionary_encode(), "string", ["a"]),
        (pa.array([Decimal(7)], pa.decimal128(18, 0)), "bigint", [7]),
        (pa.array([timedelta(microseconds=5)], pa.duration("us")), "bigint", [5]),
        (pa.array([5], pa.timestamp("us", "Nowhere/At_All")), "timestamp", ["bad_time"]),
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


LATIN = pa.array([b"a", b"Zo\xeb"], pa.binary()).view(pa.string())
NANOSECONDS = pa.array([0, 1_640_995_200_000_000_001], pa.timestamp("ns"))
FAR_TIMES = pa.array(np.array(["1970-01-01", "20261-12-31T10:30"], "datetime64[us]"))
FAR_DAYS = pa.array(np.array(["1970-01-01", "20226-05-14"], "datetime64[D]"))
LAST_DAYS = pa.array([0, 2**31 - 1], pa.int32()).cast(pa.date32())
LAST_TIMES = pa.array([0, 2**63 - 1], pa.timestamp("ms"))


def overfull(kind: Any) -> pa.Array:
    """Two decimals of which the second has one digit more than its type, as a changed bit leaves it."""
    numbers = (150, -(10**kind.precision))
    stored = b"".join(number.to_bytes(16, "little", signed=True) for number in numbers)
    return pa.Array.from_buffers(kind, 2, [None, pa.py_buffer(stored)])


@pytest.mark.parametrize(
    ("array", "kind", "meta", "code", "raw"),
    [
        (LATIN, "string", {}, "encoding", b'"Zo\xeb"'),
        (NANOSECONDS, "timestamp", {}, "bad_time", b'"2022-01-01 00:00:00.000000001"'),
        (FAR_TIMES, "timestamp", {}, "bad_date", b'"20261-12-31 10:30:00.000000"'),
        (LAST_TIMES, "timestamp", {}, "bad_date", None),
        (overfull(pa.decimal128(12, 2)), "decimal(12,2)", {}, "bad_number", b'"-10000000000.00"'),
        (overfull(pa.decimal128(12, 2)), "decimal(18,4)", {}, "bad_number", None),
        (overfull(pa.decimal128(12, 0)), "bigint", {}, "bad_number", None),
        (overfull(pa.decimal128(38, 2)), "decimal(38,2)", {}, "bad_number", None),
        (overfull(pa.decimal128(12, 2)), "decimal(12,2)", {"nulls": ["0"]}, "bad_number", None),
        (FAR_DAYS, "date", {"format": "YYYY-MM-DD"}, "bad_date", b'"20226-05-14"'),
        (LAST_DAYS, "date", {"format": "YYYY-MM-DD"}, "bad_date", None),
        (pa.array([0.5, float("nan")]), "double", {}, "bad_number", b'"nan"'),
        (pa.array(["x", 'a\0"\\\n']), "string", {}, "nul_byte", b'"a\\u0000\\"\\\\\\u000a"'),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
@pytest.mark.filterwarnings("ignore:Discarding nonzero nanoseconds")
def test_what_python_has_no_value_for_is_quarantined_like_any_other(
    array, kind, meta, code, raw, zone
) -> None:
    extract = extract_of(
        column("id", "bigint"), column("v", kind, **meta), delivery=PARQUET, time_zone=zone,
    )  # fmt: skip
    result = read(written(pa.table({"id": [1, 2], "v": array})), extract)
    assert [row["id"] for row in result.rows] == [1]
    assert [(r.line, r.column, r.code, r.row_key) for r in result.rejects] == [(2, "v", code, "2")]
    if raw:
        assert result.rejects[0].raw == b'{"id": 2, "v": ' + raw + b"}"


def test_a_column_that_the_contract_drops_is_not_read() -> None:
    extract = extract_of(
        column("id", "bigint"), column("v", "bigint"), delivery=PARQUET, ignored_headers=["x"]
    )
    for dropped in (LATIN, NANOSECONDS, FAR_DAYS, pa.array([[1], None]), pa.array([{"a": 1}, {}])):
        rows = pa.table({"id": [1, 1], "x": dropped, "v": pa.array([2**64 - 1, 1], pa.uint64())})
        result = read(written(rows), extract)
        assert [reject.raw for reject in result.rejects] == [
            b'{"id": 1, "v": 18446744073709551615}'
        ]
        assert len(result.rows) == 1


def test_rejects_hold_no_more_of_a_row_than_is_kept() -> None:
    names = pa.array(["a" * 70_000, "b"] * 300)
    result = read(written(pa.table({"id": range(600), "v": names})), one_column("string"))
    assert len(result.rows) == 300
    assert {len(reject.raw) for reject in result.rejects} == {MAX_RAW}
    assert [reject.line for reject in result.rejects] == list(range(1, 600, 2))


@pytest.mark.slow
def test_rejects_take_no_memory_of_their_own() -> None:
    text = "a" * 3000 + "\0"
    data = written(pa.table({"id": range(10_000), "v": [text] * 10_000}))
    (batch,) = read_extract([Bytes("1.parquet", data)], one_column("string"))
    tracemalloc.start()
    many = sum(len(reject.raw) for reject in batch.rejects)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(batch.rejects) == 10_000
    assert many > 30_000_000 > 9 * most


def int96(*moments: str, unit: str = "us", kind: str = "timestamp", **meta: Any) -> list[Any]:
    """What becomes of moments that a writer of INT96 (Spark, Impala, Athena) puts into a file."""
    stamps = pa.array(np.array(moments, f"datetime64[{unit}]"))
    table = pa.table({"id": pa.array(range(len(moments)), pa.int32()), "v": stamps})
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, use_deprecated_int96_timestamps=True) as writer:
        writer.write_table(table)
    assert pq.ParquetFile(sink).schema.column(1).physical_type == "INT96"
    result = read(sink.getvalue(), one_column(kind, **meta))
    found: dict[int, Any] = {row["id"]: row["v"] for row in result.rows}
    found |= {reject.line - 1: reject.code for reject in result.rejects}
    return [found[row] for row in range(len(moments))]


def test_an_int96_is_the_moment_it_says_or_quarantined() -> None:
    moments = ("2610-06-01T00:00:00", "1515-01-31T00:00:00", "2022-01-01T10:00:00.5", "NaT")
    assert int96(*moments) == [
        "bad_date",
        "bad_date",
        datetime(2022, 1, 1, 10, 0, 0, 500_000),
        None,
    ]
    assert int96("2022-01-01T10:00:00.123456") == ["bad_time"]
    assert int96("1969-12-31T23:59:59.999", "1969-12-31T23:59:59.999999") == [
        datetime(1969, 12, 31, 23, 59, 59, 999_000), "bad_time",
    ]  # fmt: skip
    assert int96("2022-01-01T10:00:00.000000001", unit="ns") == ["bad_time"]
    assert int96("2022-01-01T10:00:00.000000001", unit="ns", finer_times="cut") == [
        datetime(2022, 1, 1, 10)
    ]
    assert int96("9999-12-31T00:00:00", sentinels=["9999-12-31"]) == [None]


def test_an_int96_is_spelt_with_all_its_digits() -> None:
    """In a text, and in the row that is kept of a reject."""
    as_text: dict[str, Any] = {"kind": "string", "file_type": "timestamp"}
    micros = ("2022-01-01T10:00:00.123456", "1969-12-31T23:59:59.998500", "NaT")
    assert int96(*micros, "9999-12-31T00:00:00.000001", **as_text) == [
        "2022-01-01 10:00:00.123456", "1969-12-31 23:59:59.998500", None,
        "9999-12-31 00:00:00.000001",
    ]  # fmt: skip
    assert int96("2022-01-01T10:00:00.5", "2022-01-01T10:00:00.500000100", unit="ns", **as_text) == [
        "2022-01-01 10:00:00.500", "2022-01-01 10:00:00.500000100",
    ]  # fmt: skip
    table = pa.table({"id": [1], "v": pa.array(np.array(micros[:1], "datetime64[us]"))})
    data = written(table, use_deprecated_int96_timestamps=True)
    (reject,) = read(data, one_column("timestamp")).rejects
    assert reject.raw == b'{"id": 1, "v": "2022-01-01 10:00:00.123456"}'


BINARY = pa.array([b"Zoe", b"\xeb", None], pa.binary())
CONTROLLED = pa.array(
    [
        b"a\tb\r",
        b"\x01",
        b"\x1fA",
        b"A\x7f",
        b"\xc2\x85",
        b"\xff\x05",
        b"\0\x01"[:1],
        "Zo\u200be".encode(),
    ],
    pa.binary(),
)
"""Bytes with control characters are no text. A mark without width is, as people's texts have it: it is stripped."""

UUIDS = pa.array([UUID(int=5).bytes, None], pa.uuid())
NESTED = pa.array([{"a": 1, "b": ["x", None]}, None])


@pytest.mark.parametrize(
    ("array", "kind", "word", "expected"),
    [
        (BINARY, "string", "binary", ["Zoe", "encoding", None]),
        (BINARY.cast(pa.large_binary()), "string", "binary", ["Zoe", "encoding", None]),
        (pa.array([b"ab"], pa.binary(2)), "string", "binary", ["ab"]),
        (CONTROLLED, "string", "binary", ["a\tb\r", *["encoding"] * 5, "nul_byte", "Zoe"]),
        (pa.array([b"\x01", b"1", b"\x05"], pa.binary()), "boolean", "binary",
         ["encoding", True, "encoding"]),
        (UUIDS, "string", "uuid", ["00000000-0000-0000-0000-000000000005", None]),
        (NESTED, "string", "json", ['{"a": 1, "b": ["x", null]}', None]),
        (pa.array([[1, 2], []]), "string", "json", ["[1, 2]", "[]"]),
        (pa.array([[("k", 1.5)]], pa.map_(pa.string(), pa.float64())), "string", "json",
         ['[{"key": "k", "value": 1.5}]']),
        (pa.array([["x" * 70_000]]), "string", "json", ["value_too_long"]),
        (pa.array([True, False, None]), "string", "boolean", ["true", "false", None]),
        (pa.array([12, -1], pa.int16()), "string", "bigint", ["12", "-1"]),
        (pa.array([1, 0, 2], pa.int8()), "boolean", "bigint", [True, False, "bad_boolean"]),
        (pa.array([12, 10**11], pa.int64()), "decimal(12,2)", "bigint", [Decimal(12), "bad_number"]),
        (pa.array([Decimal("1.5"), Decimal("1e20"), Decimal("0.001")], pa.decimal128(38, 9)),
         "decimal(12,2)", "decimal", [Decimal("1.5"), "bad_number", "bad_number"]),
        (pa.array([Decimal(7), Decimal("7.5")], pa.decimal128(38, 9)), "bigint", "decimal",
         [7, "bad_number"]),
        (pa.array([Decimal("0.0000001")], pa.decimal256(60, 10)), "string", "decimal", ["1.000E-7"]),
    ],
)  # fmt: skip
def test_another_type_is_read_by_its_spelling_where_the_contract_declares_it(
    array, kind, word, expected
) -> None:
    assert values(array, kind, file_type=word) == expected
    table = pa.table({"id": pa.array(range(len(array)), pa.int32()), "v": array})
    assert refusal(written(table), one_column(kind)).code == "wrong_type"


@pytest.mark.parametrize(
    ("array", "kind", "found"),
    [
        (pa.array(["1"]), "bigint", "string, expected bigint"),
        (pa.array([b"1"]), "string", "binary, expected string"),
        (UUIDS, "bigint", "uuid, expected bigint"),
        (pa.array([1], pa.uint16()), "string", "unsigned 16 bit integer, expected string"),
        (pa.array([1.5]), "decimal(12,2)", "double, expected decimal(12,2)"),
        (
            pa.array([Decimal("1.5")], pa.decimal128(20, 9)),
            "bigint",
            "decimal(20,9), expected bigint",
        ),
        (pa.array([{"Smith": 1}]), "string", "list, struct or map, expected string"),
        (pa.array([5], pa.time64("us")), "string", "time, expected string"),
        (pa.array([5], pa.timestamp("us", "Smith/Jones")), "date", "timestamp, expected date"),
    ],
)
def test_a_wrong_type_says_what_was_found_and_what_was_expected(array, kind, found) -> None:
    meta = {"format": "YYYY-MM-DD"} if kind == "date" else {}
    table = pa.table({"id": pa.array(range(len(array)), pa.int32()), "v": array})
    error = refusal(written(table), one_column(kind, **meta))
    assert (error.code, error.column, error.detail) == ("wrong_type", "v", f"found {found}")


def test_the_operation_of_a_change_is_checked_like_any_column() -> None:
    changes = {"file": "parquet", "kind": "changes", "path": "s/c/{change_time}.parquet"}
    extract = extract_of(column("id", "bigint"), delivery=changes)
    good = pa.table({"Op": pa.array(["I", "X"]).dictionary_encode(), "id": [1, 2]})
    result = read(written(good), extract)
    assert [row["_operation"] for row in result.rows] == ["I"]
    assert result.codes == [(2, "_operation", "bad_operation")]
    for wrong in (pa.array([1]), pa.array([[1]]), pa.array([b"I"], pa.binary())):
        error = refusal(written(pa.table({"Op": wrong, "id": [1]})), extract)
        assert error.code == "wrong_type"
        assert "expected string" in error.detail


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (pa.array([1.0]), "bigint"),
        (pa.array(["1"]), "bigint"),
        (pa.array([1], pa.int64()), "decimal(12,2)"),
        (pa.array([1], pa.int64()), "decimal(18,0)"),
        (pa.array([1], pa.uint64()), "decimal(19,0)"),
        (pa.array([1], pa.uint64()), "decimal(21,2)"),
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


def test_a_time_that_means_null_is_named_by_its_day_or_its_text_in_the_files_own_time():
    """Also where a day of the source begins on another day of UTC."""
    far, old, known = datetime(9999, 12, 31), datetime(1970, 1, 1), datetime(2026, 1, 1, 12)
    table = pa.table({"id": [1, 2, 3], "t": pa.array([far, old, known], pa.timestamp("us"))})
    for words in ["9999-12-31", "1970-01-01"], ["9999-12-31 00:00:00", "1970-01-01 00:00:00"]:
        for zone in ("Europe/Berlin", "America/New_York", "UTC"):
            columns = column("id", "bigint"), column("t", "timestamp", sentinels=words)
            result = read(written(table), extract_of(*columns, delivery=PARQUET, time_zone=zone))
            assert [row["t"] is None for row in result.rows] == [True, True, False]


def test_a_time_whose_day_in_utc_means_null_lands_where_its_own_day_does_not():
    """8 p.m. of the day before in New York."""
    evening = pa.array([datetime(2098, 12, 30, 20)], pa.timestamp("ms"))
    columns = column("id", "bigint"), column("t", "timestamp", sentinels=["2098-12-31"])
    table = pa.table({"id": [1], "t": evening})
    contract = extract_of(*columns, delivery=PARQUET, time_zone="America/New_York")
    assert [row["t"] for row in read(written(table), contract).rows] == [datetime(2098, 12, 31, 1)]


@pytest.mark.parametrize(
    ("kind", "array", "word", "expected"),
    [
        ("double", pa.array([1.5, float("nan")]), "nan", [1.5, None]),
        ("bigint", pa.array([-1, 2**63 - 1]), "-1", [None, 2**63 - 1]),
        ("bigint", pa.array([7, 2**64 - 1], pa.uint64()), "7", [None, "bad_number"]),
        ("decimal(12,2)", pa.array([Decimal("0.00"), Decimal("1.20")]), "0.00", [None, Decimal("1.20")]),
        ("boolean", pa.array([True, False]), "false", [True, None]),
    ],
)  # fmt: skip
def test_a_number_that_means_null_is_null_in_parquet_as_in_csv(kind, array, word, expected):
    assert values(array, kind, nulls=word) == expected


TIMES = pa.array([time(10), time(4, 5, 6, 700), None])
DAYS = pa.array([datetime(2026, 1, 2), datetime(2026, 1, 2, 3), None], pa.timestamp("ns"))
MIDNIGHT = "YYYY-MM-DD HH:MM:SS"


@pytest.mark.parametrize(
    ("array", "kind", "meta", "expected"),
    [
        (TIMES, "string", {"file_type": "time"}, ["10:00:00", "04:05:06.000700", None]),
        (TIMES, "string", {"file_type": "time", "format": "HH:MM:SS"}, ["10:00:00", "bad_time", None]),
        (pa.array([time(10)], pa.time32("s")), "string", {"file_type": "time"}, ["10:00:00"]),
        (DAYS, "date", {"file_type": "timestamp", "format": MIDNIGHT}, [date(2026, 1, 2), "bad_time", None]),
        (DAYS.cast(pa.timestamp("ns", "UTC")), "date", {"file_type": "timestamp", "format": MIDNIGHT},
         ["bad_date", "bad_date", None]),
        (pa.array([date(2026, 1, 2)]), "string", {"file_type": "date"}, ["2026-01-02"]),
        # its own type needs no word, and keeps its zone
        (DAYS.cast(pa.timestamp("us", "UTC"))[:1], "timestamp", {"file_type": "timestamp"}, [datetime(2026, 1, 2)]),
    ],
)  # fmt: skip
def test_days_and_times_are_read_by_their_spelling_where_the_contract_declares_it(
    array, kind, meta, expected
):
    assert values(array, kind, **meta) == expected


def test_an_int96_that_is_a_day_has_no_time_finer_than_the_milliseconds_read() -> None:
    moments = pa.array([1767312000 * 10**9, 1767312000 * 10**9 + 1], pa.timestamp("ns"))
    table = pa.table({"id": [1, 2], "v": moments})
    extract = one_column("date", file_type="timestamp", format=MIDNIGHT)
    result = read(written(table, use_deprecated_int96_timestamps=True), extract)
    assert [row["v"] for row in result.rows] == [date(2026, 1, 2)]
    assert [reject.code for reject in result.rejects] == ["bad_time"]


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


def test_a_column_whose_name_is_no_utf_8_refuses_the_file() -> None:
    data = written(pa.table({"id": ["1"], "nXme": ["a"]}), store_schema=False)
    error = refusal(data.replace(b"nXme", b"n\x80me"), TEXTS)
    assert (error.code, error.column) == ("encoding", None)


def test_a_stream_that_cannot_seek_is_read_too():
    data = written(pa.table({"id": ["1"], "name": ["a"]}))
    assert read(data, TEXTS, seekable=False).rows_in == 1


@pytest.mark.parametrize(
    ("names", "code", "name"),
    [
        (["id"], "wrong_type", "name"),
        (["id", "name", "extra"], "unknown_column", None),
        (["id", "name", "Name"], "duplicate_column", "name"),
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


@pytest.mark.parametrize("checksums", [True, False])
@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_a_page_whose_checksum_is_wrong_is_refused(compression: str, checksums: bool) -> None:
    """The changed byte may leave valid values: only the checksum shows it, where the writer has stored one."""
    names = [f"Bravo {number}" for number in range(1000)]
    whole = written(
        pa.table({"id": [str(number) for number in range(1000)], "name": names}),
        compression={"id": compression, "name": "none"},
        use_dictionary=False,
        write_page_checksum=checksums,
        write_statistics=False,
    )
    damaged = whole.replace(b"Bravo 500", b"Brbvo 500")
    assert len(read(whole, TEXTS).rows) == 1000
    if checksums:
        assert str(refusal(damaged, TEXTS)) == "wrong_type (no parquet, or broken)"
    else:
        assert read(damaged, TEXTS).rows[500]["name"] == "Brbvo 500"


def test_a_refusal_names_the_part_of_several() -> None:
    good = written(pa.table({"id": ["1"], "name": ["a"]}))
    other = written(pa.table({"id": ["1"], "name": [1.5]}))
    for wrong, said in {
        b"": "empty_object (in {})",
        good[:-20]: "wrong_type (no parquet, or broken, in {})",
        other: "wrong_type at column name (found double, expected string, in {})",
    }.items():
        parts = [
            Bytes(f"rds/e1/db/db.c/{number}/part-0.gz.parquet", data)
            for number, data in enumerate((good, good, wrong, good), start=1)
        ]
        with pytest.raises(BadExtract) as refused:
            collect(read_extract(parts, TEXTS))
        assert str(refused.value) == said.format("3/part-0.gz.parquet")


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


@pytest.mark.parametrize("kind", ["string", "bigint"])
def test_an_identifier_in_a_double_is_lossy_only_where_a_double_loses_digits(kind: str) -> None:
    """As pandas writes a column of them in which one is missing."""
    most = 2**53 - 1
    numbers = [7.0, 1e10, 12345678901.0, -12345678901.0, float(most), None]
    doubles = pa.array([*numbers, float(most + 1), 2.5e17, 1e300])
    exact = [7, 10**10, 12345678901, -12345678901, most]
    expected = [*(map(str, exact) if kind == "string" else exact), None, *["lossy_number"] * 3]
    assert values(doubles, kind, file_type="double", identifier=True) == expected
    singles = pa.array([7.0, 12345678901.0, None], pa.float32())
    expected = [*expected[:1], "lossy_number", None]
    assert values(singles, kind, file_type="double", identifier=True) == expected


def test_times_finer_than_milliseconds_are_cut_only_where_the_contract_says_so() -> None:
    texts = pa.array(["2024-04-09 00:00:01.123456", "2024-04-09 00:00:01.1234567899"])
    stamps = pa.array([datetime(2024, 4, 9, 0, 0, 1, 123456)], pa.timestamp("us"))
    cut = datetime(2024, 4, 9, 0, 0, 1, 123000)
    words = {"file_type": "string", "finer_times": "cut"}
    assert values(texts, "timestamp", **words) == [cut, "bad_time"]
    assert values(texts[:1], "timestamp", file_type="string") == ["bad_time"]
    assert values(stamps, "timestamp", finer_times="cut") == [cut]
    assert values(stamps, "timestamp") == ["bad_time"]


SPELT = {
    "M/D/YYYY": "1/31/2020",
    "h:MM AM": "9:05 AM",
    "YYYY-MM-DD HH:MM:SS": "2020-01-31 09:05:00",
}


@pytest.mark.parametrize("unit", ["us", "ns"])
def test_a_time_before_1970_that_is_cut_becomes_no_later(unit: str) -> None:
    """As in text, and in INT96; none becomes the time that means null."""
    moments = ["1969-12-31T23:59:59.998500", "1969-12-31T23:59:59.999500", "1950-06-01T00:00:00"]
    stamps = pa.array(np.array(moments, f"datetime64[{unit}]"), pa.timestamp(unit, "UTC"))
    cut = [
        datetime(1969, 12, 31, 23, 59, 59, 998_000),
        datetime(1969, 12, 31, 23, 59, 59, 999_000),
        datetime(1950, 6, 1),
    ]
    words: dict[str, Any] = {"finer_times": "cut", "sentinels": ["1970-01-01 00:00:00"]}
    assert values(stamps, "timestamp", **words) == cut
    assert values(stamps.cast(pa.timestamp(unit)), "timestamp", **words) == cut
    assert int96(*moments, unit=unit, **words) == cut
    texts = pa.array([f"{moment}Z" for moment in moments])
    shape = "YYYY-MM-DDTHH:MM:SSZ"
    assert values(texts, "timestamp", file_type="string", format=shape, **words) == cut


@pytest.mark.parametrize("table", [t.full_name for t in CONTRACTS if "{export}" in paths_of(t)])
def test_a_snapshot_export_lands_whose_database_keeps_dates_and_amounts_as_text(table: str) -> None:
    contract = next(t for t in CONTRACTS if t.full_name == table)
    delivery = next(d for d in contract.deliveries if d.file == "parquet")
    cells = {
        c.file_name: pa.array([1], pa.int64() if c.type.name == "bigint" else pa.float64())
        if c.type.name in ("bigint", "double") and "string" not in c.file_type
        else [SPELT[c.format[0]] if c.format and c.format[0] in SPELT else (c.values or ("1",))[0]]
        for c in contract.columns
        if not c.optional
    }
    extract = Extract(contract, delivery, date(2026, 1, 31), datetime(2026, 1, 31), "x")
    result = read(written(pa.table(cells)), extract)
    assert (result.rows_in, result.codes) == (1, [])


def test_a_full_load_of_dms_may_have_operation_and_time_in_front() -> None:
    extract = extract_of(
        column("id"),
        delivery={"file": "parquet", "path": "s/dms/{load}.parquet"},
        also_changes=True,
    )
    stamps = ["2026-01-31 10:00:00.123456", "no time"]
    result = read(written(pa.table({"Op": ["I", "I"], "at": stamps, "id": ["1", "2"]})), extract)
    assert [(row["id"], row["_operation"]) for row in result.rows] == [("1", None)]
    assert result.codes == [(2, "_time", "bad_time")]
    error = refusal(written(pa.table({"Op": ["I"], "at": [1], "id": ["1"]})), extract)
    assert error.code == "unknown_column"


def fixed_text(annotation: bytes) -> bytes:
    """A file whose column `v` has text in FIXED_LEN_BYTE_ARRAY(8), annotated as fastparquet and others do it.

    arrow writes no such file, so the annotation of a UUID is replaced, at the end of the column's schema element in
    the footer (thrift's compact protocol).
    """
    stored = pa.array([b"abcdefghijklmnop", "Zoë345678901234".encode(), None], pa.binary(16))
    table = pa.table({"id": [1, 2, 3], "v": pa.ExtensionArray.from_storage(pa.uuid(), stored)})
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, store_schema=False) as writer:
        writer.write_table(table)
    data = sink.getvalue()
    size = int.from_bytes(data[-8:-4], "little")
    body, footer = data[: -8 - size], data[-8 - size : -8]
    uuid = b"\x6c\xec\x00\x00"  # logicalType: {UUID: {}}
    assert footer.count(uuid) == 1
    footer = footer.replace(uuid, annotation)
    return body + footer + len(footer).to_bytes(4, "little") + b"PAR1"


UTF8 = b"\x25\x00"  # converted_type: UTF8
STRING = b"\x1c\x00\x00"  # logicalType: {STRING: {}}, behind the field's header


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(2)])
def test_bytes_are_hexadecimal_digits_where_the_contract_says_so(kind: pa.DataType) -> None:
    array = pa.array([b"\x00\x01", None, b"\xff\xfe", b"ab"], kind)
    assert values(array, "string", binary="hex") == ["0001", None, "fffe", "6162"]
    assert values(pa.array(["ab"]), "string", binary="hex") == ["ab"]
    bits = pa.array([b"\x01", b"\x00"], kind if kind != pa.binary(2) else pa.binary(1))
    assert values(bits, "string", binary="hex") == ["01", "00"]  # MySQL's, in a snapshot export
    keyed = extract_of(column("v", binary="hex"), key=["v"], delivery=PARQUET)
    exponents = pa.table({"v": pa.array([b"\x12\xe4", b"\x12\x34"], kind)})
    assert [row["v"] for row in read(written(exponents), keyed).rows] == ["12e4", "1234"]
    many = pa.array([bytes([n % 256, n // 256]) for n in range(40_000)], kind)
    assert values(many, "string", binary="hex")[-1] == "3f9c"
    long = pa.array([b"x" * 40_000, b""], pa.binary())
    assert values(long, "string", binary="hex") == ["value_too_long", None]


@pytest.mark.parametrize("annotation", [b"\x6c" + STRING, UTF8 + b"\x4c" + STRING, b""])
def test_text_of_fixed_length_lands_where_the_contract_says_so_and_is_refused_elsewhere(
    annotation: bytes,
) -> None:
    data = fixed_text(annotation)
    with pytest.raises(BadExtract, match=r"wrong_type.*column v"):
        read(data, one_column("string"))
    result = read(data, one_column("string", file_type="binary"))
    assert [row["v"] for row in result.rows] == ["abcdefghijklmnop", "Zoë345678901234", None]


def test_an_annotation_that_parquet_forbids_and_arrow_cannot_read_refuses_the_file() -> None:
    with pytest.raises(BadExtract, match="wrong_type"):
        read(fixed_text(UTF8), one_column("string"))
