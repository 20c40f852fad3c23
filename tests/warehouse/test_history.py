"""History taken day by day by `dbt snapshot`, or built at once by the backfill, is the same."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest

from tests.warehouse.conftest import Warehouse
from tests.warehouse.raw_tables import Load

pytestmark = pytest.mark.warehouse

PATIENTS = "snap_clinic__patients"
BASE, WHOLE = "base_clinic__patients", "select * from hashed"
SNAPSHOTS = (
    "snap_clinic__accounts", "snap_clinic__employees", "snap_clinic__insurance_plans", PATIENTS,
    "snap_toy__appended", "snap_toy__flagged", "snap_toy__listed", "snap_toy__watermarked",
)  # fmt: skip
State = dict[str, dict[str, Any]]


def day(number: int) -> date:
    return date(2022, 7, number)


def patient(key: str, **cells: Any) -> dict[str, Any]:
    return {
        "person_id": key, "first_name": "Ann", "last_name": "Lee", "email": "a@example.org", "dob": date(1950, 2, 28),
        "address": "1 High St", "zip": "01234", "insurance": "INS1",
    } | cells  # fmt: skip


def thing(key: int, word: str | None, number: str | None = None, hour: int = 0) -> dict[str, Any]:
    return {"id": key, "word": word, "number": number, "changed_at": datetime(2022, 7, 1, hour)}


def full(number: int, *rows: dict[str, Any], table: str = "clinic.patient", **more: Any) -> Load:
    return Load(table, day(number), list(rows), **more)


def changes(number: int, *rows: dict[str, Any], second: int = 1, **more: Any) -> Load:
    return Load("clinic.patient", day(number), list(rows), kind="changes", second=second, **more)


def operation(letter: str, key: str, **cells: Any) -> dict[str, Any]:
    return patient(key, **cells) | {"_operation": letter}


PATIENT_LOADS = [
    full(
        1, patient("P1"), patient("P2"), patient("P3"), patient("P4"), patient("P5"), patient("P6")
    ),
    # P1 moves, P2 loses a value, P3 is gone, P5's row is in quarantine
    full(
        2,
        patient("P1", address="2 Low St"),
        patient("P2", email=None),
        patient("P4"),
        patient("P6"),
        withheld=["P5"],
    ),
    # a day without an extract; then P2's value is back, P3 returns, and an unreadable key hides
    # whose row is missing: P4's and P6's
    full(
        4,
        patient("P1", address="2 Low St"),
        patient("P2"),
        patient("P3"),
        patient("P5", zip="99"),
        withheld=[None],
    ),
    # P6 is still in quarantine, P4 is really gone; P3's row is in quarantine
    full(
        5,
        patient("P1", address="2 Low St"),
        patient("P2"),
        patient("P5", zip="99"),
        withheld=["P6", "P3"],
    ),
    # two extracts for one day: what only the earlier said was never true at the day's end
    full(
        6,
        patient("P1"),
        patient("P2", first_name="Bob"),
        patient("P3"),
        patient("P5"),
        patient("P6"),
        patient("P7"),
    ),
    full(6, patient("P1"), patient("P2"), patient("P3"), patient("P5"), patient("P6"), second=9),
    # DMS, in the order of the file; P8 comes and changes, P2 goes and comes back, P5 goes
    changes(
        7,
        operation("I", "P8"),
        operation("U", "P8", zip="1"),
        operation("D", "P2"),
        operation("I", "P2"),
        operation("D", "P5"),
    ),
    changes(8, operation("D", "P8"), operation("U", "P1", address="3 Mid St"), withheld=["P2"]),
    changes(8, operation("I", "P8", zip="2"), second=2),
    # a full extract again: P5 is in quarantine but was gone already, P8 is in quarantine and stays
    full(9, patient("P1", address="3 Mid St"), patient("P2"), patient("P3"), withheld=["P5", "P8"]),
    full(11, patient("P2"), patient("P3"), patient("P5"), patient("P6")),
]


def plan(key: str, name: str) -> dict[str, Any]:
    return {"insid": key, "plan": name}


def account(balance: str) -> dict[str, Any]:
    return {"accountid": "ACC1", "account_balance": balance, "last_payment": "7.00"}


def listed(number: int, *rows: dict[str, Any], **more: Any) -> Load:
    return full(number, *rows, table="toy.listed", **more)


def watermarked(number: int, *rows: dict[str, Any], **more: Any) -> Load:
    return full(number, *rows, table="toy.watermarked", kind="incremental", **more)


def flagged(number: int, *rows: dict[str, Any], **more: Any) -> Load:
    return full(number, *rows, table="toy.flagged", kind="incremental", **more)


def gone(key: int, hour: int, word: str | None = None) -> dict[str, Any]:
    return thing(key, word, hour=hour) | {"is_gone": True}


def appended(number: int, *rows: dict[str, Any]) -> Load:
    return full(number, *rows, table="toy.appended", kind="append")


OTHER_LOADS = [
    full(1, plan("INS1", "Gold"), plan("INS2", "Silver"), table="clinic.insurance"),
    full(5, plan("INS1", "Gold Plus"), plan("INS2", "Silver"), table="clinic.insurance"),
    full(2, account("100.50"), table="clinic.account"),
    full(4, account("-5.00"), table="clinic.account"),
    listed(1, thing(1, "a", "1.00"), thing(2, "b"), thing(10, None)),
    listed(2, thing(1, "a", "1.00"), thing(10, None)),
    listed(4, thing(1, "a", "2.00"), thing(2, "b"), withheld=["10"]),
    listed(7, thing(1, None, "2.00"), thing(2, "b")),
    watermarked(1, thing(1, "a", hour=5), thing(2, "b", hour=5)),
    # older than what is known: not the state; equally old: the later load wins
    watermarked(2, thing(1, "old", hour=4), thing(2, "c", hour=5)),
    watermarked(4, thing(1, "d", hour=6)),
    watermarked(4, thing(1, "e", hour=7), thing(3, "f", hour=7), second=1),
    flagged(1, thing(1, "a", hour=1), thing(2, "b", hour=1) | {"is_gone": False}, gone(3, 1)),
    # 1 is gone, with the cells it had; what is said of 2 is older than what is known
    flagged(2, gone(1, 3, "a"), gone(2, 0)),
    # 1 is back as it was; 2 goes and is back the same day: nothing happened at the day's end
    flagged(4, thing(1, "a", hour=4), gone(2, 4)),
    flagged(4, thing(2, "b", hour=5), gone(4, 5), second=1),
    # 4 comes to life, 2 is gone for good, 1 is gone twice
    flagged(5, thing(4, "d", hour=6), gone(2, 6), gone(1, 6)),
    flagged(7, gone(1, 7)),
    appended(1, thing(1, "a")),
    appended(3, thing(1, "not the first"), thing(2, "b")),
]
LOADS = PATIENT_LOADS + OTHER_LOADS
DAYS = sorted({load.day for load in LOADS})


def take(warehouse: Warehouse, *days: date, select: Sequence[str] = SNAPSHOTS) -> None:
    """One `dbt snapshot` for each day, as if the warehouse had been built every evening."""
    for each in days:
        done = warehouse.dbt("snapshot", "--select", *select, as_of=str(each))
        assert done.success, [result.message for result in done.result.results]


def backfill(warehouse: Warehouse, **arguments: Any) -> None:
    done = warehouse.dbt("run-operation", "backfill_history", "--args", str(arguments))
    assert done.success, done.exception


def taken(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    columns = "snapshot_name, load_id, extract_date, hash_definition"
    return warehouse.rows(f"select {columns} from snapshots.taken_loads order by all")


def refusal(warehouse: Warehouse, **variables: Any) -> str:
    """What the patients' snapshot says when it refuses."""
    done = warehouse.dbt("snapshot", "--select", PATIENTS, **variables)
    assert not done.success
    return next(str(r.message) for r in done.result.results if r.node.name == PATIENTS)


