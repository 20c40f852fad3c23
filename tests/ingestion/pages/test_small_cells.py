"""Counts of 1 to 10 are hidden, and enough other cells that sums do not reveal them."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ingestion.pages.answers import HIDDEN, Row
from ingestion.pages.definition import Small
from ingestion.pages.small_cells import hide_small_cells

BOTH = Small(count="items", hides=("amount",), within=("payer", "age"))


def row(payer: str, age: str, items: int) -> Row:
    return {"payer": payer, "age": age, "items": Decimal(items), "amount": Decimal(items * 7)}


def test_a_small_count_and_what_it_hides_are_hidden_and_zero_and_eleven_are_not() -> None:
    rows = [row("a", "young", n) for n in (0, 1, 10, 11)]
    shown = hide_small_cells(rows, [Small(count="items", hides=("amount",))])
    assert [one["items"] for one in shown] == [Decimal(0), HIDDEN, HIDDEN, Decimal(11)]
    assert [one["amount"] for one in shown] == [Decimal(0), HIDDEN, HIDDEN, Decimal(77)]
    assert rows[1]["items"] == Decimal(1)


def test_a_single_small_cell_takes_the_next_smallest_of_its_sum_with_it() -> None:
    rows = [row("a", "young", 3), row("a", "old", 20), row("a", "older", 50)]
    shown = hide_small_cells(rows, [Small(count="items", within=("payer",))])
    assert [one["items"] for one in shown] == [HIDDEN, HIDDEN, Decimal(50)]


def test_two_small_cells_whose_sum_is_small_take_a_third() -> None:
    rows = [row("a", "young", 3), row("a", "old", 4), row("a", "older", 50), row("a", "x", 60)]
    shown = hide_small_cells(rows, [Small(count="items", within=("payer",))])
    assert [one["items"] for one in shown] == [HIDDEN, HIDDEN, HIDDEN, Decimal(60)]


def test_a_row_without_a_value_is_in_no_sum() -> None:
    rows = [row("a", "young", 3), row("a", "old", 20) | {"payer": None}, row("a", "older", 50)]
    shown = hide_small_cells(rows, [Small(count="items", within=("payer",))])
    assert [one["items"] for one in shown] == [HIDDEN, Decimal(20), HIDDEN]


@given(st.lists(st.integers(0, 30), min_size=12, max_size=12))
def test_no_sum_over_a_line_tells_a_small_cell(counts: list[int]) -> None:
    places = [(payer, age) for payer in "abc" for age in "1234"]
    rows = [row(payer, age, count) for (payer, age), count in zip(places, counts, strict=True)]
    shown = hide_small_cells(rows, [BOTH])
    for column in ("payer", "age"):
        lines = defaultdict(list)
        for number, one in enumerate(rows):
            lines[one[column]].append(number)
        for line in lines.values():
            hidden = [counts[n] for n in line if shown[n]["items"] is HIDDEN]
            left = [counts[n] for n in line if shown[n]["items"] is not HIDDEN and counts[n]]
            assert all(count > 10 for count in left)
            # what is hidden is the difference of the sum and what is shown: no single cell, and no small one
            assert not hidden or not left or (len(hidden) > 1 and sum(hidden) > 10)
