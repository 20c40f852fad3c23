"""A run of totesys after many extracts: the same new extract after 50 past ones, and after 1,000.

Each past extract has eleven files of a few rows, as `extract totesys` writes them. What is timed is `land` of the new
extract, and dbt's build of the source's own part: staging, marts and their tests, and what operations counts of it.
A whole `run` has all other sources on top, in both cases alike. profiles.yml must be there (make setup).
"""

import os
import resource
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import click

from ingestion.contract import Table, read_project

ROOT = Path(__file__).parents[1]
START = datetime(2026, 1, 5, 8, 0)
SAMPLE = {"bigint": "{number}", "string": "text {number}", "date": "2026-01-05", "boolean": "t"}
LAND = ("ingestion", "land")
BUILD = ("dbt.cli.main", "build", "--quiet", "--target", "duckdb", "--exclude-resource-type", "unit_test",
         "--indirect-selection", "cautious", "--select", "+group:sales")  # fmt: skip
ROWS = 5
"""Rows of each table that changed between two extracts."""


@click.command()
@click.option("--few", default=50, show_default=True, help="Past extracts of the first run.")
@click.option("--many", default=1_000, show_default=True, help="Past extracts of the second.")
@click.option(
    "--rounds", default=2, show_default=True, help="New extracts for each; the fastest run counts."
)
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the lakes.")
def main(few: int, many: int, rounds: int, scratch: Path | None) -> None:
    """Time a run of one new extract after few and after many."""
    tables = [table for table in read_project(ROOT) if table.source == "totesys"]
    seconds = {}
    for past in (few, many):
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            lake = Path(folder) / "lake"
            for number in range(past):
                deliver(lake, tables, number)
            timed(Path(folder), *LAND)
            runs = []
            for new in range(rounds):
                deliver(lake, tables, past + new)
                runs.append((timed(Path(folder), *LAND), timed(Path(folder), *BUILD)))
            land, build = min(run[0] for run in runs), min(run[1] for run in runs)
            seconds[past] = land + build
            print(
                f"after {past:,} extracts: land {land:.1f} s, build {build:.1f} s of CPU",
                flush=True,
            )
    print(f"{seconds[many] / seconds[few]:.2f} times as much after {many:,} as after {few:,}")


def deliver(lake: Path, tables: list[Table], number: int) -> None:
    """The files of one extract: every tenth of its rows is a change of one from an extract before."""
    moment = START + timedelta(minutes=30 * number)
    folder = lake / "inbox" / "totesys" / f"{moment:%Y-%m-%dT%H-%M-%SZ}"
    folder.mkdir(parents=True)
    for table in tables:
        lines = [",".join(column.file_name for column in table.columns)]
        for row in range(ROWS):
            key = ROWS * number + row + 1
            lines.append(",".join(_cells(table, key if key % 10 else max(1, key - 40), moment)))
        (folder / f"{table.name}.csv").write_text("\n".join(lines) + "\n")


def _cells(table: Table, key: int, moment: datetime) -> list[str]:
    """A row whose references all point at rows that are there."""
    cells = []
    for column in table.columns:
        text = SAMPLE.get(column.type.name, "1.50")
        if column.type.name == "timestamp":
            text = f"{moment - timedelta(seconds=key % 60):%Y-%m-%d %H:%M:%S}.500"
        cells.append(text.format(number=key))
    return cells


def timed(folder: Path, *words: str) -> float:
    """Seconds of CPU of a command of Python over the lake in `folder`: others on the machine do not count."""
    environment = os.environ | {
        "LANDFALL_PROJECT": str(ROOT),
        "LANDFALL_LAKE": str(folder / "lake"),
        "LANDFALL_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "LANDFALL_KEY": bytes(range(32)).hex(),
        "DBT_TARGET_PATH": str(folder / "target"),
    }
    begin = _cpu()
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"{words[0]} ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-500:]}"
        )
    return _cpu() - begin


def _cpu() -> float:
    """Seconds of CPU of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
