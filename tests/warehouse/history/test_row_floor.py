"""The gate of a history and the lander have one row floor, each in its own language: both are called here."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.contract import Limits, RowFloor
from tests.warehouse.macros import macros_of

FILES = ("history/contract_of.sql", "history/gate_history.sql")
GATE = macros_of(FILES, {})


@st.composite
def losses(draw: st.DrawFn) -> tuple[RowFloor, int, int]:
    """A floor, the rows that are left and those before; often where one more row would decide."""
    floor = RowFloor(share=draw(st.floats(0, 1)), rows=draw(st.integers(0, 20)))
    before = draw(st.integers(0, 10**7) | st.integers(0, 100))
    near = draw(st.sampled_from([int(before * floor.share), before - floor.rows]))
    rows = draw(st.integers(near - 2, near + 2) | st.integers(0, before + 10))
    return floor, max(rows, 0), before


@given(losses())
@example((RowFloor(share=0.9, rows=5), 90, 100))
@example((RowFloor(share=0.9, rows=5), 89, 100))
@example((RowFloor(share=0.5, rows=10), 9, 20))
@example((RowFloor(share=0.5, rows=10), 10, 20))
@example((RowFloor(share=1, rows=5), 5, 10))
@example((RowFloor(share=1, rows=5), 4, 10))
@example((RowFloor(share=0.9, rows=5), 0, 3))
def test_the_gate_of_a_history_is_the_landers_row_floor_and_stops_when_no_row_is_left(
    loss: tuple[RowFloor, int, int],
) -> None:
    floor, rows, before = loss
    contract = {"floor_share": floor.share, "floor_rows": floor.rows}
    is_broken = floor.is_broken_by(rows, before)
    assert GATE["is_below_floor"](contract, rows, before) is is_broken
    assert GATE["far_fewer"](contract, rows, before) is (is_broken or rows == 0 < before)


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"floor_share": 0.5},
        {"floor_rows": 0},
        {"floor_share": 0, "floor_rows": 100},
        {"floor_share": None, "reject_rows": 7},
    ],
)
def test_the_gate_takes_the_floor_of_a_table_from_where_the_lander_takes_it(
    limits: dict[str, Any],
) -> None:
    project = RowFloor(share=0.75, rows=3)
    contract = {"key": "row", "deliveries": [{"kind": "full"}], "limits": limits}
    node = {"source_name": "desk", "name": "visit", "columns": {}}
    graph = {"sources": {"visit": node | {"config": {"meta": {"contract": contract}}}}}
    variables = {"row_floor": project.model_dump()}
    gate = macros_of(FILES, {"graph": graph, "var": variables.__getitem__})
    found = gate["contract_of"]("desk", "visit")
    floor = Limits.model_validate(limits).row_floor(project)
    assert (found["floor_share"], found["floor_rows"]) == (floor.share, floor.rows)
