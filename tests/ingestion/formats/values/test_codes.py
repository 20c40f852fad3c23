"""Codes that a contract lists, and the least value of a number: by CSV and by parquet alike."""

from decimal import Decimal

import pyarrow as pa
import pytest
from pydantic import ValidationError

from tests.ingestion.formats.parquet.test_reader import PARQUET, written
from tests.ingestion.formats.parquet.test_reader import read as read_parquet
from tests.ingestion.formats.support import column, extract_of, read

TYPES = ["payment", "write_off"]


def test_a_code_that_is_not_listed_is_quarantined_and_an_empty_one_is_none() -> None:
    extract = extract_of(column("id"), column("kind", values=TYPES), may_be_empty=True)
    result = read(b"id,kind\n1,payment\n2,Payment\n3,\n4,paymen\n5, write_off \n", extract)
    assert [row["kind"] for row in result.rows] == ["payment", None, "write_off"]
    assert result.codes == [(3, "kind", "unknown_value"), (5, "kind", "unknown_value")]
    assert result.warnings == {}


def test_a_code_whose_spelling_is_folded_lands_as_it_is_listed() -> None:
    extract = extract_of(column("id"), column("kind", values=["Write_Off"], fold=True))
    result = read(b"id,kind\n1,write_OFF\n2,Write_Off\n3,writeoff\n", extract)
    assert [row["kind"] for row in result.rows] == ["Write_Off", "Write_Off"]
    assert result.codes == [(4, "kind", "unknown_value")]
    assert result.warnings == {"value_spelling": 1}


@pytest.mark.parametrize(
    ("kind", "cells"),
    [("bigint", "0 -1"), ("decimal(12,2)", "0.00 -0.01"), ("double", "0.0 -0.5")],
)
def test_a_number_below_the_least_is_quarantined(kind: str, cells: str) -> None:
    least, below = cells.split()
    extract = extract_of(column("id"), column("n", kind, minimum="0"))
    result = read(f"id,n\n1,{least}\n2,{below}\n3,\n".encode(), extract)
    assert [row["id"] for row in result.rows] == ["1", "3"]
    assert result.codes == [(3, "n", "below_minimum")]


def test_parquet_is_judged_alike() -> None:
    extract = extract_of(
        column("id", "bigint"),
        column("kind", values=TYPES, fold=True),
        column("n", "decimal(38,2)", minimum="0.5"),
        delivery=PARQUET,
    )
    numbers = pa.array([Decimal("0.50"), Decimal("0.49"), Decimal("9" * 36)], pa.decimal128(38, 2))
    table = pa.table({"id": [1, 2, 3], "kind": ["PAYMENT", "payment", "else"], "n": numbers})
    result = read_parquet(written(table), extract)
    assert [row["kind"] for row in result.rows] == ["payment"]
    assert result.codes == [(2, "n", "below_minimum"), (3, "kind", "unknown_value")]


def test_a_code_or_a_number_that_counts_lands_and_is_warned_of() -> None:
    extract = extract_of(
        column("id"),
        column("kind", values=TYPES, fold=True, otherwise="count"),
        column("n", "decimal(12,2)", minimum="0", otherwise="count"),
    )
    result = read(b"id,kind,n\n1,payment,0\n2,PAYMENT,-0.01\n3,else,1\n4,Else,-1\n5,,\n", extract)
    assert result.codes == []
    assert [(row["kind"], row["n"]) for row in result.rows] == [
        ("payment", 0), ("payment", Decimal("-0.01")), ("else", 1), ("Else", -1), (None, None),
    ]  # fmt: skip
    assert result.warnings == {"unknown_value": 2, "below_minimum": 2, "value_spelling": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        column("v", "bigint", values=["1"]),
        column("v", fold=True),
        column("v", minimum="1"),
        column("v", otherwise="count"),
    ],
)
def test_a_list_or_a_least_value_that_the_type_cannot_have_is_a_wrong_contract(wrong: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValidationError):
        extract_of(column("id"), wrong)
