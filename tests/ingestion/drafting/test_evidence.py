"""The type that a column of text is proposed to have."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.drafting.evidence import decimal_separator_of, guess


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


@pytest.mark.parametrize(
    ("values", "separator", "type_", "formats"),
    [
        (["-1.050,00", "12,50"], ",", "decimal(18,2)", ("money",)),
        (["12,5", "1050"], ",", "decimal(18,2)", ()),
        (["1.050,00"], ".", "string", ()),
        (["12.50", "3.75"], ",", "string", ()),
        (["12", "13"], ",", "bigint", ()),
        (["20.11.2026", "21.11.2026"], ",", "date", ("DD.MM.YYYY",)),
        (["20.11.26", "21.11.26"], ",", "date", ("DD.MM.RR",)),
        (["-1\u202f050,00", "12,50"], ",", "decimal(18,2)", ("money",)),
    ],
)
def test_a_number_is_proposed_by_the_decimal_separator_of_its_file(
    values: list[str], separator: str, type_: str, formats: tuple[str, ...]
) -> None:
    found = guess(pa.array(values), separator)
    assert (found.type, found.formats) == (type_, formats)


@pytest.mark.parametrize(
    ("columns", "separator"),
    [
        ([["12,50", "3,75"], ["1.050,00", None]], ","),
        ([["12.50", "3.75"], ["$1,050.00", "2.00"]], "."),
        ([["1,050", "2,075"]], "."),  # thousands, or decimals
        ([["1,050", "2,075"], ["12,5", "3"]], ","),
        ([["1,50", "2,50"], ["1.50", "2.25"]], "."),
        ([["Bär, Zoë", "Long, Ann"], ["12", "13"]], "."),
        ([[None, None], ["N/A", "12,50"]], ","),
        ([], "."),
    ],
)
def test_a_file_has_the_decimal_separator_with_which_more_columns_are_numbers(
    columns: list[list[str | None]], separator: str
) -> None:
    assert decimal_separator_of([pa.array(values, pa.string()) for values in columns]) == separator


def test_thousands_that_may_be_decimals_are_said_to_be_so() -> None:
    assert guess(pa.array(["1,050", "2,075"])).rivals == ('decimal_separator: ","',)
    assert guess(pa.array(["1,050", "2,075.25"])).rivals == ()


@given(st.lists(st.decimals(-(10**28), 10**28, allow_nan=False, places=9), min_size=2))
def test_no_digit_of_a_number_is_lost_in_the_proposed_decimal(numbers: list[Decimal]) -> None:
    numbers.append(Decimal("0.125"))  # else they may be whole
    found = guess(pa.array([format(number, "f") for number in numbers]))
    digits, scale = map(int, found.type.removeprefix("decimal(").removesuffix(")").split(","))
    kind = pa.decimal128(digits, scale)
    assert pa.array(numbers, pa.decimal128(38, 9)).cast(kind).to_pylist() == numbers
