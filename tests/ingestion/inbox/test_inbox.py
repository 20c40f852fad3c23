"""What an extract is, and when: parts, settle time, exports, and which day each speaks for."""

import gzip
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingestion import land as lander
from ingestion.inbox import Refusals, survey
from ingestion.seeds import INBOX, read_finding_codes
from tests.ingestion.lakes import (
    CONTRACT,
    Lake,
    customer_parquet,
    customers,
    prices,
    visits,
    write_project,
)
from tests.ingestion.land.test_kills import seen_after_each_step

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 1, 10, 12, 0)


def touch(lake: Lake, name: str, moment: datetime) -> None:
    """Give an object of a local inbox this modification time (UTC)."""
    seconds = moment.replace(tzinfo=UTC).timestamp()
    os.utime(Path(lake.settings.lake) / "inbox" / name, (seconds, seconds))


def deliver(lake: Lake, name: str, content: str | bytes, moment: datetime) -> None:
    lake.put(name, content)
    touch(lake, name, moment)


def loads(lake: Lake) -> list[tuple[object, ...]]:
    return lake.query(
        "select kind, extract_date, extracted_at, landed from raw_landfall.loads order by load_number"
    )


def test_all_parts_of_a_full_load_are_one_extract_once_none_changed_for_a_while(
    local_lake: Lake,
) -> None:
    lake = local_lake
    deliver(
        lake, "shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n", datetime(2026, 1, 10, 11, 50)
    )
    for number in range(2, 11):
        name = f"shop/dms/customer/LOAD0000000{number:X}.csv"
        deliver(lake, name, f"C{number},1/2/1980,5\n", datetime(2026, 1, 10, 11, 56))
    lake.now = NOON
    waiting = lake.land_one()
    assert (waiting.outcome, waiting.code) == ("waiting", "still_arriving")
    assert len(lake.inbox) == 10
    lake.now = datetime(2026, 1, 10, 12, 1)
    landed = lake.land_one()
    assert (landed.outcome, landed.rows_in) == ("landed", 10)
    assert lake.inbox == []
    assert loads(lake) == [("full", date(2026, 1, 10), datetime(2026, 1, 10, 11, 56), 10)]
    (manifest,) = lake.manifests
    assert [part.name for part in manifest.objects] == [
        f"inbox/shop/dms/customer/LOAD0000000{number}.csv" for number in "123456789A"
    ]
    assert len(lake.keys("archive/")) == 10


@pytest.mark.parametrize("late", ["LOAD00000002", "LOAD00000003"])
def test_a_part_of_a_full_load_that_comes_after_the_others_landed_replaces_none_of_them(
    lake: Lake, late: str
) -> None:
    lake.put("shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n")
    lake.now = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
    assert lake.land_one().outcome == "landed"
    lake.put(f"shop/dms/customer/{late}.csv", "C2,1/2/1980,5\n")
    refused = lake.land_one()
    assert (refused.outcome, refused.code) == ("refused", "incomplete_export")
    assert refused.message == "LOAD00000001 is missing"
    assert lake.query("select customer_id from raw_shop.customer") == [("C1",)]
    for number in (1, 2, 3):
        lake.put(f"shop/dms/customer/LOAD0000000{number}.csv", f"C{number},1/2/1980,5\n")
    whole = lake.land_one()
    assert (whole.outcome, whole.rows_in) == ("landed", 3)
    assert lake.inbox == []


def test_the_day_of_a_full_load_is_that_of_the_business(local_lake: Lake) -> None:
    lake = local_lake
    deliver(
        lake, "shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n", datetime(2026, 1, 10, 2, 0)
    )
    lake.now = NOON
    assert lake.land_one().extract_date == date(2026, 1, 9)  # nine in the evening in New York


def test_a_full_load_comes_before_the_changes_of_its_folder(local_lake: Lake) -> None:
    lake = local_lake
    lake.now = NOON
    deliver(
        lake, "shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n", datetime(2026, 1, 9, 15, 0)
    )
    deliver(lake, "shop/dms/customer/20260108-101500250.csv", "U,C1,1/2/1980,6\n", NOON)
    deliver(lake, "shop/dms/customer/2026/01/09/20260109-101500250.csv", "D,C1,1/2/1980,6\n", NOON)
    assert [outcome.outcome for outcome in lake.land()] == ["landed"] * 3
    assert loads(lake) == [
        ("full", date(2026, 1, 8), datetime(2026, 1, 8, 10, 15, 0, 249000), 1),
        ("changes", date(2026, 1, 8), datetime(2026, 1, 8, 10, 15, 0, 250000), 1),
        ("changes", date(2026, 1, 9), datetime(2026, 1, 9, 10, 15, 0, 250000), 1),
    ]


