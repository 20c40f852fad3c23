"""Sweeps over the calls of a command to the file system: each point, what happened there, and what came of it."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.ingestion.faults.work import LATER
from tests.ingestion.lakes import Lake, customer_parquet, customers, visits

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MOMENT = datetime(2026, 1, 10, 12, 0, tzinfo=UTC).timestamp()
DOCUMENTED = (0, 3, 4)
MEMORY = Path("/dev/shm")

SWEEPS = {
    "land": ("land", "delivered", "own"),
    "converting": ("land", "delivered", "forked"),
    "landing amid converting": ("land", "delivered", "amid the forked"),
    "first run": ("run", "new", "own"),
    "run": ("run", "landed", "own"),
    "extract": ("extract", "landed", "own"),
    "forget": ("forget", "landed", "own"),
}
"""By name: the command, the template it begins with, and whose calls of the file system are counted."""

_WRITES = re.compile(r"\d+ p?write(64)? ")
_TAKES_ROOM = re.compile(r"\d+ (p?write|open|mkdir|link|rename|ftruncate)")


def scratch() -> Path | None:
    """Where temporary files cost nothing: in memory, where there is some; None where a disk must do."""
    return MEMORY if os.access(MEMORY, os.W_OK) else None


def compiled(folder: Path) -> Path | None:
    """The shim, where there is a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    shim = folder / "shim.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(shim), str(HERE / "shim.c"), "-ldl"]
    subprocess.run(words, check=True)
    return shim


def deliver(lake: Lake) -> None:
    """Good and bad rows, a duplicate, parts, a set with its record, a refusal, and what nothing claims."""
    lake.put("shop/2026-01-11/customer.csv", customers(*range(30), 3) + "C30,2/30/2001,1\n")
    lake.put("shop/2026-01-12/visit.csv", visits((1, "C1"), (1, "C2"), (2, "C2")))
    lake.put("shop/2026-01-13/customer.csv", customers(1))
    lake.put("shop/picture.png", b"\x89PNG")
    told = {"status": "COMPLETE", "snapshotTime": "2026-01-14T20:00:00Z"}
    for part in (0, 1):
        rows = customer_parquet(*range(30 * part, 30 * part + 30))
        lake.put(f"shop/exp/db/db.customer/1/part-{part}.parquet", rows)
    lake.put("shop/export_info_exp.json", json.dumps(told))
    for number in (1, 2):
        name = f"shop/dms/customer/LOAD0000000{number}.csv"
        lake.put(name, f"C{number},1/2/1980,5\n")
        os.utime(Path(lake.settings.lake) / "inbox" / name, (MOMENT, MOMENT))


def templates(worker: "Worker", folder: Path) -> dict[str, Path]:
    """Lakes to begin with: one with a delivery of each kind, one where they have landed and one more has come, and a
    new one. The last two get something more while a run builds."""
    made = {name: folder / name for name in ("delivered", "landed", "new")}
    deliver(lake_in(made["delivered"]))
    deliver(lake_in(made["landed"]))
    (answer,) = worker.do({"do": "land", "folder": str(made["landed"])})
    assert answer["status"] == 0, answer
    for name in ("landed", "new"):
        lake_in(made[name]).put("shop/2026-01-15/visit.csv", visits((3, "C1"), (4, "C2")))
        later = made[name] / LATER / "shop/2026-01-16"
        later.mkdir(parents=True)
        (later / "visit.csv").write_text(visits((5, "C1")))
    return made


def lake_in(folder: Path) -> Lake:
    """A lake in a directory, with all that a run needs of the project."""
    lake = Lake(folder, str(folder / "lake"))
    seeds = lake.settings.project_dir / "seeds"
    seeds.mkdir(exist_ok=True)
    (seeds / "areas.csv").write_text("source_name,area\n")
    return lake


