"""What the marts of a practice cost as its ledger grows: built whole, and with one more day.

The raw tables are written by SQL (benchmarks/ledger_lake.py) and read by staging, history, marts and their tests as in
a run, in a process of its own. Memory is bounded by LANDFALL_MEMORY; a build that needs more ends with a message.
"""

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from benchmarks.children import Measured, measure
from benchmarks.ledger_lake import MEMORY, Lake, Practice
from benchmarks.marts_work import LOADS

MEBIBYTE = 1024 * 1024


@dataclass
class Spill:
    """The most that DuckDB had on disk beside its file, in bytes."""

    most: int = 0


@click.command()
@click.option("--rows", default=(1_000_000, 10_000_000), multiple=True, show_default=True)
@click.option("--days", default=1_095, show_default=True, help="Days of the practice's books.")
@click.option("--nodes", is_flag=True, help="Tell which nodes took longest.")
@click.option(
    "--views", is_flag=True, help="Tell how long a reader waits for each view of the marts."
)
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the lakes.")
def main(rows: tuple[int, ...], days: int, nodes: bool, views: bool, scratch: Path | None) -> None:
    """Build for each number of ledger rows, whole and with one more day, and compare with the first."""
    first: Measured | None = None
    for count in rows:
        with tempfile.TemporaryDirectory(dir=scratch) as place:
            practice = Practice(count, days)
            lake = Lake(Path(place), practice)
            _deliver(lake, Path(place), days)
            measure("seed", "benchmarks.marts_work", place, "seed")
            _build(f"{count:,} rows, whole", Path(place), nodes)
            if views:
                _read_views(lake.warehouse)
            _deliver(lake, Path(place), days + 1)
            more = _build(f"{count:,} rows, one more day", Path(place), nodes)
        if first:
            cpu = more.counts["cpu_seconds"] / first.counts["cpu_seconds"]
            print(f"one more day: {cpu:.1f} times the CPU of the first", flush=True)
        first = first or more


def _deliver(lake: Lake, folder: Path, days: int) -> None:
    (folder / LOADS).write_text(json.dumps(lake.deliver(days)))


def _build(what: str, folder: Path, nodes: bool) -> Measured:
    with _watched(folder / "warehouse.duckdb.tmp") as spill:
        done = measure(what, "benchmarks.marts_work", str(folder), "build")
    assert done
    print(
        f"{what}: {done.seconds:.1f} s, {done.counts['cpu_seconds']:.1f} CPU s, {done.mebibytes:.0f} MiB,"
        f" {spill.most / MEBIBYTE:.0f} MiB spilled, warehouse of"
        f" {(folder / 'warehouse.duckdb').stat().st_size / MEBIBYTE:.0f} MiB",
        flush=True,
    )
    if nodes:
        for name, seconds in done.counts["nodes"].items():  # type: ignore[attr-defined]
            print(f"    {seconds:8.1f} s  {name}", flush=True)
    return done


def _read_views(warehouse: Path) -> None:
    """Print the seconds that each view of the marts takes to give all of its rows."""
    with duckdb.connect(str(warehouse), config={"memory_limit": MEMORY}) as connection:
        views = connection.execute(
            """
            select schema_name || '.' || view_name from duckdb_views()
            where schema_name in ('billing', 'clinic', 'restricted') order by 1
            """
        ).fetchall()
        for (name,) in views:
            begin, cpu = time.perf_counter(), time.process_time()
            connection.execute(f"explain analyze from {name}").fetchall()
            wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
            print(f"    {wall:8.1f} s {cpu:8.1f} CPU s  {name}", flush=True)


@contextmanager
def _watched(folder: Path) -> Iterator[Spill]:
    """Look every tenth of a second how much a folder holds."""
    spill, done = Spill(), threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            spill.most = max(spill.most, _bytes_of(folder))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield spill
    finally:
        done.set()
        watching.join()


def _bytes_of(folder: Path) -> int:
    try:
        return sum(path.stat().st_blocks * 512 for path in folder.iterdir())
    except FileNotFoundError:  # between two queries, or while one file is removed
        return 0


if __name__ == "__main__":
    main()
