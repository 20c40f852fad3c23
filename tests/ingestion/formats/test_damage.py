"""Sound files of every format, written by others and damaged at random: what lands is what another reader reads.

A damaged file is refused by one of the codes, or its rows land and are quarantined. A row that lands has, in every
column, the value that the csv module, DuckDB or the json module reads in the same row of the damaged file.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.codes import Code, Fate
from ingestion.errors import BadExtract
from ingestion.formats import Extract, read_extract
from tests.ingestion.formats.others import (
    COLUMNS,
    DAMAGES,
    ROWS,
    Damages,
    Given,
    as_csv,
    as_items,
    as_parquet,
    by_csv,
    by_duckdb,
    by_json,
    compare,
    damaged,
)
from tests.ingestion.formats.support import Bytes, Result, collect, extract_of

DYNAMODB = {"file": "dynamodb", "path": "s/AWSDynamoDB/{export_id}/manifest-summary.json"}
BOUNDED = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def landed(data: bytes, extract: Extract, name: str) -> Result | None:
    """What lands; None when the file is refused, by a code that refuses files."""
    try:
        return collect(read_extract([Bytes(name, data)], extract))
    except BadExtract as refused:
        code = Code(refused.code)
    assert Fate.REFUSED in code.fates
    return None


@given(ROWS, DAMAGES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@BOUNDED
def test_a_damaged_csv(rows: list[Given], damages: Damages, end: str, quoted: bool) -> None:
    data = damaged(as_csv(rows, end, quoted), damages)
    result = landed(data, extract_of(*COLUMNS), "t.csv")
    if result and (read := by_csv(data)):
        expected, records = read
        assert result.rows_in <= records
        compare(result.rows, expected)


@pytest.mark.slow
@given(
    ROWS,
    DAMAGES,
    st.sampled_from(["pyarrow", "int96", "duckdb"]),
    st.sampled_from(["none", "snappy"]),
)
@BOUNDED
def test_a_damaged_parquet(
    tmp_path: Path, rows: list[Given], damages: Damages, writer: str, compression: str
) -> None:
    path = tmp_path / "t.parquet"
    as_parquet(rows, path, writer, compression)
    path.write_bytes(damaged(path.read_bytes(), damages))
    extract = extract_of(*COLUMNS, delivery={"file": "parquet"})
    result = landed(path.read_bytes(), extract, path.name)
    if result and (expected := by_duckdb(path)):
        compare(result.rows, expected)


@given(ROWS, DAMAGES)
@BOUNDED
def test_a_damaged_export_of_dynamodb(rows: list[Given], damages: Damages) -> None:
    data = damaged(as_items(rows), damages)
    if result := landed(data, extract_of(*COLUMNS, delivery=DYNAMODB), "t.json"):
        compare(result.rows, by_json(data))


@pytest.mark.parametrize("kind", ["flip", "drop", "insert", "cut", "repeat", "swell", "stumble"])
def test_the_damage_is_one(kind: str) -> None:
    assert damaged(b"abcdef", [(kind, 0.5, 2)]) != b"abcdef"
