"""The DuckDB file as a catalogue: it agrees with the manifests, whatever happened to the file."""

import io
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from ingestion.catalog import DuckCatalog, DuckFile
from ingestion.catalog.duck_file import all_cores
from ingestion.errors import LandingFailed
from ingestion.land import register
from ingestion.pipeline.node import Node
from ingestion.pipeline.record import RunRecord
from tests.ingestion.lakes import Lake, customers

DAY = "shop/2026-01-{:02}/customer.csv"
COUNT = "select count(*) from raw_shop.customer"


class Killed(BaseException):
    """The process was killed."""


def test_a_kill_while_the_first_file_is_made_leaves_none(tmp_path: Path) -> None:
    file = DuckFile(tmp_path / "warehouse.duckdb")

    def killed(connection: duckdb.DuckDBPyConnection) -> None:
        assert not file.path.exists()
        raise Killed

    with pytest.raises(Killed):
        file.change(killed)
    assert not file.path.exists()
    file.change(lambda connection: connection.execute("create table figures as select 1 as n"))
    with duckdb.connect(str(file.path)) as connection:
        assert connection.execute("from figures").fetchall() == [(1,)]


@pytest.mark.parametrize("is_aside", [False, True])
def test_only_a_file_that_has_no_readers_is_changed_in_place(
    tmp_path: Path, is_aside: bool
) -> None:
    file = DuckFile(tmp_path / "warehouse.duckdb", is_aside=is_aside)
    file.change(lambda connection: connection.execute("create table figures as select 1 as n"))
    before = file.path.stat().st_ino
    file.change(lambda connection: connection.execute("drop table figures"), lambda _: False)
    assert file.path.stat().st_ino == before
    file.change(lambda connection: connection.execute("insert into figures values (2)"))
    assert (file.path.stat().st_ino == before) == is_aside
    with duckdb.connect(str(file.path)) as connection:
        assert connection.execute("from figures order by n").fetchall() == [(1,), (2,)]


def test_a_file_that_this_process_has_open_is_changed_in_place(tmp_path: Path) -> None:
    file = DuckFile(tmp_path / "warehouse.duckdb")
    file.change(lambda connection: connection.execute("create table figures as select 1 as n"))
    before = file.path.stat().st_ino
    with duckdb.connect(str(file.path)) as connection:
        file.change(lambda own: own.execute("insert into figures values (2)"), lambda _: False)
        assert connection.execute("from figures order by n").fetchall() == [(1,), (2,)]
    assert file.path.stat().st_ino == before


@pytest.mark.parametrize("statement", ["from nothing", "commit; from nothing"])
def test_a_file_can_be_changed_after_a_change_that_failed(tmp_path: Path, statement: str) -> None:
    file = DuckFile(tmp_path / "warehouse.duckdb")
    file.change(lambda connection: connection.execute("create table figures as select 1 as n"))
    with pytest.raises(LandingFailed, match=r"warehouse\.duckdb cannot be written"):
        file.change(lambda connection: connection.execute(f"drop table figures; {statement}"))
    with pytest.raises(LandingFailed, match=r"warehouse\.duckdb cannot be written"):
        file.change(lambda _: None, lambda connection: bool(connection.execute("from nothing")))
    before = file.path.stat().st_ino
    file.change(lambda connection: connection.execute("insert into figures values (2)"))
    assert file.path.stat().st_ino != before
    with file.reading() as connection:
        assert connection.execute("from figures order by n").fetchall() == [(1,), (2,)]


def test_a_change_has_one_thread_and_every_core_where_it_reads_many_files(tmp_path: Path) -> None:
    threads: list[Any] = []

    def look(connection: duckdb.DuckDBPyConnection) -> None:
        threads.extend(connection.execute("select current_setting('threads')").fetchall())

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        look(connection)
        with all_cores(connection):
            look(connection)
        look(connection)

    DuckFile(tmp_path / "warehouse.duckdb").change(work)
    with duckdb.connect() as connection:
        look(connection)
    assert threads[::2] == [(1,), (1,)] and threads[1] == threads[3]


