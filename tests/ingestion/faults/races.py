"""Processes that race for one lake: landers for one inbox with the row floor at stake, runs beside runs and landers.

Each stumbles before each step for some milliseconds, by the dice. Whoever wins: a cut extract is never landed, nothing
is lost or there twice, every end has a documented exit code, and the next run completes.
"""

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingestion.errors import LandingFailed
from ingestion.loads import Manifest
from tests.ingestion.faults.s3 import Bucket, served
from tests.ingestion.faults.sweep import DOCUMENTED, Worker, lake_in
from tests.ingestion.faults.wire import manifests_in, promised
from tests.ingestion.faults.work import role_file
from tests.ingestion.lakes import Lake, customers, visits

LANDERS = 4
DELIVERIES = {
    "shop/2026-01-01/customer.csv": customers(*range(100)),
    "shop/2026-01-02/customer.csv": customers(1),
    "shop/2026-01-02/visit.csv": visits((1, "C1"), (2, "C2")),
    "shop/2026-01-03/customer.csv": customers(*range(100), 7),
}
"""A day, the next one cut, and something else that they may race for."""

CUT = "shop/2026-01-02/customer.csv"
DUE = [
    ("shop/2026-01-01/customer.csv", 100),
    ("shop/2026-01-02/visit.csv", 2),
    ("shop/2026-01-03/customer.csv", 100),
]
Task = dict[str, Any]


@contextmanager
def delivered(worker: Worker, folder: Path) -> Iterator[Path]:
    """A folder of its own with a lake that all is delivered to."""
    template = folder / "template"
    if not template.exists():
        lake = lake_in(template)
        for name, content in DELIVERIES.items():
            lake.put(name, content)
    place = worker.copy(template)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def landers(worker: Worker, folder: Path, dice: random.Random) -> str | None:
    """Four landers of a lake in a directory; what is wrong, if anything is."""
    with delivered(worker, folder) as place:
        return _raced(worker, [_task("land", place, dice) for _ in range(LANDERS)]) or _unlike(
            worker, place, "land"
        )


def landers_on_s3(worker: Worker, folder: Path, dice: random.Random) -> str | None:
    """Four landers of a lake on S3."""
    bucket = Bucket()
    with delivered(worker, folder) as place, served(bucket) as wire:
        for name, content in DELIVERIES.items():
            bucket.deliver(f"some/inbox/{name}", content.encode())
        words = {"lake": "s3://lake/some", "endpoint": wire.address}
        tasks = [_task("land", place, dice, **words) for _ in range(LANDERS)]
        if problem := _raced(worker, tasks):
            return problem
        (last,) = worker.do({"do": "land", "folder": str(place), **words})
    if last["status"]:
        return f"the next one ended with {last['status']}: {last['said'][-600:]}"
    manifests = manifests_in(bucket)
    lost = [
        key
        for manifest in manifests
        for key, sha256 in promised(manifest)
        if hashlib.sha256(bucket.objects[f"some/{key}"].data).hexdigest() != sha256
    ]
    inbox = [key for key in bucket.objects if key.startswith("some/inbox/")]
    return _wrong_loads(manifests, [key.removeprefix("some/inbox/") for key in inbox]) or (
        f"{lost} lost" if lost else None
    )


def runs(worker: Worker, folder: Path, dice: random.Random) -> str | None:
    """Two runs side by side."""
    with delivered(worker, folder) as place:
        return _raced(worker, [_task("run", place, dice) for _ in range(2)]) or _unlike(
            worker, place, "run"
        )


def landers_beside_a_run(worker: Worker, folder: Path, dice: random.Random) -> str | None:
    """A run, and two landers that began before it had the lease."""
    with delivered(worker, folder) as place:
        tasks = [_task(what, place, dice) for what in ("run", "land", "land")]
        return _raced(worker, tasks) or _unlike(worker, place, "run")


def sleeper(worker: Worker, folder: Path, dice: random.Random) -> str | None:
    """A run of another machine is stopped amid its build; its heir publishes, and then it goes on."""
    with delivered(worker, folder) as place:
        words = {"folder": str(place), "clock": "of the machine"}
        asleep, heir = worker.do(
            {"do": "sleep", "warehouse": "elsewhere/warehouse.duckdb", **words},
            {"do": "inherit", **words},
        )
        if heir["status"] != 0:
            return f"the heir ended with {heir['status']}: {heir['said'][-600:]}"
        if asleep["status"] != LandingFailed.exit_code:
            return f"who was asleep ended with {asleep['status']}: {asleep['said'][-600:]}"
        if role_file(place / "elsewhere/warehouse.duckdb").exists():
            return "who was asleep has published"
        return _unlike(worker, place, "run")


RACES: dict[str, Callable[[Worker, Path, random.Random], str | None]] = {
    race.__name__.replace("_", " "): race
    for race in (landers, landers_on_s3, runs, landers_beside_a_run, sleeper)
}
"""Each round says what is wrong, or None. The folder keeps what all rounds begin with."""


def _task(what: str, folder: Path, dice: random.Random, **words: str) -> Task:
    return {"do": what, "folder": str(folder), "dice": dice.randrange(1, 10**6), **words}


def _raced(worker: Worker, tasks: list[Task]) -> str | None:
    for answer in worker.do(*tasks):
        if answer["status"] not in DOCUMENTED:
            return f"ended with {answer['status']}: {answer['said'][-600:]}"
    return None


def _unlike(worker: Worker, folder: Path, command: str) -> str | None:
    """What is otherwise than it must be after one more command that has the lake for itself."""
    task = {"do": command, "folder": str(folder), "later": 1, "then_check": True}
    (last,) = worker.do(task)
    if last["status"]:
        return f"the next one ended with {last['status']}: {last['said'][-600:]}"
    state = last["state"]
    if state["lost"] or state["leftovers"]:
        return f"lost {state['lost']}, left over {state['leftovers']}"
    if command == "run" and state["published"] != [[[2]], [[2]], "[(2,)]", False]:
        return f"published: {state['published']}"
    if len(state["rows"]) != 200:
        return f"{len(state['rows'])} rows in the view"
    lake = Lake(folder, str(folder / "lake"))
    return _wrong_loads(lake.manifests, lake.inbox)


def _wrong_loads(manifests: list[Manifest], inbox: list[str]) -> str | None:
    loads = sorted((manifest.object_name, manifest.landed) for manifest in manifests)
    if loads != DUE:
        return f"{loads} landed"
    return None if inbox == [CUT] else f"{inbox} in the inbox"
