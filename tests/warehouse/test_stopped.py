"""`dbt source freshness` tells that the lander or the runs have stopped."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.warehouse.conftest import Warehouse
from tests.warehouse.raw_tables import Load
from tests.warehouse.test_history import patient

pytestmark = pytest.mark.warehouse

NOW = datetime.now(UTC).replace(tzinfo=None)
DAY = timedelta(days=1)


def test_what_has_never_landed_or_run_is_not_late(warehouse: Warehouse) -> None:
    warehouse.raw.write([])
    warehouse.execute("delete from raw_landfall.runs")
    assert freshness(warehouse) == {"loads": "pass", "runs": "pass"}


@pytest.mark.parametrize(("age", "told"), [(1 * DAY, "pass"), (3 * DAY, "warn")])
def test_landings_and_runs_that_stopped_two_days_ago_are_late(
    warehouse: Warehouse, age: timedelta, told: str
) -> None:
    first, last = NOW - 9 * DAY, NOW - age
    loads = [load_of(first), load_of(last)]
    warehouse.raw.write([*loads, load_of(NOW, retracted=True)])
    warehouse.execute("delete from raw_landfall.runs")
    for verdict, ended in (("complete", first), ("complete", last), ("failed", NOW)):
        warehouse.execute(
            "insert into raw_landfall.runs by name"
            f" select '{verdict}' as verdict, timestamp '{ended}' as finished_at"
        )
    assert freshness(warehouse) == {"loads": told, "runs": told}


def load_of(landed_at: datetime, *, retracted: bool = False) -> Load:
    """An extract that landed then."""
    rows = (patient("P1"),)
    return Load("clinic.patient", landed_at.date(), rows, landed_at=landed_at, retracted=retracted)


def freshness(warehouse: Warehouse) -> dict[str, str]:
    """What dbt says of each table of the lander that it asks."""
    done = warehouse.dbt("source", "freshness", "--select", "source:landfall")
    asked = [one for one in done.result.results if one.node.resource_type == "source"]
    return {one.node.name: str(one.status) for one in asked}
