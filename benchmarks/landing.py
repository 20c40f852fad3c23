"""One large CSV, landed by Landfall and by DuckDB and pandas doing the comparable part of its work.

Landfall copies and hashes the file, scans every record, types and checks every value, looks whether
the keys are unique, writes rows and quarantine, archives the original and commits a manifest.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.children import Measured, measure
from benchmarks.lander import make_project
from benchmarks.large_file import write_csv

CONTRACT = """
version: 2
sources:
  - name: bench
    config: {meta: {time_zone: UTC}}
    tables:
      - name: accounts
        config:
          meta:
            contract:
              key: [account_id]
              limits: {reject_share: 1, reject_most: 1000000000}
              deliveries: [{path: "bench/{date}/accounts.csv", kind: full}]
        columns:
          - {name: account_id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: reference, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: customer, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: amount, data_type: "decimal(12,2)", config: {meta: {sensitivity: none}}}
          - {name: opened_on, data_type: date, config: {meta: {sensitivity: none, format: M/D/YYYY}}}
          - {name: status, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: visits, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: note, data_type: string, config: {meta: {sensitivity: none}}}
"""


@click.command()
@click.option("--rows", default=5_000_000, show_default=True, help="Rows of the file.")
@click.option("--bad-share", default=0.001, show_default=True, help="Share of bad rows, 0 to 1.")
@click.option("--mixed-keys", is_flag=True, help="Keys in no order, so that they must be compared.")
@click.option("--rounds", default=1, show_default=True, help="Runs of each; the fastest counts.")
@click.option("--only", default="landfall,duckdb,pandas", show_default=True, help="Whom to run.")
@click.option("--pandas-python", default=sys.executable, help="A Python that has pandas.")
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the gigabytes.")
def main(
    rows: int,
    bad_share: float,
    mixed_keys: bool,
    rounds: int,
    only: str,
    pandas_python: str,
    scratch: Path | None,
) -> None:
    """Land one large CSV and compare."""
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        source = Path(place) / "accounts.csv"
        bad = write_csv(source, rows, bad_share, mixed_keys)
        print(f"{rows:,} rows, {bad:,} bad, {source.stat().st_size / 1e6:,.0f} MB")
        results: dict[str, Measured] = {}
        for _ in range(rounds):
            for name in only.split(","):
                python = pandas_python if name == "pandas" else sys.executable
                found = _run(name, source, Path(place) / "work", python)
                if found and (name not in results or found.seconds < results[name].seconds):
                    results[name] = found
        _report(results)
        ours = results.get("landfall")
        if ours and (ours.counts["landed"], ours.counts["bad"]) != (rows - bad, bad):
            raise SystemExit("the counts are not those of the file")


def _run(name: str, source: Path, work: Path, python: str) -> Measured | None:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if name != "landfall":
        return measure(name, "benchmarks.contenders", name, str(source), str(work), python=python)
    make_project(work, CONTRACT)
    inbox = work / "lake" / "inbox" / "bench" / "2026-01-31"
    inbox.mkdir(parents=True)
    shutil.copyfile(source, inbox / "accounts.csv")
    return measure(name, "benchmarks.lander", str(work))


def _report(results: dict[str, Measured]) -> None:
    print(
        f"{'':10}{'seconds':>9}{'CPU s':>8}{'peak MiB':>10}{'landed':>12}{'bad':>11}{'times ours':>12}"
    )
    base = results["landfall"].seconds if "landfall" in results else 0
    for name, found in results.items():
        ratio = f"{found.seconds / base:.2f}" if base else ""
        print(
            f"{name:10}{found.seconds:9.2f}{found.cpu:8.2f}{found.mebibytes:10.0f}"
            f"{found.counts['landed']:12,}{found.counts['bad']:11,}{ratio:>12}"
        )


if __name__ == "__main__":
    main()