def test_a_full_load_found_after_its_changes_were_landed_still_comes_first(
    local_lake: Lake,
) -> None:
    lake = local_lake
    lake.now = NOON
    deliver(lake, "shop/dms/customer/20260108-101500250.csv", "U,C1,1/2/1980,6\n", NOON)
    lake.land()
    deliver(
        lake, "shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n", datetime(2026, 1, 9, 15, 0)
    )
    assert lake.land_one().warnings == {}
    assert [row[0] for row in loads(lake)] == ["full", "changes"]


def test_changes_that_come_after_their_full_load_was_landed_still_follow_it(lake: Lake) -> None:
    lake.put("shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n")
    lake.now = datetime(2099, 1, 1)
    (full,) = lake.land()
    lake.put("shop/dms/customer/20200108-101500250.csv", "D,C1,1/2/1980,6\n")
    again, change = lake.land()
    assert (again.outcome, again.load_id) == ("landed", f"{full.load_id}-2")
    assert (change.outcome, change.warnings) == ("landed", {})
    found = lake.query(
        "select kind, extract_date, extracted_at from raw_landfall.loads"
        " where is_counted order by load_number"
    )
    assert found == [
        ("full", date(2020, 1, 8), datetime(2020, 1, 8, 10, 15, 0, 249000)),
        ("changes", date(2020, 1, 8), datetime(2020, 1, 8, 10, 15, 0, 250000)),
    ]
    rows = lake.query(
        "select _operation, extract_date from raw_shop.customer order by _extracted_at"
    )
    assert rows == [(None, date(2020, 1, 8)), ("D", date(2020, 1, 8))]
    assert lake.land() == []


