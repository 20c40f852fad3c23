"""How many rows a state or a history must hold at once: of a large table, every row of every load is too much."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from ingestion.contract import read_project
from ingestion.loads import Loads
from ingestion.pipeline.state_loads import state_loads
from tests.warehouse.conftest import Warehouse
from tests.warehouse.history.compiled import statements_of
from tests.warehouse.test_history import PATIENTS, changes, full, operation, patient

pytestmark = pytest.mark.warehouse

KEYS, DAYS = 100, 9
EVERYBODY = [patient(f"P{number}") for number in range(KEYS)]
FULL = [full(number, *EVERYBODY) for number in range(1, DAYS + 1)]
CHANGES = changes(DAYS + 1, operation("U", "P1", zip="02144"), operation("U", "P1", zip="02145"))


def test_a_backfill_holds_no_row_of_each_full_load(new_warehouse: Callable[[], Warehouse]) -> None:
    warehouse = new_warehouse()
    (sent,) = statements_of(warehouse, {PATIENTS: FULL[:2]})
    warehouse.raw.write([*FULL, CHANGES])
    with duckdb.connect(str(warehouse.path)) as connection:
        held = rows_held(connection, sent.backfill)
        assert connection.sql(f"select count(*) from ({sent.backfill})").fetchone() == (KEYS + 1,)
    # the first and the last load of each stretch
    assert max(held) <= 2 * (KEYS + 1)


def test_the_state_of_one_full_load_holds_no_row(warehouse: Warehouse) -> None:
    warehouse.raw.write(FULL)
    loads = Loads(load.manifest for load in FULL)
    handed = state_loads(read_project(warehouse.folder), loads, None)
    done = warehouse.dbt("compile", "--select", "stg_clinic__patients", loads=handed)
    (state,) = [
        str(one.node.compiled_code)
        for one in done.result.results
        if one.node.name.startswith("stg_")
    ]
    with duckdb.connect(str(warehouse.path)) as connection:
        assert connection.sql(f"select count(*) from ({state})").fetchone() == (KEYS,)
        assert max(rows_held(connection, state)) <= 1


def rows_held(connection: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    """The rows that each window and each grouping of a query gives, as DuckDB counts them: it holds them in memory."""
    told = connection.execute(f"explain (analyze, format json) {query}").fetchall()
    found = list(_holding(json.loads(told[0][1])))
    assert found, "a query that holds nothing, or a plan that is told otherwise"
    return found


def _holding(operator: dict[str, Any]) -> Iterator[int]:
    name = operator.get("operator_name", operator.get("operator_type", ""))
    if any(word in name for word in ("WINDOW", "GROUP_BY")):
        yield operator["operator_cardinality"]
    for child in operator["children"]:
        yield from _holding(child)