def test_an_empty_file_is_as_good_as_none(local_lake: Lake) -> None:
    local_lake.settings.warehouse.touch()
    local_lake.put(DAY.format(1), customers(1))
    local_lake.land()
    assert local_lake.query(COUNT) == [(1,)]


def test_a_file_that_is_no_database_is_not_taken_for_one_in_use(local_lake: Lake) -> None:
    local_lake.settings.warehouse.write_bytes(b"blocks of something else" * 1000)
    local_lake.put(DAY.format(1), customers(1))
    with pytest.raises(LandingFailed, match=r"warehouse\.duckdb cannot be written"):
        local_lake.land()
    assert local_lake.inbox == [DAY.format(1)]


def test_an_older_file_shows_everything_after_the_next_landing(local_lake: Lake) -> None:
    local_lake.put(DAY.format(1), customers(1))
    local_lake.land()
    older = local_lake.settings.warehouse.with_name("older")
    shutil.copy(local_lake.settings.warehouse, older)
    local_lake.put(DAY.format(2), customers(1, 2))
    local_lake.land()
    older.replace(local_lake.settings.warehouse)
    assert local_lake.query(COUNT) == [(1,)]
    assert local_lake.land() == []
    assert local_lake.query(COUNT) == [(3,)]


def test_the_views_of_a_lake_that_was_copied_read_the_copy(
    local_lake: Lake, tmp_path: Path
) -> None:
    local_lake.put(DAY.format(1), customers(1))
    local_lake.land()
    (tmp_path / "lake").rename(tmp_path / "moved")
    local_lake.settings = replace(local_lake.settings, lake=str(tmp_path / "moved"))
    assert local_lake.land() == []
    assert local_lake.query(COUNT) == [(1,)]
    assert local_lake.query("select landed from raw_landfall.loads") == [(1,)]


