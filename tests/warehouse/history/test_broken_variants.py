"""The harness finds mistakes: two snapshots with common settings that lose history."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ingestion.contract import Project
from tests.warehouse.conftest import Warehouse
from tests.warehouse.history.compiled import CompiledWarehouse, Statements, statements_of
from tests.warehouse.history.conftest import DAYS, snapshot_of, two_days
from tests.warehouse.history.invariants import check_history
from tests.warehouse.history.test_state_machine import STABLE, practice
from tests.warehouse.raw_tables import Load

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]


def broken(warehouse: Warehouse, **config: Any) -> Statements:
    """What dbt sends when the snapshot of the full extracts is configured so."""
    warehouse.manifest = warehouse.manifest.deepcopy()
    name = snapshot_of("full")
    node = warehouse.manifest.nodes[f"snapshot.landfall.{name}"]
    for word, value in config.items():
        node.config[word] = value
    # the source's own stamp, which `timestamp` would go by
    columns = warehouse.manifest.nodes["model.landfall.base_toy__listed"].columns
    columns["changed_at"] = replace(columns["number"], name="changed_at")
    warehouse.edit("base_toy__listed", "        number,", "        number,\n        changed_at,")
    return statements_of(warehouse, {name: two_days("full")})[0]


BY_STAMP = {"strategy": "timestamp", "updated_at": "changed_at", "check_cols": None}


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (BY_STAMP, "a day that no extract has"),
        # a deletion is missed on the day itself, or in the replay of a late extract's days
        (
            {"hard_deletes": "ignore"},
            "the open rows are not the extract's|the backfill is not what daily snapshots make",
        ),
        ({}, None),
    ],
    ids=["strategy timestamp", "no delete handling", "as it is"],
)
def test_the_harness_finds_a_snapshot_that_loses_history(
    config: dict[str, Any],
    told: str | None,
    new_warehouse: Callable[[], Warehouse],
    contracts: Project,
) -> None:
    statements = broken(new_warehouse(), **config)
    machine = practice("full", lambda: CompiledWarehouse(contracts, statements))
    few = settings(STABLE, phases=[Phase.generate])
    if told is None:
        run_state_machine_as_test(machine, settings=settings(few, max_examples=1))
        return
    with pytest.raises(AssertionError, match=told):
        run_state_machine_as_test(machine, settings=few)


def test_a_change_without_a_newer_stamp_is_lost_by_stamps_and_found_by_the_harness(
    new_warehouse: Callable[[], Warehouse], contracts: Project
) -> None:
    world = CompiledWarehouse(contracts, broken(new_warehouse(), **BY_STAMP))
    stamp = {"changed_at": datetime(2022, 7, 2)}
    rows = [{"id": 1, "word": word} | stamp for word in "ab"]
    loads = [Load("toy.listed", day, [row]) for day, row in zip(DAYS, rows, strict=True)]
    for load in loads:
        world.land(load)
        world.snapshot()
    with pytest.raises(AssertionError, match="the open rows are not the extract's"):
        check_history(world.history(), loads)
    world.close()
