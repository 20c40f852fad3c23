"""Random days of a source: history is right, whatever happens to its extracts."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.warehouse.conftest import Warehouse
from tests.warehouse.history.compiled import CompiledWarehouse
from tests.warehouse.history.conftest import snapshot_of
from tests.warehouse.history.machine import TABLES, Practice, World
from tests.warehouse.history.through_dbt import DbtWarehouse

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

# the same days in every run of the same tests, so that a red build is a change and not a chance: hypothesis also draws
# constants of the modules that are imported
STABLE = settings(
    max_examples=4,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def practice(kind: str, make: Callable[[], World]) -> type[Practice]:
    """A machine of one kind of extract, over worlds of one make."""
    return type(f"Practice_{kind}", (Practice,), {"kind": kind, "make": make, "steps": 0})


@pytest.mark.parametrize("kind", TABLES)
def test_history_is_right_after_any_days(
    kind: str, in_memory: Callable[[str], CompiledWarehouse]
) -> None:
    machine = practice(kind, lambda: in_memory(kind))
    run_state_machine_as_test(machine, settings=STABLE)
    assert machine.steps >= 110


@pytest.mark.parametrize("kind", TABLES)
def test_history_is_right_after_any_days_through_dbt_itself(
    kind: str, new_warehouse: Callable[[], Warehouse]
) -> None:
    machine = practice(kind, lambda: DbtWarehouse(new_warehouse, snapshot_of(kind)))
    few = settings(STABLE, max_examples=1, stateful_step_count=6, phases=[Phase.generate])
    run_state_machine_as_test(machine, settings=few)
    assert machine.steps >= 6
