"""From a source's last file to new figures, over a day of 96 landings as deploy/landfall.yaml schedules them.

Files arrive over the evening, and the last of each source is its marker, which starts a run; `land` starts every 15
minutes. The commands are real and take their real seconds; between them the clock is a simulated one. A command waits
for the one before it, as with the lease, and begins `--start` seconds after it was asked for, which is what Fargate is
given to fetch the image: that figure alone is assumed.
"""

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.daily_run import command, practice
from samples.practice import Options

MINUTE, DAY = 60, 24 * 60 * 60
LANDINGS = 96
MARKER = "_ready"
EVENING = (17 * 60 * MINUTE, 20 * 60 * MINUTE)
"""When the sources deliver, in seconds of the day."""


@dataclass(frozen=True, order=True)
class Start:
    """A command that something asks for, at a second of the day."""

    second: float
    words: tuple[str, ...]


@click.command()
@click.option("--patients", default=500, show_default=True)
@click.option("--days", default=30, show_default=True, help="Days that were run before this one.")
@click.option("--start", default=60.0, show_default=True, help="Seconds until a task has started.")
@click.option("--seed", default=1, show_default=True)
def main(patients: int, days: int, start: float, seed: int) -> None:
    """Run the day, and tell how long after its last file each source's figures were new."""
    options = Options(days=days + 1, seed=seed, clean=True, patients=patients, employees=25)
    with tempfile.TemporaryDirectory() as place:
        folder = practice(Path(place), days, 1, options)
        arrivals = _arrivals(folder / "later" / "0", random.Random(seed))
        seconds = _simulate(folder, arrivals, start)
    for source, late in sorted(seconds.items()):
        print(f"{source}: new figures {late / MINUTE:.1f} minutes after its last file")
    print(f"at most {max(seconds.values()) / MINUTE:.1f} minutes, of which {start:.0f} s assumed")


def _arrivals(folder: Path, chance: random.Random) -> list[tuple[float, Path]]:
    """When each file of the day arrives, and the marker of its source behind the last."""
    found = [(chance.uniform(*EVENING), path) for path in sorted(folder.rglob("*.*"))]
    for source in sorted(path.name for path in folder.iterdir()):
        last = max(second for second, path in found if path.relative_to(folder).parts[0] == source)
        found.append((last + 1, folder / source / MARKER))
    return sorted(found)


def _starts(arrivals: list[tuple[float, Path]], start: float) -> Iterator[Start]:
    for number in range(LANDINGS):
        yield Start(number * DAY / LANDINGS + start, ("land",))
    for second, path in arrivals:
        if path.name == MARKER:
            yield Start(second + start, ("run", "--wait-minutes", "60"))


def _simulate(folder: Path, arrivals: list[tuple[float, Path]], start: float) -> dict[str, float]:
    """The seconds from each source's last file to the end of the first run that began after it."""
    waiting = list(arrivals)
    open_since: dict[str, float] = {}
    late: dict[str, float] = {}
    free = slowest = 0.0
    for one in sorted(_starts(arrivals, start)):
        begun = max(one.second, free)
        while waiting and waiting[0][0] <= begun:
            second, path = waiting.pop(0)
            source = path.relative_to(folder / "later" / "0").parts[0]
            _deliver(folder, path)
            if path.name == MARKER:
                open_since[source] = second - 1
        took = command(folder, *one.words).wall
        free = begun + took
        if one.words[0] == "run":
            late |= {source: free - second for source, second in open_since.items()}
            open_since = {}
        else:
            slowest = max(slowest, took)
    print(f"{LANDINGS} landings, the slowest {slowest:.1f} s")
    return late


def _deliver(folder: Path, path: Path) -> None:
    to = folder / "lake" / "inbox" / path.relative_to(folder / "later" / "0")
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.name == MARKER:
        to.touch()
    else:
        shutil.copy(path, to)


if __name__ == "__main__":
    main()