def test_changes_wait_while_their_full_load_cannot_be_dated_again(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/dms/customer/LOAD00000001.csv", "C1,1/20/1980,5\n")
    lake.now = datetime(2099, 1, 1)
    lake.land()
    write_project(
        lake.settings.project_dir, CONTRACT.replace("format: M/D/YYYY", "format: YYYY-MM-DD")
    )
    lake.put("shop/dms/customer/20200108-101500250.csv", "D,C1,1980-01-20,6\n")
    refused = lake.land_one()
    assert (refused.outcome, refused.extract) == ("refused", "shop/dms/customer/{load}.csv")
    assert lake.inbox == ["shop/dms/customer/20200108-101500250.csv"]
    write_project(lake.settings.project_dir)
    lake.put("shop/dms/customer/20200108-101500250.csv", "D,C1,1/20/1980,6\n")
    assert [outcome.outcome for outcome in lake.land()] == ["landed", "landed"]


def test_a_full_load_dated_by_hand_keeps_its_date(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n")
    lake.now = datetime(2099, 1, 1)
    lake.land(extract_date=date(2025, 12, 31))
    lake.put("shop/dms/customer/20200108-101500250.csv", "U,C1,1/2/1980,6\n")
    assert lake.land_one().outcome == "landed"
    assert [row[:2] for row in loads(lake)] == [
        ("changes", date(2020, 1, 8)),
        ("full", date(2025, 12, 31)),
    ]


RELOAD = "shop/dms/customer/LOAD00000001.csv"


def loaded_then_changed(lake: Lake) -> None:
    lake.now = NOON
    deliver(lake, RELOAD, "C1,1/2/1980,5\nC2,1/2/1980,5\n", datetime(2026, 1, 8, 15, 0))
    lake.land()
    deliver(lake, "shop/dms/customer/20260109-101500250.csv", "U,C1,1/2/1980,6\n", NOON)
    lake.land()


def test_a_table_that_dms_loads_again_amid_its_changes_needs_a_moment(local_lake: Lake) -> None:
    """By its file it would come before all changes, as the first load does, and they would be done to it again."""
    lake = local_lake
    loaded_then_changed(lake)
    deliver(lake, RELOAD, "C1,1/2/1980,7\nC3,1/2/1980,5\n", datetime(2026, 1, 10, 9, 0))
    deliver(lake, "shop/dms/customer/20260110-085900250.csv", "U,C1,1/2/1980,-1\n", NOON)
    deliver(lake, "shop/dms/customer/20260110-091000250.csv", "U,C3,1/2/1980,8\n", NOON)
    refused, *changes = lake.land()
    assert (refused.code, refused.extract_date) == ("undated_reload", None)
    asked = "land --object 'shop/dms/customer/{load}.csv' --extract-date 2026-01-10T09:00:00Z"
    assert refused.message.endswith(asked)
    assert [one.outcome for one in changes] == ["landed"] * 2
    name, moment = "shop/dms/customer/{load}.csv", datetime(2026, 1, 10, 9, 0)
    assert lake.land_one(object_key=name, extract_date=moment).outcome == "landed"
    assert [(row[0], row[2]) for row in loads(lake)] == [
        ("full", datetime(2026, 1, 8, 15, 0)),
        ("changes", datetime(2026, 1, 9, 10, 15, 0, 250000)),
        ("changes", datetime(2026, 1, 10, 8, 59, 0, 250000)),
        ("full", moment),
        ("changes", datetime(2026, 1, 10, 9, 10, 0, 250000)),
    ]
    assert lake.land() == []


@pytest.mark.parametrize("is_retracted", [False, True])
def test_a_table_loaded_again_under_another_ending_or_after_a_retraction_is_loaded_again(
    local_lake: Lake, is_retracted: bool
) -> None:
    lake = local_lake
    loaded_then_changed(lake)
    name = RELOAD
    if is_retracted:
        (full,) = (load for load in lake.manifests if load.kind == "full")
        lander.retract(lake.context, "shop.customer", full.load_id, "wrong")
    else:
        name += ".gz"
    text = b"C1,1/2/1980,7\n"
    deliver(lake, name, text if is_retracted else gzip.compress(text), datetime(2026, 1, 10, 9, 0))
    assert lake.land_one().code == "undated_reload"


def test_a_later_full_load_keeps_its_time_when_the_first_is_retracted(local_lake: Lake) -> None:
    lake = local_lake
    lake.now = NOON
    for hour, balance in ((0, 5), (2, 6)):
        deliver(lake, RELOAD, f"C1,1/2/1980,{balance}\n", datetime(2026, 1, 9, hour))
        lake.land()
    first = min(lake.manifests, key=lambda load: load.extracted_at)
    lander.retract(lake.context, "shop.customer", first.load_id, "wrong")
    for hour in (1, 3):
        deliver(lake, f"shop/dms/customer/20260109-0{hour}0000000.csv", "U,C1,1/2/1980,1\n", NOON)
    assert [one.outcome for one in lake.land()] == ["landed", "landed"]
    counted = (
        "select kind, extracted_at from raw_landfall.loads where is_counted order by load_number"
    )
    assert [(kind, moment.hour) for kind, moment in lake.query(counted)] == [
        ("changes", 1), ("full", 2), ("changes", 3),
    ]  # fmt: skip


def test_the_bytes_of_an_older_full_load_are_the_table_again(local_lake: Lake) -> None:
    lake = local_lake
    loaded_then_changed(lake)
    first = "C1,1/2/1980,5\nC2,1/2/1980,5\n"
    deliver(lake, RELOAD, "C1,1/2/1980,7\n", datetime(2026, 1, 10, 9, 0))
    assert lake.land_one(extract_date=datetime(2026, 1, 10, 9, 0)).outcome == "landed"
    deliver(lake, RELOAD, first, datetime(2026, 1, 10, 10, 0))
    assert lake.land_one().code == "undated_reload"


def test_a_table_loaded_again_that_a_person_takes_out_is_missing(local_lake: Lake) -> None:
    lake = local_lake
    loaded_then_changed(lake)
    deliver(lake, RELOAD, "C1,1/2/1980,7\n", datetime(2026, 1, 10, 9, 0))
    lake.land()
    lander.discard(lake.context, "shop/dms/customer/{load}.csv", "too early")
    (missing,) = Refusals(lake.store)
    assert (missing.code, missing.extract_date) == ("discarded", None)
    lake.now = NOON + timedelta(hours=1)
    deliver(lake, RELOAD, "C1,1/2/1980,8\n", datetime(2026, 1, 10, 11, 0))
    landed = lake.land_one(extract_date=datetime(2026, 1, 10, 11, 0))
    assert (landed.outcome, list(Refusals(lake.store))) == ("landed", [])
    lander.retract(lake.context, "shop.customer", str(landed.load_id), "wrong")
    (missing,) = Refusals(lake.store)
    assert (missing.code, missing.extract_date) == ("retracted", date(2026, 1, 10))
    lake.land()
    assert list(Refusals(lake.store)) == [missing]


def test_a_held_full_load_says_the_command_that_lands_it(local_lake: Lake) -> None:
    lake = local_lake
    lake.now = NOON
    rows = "".join(f"C{n},1/2/1980,5\n" for n in range(40))
    deliver(lake, RELOAD, rows, datetime(2026, 1, 8, 15, 0))
    lake.land()
    deliver(lake, RELOAD, "C1,1/2/1980,7\n", datetime(2026, 1, 10, 9, 0))
    name, moment = "shop/dms/customer/{load}.csv", datetime(2026, 1, 10, 9, 0, 0, 250_000)
    held = lake.land_one(object_key=name, extract_date=moment)
    assert held.code == "row_floor"
    words = f"land --object '{name}' --extract-date 2026-01-10T09:00:00.250000Z --release "
    assert words + str(held.load_id) in held.message
    done = lake.land_one(object_key=name, extract_date=moment, release=held.load_id)
    assert done.outcome == "landed"


def test_a_full_load_that_is_copied_again_is_known_by_its_bytes(local_lake: Lake) -> None:
    loaded_then_changed(local_lake)
    before = loads(local_lake)
    deliver(local_lake, RELOAD, "C1,1/2/1980,5\nC2,1/2/1980,5\n", datetime(2026, 1, 10, 9, 0))
    again = local_lake.land_one()
    assert (again.outcome, again.message, local_lake.inbox) == ("nothing", "landed before", [])
    assert loads(local_lake) == before


def test_a_table_loaded_again_before_any_change_has_its_files_time_also_when_changes_come(
    local_lake: Lake,
) -> None:
    lake = local_lake
    lake.now = NOON
    for day, balance in ((7, 5), (9, 6)):
        moment = datetime(2026, 1, day, 15, 0)
        deliver(lake, RELOAD, f"C1,1/2/1980,{balance}\n", moment)
        assert lake.land_one().outcome == "landed"
    deliver(lake, "shop/dms/customer/20260108-101500250.csv", "U,C1,1/2/1980,1\n", NOON)
    assert lake.land_one().outcome == "landed"
    assert [(row[0], row[2].day) for row in loads(lake)] == [
        ("full", 7), ("changes", 8), ("full", 9),
    ]  # fmt: skip


def with_the_day_of_utc(lake: Lake, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Land changes as 0.1.0 did."""
    for name in names:
        deliver(lake, f"shop/dms/customer/{name}.csv", f"U,C1,1/2/1980,{name[-1]}\n", NOON)
    with monkeypatch.context() as patched:
        patched.setattr(survey, "day_of", lambda moment, _: moment.date())
        assert {one.outcome for one in lake.land()} == {"landed"}


def test_the_day_of_changes_is_that_of_the_business_also_for_those_that_have_the_day_of_utc(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = local_lake
    lake.now = NOON
    with_the_day_of_utc(lake, monkeypatch, "20260109-021500006", "20260109-101500007")
    deliver(lake, "shop/dms/customer/20260109-033000000.csv", "U,C1,1/2/1980,8\n", NOON)
    again, new = lake.land()
    assert (again.outcome, again.extract_date) == ("landed", date(2026, 1, 8))
    assert new.extract_date == date(2026, 1, 8)
    rows = "select extract_date, balance from raw_shop.customer order by _extracted_at"
    assert lake.query(rows) == [
        (date(2026, 1, 8), 6), (date(2026, 1, 8), 8), (date(2026, 1, 9), 7),
    ]  # fmt: skip
    assert lake.land() == []


@pytest.mark.parametrize("kind", ["changes", "full"])
def test_a_load_whose_original_is_lost_stops_no_landing(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    lake = local_lake
    lake.now = NOON
    if kind == "changes":
        with_the_day_of_utc(lake, monkeypatch, "20260109-021500006")
    else:
        deliver(lake, RELOAD, "C1,1/2/1980,5\n", datetime(2026, 1, 9, 15, 0))
        lake.land()
        deliver(lake, "shop/dms/customer/20260108-101500250.csv", "U,C1,1/2/1980,6\n", NOON)
    (load,) = lake.manifests
    lake.store.erase([part.archive for part in load.objects])
    lake.put("shop/2026-01-10/visit.csv", visits((1, "C1")))
    outcomes = lake.land()
    assert [(one.table, one.outcome) for one in outcomes if one.table == "visit"] == [
        ("visit", "landed")
    ]
    if kind == "changes":
        assert "1 loads keep their day of UTC" in caplog.text
        assert len(outcomes) == 1
    else:
        assert (outcomes[0].outcome, outcomes[0].code) == ("refused", "unreadable")
        assert lake.inbox == ["shop/dms/customer/20260108-101500250.csv"]


def test_a_day_has_as_many_incremental_loads_as_come_and_their_times_order_them(
    local_lake: Lake,
) -> None:
    """Landed in the wrong order; a folder's time is UTC, its date that of the business."""
    lake = local_lake
    prices_by_time = CONTRACT.replace("shop/{date}/price.csv", "shop/{folder_time}/price.csv")
    write_project(lake.settings.project_dir, prices_by_time)
    for time in ("21T10-30-00Z", "21T04-00-00Z", "21T11-00-01Z"):
        lake.put(f"shop/2026-11-{time}/price.csv", prices(("A", 1, time[3:5], "10:00:00")))
        assert lake.land_one().outcome == "landed"
    assert loads(lake) == [
        ("incremental", date(2026, 11, 20), datetime(2026, 11, 21, 4, 0), 1),
        ("incremental", date(2026, 11, 21), datetime(2026, 11, 21, 10, 30), 1),
        ("incremental", date(2026, 11, 21), datetime(2026, 11, 21, 11, 0, 1), 1),
    ]
    lake.put("shop/2026-11-21T25-00-00Z/price.csv", prices(("A", 1, "1", "10:00:00")))
    assert lake.land_one().code == "bad_name"


def test_a_person_may_say_the_day_of_a_full_load(local_lake: Lake) -> None:
    lake = local_lake
    lake.now = NOON
    deliver(
        lake, "shop/dms/customer/LOAD00000001.csv", "C1,1/2/1980,5\n", datetime(2026, 1, 9, 15, 0)
    )
    assert lake.land_one(extract_date=date(2025, 12, 31)).extract_date == date(2025, 12, 31)
    assert loads(lake) == [("full", date(2025, 12, 31), datetime(2025, 12, 31), 1)]


def test_operations_land_beside_the_rows(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/dms/customer/20260108-101500250.csv", "I,C1,1/2/1980,6\nD,C2,1/2/1980,6\n")
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.land()
    rows = lake.query(
        "select customer_id, _operation from raw_shop.customer order by extract_date, _source_row"
    )
    assert rows == [("C1", None), ("C1", "I"), ("C2", "D")]


def export_info(status: str = "COMPLETE", time: str = "2026-01-05T03:30:00.250Z") -> str:
    return json.dumps({"exportTaskIdentifier": "nightly", "snapshotTime": time, "status": status})


@pytest.mark.parametrize(
    "place", ["shop/export_info_nightly.json", "shop/nightly/export_info_nightly.json"]
)
def test_a_snapshot_export_is_landed_once_it_is_complete(lake: Lake, place: str) -> None:
    lake.put("shop/nightly/db/db.customer/1/part-00000-a.gz.parquet", customer_parquet(1, 2))
    lake.put("shop/nightly/db/db.customer/1/_success", b"")
    for status in (None, "IN_PROGRESS"):
        if status:
            lake.put(place, export_info(status))
        outcome = lake.land_one()
        assert (outcome.outcome, outcome.code) == ("waiting", "incomplete_export")
    lake.put("shop/nightly/db/db.customer/10/part-00000-c.gz.parquet", customer_parquet(5))
    lake.put("shop/nightly/db/db.customer/2/part-00002-b.gz.parquet", customer_parquet(3, 4))
    lake.put(place, export_info())
    outcome = lake.land_one()
    assert (outcome.outcome, outcome.rows_in) == ("landed", 5)
    assert outcome.extract_date == date(2026, 1, 4)  # half past ten in the evening in New York
    rows = lake.query("select customer_id from raw_shop.customer order by _source_row")
    assert [row[0] for row in rows] == ["C1", "C2", "C3", "C4", "C5"]
    assert lake.inbox == []
    assert lake.land() == []


def test_a_part_of_a_snapshot_export_that_comes_after_the_others_landed_replaces_none_of_them(
    lake: Lake,
) -> None:
    """A copy from another bucket may bring the record first."""
    folder = "shop/nightly/db/db.customer"
    lake.put("shop/export_info_nightly.json", export_info())
    lake.put(f"{folder}/1/part-00000-a.gz.parquet", customer_parquet(1, 2))
    assert lake.land_one().outcome == "landed"
    lake.put(f"{folder}/2/part-00001-b.gz.parquet", customer_parquet(3, 4))
    refused = lake.land_one()
    assert (refused.outcome, refused.code) == ("refused", "incomplete_export")
    assert refused.message == "1 of its parts landed before the others came"
    lake.put(f"{folder}/1/part-00000-a.gz.parquet", customer_parquet(1, 2))
    whole = lake.land_one()
    assert (whole.outcome, whole.rows_in) == ("landed", 4)
    assert lake.inbox == []


@pytest.mark.parametrize("name", ["1/_SUCCESS", "1/_success", "_SUCCESS"])
def test_a_table_without_rows_in_an_export_is_an_extract_without_rows(
    lake: Lake, name: str
) -> None:
    """AWS writes no file for it, and a marker that its batch is complete. Here it may be empty."""
    folder = "shop/nightly/db/db.customer"
    lake.put("shop/export_info_nightly.json", export_info())
    lake.put(f"{folder}/1/part-00000-a.gz.parquet", customer_parquet(1, 2))
    lake.put(f"{folder}/{name}", b"")
    assert lake.land_one().outcome == "landed"
    assert lake.inbox == []
    lake.put(f"{folder}/{name}", b"")
    lake.put(f"{folder}/2/_SUCCESS", b"")
    lake.put("shop/export_info_nightly.json", export_info("IN_PROGRESS"))
    waiting = lake.land_one()
    assert (waiting.outcome, waiting.code) == ("waiting", "incomplete_export")
    lake.put("shop/export_info_nightly.json", export_info(time="2026-01-06T03:30:00.250Z"))
    empty = lake.land_one()
    assert (empty.outcome, empty.rows_in) == ("landed", 0)
    assert empty.warnings == {"no_rows": 1, "redelivered": 1}
    assert lake.inbox == []
    assert [row[1:] for row in loads(lake)] == [
        (date(2026, 1, 4), datetime(2026, 1, 5, 3, 30, 0, 250000), 2),
        (date(2026, 1, 5), datetime(2026, 1, 6, 3, 30, 0, 250000), 0),
    ]


def test_a_table_that_became_empty_is_held_until_a_person_lets_it_pass(local_lake: Lake) -> None:
    lake = local_lake
    write_project(
        lake.settings.project_dir, CONTRACT.replace("may_be_empty: true", "may_be_empty: false")
    )
    lake.put("shop/nightly/db/db.customer/1/_SUCCESS", b"")
    lake.put("shop/export_info_nightly.json", export_info())
    refused = lake.land_one()
    assert (refused.outcome, refused.code) == ("refused", "no_rows")
    assert len(lake.inbox) == 2
    (table,) = [one for one in lander.status(lake.context).tables if one.table == "shop.customer"]
    assert table.refused == 1
    assert lake.land_one(release=refused.load_id).outcome == "landed"
    assert lake.inbox == []
    (again,) = lander.reland(lake.context, "shop.customer", refused.load_id)
    assert (again.outcome, again.landed) == ("landed", 0)


def test_a_discarded_table_leaves_no_marker_that_would_make_it_empty(local_lake: Lake) -> None:
    lake = local_lake
    folder = "shop/nightly/db/db.customer"
    lake.put(f"{folder}/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put(f"{folder}/1/_SUCCESS", b"")
    lake.put("shop/nightly/db/db.other/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put("shop/export_info_nightly.json", export_info())
    lander.discard(lake.context, f"{folder}/{{part}}.parquet", "not wanted")
    assert [outcome.code for outcome in lake.land()] == ["unknown_table"]
    assert lake.manifests == []


@pytest.mark.parametrize("is_surplus", [False, True])
def test_a_marker_that_is_left_of_a_discarded_table_makes_no_empty_one(
    local_lake: Lake, is_surplus: bool
) -> None:
    """0.1.0 left it in the inbox while other tables of the export were there."""
    lake = local_lake
    folder = "shop/nightly/db/db.customer"
    lake.put(f"{folder}/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put("shop/nightly/db/db.other/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put("shop/nightly/export_info_nightly.json", export_info())
    name = f"{folder}/{{part}}.parquet"
    lander.discard(lake.context, name, "broken", is_surplus=is_surplus)
    lake.put(f"{folder}/1/_SUCCESS", b"")
    other, left = sorted(lake.land(), key=lambda one: one.outcome, reverse=True)
    assert (other.code, left.outcome) == ("unknown_table", "nothing")
    assert left.message == "markers of a table that was discarded"
    assert (lake.manifests, f"{folder}/1/_SUCCESS" in lake.inbox) == ([], False)
    missing = [one.name for one in Refusals(lake.store) if one.code == "discarded"]
    assert missing == ([] if is_surplus else [name])
    lake.put(f"{folder}/1/_SUCCESS", b"")
    lake.put("shop/nightly/export_info_nightly.json", export_info(time="2026-01-06T03:30:00Z"))
    assert ("landed", 0) in [(one.outcome, one.rows_in) for one in lake.land()]


@pytest.mark.slow
def test_a_discard_that_is_killed_leaves_no_marker_that_would_make_a_table_empty(
    tmp_path: Path,
) -> None:
    def lake_of(name: str) -> Lake:
        lake = Lake(tmp_path / name, str(tmp_path / name / "lake"))
        for part in ("1/part-0.parquet", "2/part-0.parquet"):
            lake.put(f"shop/nightly/db/db.customer/{part}", customer_parquet(1))
            lake.put(f"shop/nightly/db/db.customer/{part[0]}/_SUCCESS", b"")
        lake.put("shop/nightly/db/db.other/1/part-0.parquet", customer_parquet(1))
        lake.put("shop/nightly/export_info_nightly.json", export_info())
        return lake

    whole = lake_of("whole")
    with seen_after_each_step(tmp_path) as steps:
        lander.discard(whole.context, "shop/nightly/db/db.customer/{part}.parquet", "broken")
    for step, done in enumerate(steps, start=1):
        lake = Lake(tmp_path / str(step), str(tmp_path / str(step) / "lake"))
        lake.land()
        assert 0 not in [one.landed for one in lake.manifests], f"killed after {done}, step {step}"


def test_a_marker_that_is_left_of_a_landed_table_makes_no_empty_one(local_lake: Lake) -> None:
    """Older versions left it in the inbox until all tables of the export had landed."""
    lake = local_lake
    folder = "shop/nightly/db/db.customer"
    lake.put(f"{folder}/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put("shop/nightly/db/db.other/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put("shop/export_info_nightly.json", export_info())
    lake.land()
    lake.put(f"{folder}/1/_SUCCESS", b"")
    left = lake.land_one()
    assert (left.outcome, left.message) == ("nothing", "parts of an extract that is landed")
    assert f"{folder}/1/_SUCCESS" not in lake.inbox
    assert len(lake.manifests) == 1


@pytest.mark.parametrize("name", ["data.parquet", "1/data.parquet"])
def test_a_table_with_files_that_no_path_claims_is_not_taken_for_empty(
    local_lake: Lake, name: str
) -> None:
    """They may be its rows, under names that AWS did not have when this was written."""
    lake = local_lake
    lake.put(f"shop/nightly/db/db.customer/{name}", customer_parquet(1))
    lake.put("shop/nightly/db/db.customer/1/_SUCCESS", b"")
    lake.put("shop/export_info_nightly.json", export_info())
    assert [outcome.code for outcome in lake.land()] == ["unknown_table"]
    assert lake.manifests == []


def test_parts_that_come_after_their_marker_replace_the_empty_extract(local_lake: Lake) -> None:
    """A copy from another bucket may bring the marker first."""
    lake = local_lake
    lake.put("shop/nightly/db/db.customer/1/_SUCCESS", b"")
    lake.put("shop/export_info_nightly.json", export_info())
    assert lake.land_one().rows_in == 0
    lake.put("shop/nightly/db/db.customer/1/part-00000-a.gz.parquet", customer_parquet(1))
    assert (lake.land_one().outcome, lake.inbox) == ("landed", [])
    (newest,) = lake.query(
        "select landed from raw_landfall.loads order by load_number desc limit 1"
    )
    assert newest == (1,)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [(), (1, 2)])
def test_killed_after_any_step_the_next_run_finishes_a_table_with_markers(
    tmp_path: Path, rows: tuple[int, ...]
) -> None:
    def lake_of(name: str) -> Lake:
        lake = Lake(tmp_path / name, str(tmp_path / name / "lake"))
        write_project(lake.settings.project_dir)
        for number in (1, 2):
            lake.put(f"shop/nightly/db/db.customer/{number}/_SUCCESS", b"")
        for number in rows:
            part = f"shop/nightly/db/db.customer/{number}/part-0.parquet"
            lake.put(part, customer_parquet(number))
        lake.put("shop/export_info_nightly.json", export_info())
        return lake

    whole = lake_of("whole")
    with seen_after_each_step(tmp_path) as steps:
        whole.land()
    expected = whole.fingerprint()
    assert (expected["inbox"], len(expected["manifests"])) == ([], 1)
    for step, done in enumerate(steps, start=1):
        lake = Lake(tmp_path / str(step), str(tmp_path / str(step) / "lake"))
        write_project(lake.settings.project_dir)
        lake.land()
        assert lake.fingerprint() == expected, f"killed after {done}, step {step}"


def test_a_record_without_its_time_says_so_with_what_to_do(local_lake: Lake) -> None:
    """An export of a cluster itself may have none, and the times of its task are not the snapshot's."""
    lake = local_lake
    lake.put("shop/nightly/db/db.customer/1/part-0.parquet", customer_parquet(1))
    told = {"status": "COMPLETE", "taskStartTime": "2026-01-05T03:30:00Z"}
    lake.put("shop/export_info_nightly.json", json.dumps(told))
    refused = lake.land_one()
    assert (refused.code, refused.message) == ("bad_record", "snapshotTime is missing")
    (file,) = lander.status(lake.context, "shop").files
    assert (file.code, file.detail) == ("bad_record", "snapshotTime is missing")
    codes = read_finding_codes(ROOT)
    assert "export a snapshot of it" in codes.what_to_do(INBOX, "bad_record")


def test_the_word_of_an_export_stays_until_all_of_it_is_landed(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/nightly/db/db.customer/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put("shop/nightly/db/db.other/1/part-00000-a.gz.parquet", customer_parquet(1))
    lake.put("shop/export_info_nightly.json", export_info())
    lake.put("shop/export_info_weekly.json", export_info())
    lake.land()
    assert lake.inbox == [
        "shop/export_info_nightly.json",
        "shop/export_info_weekly.json",
        "shop/nightly/db/db.other/1/part-00000-a.gz.parquet",
    ]


@pytest.mark.parametrize(
    "time", ["2026-01-05T03:30:00Z", "2026-01-05 03:30:00.0", "2026-01-04T22:30:00-05:00"]
)
def test_snapshot_times_as_they_are_written(local_lake: Lake, time: str) -> None:
    local_lake.put("shop/n/db/db.customer/1/part-0.parquet", customer_parquet(1))
    local_lake.put("shop/export_info_n.json", export_info(time=time))
    local_lake.land()
    assert loads(local_lake)[0][2] == datetime(2026, 1, 5, 3, 30)


def test_a_file_that_someone_still_writes_is_left(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    with (Path(lake.settings.lake) / "inbox/shop/2026-01-01/customer.csv").open("a") as file:
        outcome = lake.land_one()
        file.write("C2,1/2/1980,3\n")
    assert (outcome.outcome, outcome.code) == ("waiting", "still_arriving")
    assert lake.land_one().rows_in == 2


def test_an_object_that_changes_while_it_is_read_is_read_once_more(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    store = type(lake.store)
    fetch = store.fetch
    left = [1]

    def changing(self, stored, target):  # type: ignore[no-untyped-def]
        if stored.key.startswith("inbox/") and left[0]:
            left[0] -= 1
            lake.put("shop/2026-01-01/customer.csv", customers(*range(2, 5 + left[0])))
        return fetch(self, stored, target)

    monkeypatch.setattr(store, "fetch", changing)
    assert lake.land_one().rows_in == 3
    assert lake.inbox == []
    left[0] = 2
    lake.put("shop/2026-01-02/customer.csv", customers(1))
    lake.store.delete("inbox/shop/2026-01-02/customer.csv")
    lake.put("shop/2026-01-01/customer.csv", customers(9))
    outcome = lake.land_one()
    assert (outcome.outcome, outcome.code) == ("refused", "changed_while_read")
    assert len(lake.inbox) == 1
    assert len(lake.manifests) == 1


def test_what_may_not_be_read_is_refused_and_tried_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingestion.store import NotAllowed

    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.put("shop/2026-01-02/customer.csv", customers(1))
    store = type(lake.store)
    fetch = store.fetch

    def denied(self, stored, target):  # type: ignore[no-untyped-def]
        if "2026-01-01" in stored.key:
            raise NotAllowed
        return fetch(self, stored, target)

    monkeypatch.setattr(store, "fetch", denied)
    outcomes = lake.land()
    assert [(outcome.outcome, outcome.code) for outcome in outcomes] == [
        ("refused", "unreadable"),
        ("landed", None),
    ]
    monkeypatch.undo()
    if lake.settings.lake.startswith("s3"):
        return  # the address of the server is undone as well
    assert lake.land_one().outcome == "landed"
