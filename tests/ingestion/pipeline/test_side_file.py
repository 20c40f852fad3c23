"""Publishing on DuckDB neither blocks nor disturbs a reader, and a failed build changes nothing."""

import fcntl
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import duckdb
import pytest

from ingestion.catalog.duck_file import locked, log_of
from ingestion.errors import LandingFailed
from ingestion.land import catch_up, open_context
from ingestion.pipeline.side_file import SideFile
from tests.ingestion.lakes import Lake, customers

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
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != ".lock") == [
        ".building",
        "warehouse.duckdb",
    ]


def test_two_builds_beside_one_warehouse_are_one_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.pipeline.side_file._PATIENCE", 0.1)
    first, second = SideFile(tmp_path / "w.duckdb"), SideFile(tmp_path / "w.duckdb")
    with first.begun():
        write(first.path, 1)
        with pytest.raises(LandingFailed, match="another run still builds"), second.begun():
            pass
        assert read(first.path) == 1
    with second.begun():
        write(second.path, 2)


def test_a_build_waits_for_the_last_process_of_one_that_was_killed(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "w.duckdb")
    side.path.parent.mkdir()
    folder = os.open(side.path.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    threading.Timer(0.3, os.close, [folder]).start()
    with side.begun():
        write(side.path, 1)


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


def crash(published: Path, statement: str) -> None:
    """Change the file in a process that dies, so that the change is in the log beside it only."""
    code = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]);"
        "connection.execute(sys.argv[2]); os._exit(1)"
    )
    words = [sys.executable, "-c", code, str(published), statement]
    subprocess.run(words, check=False, timeout=30)
    assert log_of(published).exists()


def test_a_log_is_never_beside_a_file_that_it_is_not_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = tmp_path / "warehouse.duckdb"
    write(published, 1)
    crash(published, "insert into figures values (7)")
    side = SideFile(published)
    replaced = []

    def replace(source: Path, target: Path) -> None:
        replaced.append(log_of(published).exists())
        Path(source).rename(target)

    with side.begun():
        monkeypatch.setattr(os, "replace", replace)
        side.publish()
    assert replaced == [False]
    with duckdb.connect(str(published)) as connection:
        assert connection.execute("from figures order by 1").fetchall() == [(1,), (7,)]


def test_a_warehouse_that_is_changed_is_neither_copied_nor_replaced(tmp_path: Path) -> None:
    published = tmp_path / "warehouse.duckdb"
    write(published, 1)
    side, seen = SideFile(published), []

    def copy() -> None:
        with side.begun():
            seen.append(read(side.path))

    copier = threading.Thread(target=copy)
    with locked(published):
        copier.start()
        copier.join(0.3)
        assert copier.is_alive()
        write(published, 2)
    copier.join(10)
    assert seen == [2]


def test_what_is_landed_while_a_run_builds_is_not_hidden_by_its_publication(tmp_path: Path) -> None:
    lake = Lake(tmp_path, str(tmp_path / "lake"))
    lake.put("shop/2026-01-01/customer.csv", customers(1))
    lake.land()
    side = SideFile(lake.settings.warehouse)
    building = open_context(lake.settings.with_warehouse(side.path), is_aside=True)
    with side.begun():
        lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
        lake.land()
        side.publish(partial(catch_up, building))
    assert lake.query("select count(*) from raw_shop.customer") == [(3,)]
    assert lake.query("select count(*) from raw_landfall.loads") == [(2,)]


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    published = tmp_path / "warehouse.duckdb"
    published.write_bytes(b"no database" * 1000)
    side = SideFile(published)
    with side.begun(), pytest.raises(LandingFailed, match="cannot be written"):
        side.built_from()
    with side.begun(), pytest.raises(LandingFailed, match="cannot be written"):
        side.keep_open()


