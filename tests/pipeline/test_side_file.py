"""Publishing on DuckDB neither blocks nor disturbs a reader, and a failed build changes nothing."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import LandingFailed
from ingestion.pipeline.side_file import SideFile

READER = """
import sys, duckdb
held = duckdb.connect(sys.argv[1], read_only=True)
print(held.execute("select n from figures").fetchone()[0], flush=True)
sys.stdin.readline()
print(held.execute("select n from figures").fetchone()[0], flush=True)
"""


def write(path: Path, number: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create or replace table figures as select {number} as n")


def read(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select n from figures").fetchall()[0][0]


def test_a_reader_keeps_the_file_that_it_opened(tmp_path: Path) -> None:
    published = tmp_path / "warehouse.duckdb"
    write(published, 1)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout and reader.stdin
    assert reader.stdout.readline().strip() == "1"
    side = SideFile(published)
    with side.begun():
        write(side.path, 2)
        side.publish()
    reader.stdin.write("\n")
    reader.stdin.flush()
    assert reader.stdout.readline().strip() == "1"
    assert reader.wait(20) == 0
    assert read(published) == 2


def test_what_was_not_published_is_not_seen_and_is_dropped_by_the_next_run(tmp_path: Path) -> None:
    published = tmp_path / "warehouse.duckdb"
    write(published, 1)
    failed = SideFile(published)
    with failed.begun():
        write(failed.path, 99)
    assert read(published) == 1
    again = SideFile(published)
    with again.begun():
        assert read(again.path) == 1


def test_the_side_file_carries_what_a_crash_left_in_the_log(tmp_path: Path) -> None:
    published = tmp_path / "warehouse.duckdb"
    write(published, 1)
    crash = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]);"
        "connection.execute('update figures set n = 7'); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", crash, str(published)], check=False, timeout=30)
    assert published.with_name("warehouse.duckdb.wal").exists()
    side = SideFile(published)
    with side.begun():
        side.publish()
    assert read(published) == 7
    assert not published.with_name("warehouse.duckdb.wal").exists()


def test_the_first_run_publishes_where_nothing_was(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        write(side.path, 3)
        side.publish()
    assert read(tmp_path / "warehouse.duckdb") == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == [".building", "warehouse.duckdb"]


def test_two_builds_beside_one_warehouse_are_one_too_many(tmp_path: Path) -> None:
    first, second = SideFile(tmp_path / "w.duckdb"), SideFile(tmp_path / "w.duckdb")
    with first.begun():
        write(first.path, 1)
        with pytest.raises(LandingFailed, match="another run still builds"), second.begun():
            pass
        assert read(first.path) == 1
    with second.begun():
        write(second.path, 2)


def test_a_file_that_another_process_still_writes_is_not_published(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        write(side.path, 3)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()",
            str(side.path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout and holder.stdout.readline()
    with pytest.raises(LandingFailed, match="in use"):
        side.publish()
    holder.communicate(b"\n", timeout=30)
    assert not side.published.exists()
