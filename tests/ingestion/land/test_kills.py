"""A kill at any point loses nothing and duplicates nothing; two landers at once commit each load once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.catalog import DuckCatalog
from ingestion.errors import LandingFailed
from ingestion.land import utc_now
from ingestion.outcome import Outcome
from ingestion.store import LocalStore
from tests.ingestion.faults.sweep import scratch
from tests.ingestion.lakes import KEY, Lake, customers, lakes, visits

WRITES = ("put_file", "put", "put_all_if_absent", "delete")
MOMENT = datetime(2026, 1, 10, 12, 0, tzinfo=UTC).timestamp()


class Killed(BaseException):
    """The process was killed."""


def deliver(lake: Lake) -> None:
    """Every kind of outcome at once: parts, quarantine, a duplicate, a refusal, a file that comes again."""
    lake.put("shop/2026-01-11/customer.csv", customers(*range(30), 3) + "C30,2/30/2001,1\n")
    lake.put("shop/2026-01-12/customer.csv", customers(*range(31)))
    lake.put("shop/2026-01-12/visit.csv", visits((1, "C1"), (1, "C2"), (2, "C2")))
    lake.put("shop/2026-01-13/customer.csv", customers(1))
    lake.put("shop/picture.png", b"\x89PNG")
    for number in (1, 2, 3):
        lake.put(f"shop/dms/customer/LOAD0000000{number}.csv", f"C{number},1/2/1980,5\n")
        path = Path(lake.settings.lake) / f"inbox/shop/dms/customer/LOAD0000000{number}.csv"
        os.utime(path, (MOMENT, MOMENT))


@contextmanager
def seen_after_each_step(place: Path) -> Iterator[list[str]]:
    """Copy `whole` after each write to the lake or the catalogue, under the step's number; yields the writes' names."""
    patch, done = pytest.MonkeyPatch(), []

    def copying(original: Any, name: str) -> Any:
        def call(self: Any, *args: Any, **words: Any) -> Any:
            result = original(self, *args, **words)
            done.append(name)
            shutil.copytree(place / "whole", place / str(len(done)), symlinks=True)
            return result

        return call

    for owner, names in ((LocalStore, WRITES), (DuckCatalog, ("register", "publish"))):
        for name in names:
            patch.setattr(owner, name, copying(getattr(owner, name), name))
    try:
        yield done
    finally:
        patch.undo()


@pytest.mark.slow
def test_killed_after_any_step_the_next_run_finishes() -> None:
    """What is there after each step is what a kill leaves; the sweeps in tests/ingestion/faults kill in earnest."""
    with tempfile.TemporaryDirectory(dir=scratch()) as place:
        whole = Lake(Path(place) / "whole", f"{place}/whole/lake")
        deliver(whole)
        with seen_after_each_step(Path(place)) as steps:
            whole.land()
        expected = whole.fingerprint()
        assert len(expected["manifests"]) == 4 and len(steps) > 20
        for number, step in enumerate(steps, 1):
            folder = Path(place) / str(number)
            lake = Lake(folder, str(folder / "lake"))
            lake.land()
            assert lake.fingerprint() == expected, f"killed after {step}, step {number}"
            shutil.rmtree(folder)


def test_killed_while_parts_are_cleared_the_rest_is_no_new_load(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(local_lake)
    delete = LocalStore.delete

    def dying(self: LocalStore, key: str, etag: str | None = None) -> None:
        if "LOAD00000002" in key:
            raise Killed
        delete(self, key, etag)

    monkeypatch.setattr(LocalStore, "delete", dying)
    with pytest.raises(Killed):
        local_lake.land()
    monkeypatch.undo()
    assert [name[-5] for name in local_lake.inbox if "LOAD" in name] == ["2", "3"]
    (outcome,) = [outcome for outcome in local_lake.land() if "load" in outcome.extract]
    assert outcome.outcome == "nothing"
    assert not any("LOAD" in name for name in local_lake.inbox)
    assert sum("{load}" in manifest.path for manifest in local_lake.manifests) == 1


def test_parts_of_a_landed_set_that_a_restore_brings_back_land_nothing(local_lake: Lake) -> None:
    deliver(local_lake)
    names = [name for name in local_lake.inbox if "LOAD" in name]
    kept = {name: local_lake.store.read(f"inbox/{name}") for name in names[1:]}
    local_lake.land()
    for name, content in kept.items():
        local_lake.put(name, content)  # as a restore brings it back: another inode, another time
    local_lake.now = utc_now() + timedelta(hours=1)
    before = len(local_lake.manifests)
    (outcome,) = [outcome for outcome in local_lake.land() if "load" in outcome.extract]
    assert (outcome.outcome, outcome.message) == ("nothing", "parts of an extract that is landed")
    assert len(local_lake.manifests) == before
    assert not any("LOAD" in name for name in local_lake.inbox)


KILL_ONESELF = """
import os, signal, sys
from ingestion.store import LocalStore
step, seen = int(sys.argv[1]), 0
def dying(original):
    def call(self, *args, **words):
        global seen
        result = original(self, *args, **words)
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call
for name in ("put_file", "put", "put_all_if_absent", "delete"):
    setattr(LocalStore, name, dying(getattr(LocalStore, name)))
