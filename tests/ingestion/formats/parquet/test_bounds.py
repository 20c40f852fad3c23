"""Parquet that is small as a file and large in memory: bounded before its rows are read."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.codes import Code
from ingestion.errors import BadExtract
from ingestion.formats.parquet import bounds, reader
from tests.ingestion.formats.parquet.test_reader import PARQUET, read, refusal, written
from tests.ingestion.formats.support import Bytes, column, extract_of

EXTRACT = extract_of(column("id", "bigint"), column("v"), delivery=PARQUET, key="row")


def test_equal_rows_that_take_no_room_in_the_file_are_too_many() -> None:
    many = 1_000_000
    table = pa.table({"id": pa.repeat(7, many), "v": pa.repeat("x", many)})
    data = written(table, max_rows_per_page=many)
    assert len(data) < 5_000
    refused = refusal(data, EXTRACT)
    assert (refused.code, refused.detail) == (Code.TOO_LARGE, "parquet")


def test_a_file_that_unpacks_to_more_than_the_contract_allows() -> None:
    limits = {"expanded_bytes": 5_000}
    extract = extract_of(column("id", "bigint"), delivery=PARQUET, limits=limits)
    data = written(pa.table({"id": pa.array(range(1_000))}), use_dictionary=False)
    assert refusal(data, extract).code == Code.TOO_LARGE


def test_a_large_value_that_is_repeated_is_read_in_few_rows_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rows beside it land, in batches that are small."""
    monkeypatch.setattr(bounds, "_BATCH_BYTES", 8 * 2**20)
    large = pa.array(["x" * 2**20, "short"])
    indices = pa.array([1, None] * 16 + [0] * 32)
    v = pa.DictionaryArray.from_arrays(indices, large)
    table = pa.table({"id": pa.array(range(len(v))), "v": v})
    seen: list[int] = []
    judge = reader._judge

    def watched(rows: reader.Rows, extract: object) -> object:
        seen.append(rows.count)
        return judge(rows, extract)

    monkeypatch.setattr(reader, "_judge", watched)
    result = read(written(table), EXTRACT)
    assert {reject.code for reject in result.rejects} == {"value_too_long"}
    assert (len(result.rejects), len(result.rows)) == (32, 32)
    assert max(seen) == 7


@pytest.mark.slow
def test_a_long_value_that_is_repeated_in_lists_is_read_in_few_rows_at_once() -> None:
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 4_000), pa.array(["x" * 2**18]))
    v = pa.ListArray.from_arrays(pa.array(range(0, 4_001, 4)), long.cast(pa.string()))
    data = written(pa.table({"id": pa.array(range(1_000)), "v": v}), compression="zstd")
    file = pq.ParquetFile(io.BytesIO(data))
    limits = EXTRACT.table.limits.expanded_bytes
    assert bounds.rows_at_once(io.BytesIO(data), file.metadata, {"v"}, limits) == 31


def test_rows_that_are_longer_than_the_average_are_judged_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where a row alone is longer than a part."""
    monkeypatch.setattr(bounds, "_BATCH_BYTES", 2**20)
    texts = ["short"] * 9_000 + ["x" * 60_000] * 40 + ["y" * 2**21] + ["short"] * 9_000
    extract = extract_of(column("v"), delivery=PARQUET, key="row")
    data = written(pa.table({"v": texts}), use_dictionary=False)
    file = pq.ParquetFile(io.BytesIO(data))
    many = bounds.rows_at_once(
        io.BytesIO(data), file.metadata, {"v"}, extract.table.limits.expanded_bytes
    )
    assert many > 2_000
    parts = [Bytes("p", data)]
    held = [rows.cells["v"].nbytes for rows in reader.ParquetReader(parts, extract).stretches()]
    assert sorted(held)[-2] <= 2**20
    result = read(data, extract)
    assert [reject.code for reject in result.rejects] == ["value_too_long"]
    assert [row["v"] for row in result.rows] == texts[:9_040] + texts[9_041:]


def test_large_values_that_are_stored_once_are_counted_in_each_of_their_rows() -> None:
    """84 kB of file are 34 GB of cells: known from the positions in the dictionary, before a value is read."""
    for rows, refused in ((32_768, True), (16_000, False)):
        v = pa.DictionaryArray.from_arrays(pa.array([0] * rows), pa.array(["x" * 2**20, "y"]))
        data = written(pa.table({"id": pa.array(range(rows)), "v": v}), compression="zstd")
        assert len(data) < 100_000
        file = pq.ParquetFile(io.BytesIO(data))
        limits = EXTRACT.table.limits.expanded_bytes
        if refused:
            with pytest.raises(BadExtract, match=Code.TOO_LARGE):
                bounds.rows_at_once(io.BytesIO(data), file.metadata, {"v"}, limits)
            assert refusal(data, EXTRACT).code == Code.TOO_LARGE
        else:
            assert bounds.rows_at_once(io.BytesIO(data), file.metadata, {"v"}, limits) == 31
        assert bounds.rows_at_once(io.BytesIO(data), file.metadata, {"id"}, limits) == 32_768


def test_short_values_beside_a_large_one_are_counted_as_what_they_are() -> None:
    """The longest value times the rows would be 34 GB; the cells are a megabyte."""
    v = pa.DictionaryArray.from_arrays(pa.array([0] + [1] * 32_767), pa.array(["x" * 2**20, "y"]))
    data = written(pa.table({"id": pa.array(range(32_768)), "v": v}))
    assert len(read(data, EXTRACT).rows) == 32_767


def test_short_values_that_are_repeated_are_read_as_before() -> None:
    table = pa.table(
        {"id": pa.array(range(40_000)), "v": [f"value {n % 5_000}" for n in range(40_000)]}
    )
    assert len(read(written(table), EXTRACT).rows) == 40_000