def test_a_file_that_is_kept_open_is_published_whole_and_closed(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        side.keep_open()
        side.mark({"project": "1"})
        write(side.path, 1)
        side.publish()
        # with other settings than an open one has: DuckDB would refuse
        duckdb.connect(str(side.path), config={"threads": 1}).close()
    assert read(side.published) == 1
    with side.begun():
        side.keep_open()
        write(side.path, 2)
    with side.begun(), duckdb.connect(str(side.path), config={"threads": 1}) as connection:
        assert connection.execute("select n from figures").fetchall() == [(1,)]


def test_what_a_file_was_built_from_is_published_with_it(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        assert side.built_from() == {}
        side.mark({"project": "1", "loads of shop.visit": "2"})
        side.mark({"project": "2"})
        side.publish()
    with side.begun():
        assert side.built_from() == {"project": "2"}
        side.mark({"project": "3"})
    with side.begun():
        assert side.built_from() == {"project": "2"}, "what was not published is not recorded"


def make(side: SideFile, number: int, *names: str) -> list[Path]:
    """Write a file and pages that say a number, as a run does before it publishes."""
    write(side.path, number)
    side.pages.mkdir()
    pages = [side.pages / f"{name}.html" for name in names]
    for page in pages:
        page.write_text(f"{number}")
    return pages


def seen(side: SideFile) -> dict[str, str]:
    """The published pages."""
    return {page.name: page.read_text() for page in sorted(side.report.glob("*"))}


def test_pages_are_published_with_the_file_for_the_readers_group(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        side.publish(beside=[], pages=make(side, 1, "index", "sales"))
    assert side.report == tmp_path / "report"
    assert seen(side) == {"index.html": "1", "sales.html": "1"}
    assert (side.report / "index.html").stat().st_mode & 0o777 == 0o640
    assert side.report.stat().st_mode & 0o777 == 0o750


def test_a_page_that_is_no_longer_made_is_removed_and_other_files_are_left(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        side.publish(beside=[], pages=make(side, 1, "index", "sales"))
    (side.report / "notes.txt").write_text("mine")
    with side.begun():
        side.publish(beside=[], pages=make(side, 2, "index"))
    assert seen(side) == {"index.html": "2", "notes.txt": "mine"}


def test_the_old_pages_stay_when_a_run_publishes_nothing(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        side.publish(beside=[], pages=make(side, 1, "index"))
    with side.begun():
        make(side, 2, "index")
    with side.begun():
        assert not side.pages.exists()
        write(side.path, 3)
        side.publish(beside=[])
    assert (seen(side), read(side.published)) == ({"index.html": "1"}, 3)


def test_a_publication_that_was_killed_is_finished_pages_included(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    with side.begun():
        side.publish(beside=[], pages=make(side, 1, "index", "sales"))
    moved, replace = [], os.replace

    def killed(source: Path, target: Path) -> None:
        """The first page is in its place, and then the process is gone."""
        replace(source, target)
        moved.append(Path(target).name)
        if moved[-1].endswith(".html"):
            raise KeyboardInterrupt

    with side.begun():
        pages = make(side, 2, "index", "sales")
        monkeypatch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            side.publish(beside=[], pages=pages)
        monkeypatch.undo()
    assert sorted(seen(side).values()) == ["1", "2"]
    with side.begun():
        pass
    assert (seen(side), read(side.published)) == ({"index.html": "2", "sales.html": "2"}, 2)


def test_pages_alone_are_published_without_a_build(tmp_path: Path) -> None:
    side = SideFile(tmp_path / "warehouse.duckdb")
    write(side.published, 1)
    with side.begun():
        side.publish_pages(make(side, 2, "index"))
    assert (seen(side), read(side.published)) == ({"index.html": "2"}, 1)
    assert (side.report / "index.html").stat().st_mode & 0o777 == 0o640


def test_another_warehouse_in_the_same_folder_has_pages_of_its_own(tmp_path: Path) -> None:
    assert SideFile(tmp_path / "audit.duckdb").report == tmp_path / "audit_report"
