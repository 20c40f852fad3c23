"""The guards of a history, their messages, and the records of a backfill."""

from datetime import date
from typing import Any

import pytest

from tests.warehouse.conftest import Warehouse
from tests.warehouse.raw_tables import Load

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

LISTED, APPENDED = "snap_toy__listed", "snap_toy__appended"


def listed(number: int, words: dict[int, str], **more: Any) -> Load:
    rows = [{"id": key, "word": word} for key, word in words.items()]
    return Load("toy.listed", date(2022, 7, number), rows, **more)


def appended(until: int) -> list[Load]:
    days = [date(2022, 7, number) for number in range(1, until + 1)]
    return [Load("toy.appended", day, [{"id": day.day}], kind="append") for day in days]


def snapshot(warehouse: Warehouse, **variables: Any) -> dict[str, str]:
    """Take history, and what became of each of the two snapshots."""
    done = warehouse.dbt("snapshot", "--select", LISTED, APPENDED, **variables)
    results = [r for r in done.result.results if r.node.name in (LISTED, APPENDED)]
    return {r.node.name: f"{r.status}: {r.message}" for r in results}


def backfill(warehouse: Warehouse, **arguments: Any) -> dict[str, str]:
    """Build history where it is due; what was said of each of the two."""
    said: list[str] = []

    def listen(event: Any) -> None:
        if event.info.name == "JinjaLogInfo":
            said.append(event.data.msg)

    words = ("run-operation", "backfill_history", "--args", str(arguments))
    done = warehouse.dbt(*words, callbacks=[listen])
    assert done.success, done.exception
    lines = (line.partition(": ") for line in said)
    return {name: text for name, _, text in lines if name in (LISTED, APPENDED)}


@pytest.fixture
def taken(warehouse: Warehouse) -> Warehouse:
    """Three days of one list, taken one by one."""
    days = [listed(1, {1: "a", 2: "b"}), listed(2, {1: "c", 2: "b"}), listed(3, {1: "d"})]
    for number in (1, 2, 3):
        warehouse.raw.write([*days[:number], *appended(number)])
        assert all(said.startswith("success") for said in snapshot(warehouse).values())
    return warehouse


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("where dbt_valid_to is not null", "it has 1 versions and had 4"),
        ("where word = 'a'", "it has 3 versions and had 4"),
    ],
)
def test_a_history_that_lost_versions_stops_the_run_and_says_what_to_do(
    taken: Warehouse, harm: str, told: str
) -> None:
    before = taken.history(LISTED)
    taken.execute(f"delete from snapshots.{LISTED} {harm}")
    said = snapshot(taken)[LISTED]
    assert said.startswith("error") and told in said
    assert "python -m ingestion run --full-refresh" in said
    assert "left to the snapshot" in str(backfill(taken)) or "left alone" in str(backfill(taken))
    backfill(taken, full_refresh=True)
    assert taken.history(LISTED) == before
    assert "error" not in snapshot(taken)[LISTED]


def test_a_history_that_begins_later_stops_the_run(taken: Warehouse) -> None:
    taken.execute(f"""
        update snapshots.{LISTED} set dbt_valid_from = dbt_valid_from + interval 1 hour
        where dbt_valid_from = date '2022-07-01'
    """)
    assert "it begins later than it did" in snapshot(taken)[LISTED]


def test_a_snapshot_that_is_refused_stops_its_table_alone(taken: Warehouse) -> None:
    taken.execute(f"delete from snapshots.{LISTED} where word = 'a'")
    statuses = {name: text.split(":")[0] for name, text in snapshot(taken).items()}
    assert statuses == {LISTED: "error", APPENDED: "success"}


def test_a_backfill_may_leave_fewer_versions_and_the_guard_begins_anew(taken: Warehouse) -> None:
    days = [listed(1, {1: "a", 2: "b"}), listed(3, {1: "d"})]
    gone = listed(2, {1: "c", 2: "b"}, retracted=True)
    taken.raw.write([*days, gone, *appended(3)])
    assert "removed 1" in backfill(taken)[LISTED]
    assert len(taken.rows(f"from snapshots.{LISTED}")) == 3
    assert "error" not in snapshot(taken)[LISTED]


def test_a_backfill_says_which_versions_it_changed_and_why(taken: Warehouse) -> None:
    days = [listed(1, {1: "a", 2: "b"}), listed(2, {1: "c", 2: "b"}), listed(3, {1: "d"})]
    late = listed(2, {1: "a", 2: "b"}, second=7)
    taken.raw.write([*days, late, *appended(3)])
    said = backfill(taken)[LISTED]
    assert "changed 1 (the first from 2022-07-01), removed 1 (the first from 2022-07-02)" in said
    assert "an extract of 2022-07-02 came after that of 2022-07-03 was taken" in said
    assert taken.rows("""
        select change, version_key, valid_from::date, valid_to_before::date, valid_to_after::date, why
        from snapshots.changed_versions where snapshot_name = 'snap_toy__listed' order by all
    """) == [
        ("changed", "1", date(2022, 7, 1), date(2022, 7, 2), date(2022, 7, 3), WHY),
        ("removed", "1", date(2022, 7, 2), date(2022, 7, 3), None, WHY),
    ]  # fmt: skip


WHY = "an extract of 2022-07-02 came after that of 2022-07-03 was taken"


def test_a_backfill_that_changes_nothing_says_so(taken: Warehouse) -> None:
    assert "none changed (asked for)" in backfill(taken, full_refresh=True)[LISTED]
    assert taken.rows("from snapshots.changed_versions") == []


def test_a_history_is_not_built_from_another_lake_unless_asked_for(taken: Warehouse) -> None:
    before = taken.history(LISTED)
    taken.raw.write([listed(4, {1: "x"}), listed(5, {1: "y"}), *appended(3)])
    assert "3 of the loads that it was made from are in no manifest" in backfill(taken)[LISTED]
    assert taken.history(LISTED) == before
    assert "or says why not" in snapshot(taken)[LISTED]
    backfill(taken, full_refresh=True)
    assert [row[0] for row in taken.rows(f"select word from snapshots.{LISTED} order by 1")] == [
        "x",
        "y",
    ]


def test_a_backfill_by_hand_says_how_to_make_the_base_view_that_it_lacks(taken: Warehouse) -> None:
    before = taken.history(LISTED)
    taken.execute("drop view raw_base.base_toy__listed")
    told = "refused, base_toy__listed is not there: make it with `dbt run --select tag:base`"
    assert backfill(taken, full_refresh=True)[LISTED] == told
    assert taken.history(LISTED) == before


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ("case when word = 'bad' then 2 else id end", "keys that occur twice: 1"),
        ("case when word <> 'bad' then id end", "rows without a key: 1"),
    ],
)
def test_keys_that_cannot_be_right_stop_the_table_and_no_release_lets_them_pass(
    warehouse: Warehouse, spoilt: str, told: str
) -> None:
    warehouse.edit("base_toy__listed", "id as thing_id", f"{spoilt} as thing_id")
    days = [listed(1, {1: "a", 2: "b"}), listed(2, {1: "bad", 2: "b"})]
    warehouse.raw.write([days[0], *appended(1)])
    snapshot(warehouse)
    before = warehouse.history(LISTED)
    warehouse.raw.write([*days, *appended(2)])
    for release in ("", days[1].load_id):
        said = snapshot(warehouse, release=release)
        assert told in said[LISTED] and said[APPENDED].startswith("success")
    assert "can't be right" in backfill(warehouse, full_refresh=True)[LISTED]
    assert warehouse.history(LISTED) == before
