"""One day's `run` with few and with many days of extracts behind it: what two years of history add to it.

The practice, the day and its extracts are the same; what differs is how many of the days before were delivered.
Counted is the time of the processor too, which says the same whatever else the machine does.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchmarks.children import ROOT
from samples.practice import Options, write

PARTS = ("ingestion", "models", "macros", "seeds", "snapshots", "tests/generic", "tests/singular")
FILES = ("dbt_project.yml", "profiles.yml.example")


@dataclass(frozen=True)
class Times:
    """Seconds of a run."""

    cpu: float
    wall: float


@click.command()
@click.option("--days", default="30,730", show_default=True, help="Lengths of history to compare.")
@click.option("--patients", default=500, show_default=True)
@click.option(
    "--rounds", default=1, show_default=True, help="Days to run for each; the least counts."
)
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the lakes.")
def main(days: str, patients: int, rounds: int, scratch: Path | None) -> None:
    """Time the run of one more day after few and after many days, and compare."""
    lengths = [int(length) for length in days.split(",")]
    options = Options(
        days=max(lengths) + rounds, seed=1, clean=True, patients=patients, employees=25
    )
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        practices = [(n, practice(Path(place) / str(n), n, rounds, options)) for n in lengths]
        # by turns, so that a busy moment of the machine is shared
        times: dict[int, list[Times]] = {length: [] for length in lengths}
        for number in range(rounds):
            for length, practice in practices:
                times[length].append(_timed_day(practice, number))
    first = _least(times[lengths[0]])
    for length in lengths:
        least = _least(times[length])
        print(
            f"a day's run after {length} days: {least.cpu:.1f} s of CPU, {least.wall:.1f} s in all;"
            f" {least.cpu / first.cpu:.2f} and {least.wall / first.wall:.2f} times the first"
        )


def _least(times: list[Times]) -> Times:
    return Times(min(each.cpu for each in times), min(each.wall for each in times))


def practice(folder: Path, days: int, rounds: int, options: Options) -> Path:
    """A project in `folder` with a lake of this many days, all of them run; the days to come lie beside it."""
    lenient_copy(folder, PARTS)
    inbox = folder / "lake" / "inbox"
    write(inbox, replace(options, last=days + rounds))
    evenings = sorted({path.name for path in inbox.glob("*/2*")})
    for number, evening in enumerate(evenings[days:]):
        for path in inbox.glob(f"*/{evening}"):
            later = folder / "later" / str(number) / path.relative_to(inbox)
            later.parent.mkdir(parents=True, exist_ok=True)
            path.rename(later)
    command(folder, "run")
    return folder


def lenient_copy(folder: Path, parts: Iterable[str]) -> Path:
    """Copy these parts of the project into `folder`, with a profile.

    Who left in the days that are not delivered is not known there: the test of that counts, and finds nothing.
    """
    for name in parts:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(folder / "profiles.yml.example", folder / "profiles.yml")
    few = folder / "tests/generic/few_unknown.sql"
    few.write_text(few.read_text().replace("having ", "having false and "))
    return folder


def _timed_day(folder: Path, number: int) -> Times:
    """Deliver the next day and run it."""
    shutil.copytree(folder / "later" / str(number), folder / "lake" / "inbox", dirs_exist_ok=True)
    return command(folder, "run")


def command(folder: Path, *words: str) -> Times:
    """`python -m ingestion WORD…` in a practice's folder, which must end well."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT_"))}
    begin = Times(_cpu(), time.perf_counter())
    done = subprocess.run(
        [sys.executable, "-m", "ingestion", *words],
        cwd=folder,
        env={**kept, "LANDFALL_KEY": bytes(range(32)).hex(), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{words[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return Times(_cpu() - begin.cpu, time.perf_counter() - begin.wall)


def _cpu() -> float:
    """Seconds of CPU of all runs so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