class Worker:
    """The process with the shim. Each task runs in a child of it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        shim = compiled(folder)
        self.has_shim = shim is not None
        preload = {"LD_PRELOAD": str(shim)} if shim else {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ingestion.faults.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **preload},
        )

    def do(self, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
        """Do these at the same time."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        for number, task in enumerate(tasks):
            task.setdefault("told", str(self._folder / f"told-{number}"))
        stdin.write(json.dumps(tasks) + "\n")
        stdin.flush()
        answers: list[dict[str, Any]] = json.loads(stdout.readline())
        return answers

    def copy(self, template: Path) -> Path:
        """A new folder with what is in the template: every time and every bit."""
        self._made += 1
        folder = self._folder / f"case-{self._made}"
        shutil.copytree(template, folder, symlinks=True)
        return folder

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


@dataclass(frozen=True)
class Point:
    """The call of this number, and what happens there; `then` happens to the command after it."""

    at: int
    mode: str
    then: "Point | None" = None

    def __str__(self) -> str:
        return f"{self.mode} call {self.at}" + (f", then {self.then}" if self.then else "")


class Sweep:
    """One command over one template: its expected end, and the points at which it may be stopped."""

    def __init__(
        self, worker: Worker, made: dict[str, Path], name: str, bug: str | None = None
    ) -> None:
        self._worker = worker
        command, template, whose = SWEEPS[name]
        self._template = made[template]
        self._task = {"do": command, "whose": whose, "bug": bug}
        folder = worker.copy(self._template)
        (whole,) = worker.do({**self._task, "folder": str(folder), "log": True})
        assert whole["status"] == 0, whole
        # the command once more, as after each point: what is said once is not said again
        (again,) = worker.do({"do": command, "folder": str(folder), "later": 1, "then_check": True})
        self.expected = again["state"]
        assert not self.expected.get("lost", True), self.expected
        self.name, self.calls = name, int(whole["calls"])
        log = Path(f"{whole['told']}.log")
        self.log = log.read_text().splitlines() if log.exists() else []
        shutil.rmtree(folder)

    def kills(self) -> Iterator[Point]:
        """Before each call, which is after the one before it; in the middle of each that writes; after the last."""
        yield from (Point(at, "before") for at in range(1, self.calls + 1))
        yield from (Point(at, "middle") for at, line in self._told() if _WRITES.match(line))
        yield Point(self.calls, "after")

    def errors(self) -> Iterator[Point]:
        """A broken disk at each call, a full one at each that takes room."""
        yield from (Point(at, "EIO") for at in range(1, self.calls + 1))
        yield from (Point(at, "ENOSPC") for at, line in self._told() if _TAKES_ROOM.match(line))

    def _told(self) -> Iterator[tuple[int, str]]:
        return ((int(line.split()[0]), line) for line in self.log)

    def calls_of(self, pattern: str) -> list[int]:
        """The numbers of the calls whose name and path match."""
        return [number for number, line in self._told() if re.search(pattern, line)]

    def over(self, points: list[Point]) -> list[str]:
        """What is wrong at any of these points."""
        return [problem for point in points if (problem := self.problem(point))]

    def problem(self, point: Point) -> str | None:
        """Stop the command at this point, run it again, and compare; what is wrong then."""
        problem = self._at(point)
        return f"{self.name} {point}: {problem}" if problem else None

    def _at(self, point: Point) -> str | None:
        folder = self._worker.copy(self._template)
        task = {"folder": str(folder), **self._task}
        stop: Point | None = point
        try:
            while stop:
                (done,) = self._worker.do({**task, "at": stop.at, "mode": stop.mode})
                if done["status"] not in (*DOCUMENTED, -9):
                    return f"ended with {done['status']}: {done['said'][-600:]}"
                task["later"], stop = task.get("later", 0) + 1, stop.then
            (last,) = self._worker.do({**task, "then_check": True})
            if last["status"] != 0:
                return f"the next one ended with {last['status']}: {last['said'][-600:]}"
            return self._unlike(last["state"])
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _unlike(self, there: dict[str, Any]) -> str:
        """What is otherwise than after a command that nothing stopped."""
        return "; ".join(
            f"{name}: {str(value)[:200]} instead of {str(self.expected.get(name))[:200]}"
            for name, value in there.items()
            if value != self.expected.get(name)
        )


def some(dice: random.Random, points: Iterator[Point], many: int) -> list[Point]:
    """Some of them, spread over the whole command."""
    every = list(points)
    return dice.sample(every, min(many, len(every)))