from ingestion.cli import main
main(["land"])
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", [2, 7])
def test_a_process_that_is_killed_leaves_nothing_half_done(tmp_path: Path, step: int) -> None:
    whole = Lake(tmp_path / "whole", str(tmp_path / "whole/lake"))
    deliver(whole)
    whole.land()
    lake = Lake(tmp_path / "killed", str(tmp_path / "killed/lake"))
    deliver(lake)
    settings = {
        "LANDFALL_PROJECT": str(lake.settings.project_dir),
        "LANDFALL_LAKE": lake.settings.lake,
        "LANDFALL_WAREHOUSE": str(lake.settings.warehouse),
        "LANDFALL_KEY": KEY,
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    done = subprocess.run(
        [sys.executable, "-c", KILL_ONESELF, str(step)],
        env={**os.environ, **settings},
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    lake.land()
    assert lake.fingerprint() == whole.fingerprint()
    assert list((Path(lake.settings.lake) / ".landing").iterdir()) == []


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_of_two_landers_at_once_exactly_one_commits_each_load(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "s3":
        request.getfixturevalue("aws")
    lake = next(lakes(kind, tmp_path))
    days = range(1, 7)
    for day in days:
        lake.put(f"shop/2026-01-0{day}/customer.csv", customers(*range(20 + day)))
    outcomes: list[list[Outcome]] = [[], []]
    gate = threading.Barrier(2)

    def work(number: int) -> None:
        context = lake.context
        gate.wait()
        from ingestion.land import land

        outcomes[number] = land(context)

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    words = [outcome.outcome for outcome in outcomes[0] + outcomes[1]]
    assert words.count("landed") == len(days)
    assert set(words) <= {"landed", "nothing"}
    assert lake.inbox == []
    assert len(lake.manifests) == len(days)
    assert lake.query("select count(*), max(load_number) from raw_landfall.loads") == [(6, 6)]
    assert lake.query("select count(*) from raw_shop.customer") == [
        (sum(20 + day for day in days),)
    ]


def test_a_full_disk_commits_nothing_and_the_next_run_goes_on(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    local_lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
    put_file = LocalStore.put_file

    def full(self: LocalStore, key: str, path: Path, sha256: str | None = None) -> None:
        if "extract_date=2026-01-02" in key:
            raise LandingFailed("the lake cannot be used (write): No space left on device")
        put_file(self, key, path, sha256)

    monkeypatch.setattr(LocalStore, "put_file", full)
    with pytest.raises(
        LandingFailed, match=r"^shop/2026-01-02/customer\.csv: .*No space left"
    ) as error:
        local_lake.land()
    assert error.value.exit_code == 4
    assert local_lake.inbox == ["shop/2026-01-02/customer.csv"]
    assert len(local_lake.manifests) == 1
    monkeypatch.undo()
    assert local_lake.land_one().outcome == "landed"


def test_a_reader_of_the_warehouse_neither_blocks_nor_is_disturbed(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    local_lake.land()
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(local_lake.settings.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdin and reader.stdout
    assert reader.stdout.readline().strip() == "1"
    local_lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
    assert local_lake.land_one().outcome == "landed"
    reader.stdin.write("again\n")
    reader.stdin.flush()
    assert reader.stdout.readline().strip() == "1"  # it still reads the file that it opened
    assert local_lake.query("select count(*) from raw_shop.customer") == [(3,)]
    reader.stdin.close()
    assert reader.wait(10) == 0
    leftovers = [
        path.name
        for path in local_lake.settings.warehouse.parent.iterdir()
        if "registering" in path.name
    ]
    assert leftovers == []


READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    for _ in range(2):
        print(connection.execute("select count(*) from raw_shop.customer").fetchone()[0], flush=True)
        sys.stdin.readline()
"""


def test_a_landing_fails_while_another_process_writes_the_warehouse_and_the_next_one_registers(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.catalog.duck_file._PATIENCE", 0.3)
    local_lake.land()
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.readline()"
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(local_lake.settings.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdin and writer.stdout
    writer.stdout.readline()
    local_lake.put("shop/2026-01-02/customer.csv", customers(1, 2))
    with pytest.raises(LandingFailed, match="another process"):
        local_lake.land()
    writer.stdin.close()
    writer.wait(10)
    assert local_lake.land_one().outcome == "nothing"
    assert local_lake.query("select count(*) from raw_shop.customer") == [(2,)]


def test_an_open_connection_of_this_process_sees_the_next_load(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    local_lake.land()
    with duckdb.connect(str(local_lake.settings.warehouse)) as connection:
        local_lake.put("shop/2026-01-02/customer.csv", customers(1))
        local_lake.land()
        assert connection.execute("select count(*) from raw_shop.customer").fetchone() == (2,)


def test_an_object_that_is_not_a_manifest_is_named_without_its_content(local_lake: Lake) -> None:
    local_lake.store.put("manifests/shop/customer/0123456789abcdef.json", b'{"source": "canary"}')
    with pytest.raises(LandingFailed, match=r"0123456789abcdef\.json is not a manifest") as error:
        local_lake.land()
    assert "canary" not in str(error.value) and error.value.__cause__ is None


def test_a_manifest_with_a_field_of_a_later_version_is_refused(local_lake: Lake) -> None:
    local_lake.put("shop/2026-01-01/customer.csv", customers(1))
    local_lake.land()
    (key,) = (found.key for found in local_lake.store.list("manifests/shop/customer/"))
    later = json.loads(local_lake.store.read(key) or b"") | {"counts_twice": True}
    other = "manifests/shop/customer/0123456789abcdef.json"
    local_lake.store.put(other, json.dumps(later).encode())
    with pytest.raises(LandingFailed, match=rf"{other} is not a manifest of this version"):
        local_lake.land()
