"""A sample of all that can go wrong around a landing; `make faults` takes more of it. The seed is in each message.

Rows in = landed + quarantined + duplicates for every file ever delivered, no load twice, every end a documented exit
code, and the next run completes.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.ingestion.faults.races import RACES
from tests.ingestion.faults.s3 import FAULTS
from tests.ingestion.faults.sweep import (
    ROOT,
    SWEEPS,
    Point,
    Sweep,
    Worker,
    scratch,
    some,
    templates,
)
from tests.ingestion.faults.wire import Wired
from tests.ingestion.faults.work import LATER

SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(10**6))
SAID = f"seed {SEED} (FAULTS_SEED)"


NO_COMPILER = "no C compiler (cc) here: the file system's calls cannot be stopped"

Made = dict[str, Path]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for all lakes, in memory where there is some."""
    with tempfile.TemporaryDirectory(dir=scratch()) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def worker(place: Path) -> Iterator[Worker]:
    """A process with the shim in it."""
    worker = Worker(place / "worker")
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def made(worker: Worker, place: Path) -> Made:
    """The lakes that sweeps begin with."""
    return templates(worker, place)


@pytest.fixture(scope="module")
def wired(place: Path) -> Wired:
    """A lake on S3 behind a wire."""
    return Wired(place / "wired")


@pytest.mark.slow
@pytest.mark.parametrize("name", SWEEPS)
def test_killed_at_any_call_or_failed_by_any_the_next_run_completes(
    worker: Worker, made: Made, name: str
) -> None:
    if not worker.has_shim:
        pytest.skip(NO_COMPILER)
    sweep, dice = Sweep(worker, made, name), random.Random(SEED)
    assert sweep.calls > 100
    wrong = sweep.over([*some(dice, sweep.kills(), 2), *some(dice, sweep.errors(), 1)])
    assert not wrong, f"{SAID}: " + "\n".join(wrong)


@pytest.mark.slow
def test_whatever_the_wire_does_to_a_request_nothing_is_lost(wired: Wired) -> None:
    every = [(at, fault) for at in range(1, wired.requests + 1) for fault in FAULTS]
    with wired.wire() as wire:
        for at, fault in random.Random(SEED).sample(every, 25):
            assert wired.problem(wire, at, fault) is None, f"{SAID}: {fault}, request {at}"


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES)
def test_whoever_wins_a_race_nothing_is_lost_or_there_twice(
    worker: Worker, place: Path, race: str
) -> None:
    assert RACES[race](worker, place / race, random.Random(SEED)) is None, SAID


# each deliberate bug is found -----------------------------------------------------------------

AT_CALLS = {
    "commit_before_upload": ("land", "after", r"link .*manifests/shop/customer"),
    "clear_before_commit": ("land", "after", r"rmdir .*|unlinkat .*cleared/inbox"),
    "written_in_place": ("land", "middle", r"write .*manifests/shop/customer"),
    "companions_last": ("land", "before", r"rename.* .*archive/shop/export_info"),
    "first_file_in_place": ("land", "middle", r"pwrite.* .*/warehouse.duckdb$"),
}
"""Bugs that a kill shows: in which command, how, and at which calls."""


@pytest.mark.slow
@pytest.mark.parametrize("bug", AT_CALLS)
def test_the_sweep_finds_a_bug(worker: Worker, made: Made, bug: str) -> None:
    if not worker.has_shim:
        pytest.skip(NO_COMPILER)
    name, mode, pattern = AT_CALLS[bug]
    sweep = Sweep(worker, made, name, bug)
    points = [Point(at, mode) for at in sweep.calls_of(pattern)]
    assert points
    assert any(sweep.problem(point) for point in points[:8])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "bug", "right", "wrong"),
    [
        ("overtaken", "no_rebase", "[100]", "[1, 100]"),
        ("wired", "answers_believed", "[None, None]", "lost"),
    ],
)
def test_what_another_or_the_wire_does_finds_a_bug(
    worker: Worker, place: Path, what: str, bug: str, right: str, wrong: str
) -> None:
    said = []
    for planted in (None, bug):
        folder = place / f"{what}-{planted}"
        (answer,) = worker.do({"do": what, "folder": str(folder), "bug": planted})
        said.append("".join(sorted(answer["said"].splitlines()[-1:])))
    assert right in said[0]
    assert wrong in said[1]


@pytest.mark.slow
def test_a_publication_that_does_not_catch_up_is_found(worker: Worker, made: Made) -> None:
    rows = []
    for bug in (None, "publish_without_catching_up"):
        folder = worker.copy(made["new"])
        (answer,) = worker.do({"do": "run", "folder": str(folder), "bug": bug})
        assert answer["status"] == 0
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            rows += connection.execute("select count(*) from raw_shop.visit").fetchall()
    assert rows == [(3,), (2,)]


LOG = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("create table figures as select 1 as n")
os._exit(0)
"""


@pytest.mark.slow
def test_a_log_that_is_removed_too_late_is_found(worker: Worker, made: Made) -> None:
    if not worker.has_shim:
        pytest.skip(NO_COMPILER)
    left = []
    for bug in (None, "log_removed_after_replace"):
        folder = worker.copy(made["landed"])
        shutil.rmtree(folder / LATER)
        warehouse = folder / "warehouse.duckdb"
        subprocess.run([sys.executable, "-c", LOG, str(warehouse)], check=True, cwd=ROOT)
        again = worker.copy(folder)
        task = {"do": "run", "bug": bug}
        (whole,) = worker.do({**task, "folder": str(folder), "log": True})
        log = Path(f"{whole['told']}.log").read_text().splitlines()
        (replace,) = [
            int(line.split()[0])
            for line in log
            if re.search(r"rename.* [^ ]*/case-\d+/warehouse.duckdb$", line)
        ]
        worker.do({**task, "folder": str(again), "at": replace, "mode": "after"})
        left.append((again / "warehouse.duckdb.wal").exists())
    assert left == [False, True]