def test_nothing_new_changes_no_view(local_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    local_lake.put(DAY.format(1), customers(1))
    local_lake.land()
    done: list[Any] = []
    monkeypatch.setattr("ingestion.catalog.duck.DuckCatalog._register", lambda *_: done.append(_))
    local_lake.land()
    assert done == []
    register(local_lake.context)
    assert len(done) == 4


DAYS = [date(2026, 1, 1), date(2026, 1, 2)]


@pytest.mark.parametrize("many", [1, 2])
def test_the_newest_load_of_a_raw_table_can_be_asked_for(local_lake: Lake, many: int) -> None:
    """With one load, and with one that is left by a filter; the filter still opens that day's file alone."""
    for day in DAYS[:many]:
        local_lake.put(f"shop/{day}/customer.csv", customers(1, 2))
    loads = {o.extract_date: o.load_id for o in local_lake.land()}
    table = "raw_shop.customer"
    newest = f"select max(extract_date), min(extract_date) from {table}"
    assert local_lake.query(newest) == [(DAYS[many - 1], DAYS[0])]
    assert local_lake.query(f"select max(load_id) from {table}") == [
        (max(map(str, loads.values())),)
    ]
    of_a_day = f"select max(load_id), count(*) from {table} where extract_date = date '{DAYS[0]}'"
    assert local_lake.query(of_a_day) == [(loads[DAYS[0]], 2)]
    of_a_load = f"select max(extract_date) from {table} where load_id = '{loads[DAYS[0]]}'"
    assert local_lake.query(of_a_load) == [(DAYS[0],)]
    ((_, plan),) = local_lake.query(f"explain analyze {of_a_day}")
    assert "Total Files Read: 1" in plan


WHAT_IS_SAID = "select count(*) from raw_landfall.{}"


def test_what_is_said_of_the_loads_is_answered_in_a_copy_of_another_name_without_the_lake(
    local_lake: Lake, tmp_path: Path
) -> None:
    local_lake.put(DAY.format(1), customers(1))
    local_lake.put("shop/2026-01-01/unheard_of.csv", "a\n1\n")
    record_a_run(local_lake, "one")
    local_lake.land()
    copy = shutil.copy(local_lake.settings.warehouse, tmp_path / "another name.duckdb")
    (tmp_path / "lake").rename(tmp_path / "gone")
    with duckdb.connect(copy, read_only=True) as connection:
        for table, rows in {"loads": 1, "refusals": 1, "runs": 1, "quarantined_rows": 0}.items():
            assert connection.execute(WHAT_IS_SAID.format(table)).fetchall() == [(rows,)], table


def test_a_landing_adds_the_records_of_runs_that_are_new_and_reads_no_other(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put(DAY.format(1), customers(1))
    record_a_run(local_lake, "one")
    local_lake.land()
    read: list[str] = []
    known = DuckCatalog._read
    monkeypatch.setattr(
        DuckCatalog, "_read", lambda *words: (read.append(words[-1]), known(*words))[1]
    )
    record_a_run(local_lake, "two")
    local_lake.land()
    local_lake.land()
    assert read == [run_key("two")]
    assert local_lake.query(RUNS_OF) == [("one", "complete"), ("two", "complete")]


def test_the_record_of_a_run_that_was_written_again_takes_the_place_of_the_first(
    local_lake: Lake,
) -> None:
    local_lake.put(DAY.format(1), customers(1))
    record_a_run(local_lake, "one")
    local_lake.land()
    record_a_run(local_lake, "one", "failed")
    local_lake.land()
    assert local_lake.query(RUNS_OF) == [("one", "failed")]


def test_a_damaged_record_of_a_run_takes_its_own_rows_away_and_stops_no_landing(
    local_lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    record_a_run(local_lake, "one")
    record_a_run(local_lake, "two")
    local_lake.context.store.put(run_key("one"), b"PAR1 no parquet PAR1")
    local_lake.put(DAY.format(1), customers(1))
    local_lake.land()
    assert local_lake.query(RUNS_OF) == [("two", "complete")]
    assert f"{run_key('one')} cannot be read" in caplog.text


RUNS_OF = "select run_id, verdict from raw_landfall.runs order by 1"


def run_key(run: str) -> str:
    return f"raw/landfall/runs/{run}/part-00000.parquet"


def record_a_run(lake: Lake, run: str, verdict: str = "complete") -> None:
    """Put the record of a run with one node into the lake."""
    node = Node(
        name="model.landfall.one",
        resource_type="model",
        areas=("clinic",),
        status="success",
        seconds=0.5,
        failures=None,
        message="",
    )
    moment = datetime(2026, 1, 1)
    record = RunRecord(
        run_id=run,
        started_at=moment,
        finished_at=moment,
        target="duckdb",
        as_of=None,
        verdict=verdict,
        nodes=(node,),
    )
    lake.context.store.put(record.key, record.to_bytes())


def test_a_record_from_before_a_column_was_there_has_null_in_it(local_lake: Lake) -> None:
    record_a_run(local_lake, "new")
    body = pq.read_table(io.BytesIO(local_lake.context.store.read(run_key("new")) or b""))
    old = io.BytesIO()
    pq.write_table(body.drop_columns(["bytes_scanned"]), old)
    local_lake.context.store.put(run_key("old"), old.getvalue())
    local_lake.land()
    found = local_lake.query("select count(*), count(bytes_scanned) from raw_landfall.runs")
    assert found == [(2, 0)]


def test_no_change_writes_into_the_file_itself_so_that_a_kill_leaves_one_of_the_two(
    local_lake: Lake,
) -> None:
    lake = local_lake
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.land()
    with lake.settings.warehouse.open("rb") as old:
        before = old.read()
        lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
        lake.land()
        old.seek(0)
        assert old.read() == before
    assert lake.settings.warehouse.read_bytes() != before


def test_with_nothing_new_the_file_is_not_copied(local_lake: Lake) -> None:
    lake = local_lake
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.land()
    before = lake.settings.warehouse.stat()
    lake.land()
    after = lake.settings.warehouse.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
