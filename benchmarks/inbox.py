"""An inbox of many small extracts: how long one takes, from the listing to the registered partition."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import click

from benchmarks.children import measure
from benchmarks.lander import make_project

CONTRACT = """
version: 2
sources:
  - name: bench
    config: {meta: {time_zone: UTC}}
    tables:
      - name: visits
        config:
          meta:
            contract:
              key: [visit_id]
              deliveries: [{path: "bench/{date}/visits.csv", kind: full}]
        columns:
          - {name: visit_id, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: held_on, data_type: date, config: {meta: {sensitivity: none, format: M/D/YYYY}}}
          - {name: amount, data_type: "decimal(12,2)", config: {meta: {sensitivity: none, format: money}}}
"""
ROWS = 50
FIRST_DAY = date(2020, 1, 1)


@click.command()
@click.option("--files", default=1_000, show_default=True, help="How many extracts of 50 rows.")
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the lake.")
def main(files: int, scratch: Path | None) -> None:
    """Land many small extracts and say how long one takes."""
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        make_project(Path(place), CONTRACT)
        for number in range(files):
            day = FIRST_DAY + timedelta(days=number)
            folder = Path(place) / "lake" / "inbox" / "bench" / day.isoformat()
            folder.mkdir(parents=True)
            lines = [f"V{row},{day.month}/{day.day}/{day.year},${number}.50" for row in range(ROWS)]
            (folder / "visits.csv").write_text("\n".join(["visit_id,held_on,amount", *lines, ""]))
        found = measure("landfall", "benchmarks.lander", place)
    assert found is not None
    each = 1000 * found.seconds / files
    print(
        f"{files:,} files: {found.seconds:.1f} s, {each:.1f} ms a file, "
        f"CPU {found.cpu:.1f} s, {found.mebibytes:.0f} MiB"
    )


if __name__ == "__main__":
    main()
