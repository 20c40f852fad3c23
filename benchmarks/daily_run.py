"""One day's `run` with a short and with a long history behind it: what a year of days adds to it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.children import ROOT
from samples.practice import Options, write

PARTS = ("ingestion", "models", "macros", "seeds", "snapshots", "tests/generic", "tests/singular")
FILES = ("dbt_project.yml", "profiles.yml.example")


@click.command()
@click.option("--days", default="30,730", show_default=True, help="Lengths of history to compare.")
@click.option("--patients", default=500, show_default=True)
@click.option(
    "--rounds", default=1, show_default=True, help="Days to run for each; the least counts."
)
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the lakes.")
def main(days: str, patients: int, rounds: int, scratch: Path | None) -> None:
    """Time the run of one more day after so many, and compare."""
    lengths = [int(length) for length in days.split(",")]
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        practices = [(n, _practice(Path(place) / str(n), n, rounds, patients)) for n in lengths]
        # by turns, so that a busy moment of the machine is shared
        seconds: dict[int, list[float]] = {length: [] for length in lengths}
        for number in range(rounds):
            for length, practice in practices:
                seconds[length].append(_timed_day(practice, number))
    base = min(seconds[lengths[0]])
    for length in lengths:
        best = min(seconds[length])
        print(f"a day's run after {length} days: {best:.1f} s, {best / base:.2f} times the first")


def _practice(folder: Path, days: int, rounds: int, patients: int) -> Path:
    """A project with a lake of so many days, all of them run; the days to come lie beside it."""
    for name in PARTS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(folder / "profiles.yml.example", folder / "profiles.yml")
    inbox = folder / "lake" / "inbox"
    write(inbox, Options(days=days + rounds, seed=1, clean=True, patients=patients, employees=25))
    evenings = sorted({path.name for path in inbox.glob("*/2*")})
    for number, evening in enumerate(evenings[days:]):
        for path in inbox.glob(f"*/{evening}"):
            later = folder / "later" / str(number) / path.relative_to(inbox)
            later.parent.mkdir(parents=True, exist_ok=True)
            path.rename(later)
    _run(folder)
    return folder


def _timed_day(folder: Path, number: int) -> float:
    """Deliver the next day and run it; seconds."""
    shutil.copytree(folder / "later" / str(number), folder / "lake" / "inbox", dirs_exist_ok=True)
    begin = time.perf_counter()
    _run(folder)
    return time.perf_counter() - begin


def _run(folder: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT_"))}
    done = subprocess.run(
        [sys.executable, "-m", "ingestion", "run"],
        cwd=folder,
        env={**kept, "LANDFALL_KEY": "5c" * 32, "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the run ended with {done.returncode}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