def state_by_hand(loads: list[Load], until: date) -> State:
    """The state as a plain dictionary: what a careful clerk would keep, load after load."""
    state: State = {}
    for load in sorted(loads, key=lambda each: (each.day, each.second)):
        if load.day > until:
            break
        given = {
            row["person_id"]: {n: v for n, v in row.items() if v is not None} for row in load.rows
        }
        if load.kind == "full":
            kept = (
                state
                if None in load.withheld
                else {k: v for k, v in state.items() if k in load.withheld}
            )
            state = {**kept, **given}
            continue
        for row in load.rows:
            state.pop(row["person_id"], None)
            if row["_operation"] != "D":
                state[row["person_id"]] = {
                    n: v for n, v in row.items() if v is not None and n != "_operation"
                }
    return state


def state_in_history(warehouse: Warehouse, on: date) -> State:
    rows = warehouse.rows(f"""
        select patient_id, first_name, last_name, email, date_of_birth, address, zip_code, insurance_plan_id
        from snapshots.{PATIENTS}
        where dbt_valid_from <= date '{on}' and (dbt_valid_to > date '{on}' or dbt_valid_to is null)
    """)
    names = ("person_id", "first_name", "last_name", "email", "dob", "address", "zip", "insurance")
    assert len({row[0] for row in rows}) == len(rows)
    return {
        row[0]: {n: v for n, v in zip(names, row, strict=True) if v is not None} for row in rows
    }


