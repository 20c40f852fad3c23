"""The type that a column of text is proposed to have."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.drafting.evidence import guess


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["1.5", "-22.75"], "decimal(18,2)"),
        (["0.000000001", "1e3"], "decimal(18,9)"),
        (["0.00", "-0.10"], "decimal(18,2)"),
        (["1234567890123456.125", "1"], "decimal(21,3)"),
        (["9" * 29 + ".5", "-1.25"], "decimal(33,2)"),
        (["$1,234.50", "($3.125)"], "decimal(18,3)"),
    ],
)
def test_a_decimal_has_room_for_its_values(values: list[str], type_: str) -> None:
    assert guess(pa.array(values)).type == type_


@given(st.lists(st.decimals(-(10**28), 10**28, allow_nan=False, places=9), min_size=2))
def test_no_digit_of_a_number_is_lost_in_the_proposed_decimal(numbers: list[Decimal]) -> None:
    numbers.append(Decimal("0.125"))  # else they may be whole
    found = guess(pa.array([format(number, "f") for number in numbers]))
    digits, scale = map(int, found.type.removeprefix("decimal(").removesuffix(")").split(","))
    kind = pa.decimal128(digits, scale)
    assert pa.array(numbers, pa.decimal128(38, 9)).cast(kind).to_pylist() == numbers
