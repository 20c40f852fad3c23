"""A lake that 0.1.0 has left: `landed_by_0_1_0.zip` has its files, its contract, and the program that made them, which
was run in a checkout of v0.1.0."""

from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from ingestion import land as lander
from ingestion.extract.watermarks import keeper_of
from ingestion.verify import verify
from tests.ingestion.lakes import Lake

LEFT = Path(__file__).with_name("landed_by_0_1_0.zip")
NOON = datetime(2026, 1, 12, 12, 0)
OF_CUSTOMERS = "from raw_landfall.loads where table_name = 'customer' and is_counted"
OTHERS = (
    "select table_name, load_id, act, is_counted, landed, quarantined, forgotten"
    " from raw_landfall.loads where table_name != 'customer' order by all"
)


@pytest.fixture
def left(tmp_path: Path) -> Lake:
    """A copy of it, with its own contract; the day after."""
    lake = Lake(tmp_path, str(tmp_path / "lake"))
    with ZipFile(LEFT) as archive:
        archive.extractall(tmp_path)
    lake.now = NOON
    return lake


def dates(lake: Lake) -> list[tuple[object, ...]]:
    """Kind, day and time of the loads of customers, in load order."""
    return lake.query(
        f"select kind, extract_date, extracted_at {OF_CUSTOMERS} order by load_number"
    )


def test_every_load_of_an_earlier_version_counts_as_it_did(left: Lake) -> None:
    lake = left
    changed = lake.land()
    assert {one.outcome for one in changed} == {"landed"}
    assert lake.query(OTHERS) == [
        ("price", "05ad856b6baf8c0e", "landed", True, 1, 0, 0),
        ("price", "311279ce72cb3a35", "landed", False, 1, 0, 0),
        ("price", "311279ce72cb3a35-2", "retracted", False, 1, 0, 0),
        ("visit", "3861c57abdef62bd", "landed", False, 2, 0, 0),
        ("visit", "3861c57abdef62bd-2", "forgot", True, 2, 0, 0),
        ("visit", "9a44e4631c5b3cb0", "landed", False, 1, 0, 0),
        ("visit", "9a44e4631c5b3cb0-2", "forgot", True, 1, 0, 0),
        ("visit", "edceeab2f0cadc75", "landed", False, 2, 1, 0),
        ("visit", "edceeab2f0cadc75-2", "relanded", True, 2, 1, 0),
    ]
    missing = "select object_name, code from raw_landfall.refusals order by all"
    assert lake.query(missing) == [
        ("shop/2026-01-11/customer.csv", "discarded"),
        ("shop/2026-01-11/price.csv", "retracted"),
    ]
    assert verify(lake.context, reads_all=True) == []
    assert lake.land() == []


def test_its_files_are_known_when_they_come_again_and_its_watermarks_are_read(left: Lake) -> None:
    lake = left
    (price,) = (one for one in lake.manifests if one.object_name == "shop/2026-01-09/price.csv")
    lake.put(price.object_name, lake.store.read(price.objects[0].archive))
    assert [one.outcome for one in lake.land() if one.table == "price"] == ["nothing"]
    watermarks = keeper_of(lake.store, "shop").read()
    assert watermarks.tables == {"price": datetime(2026, 1, 11, 11)}
    assert watermarks.newest == datetime(2026, 1, 11, 12)


EVENING = date(2026, 1, 8)
IN_ORDER = [
    ("full", EVENING, datetime(2026, 1, 9, 2, 15, 0, 5000)),
    ("full", EVENING, datetime(2026, 1, 9, 2, 15, 0, 5000)),
    ("changes", EVENING, datetime(2026, 1, 9, 2, 15, 0, 6000)),
    ("changes", EVENING, datetime(2026, 1, 9, 3, 15, 0, 7000)),
    ("changes", date(2026, 1, 9), datetime(2026, 1, 9, 10, 15, 0, 8000)),
]


def test_full_loads_of_dms_get_the_day_of_the_business_with_their_changes(left: Lake) -> None:
    """A table that was loaded again kept the day of UTC, so that the evening's changes came before it."""
    left.land()
    assert dates(left) == IN_ORDER


@pytest.mark.parametrize(("lost", "kept"), [("full", 4), ("changes", 2)])
def test_no_load_overtakes_one_whose_original_is_lost(
    left: Lake, caplog: pytest.LogCaptureFixture, lost: str, kept: int
) -> None:
    lake = left
    counted = [one for one in lake.manifests if one.table == "customer" and one.kind == lost]
    first = min(counted, key=lambda one: one.object_modified_at)
    lake.store.erase([first.objects[0].archive])
    lake.land()
    assert [row[2] for row in dates(lake)] == [row[2] for row in IN_ORDER]
    assert f"shop.customer: {kept} loads keep their day of UTC" in caplog.text
    assert lake.land() == []


def test_no_change_overtakes_one_of_another_contract(left: Lake) -> None:
    lake = left
    (path,) = lake.settings.project_dir.glob("models/staging/*/*.yml")
    path.write_text(
        path.read_text().replace("limits: {reject_rows: 5}", "limits: {reject_rows: 6}")
    )
    first, second = "111358fbd4a22aa5", "ddf093a3a9910c56"
    lander.reland(lake.context, "shop.customer", second)
    lake.land()
    assert changes(lake)[:2] == [(first,), (f"{second}-2",)]
    lander.reland(lake.context, "shop.customer")
    lake.land()
    assert dates(lake) == IN_ORDER


def changes(lake: Lake) -> list[tuple[object, ...]]:
    """The loads of changes of customers, in load order."""
    return lake.query(f"select load_id {OF_CUSTOMERS} and kind = 'changes' order by load_number")
