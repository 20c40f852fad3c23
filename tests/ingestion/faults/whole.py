"""`make faults`: kills and failed calls of every command, every fault of the wire, races, and damage.

Prints the seed, the counts and whatever went wrong; ends with 1 where something did. Of kills and failed calls there
are thousands, about a second each: as many are tried as are asked for, spread by the seed over all sweeps. `--all`
takes every one.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import tests.conftest  # noqa: F401 (no setting of the machine)
from tests.ingestion.faults.damage import DAMAGES, damaged, filled
from tests.ingestion.faults.races import RACES
from tests.ingestion.faults.s3 import FAULTS
from tests.ingestion.faults.sweep import SWEEPS, Point, Sweep, Worker, scratch, templates
from tests.ingestion.faults.wire import Wired
from tests.ingestion.lakes import Lake

_AT_ONCE = 50
Try = Callable[[], str | None]
"""Returns the problem, or None."""

MANY = {"kills": 800, "two kills": 100, "errors": 400, "races": 100}
"""How many are tried of what there are many of."""


class Faults:
    """All that is done, by kind. `place` is a folder for temporary files."""

    def __init__(self, place: Path, dice: random.Random) -> None:
        self._place, self._dice = place, dice
        self._worker = Worker(place / "worker")
        self._sweeps: list[Sweep] = []

    def of(self, kind: str) -> Iterator[Try]:
        """All tries of a kind, in the order of the dice."""
        kinds = {
            "kills": self._kills,
            "two kills": self._two_kills,
            "errors": self._errors,
            "wire": self._wire,
            "races": self._races,
            "damage": self._damage,
        }
        return kinds[kind]()

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _made(self) -> list[Sweep]:
        if not self._worker.has_shim:
            say("no C compiler (cc): calls of the file system cannot be stopped")
        elif not self._sweeps:
            made = templates(self._worker, self._place)
            self._sweeps = [Sweep(self._worker, made, name) for name in SWEEPS]
            for sweep in self._sweeps:
                kills, errors = list(sweep.kills()), list(sweep.errors())
                say(f"{sweep.name}: {len(kills)} kills, {len(errors)} errors to choose from")
        return self._sweeps

    def _shuffled(self, points: list[tuple[Sweep, Point]]) -> Iterator[Try]:
        self._dice.shuffle(points)
        return (lambda s=sweep, p=point: s.problem(p) for sweep, point in points)

    def _kills(self) -> Iterator[Try]:
        return self._shuffled([(s, point) for s in self._made() for point in s.kills()])

    def _two_kills(self) -> Iterator[Try]:
        """A kill, and another of the next command."""
        pairs = []
        for sweep in self._made():
            first, second = list(sweep.kills()), list(sweep.kills())
            self._dice.shuffle(second)
            pairs += [
                (sweep, Point(one.at, one.mode, then))
                for one, then in zip(first, second, strict=True)
            ]
        return self._shuffled(pairs)

    def _errors(self) -> Iterator[Try]:
        return self._shuffled([(s, point) for s in self._made() for point in s.errors()])

    def _wire(self) -> Iterator[Try]:
        """Every fault at every request."""
        whole = Wired(self._place / "wired")
        every = [(at, fault) for at in range(1, whole.requests + 1) for fault in FAULTS]
        self._dice.shuffle(every)
        with whole.wire() as wire:
            for at, fault in every:
                yield (
                    lambda at=at, fault=fault: (
                        f"{fault}, request {at}: {problem}"
                        if (problem := whole.problem(wire, at, fault))
                        else None
                    )
                )

    def _races(self) -> Iterator[Try]:
        """Rounds of each race, in turn."""
        while True:
            for name, race in RACES.items():
                yield (
                    lambda name=name, race=race: (
                        f"{name}: {problem}"
                        if (problem := race(self._worker, self._place / name, self._dice))
                        else None
                    )
                )

    def _damage(self) -> Iterator[Try]:
        """Every damage to every object."""
        for damage in DAMAGES:
            folder = self._place / damage
            for problem in damaged(filled(Lake(folder, str(folder / "lake"))), damage):
                yield lambda problem=problem: problem


def main() -> int:
    """Do all of it, and print the results."""
    kinds = (*MANY, "wire", "damage")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--kinds", nargs="*", choices=kinds, default=kinds)
    parser.add_argument("--all", action="store_true", help="every kill and every error")
    parser.add_argument("--many", type=int, help="the most of each kind")
    words = parser.parse_args()
    say(f"seed {words.seed}")
    wrong = 0
    with tempfile.TemporaryDirectory(dir=scratch()) as place:
        faults = Faults(Path(place), random.Random(words.seed))
        for kind in words.kinds:
            is_bounded = not (words.all and kind in ("kills", "errors"))
            many = words.many or (MANY.get(kind) if is_bounded else None)
            wrong += tried(kind, faults.of(kind), many)
        faults.close()
    return 1 if wrong else 0


def tried(kind: str, tries: Iterator[Try], many: int | None) -> int:
    """Try as many, say what is wrong, and return how often something was."""
    done, wrong, began = 0, 0, time.monotonic()
    for attempt in tries:
        if done == many:
            break
        done += 1
        if problem := attempt():
            wrong += 1
            say(f"WRONG {problem}")
        if done % _AT_ONCE == 0:
            say(f"{kind}: {done} so far, {wrong} wrong")
    say(f"{kind}: {done} tried, {wrong} wrong, in {time.monotonic() - began:.0f} seconds")
    return wrong


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