@pytest.fixture(scope="module")
def replayed(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """All loads, taken day by day."""
    warehouse = new_warehouse()
    warehouse.raw.write(LOADS)
    take(warehouse, *DAYS)
    return warehouse


@pytest.fixture(scope="module")
def backfilled(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """All loads, taken at once, and then built over, as `run` does."""
    warehouse = new_warehouse()
    warehouse.raw.write(LOADS)
    backfill(warehouse)
    take(warehouse, DAYS[-1])
    return warehouse


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_the_backfill_builds_what_daily_snapshots_would_have(
    replayed: Warehouse, backfilled: Warehouse, snapshot: str
) -> None:
    assert backfilled.history(snapshot) == replayed.history(snapshot)


def test_a_base_view_has_the_columns_that_its_yaml_names(warehouse: Warehouse) -> None:
    """State, snapshot and backfill take these: one that the YAML forgot would be lost without a word."""
    found: dict[str, set[str]] = {}
    for view, column in warehouse.rows(
        "select table_name, column_name from information_schema.columns where table_schema = 'raw_base'"
    ):
        found.setdefault(view, set()).add(column)
    assert len(found) > 15
    nodes = warehouse.manifest.nodes
    assert found == {view: {*nodes[f"model.landfall.{view}"].columns} for view in found}


def test_the_backfill_records_the_same_loads(replayed: Warehouse, backfilled: Warehouse) -> None:
    assert taken(backfilled) == taken(replayed)
    assert len(taken(backfilled)) == len(LOADS)


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_history_on_each_day_is_what_a_clerk_would_have_kept(replayed: Warehouse, on: date) -> None:
    assert state_in_history(replayed, on) == state_by_hand(PATIENT_LOADS, on)


def test_the_kept_and_the_gone_are_as_written_by_hand(backfilled: Warehouse) -> None:
    rows = backfilled.rows(f"""
        select patient_id, day(dbt_valid_from), day(dbt_valid_to) from snapshots.{PATIENTS}
        where patient_id in ('P3', 'P4', 'P5', 'P6', 'P7', 'P8') order by all
    """)
    assert rows == [
        ("P3", 1, 2),  # gone on the 2nd
        ("P3", 4, None),  # back on the 4th; in quarantine on the 5th and so still there
        ("P4", 1, 5),  # missing on the 4th beside an unreadable key: gone only on the 5th
        ("P5", 1, 4),  # in quarantine on the 2nd; another zip on the 4th
        ("P5", 4, 6),
        ("P5", 6, 7),  # removed by an operation; in quarantine on the 9th, but gone already
        ("P5", 11, None),
        (
            "P6",
            1,
            9,
        ),  # missing on the 4th, in quarantine on the 5th: there all the time until the 9th
        ("P6", 11, None),
        ("P8", 7, 8),  # P7 was never there at a day's end
        ("P8", 8, 11),  # in quarantine on the 9th: still there
    ]


def test_events_keep_their_first_row_and_watermarks_decide(backfilled: Warehouse) -> None:
    query = "select thing_id, word, day(dbt_valid_from), day(dbt_valid_to) from snapshots.{} order by all"
    assert backfilled.rows(query.format("snap_toy__appended")) == [
        (1, "a", 1, None),
        (2, "b", 3, None),
    ]
    assert backfilled.rows(query.format("snap_toy__watermarked")) == [
        (1, "a", 1, 4), (1, "e", 4, None), (2, "b", 1, 2), (2, "c", 2, None), (3, "f", 4, None),
    ]  # fmt: skip


def test_a_row_that_says_deleted_closes_and_a_newer_one_opens_again(backfilled: Warehouse) -> None:
    query = "select thing_id, word, day(dbt_valid_from), day(dbt_valid_to) from snapshots.{} order by all"
    assert backfilled.rows(query.format("snap_toy__flagged")) == [
        (1, "a", 1, 2), (1, "a", 4, 5), (2, "b", 1, 5), (4, "d", 5, None),
    ]  # fmt: skip


def test_a_snapshot_goes_on_from_a_backfill(replayed: Warehouse, warehouse: Warehouse) -> None:
    warehouse.raw.write([load for load in LOADS if load.day <= day(5)])
    backfill(warehouse)
    warehouse.raw.write(LOADS)
    take(warehouse, *[each for each in DAYS if each > day(5)])
    assert [warehouse.history(name) for name in SNAPSHOTS] == [
        replayed.history(name) for name in SNAPSHOTS
    ]


def test_a_late_extract_ends_in_the_same_history(replayed: Warehouse, warehouse: Warehouse) -> None:
    late = [load for load in PATIENT_LOADS if load.day == day(5)]
    warehouse.raw.write([load for load in LOADS if load not in late])
    take(warehouse, *DAYS, select=[PATIENTS])
    assert warehouse.history(PATIENTS) != replayed.history(PATIENTS)
    warehouse.raw.write(LOADS)
    assert "2022-07-05 came after that of 2022-07-11" in refusal(warehouse)
    backfill(warehouse, snapshots=[PATIENTS])
    assert warehouse.history(PATIENTS) == replayed.history(PATIENTS)


def test_a_second_load_for_a_day_already_taken_is_built_in(
    replayed: Warehouse, warehouse: Warehouse
) -> None:
    second = next(load for load in PATIENT_LOADS if load.second == 9)
    until = [load for load in LOADS if load.day <= day(6)]
    warehouse.raw.write([load for load in until if load is not second])
    take(warehouse, *[each for each in DAYS if each <= day(6)], select=[PATIENTS])
    warehouse.raw.write(until)
    assert "2022-07-06 came after that of 2022-07-06" in refusal(warehouse)
    backfill(warehouse, snapshots=[PATIENTS])
    warehouse.raw.write(LOADS)
    take(warehouse, *[each for each in DAYS if each > day(6)], select=[PATIENTS])
    assert warehouse.history(PATIENTS) == replayed.history(PATIENTS)


def test_a_retracted_load_leaves_history(warehouse: Warehouse) -> None:
    good = [full(1, patient("P1")), full(3, patient("P1"))]
    warehouse.raw.write([*good, full(2, patient("P1", zip="00000"))])
    take(warehouse, day(1), day(2), day(3), select=[PATIENTS])
    assert len(warehouse.rows(f"from snapshots.{PATIENTS}")) == 3
    warehouse.raw.write([*good, full(2, patient("P1", zip="00000"), retracted=True)])
    assert "loads it took that no longer count: 1" in refusal(warehouse)
    backfill(warehouse, snapshots=[PATIENTS])
    assert len(warehouse.rows(f"from snapshots.{PATIENTS}")) == 1


def test_a_load_landed_again_replaces_its_first_generation(warehouse: Warehouse) -> None:
    first = full(1, patient("P1", zip="1234"))
    warehouse.raw.write([first])
    take(warehouse, day(1), select=[PATIENTS])
    warehouse.raw.write([first, full(1, patient("P1"), generation=2)])
    assert "no longer count" in refusal(warehouse)
    backfill(warehouse, snapshots=[PATIENTS])
    assert warehouse.rows(f"select zip_code, right(load_id, 2) from snapshots.{PATIENTS}") == [
        ("01234", "-2")
    ]


def test_another_definition_of_a_version_makes_history_anew(warehouse: Warehouse) -> None:
    warehouse.raw.write(PATIENT_LOADS)
    backfill(warehouse)
    before = warehouse.history(PATIENTS)
    warehouse.execute("update snapshots.taken_loads set hash_definition = 'an older one'")
    assert "what makes a version has changed" in refusal(warehouse)
    backfill(warehouse)
    assert warehouse.history(PATIENTS) == before
    assert warehouse.dbt("snapshot", "--select", PATIENTS).success


def test_a_second_run_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.raw.write([full(1, patient("P1")), full(2, patient("P2"))])
    take(warehouse, day(1), day(2), select=[PATIENTS])
    before, recorded = (
        warehouse.history(PATIENTS),
        warehouse.rows("from snapshots.taken_loads order by all"),
    )
    take(warehouse, day(2), day(9), select=[PATIENTS])
    backfill(warehouse, snapshots=[PATIENTS])
    assert warehouse.history(PATIENTS) == before
    assert warehouse.rows("from snapshots.taken_loads order by all") == recorded


def test_a_snapshot_refuses_several_pending_dates(warehouse: Warehouse) -> None:
    warehouse.raw.write([full(1, patient("P1")), full(2, patient("P2"))])
    message = refusal(warehouse)
    assert "2 extract dates are pending, from 2022-07-01" in message
    assert "python -m ingestion run" in message
    tables = warehouse.rows("select table_name from information_schema.tables")
    assert (PATIENTS,) not in tables


def test_a_plain_build_takes_the_one_pending_day_and_refuses_several(warehouse: Warehouse) -> None:
    days = [full(1, patient("P1")), full(2, patient("P2")), full(3, patient("P2"))]
    plain = ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    warehouse.raw.write(days[:1])
    done = warehouse.dbt(*plain)
    assert done.success, [r.message for r in done.result.results if r.status == "error"]
    before, recorded = warehouse.history(PATIENTS), taken(warehouse)
    assert [(name, on) for name, _, on, _ in recorded] == [(PATIENTS, day(1))]
    warehouse.raw.write(days)
    done = warehouse.dbt(*plain)
    (refused,) = [r for r in done.result.results if r.status == "error"]
    assert refused.node.name == PATIENTS
    assert "2 extract dates are pending, from 2022-07-02" in refused.message
    assert warehouse.history(PATIENTS) == before and taken(warehouse) == recorded


def test_a_snapshot_refuses_a_day_before_what_it_has_taken(warehouse: Warehouse) -> None:
    warehouse.raw.write([full(1, patient("P1")), full(2, patient("P2"))])
    take(warehouse, day(1), day(2), select=[PATIENTS])
    before = warehouse.history(PATIENTS)
    assert "--as-of 2022-07-01 --into" in refusal(warehouse, as_of="2022-07-01")
    done = warehouse.dbt("run-operation", "backfill_history", as_of="2022-07-01")
    assert not done.success
    assert warehouse.history(PATIENTS) == before


def test_a_snapshot_refuses_far_fewer_rows_unless_a_person_says_they_are_right(
    warehouse: Warehouse,
) -> None:
    many = [patient(f"P{number}") for number in range(20)]
    few = full(2, *many[:10])
    warehouse.raw.write([full(1, *many), few])
    take(warehouse, day(1), select=[PATIENTS])
    assert "only 10 rows where 20 were" in refusal(warehouse)
    assert warehouse.rows(
        f"select count(*) from snapshots.{PATIENTS} where dbt_valid_to is null"
    ) == [(20,)]
    assert warehouse.dbt("snapshot", "--select", PATIENTS, release=few.load_id).success
    assert warehouse.rows(
        f"select count(*) from snapshots.{PATIENTS} where dbt_valid_to is null"
    ) == [(10,)]


def test_a_snapshot_refuses_an_empty_extract(warehouse: Warehouse) -> None:
    warehouse.raw.write([full(1, patient("P1")), full(2)])
    take(warehouse, day(1), select=[PATIENTS])
    assert "only 0 rows where 1 were" in refusal(warehouse)
    assert warehouse.rows(
        f"select count(*) from snapshots.{PATIENTS} where dbt_valid_to is null"
    ) == [(1,)]


MANY = [patient(f"P{number}") for number in range(20)]


def open_versions(warehouse: Warehouse) -> int:
    query = f"select count(*) from snapshots.{PATIENTS} where dbt_valid_to is null"
    return int(warehouse.rows(query)[0][0])


@pytest.mark.parametrize("condition", ["1 = 0", "patient_id < 'P15'"])
def test_a_base_model_that_loses_rows_does_not_close_their_versions(
    warehouse: Warehouse, condition: str
) -> None:
    warehouse.raw.write([full(1, *MANY), full(2, *MANY)])
    backfill(warehouse, snapshots=[PATIENTS])
    before, recorded = warehouse.history(PATIENTS), taken(warehouse)
    warehouse.edit(BASE, WHOLE, f"{WHOLE} where {condition}")
    assert "what makes a version has changed" in refusal(warehouse)
    backfill(warehouse, snapshots=[PATIENTS])
    assert (warehouse.history(PATIENTS), taken(warehouse)) == (before, recorded)
    backfill(warehouse, snapshots=[PATIENTS], full_refresh=True)
    assert open_versions(warehouse) < len(MANY)


def test_a_base_model_that_always_left_rows_out_is_backfilled(warehouse: Warehouse) -> None:
    first = full(1, *MANY)
    warehouse.raw.write([first])
    warehouse.edit(BASE, WHOLE, f"{WHOLE} where patient_id < 'P15'")
    backfill(warehouse, snapshots=[PATIENTS])
    warehouse.raw.write([first, full(2, *MANY), full(3, *MANY)])
    backfill(warehouse, snapshots=[PATIENTS])
    assert open_versions(warehouse) == 7
    assert (day(3),) in warehouse.rows("select extract_date from snapshots.taken_loads")


def test_far_fewer_rows_that_the_extracts_explain_are_backfilled(warehouse: Warehouse) -> None:
    few, many = full(1, *MANY[:3]), full(2, *MANY)
    warehouse.raw.write([few, many])
    backfill(warehouse, snapshots=[PATIENTS])
    assert open_versions(warehouse) == 20
    warehouse.raw.write([few, full(2, *MANY, retracted=True)])
    backfill(warehouse, snapshots=[PATIENTS])
    assert open_versions(warehouse) == 3
