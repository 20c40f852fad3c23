"""A run in the built image against the same run outside: what the container costs. `make image` first, as root.

Both begin from nothing but the same files in the inbox, so both parse the project; they go by turns, and the least of
each counts.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.children import ROOT
from tools.image.built import delivered, mounted
from tools.image.container import Image

KEY = {"LANDFALL_KEY": bytes(range(32)).hex()}
PARTS = (
    *("ingestion", "models", "macros", "seeds", "snapshots", "tests", "pages"),
    *("dbt_project.yml", "profiles.yml.example"),
)


@dataclass(frozen=True)
class Took:
    """What a run took: seconds of CPU and of the clock."""

    cpu: float
    wall: float


@click.command()
@click.option("--rounds", default=3, show_default=True)
def main(rounds: int) -> None:
    """Run by turns, and compare."""
    inside, outside = list[Took](), list[Took]()
    with mounted() as image:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place)
                folder.chmod(0o755)
                inside.append(_in_the_image(image, delivered(folder / "data", image.user)))
                outside.append(_outside(folder / "project", delivered(folder / "own", "0")))
    for name, times in (("in the image", inside), ("outside", outside)):
        print(f"{name}: {_cpu(times):.1f} s of CPU, {min(one.wall for one in times):.1f} s in all")
    print(f"{_cpu(inside) / _cpu(outside):.2f} times the CPU")


def _cpu(times: list[Took]) -> float:
    return min(one.cpu for one in times)


def _in_the_image(image: Image, data: Path) -> Took:
    begun = _used(), time.perf_counter()
    done = image.run(data, settings=KEY, seconds=1200)
    return _took(begun, done)


def _outside(project: Path, data: Path) -> Took:
    for name in PARTS:
        whole = ROOT / name
        copy = shutil.copytree if whole.is_dir() else shutil.copy
        project.mkdir(exist_ok=True)
        copy(whole, project / name)
    shutil.copy(project / "profiles.yml.example", project / "profiles.yml")
    places = {
        "LANDFALL_LAKE": str(data / "lake"),
        "LANDFALL_WAREHOUSE": str(data / "warehouse.duckdb"),
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT_"))}
    begun = _used(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ingestion", "run"],
        cwd=project,
        env=kept | KEY | places | {"DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return _took(begun, done)


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _took(begun: tuple[float, float], done: "subprocess.CompletedProcess[str]") -> Took:
    if done.returncode:
        raise SystemExit(f"a run ended with {done.returncode}: {done.stdout}{done.stderr}")
    cpu, wall = begun
    return Took(_used() - cpu, time.perf_counter() - wall)


if __name__ == "__main__":
    main()
