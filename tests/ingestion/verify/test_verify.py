"""`verify` names every loss and damage, and finds nothing after the repair that it names."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import land as lander
from ingestion.errors import BadSettings
from ingestion.verify import Finding, verify
from tests.ingestion.faults.damage import DAMAGES, DAY, damaged, filled
from tests.ingestion.lakes import CONTRACT, KEY, Lake, customers, write_project


def found(lake: Lake, **words: Any) -> set[tuple[str, str]]:
    return {(one.severity, one.where) for one in verify(lake.context, **words)}


def test_a_lake_in_order_has_nothing_to_tell(lake: Lake) -> None:
    filled(lake)
    assert verify(lake.context, reads_all=True) == []
    load = lake.manifests[0]
    lander.retract(lake.context, load.full_name, load.load_id, "wrong")
    lander.reland(lake.context, load.full_name, load.load_id)
    assert verify(lake.context, reads_all=True) == []


def test_of_two_objects_of_one_second_the_one_that_is_due_is_the_newest(local_lake: Lake) -> None:
    """S3 tells the time of an object to the second, and a table may change twice within one."""
    root = Path(filled(local_lake).context.store.root)
    for table in ("manifests", "loads", "load_amounts", "refusals", "acts"):
        [due] = sorted(root.glob(f"raw/landfall/{table}/*/*"), key=lambda one: one.stat().st_mtime)[
            -1:
        ]
        other = due.parent.with_name("f" * 16) / due.name
        other.parent.mkdir()
        other.write_bytes(b"before")
        for one in (due, other):
            os.utime(one, ns=(0, due.stat().st_mtime_ns + 1))
    assert verify(local_lake.context) == []
    before = {key: local_lake.store.read(key) for key in local_lake.keys("raw/landfall/")}
    lander.land(local_lake.context)
    after = {key: local_lake.store.read(key) for key in local_lake.keys("raw/landfall/")}
    assert after == before


def test_sums_beyond_what_a_decimal_holds_are_no_loss(tmp_path: Path) -> None:
    lake = Lake(tmp_path, str(tmp_path / "lake"))
    write_project(tmp_path / "project", CONTRACT.replace("decimal(12,2)", "decimal(38,0)"))
    most = "9" * 38
    lake.put(DAY.format(1), customers(1, 2, 3, balance=most))
    assert lake.land_one().landed == 3
    assert lake.manifests[0].sums == {"balance": 3 * int(most)}
    assert verify(lake.context, reads_all=True) == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_object_that_is_damaged_is_named_and_no_command_breaks(
    local_lake: Lake, damage: str
) -> None:
    problems = list(damaged(filled(local_lake), damage))
    assert not any(problems), problems
    assert len(problems) >= 15


def test_rows_that_are_gone_come_back_by_the_repair_that_is_named(lake: Lake) -> None:
    filled(lake)
    load = next(load for load in lake.manifests if load.quarantined)
    lake.store.delete(load.data_key)
    lake.store.delete(str(load.quarantine_key))
    wrong = [one for one in verify(lake.context) if one.severity == "lost"]
    assert {one.where for one in wrong} == {load.data_key, load.quarantine_key}
    assert {one.repair for one in wrong} == {
        f"python -m ingestion reland shop.customer --load {load.load_id}"
    }
    lander.reland(lake.context, "shop.customer", load.load_id)
    assert not [one for one in verify(lake.context) if one.severity == "lost"]


def test_an_original_that_is_gone_comes_back_when_it_is_delivered_again(lake: Lake) -> None:
    filled(lake)
    load = next(load for load in lake.manifests if load.object_name == DAY.format(2))
    lake.store.delete(load.objects[0].archive)
    assert ("lost", load.objects[0].archive) in found(lake)
    lake.put(DAY.format(2), customers(*range(6)))
    assert lake.land_one().outcome == "nothing"
    assert found(lake) == set()


def test_what_no_manifest_knows_is_told_and_is_no_loss(local_lake: Lake) -> None:
    filled(local_lake)
    stray = f"archive/shop/customer/{'0' * 64}.csv"
    local_lake.store.put(stray, b"stray")
    assert found(local_lake) == {("note", stray)}


@pytest.mark.parametrize("name", ["shop/visits.csv", "shop/visits.json"])
def test_the_bytes_of_a_discarded_object_are_verified_whatever_its_ending(
    local_lake: Lake, name: str
) -> None:
    local_lake.put(name, "[1]")
    place = lander.discard(local_lake.context, name, "of another kind")
    assert found(local_lake, reads_all=True) == set()
    local_lake.store.put(place, b"[2]")
    assert found(local_lake, reads_all=True) == {("lost", place)}


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("drop view raw_shop.visit", "view missing"),
        ("create or replace view raw_shop.visit as select 1 as n", "view of other files"),
    ],
)
def test_a_catalogue_that_shows_something_else_is_made_again(
    local_lake: Lake, statement: str, problem: str
) -> None:
    filled(local_lake)
    with duckdb.connect(str(local_lake.settings.warehouse)) as connection:
        connection.execute(statement)
    repair = "python -m ingestion register"
    assert verify(local_lake.context) == [Finding("cache", problem, "raw_shop.visit", repair)]
    lander.register(local_lake.context)
    assert verify(local_lake.context) == []


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.999])
def test_a_warehouse_file_that_was_cut_is_told_although_it_can_be_opened(
    local_lake: Lake, kept: float
) -> None:
    filled(local_lake)
    file = local_lake.settings.warehouse
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table much as select range as n from range(1000000)")
        connection.execute("create table more as select * from much")
    with duckdb.connect(str(file)) as connection:
        connection.execute("drop table more")
    assert found(local_lake) == set()
    os.truncate(file, int(file.stat().st_size * kept))
    (told,) = verify(local_lake.context)
    assert (told.severity, told.where) == ("cache", file.name)
    assert told.problem.startswith("warehouse file unreadable")
    assert told.repair == "move the file away, then python -m ingestion run"
    file.rename(file.with_suffix(".away"))
    lander.register(local_lake.context)  # as a run begins
    assert found(local_lake) == set()


def test_history_of_a_load_that_no_manifest_knows_is_told(local_lake: Lake) -> None:
    filled(local_lake)
    known = local_lake.manifests[0].load_id
    with duckdb.connect(str(local_lake.settings.warehouse)) as connection:
        connection.execute("create schema snapshots")
        connection.execute(f"create table snapshots.taken_loads as select '{known}' as load_id")
    assert found(local_lake) == set()
    with duckdb.connect(str(local_lake.settings.warehouse)) as connection:
        connection.execute("insert into snapshots.taken_loads values ('nobodys')")
    assert found(local_lake) == {("lost", "nobodys")}


def test_a_table_alone_is_verified_when_it_is_named(local_lake: Lake) -> None:
    filled(local_lake)
    for load in local_lake.manifests:
        local_lake.store.delete(load.data_key)
    assert len(found(local_lake, only="shop.visit")) == 1
    assert len(found(local_lake, only="shop")) == 4
    with pytest.raises(BadSettings, match=r"shop\.visits"):
        verify(local_lake.context, "shop.visits")


def test_the_command_says_it_as_a_table_and_as_json_and_ends_with_4(local_lake: Lake) -> None:
    filled(local_lake)
    load = local_lake.manifests[0]
    done = ask(local_lake)
    assert (done.returncode, done.stdout) == (0, "everything is there\n")
    local_lake.store.delete(load.data_key)
    done = ask(local_lake, "--bytes", "--format", "json", "shop.customer")
    assert done.returncode == 4
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["severity"], one["problem"], one["where"]) for one in told] == [
        ("lost", "rows gone", load.data_key)
    ]


def ask(lake: Lake, *words: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "LANDFALL_PROJECT": str(lake.settings.project_dir),
        "LANDFALL_LAKE": lake.settings.lake,
        "LANDFALL_WAREHOUSE": str(lake.settings.warehouse),
        "LANDFALL_KEY": KEY,
    }
    return subprocess.run(
        [sys.executable, "-m", "ingestion", "verify", *words],
        env={**os.environ, **settings},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
