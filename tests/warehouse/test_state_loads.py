"""The loads that `run` hands over are enough to read: the state from them is the state."""

from collections.abc import Iterable
from datetime import date

import pytest

from ingestion.contract import read_project
from ingestion.loads import Loads
from ingestion.pipeline.state_loads import AT_MOST, state_loads
from tests.warehouse.conftest import Warehouse
from tests.warehouse.raw_tables import Load
from tests.warehouse.test_history import LOADS, day, full, listed, patient, thing

MODELS = {
    "stg_clinic__patients": "clinic.patient",
    "stg_clinic__insurance_plans": "clinic.insurance",
    "stg_toy__listed": "toy.listed",
}


def manifests(loads: Iterable[Load]) -> Loads:
    """The loads as a lake would have them."""
    return Loads(load.manifest for load in loads)


def states(warehouse: Warehouse, **variables: object) -> dict[str, tuple[str, list[str]]]:
    """By model, its SQL and its rows."""
    done = warehouse.dbt("compile", "--select", *MODELS, **variables)
    compiled = {
        each.node.name: str(each.node.compiled_code)
        for each in done.result.results
        if each.node.name in MODELS
    }
    return {name: (sql, sorted(map(repr, warehouse.rows(sql)))) for name, sql in compiled.items()}


@pytest.mark.parametrize("until", [day(4), day(5), day(8), day(9)])
def test_the_state_from_the_loads_handed_over_is_the_state(
    warehouse: Warehouse, until: date
) -> None:
    warehouse.raw.write(LOADS)
    handed = state_loads(read_project(warehouse.folder), manifests(LOADS), until)
    looked_up = states(warehouse, as_of=str(until))
    given = states(warehouse, as_of=str(until), loads=handed)
    for name, table in MODELS.items():
        assert given[name][1] == looked_up[name][1]
        assert "landfall__loads" in looked_up[name][0]
        assert "landfall__loads" not in given[name][0]
        for load in handed[table]:
            assert f"raw_rows.load_id = '{load['load_id']}'" in given[name][0]


def test_a_table_that_was_never_delivered_is_empty(warehouse: Warehouse) -> None:
    handed = state_loads(read_project(warehouse.folder), manifests([]), None)
    assert handed["clinic.patient"] == []
    assert all(rows == [] for _, rows in states(warehouse, loads=handed).values())


def test_only_the_loads_back_to_the_last_that_withheld_nothing_are_handed_over(
    warehouse: Warehouse,
) -> None:
    rows = (patient("P1"), patient("P2"))
    loads = [full(1, *rows), full(2, *rows), full(3, *rows, withheld=["P3"]), full(4, *rows)]
    project = read_project(warehouse.folder)

    def ids(until: date | None) -> list[str | int]:
        return [
            row["load_id"]
            for row in state_loads(project, manifests(loads), until)["clinic.patient"]
        ]

    assert ids(None) == [loads[3].load_id]
    assert ids(day(3)) == [loads[1].load_id, loads[2].load_id]


def test_where_too_many_loads_hold_the_state_none_are_handed_over(warehouse: Warehouse) -> None:
    loads = [listed(1, thing(1, "a"), withheld=["2"], second=n) for n in range(AT_MOST + 1)]
    handed = state_loads(read_project(warehouse.folder), manifests(loads), None)
    assert "toy.listed" not in handed and "toy.appended" not in handed
