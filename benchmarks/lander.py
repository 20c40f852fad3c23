"""Lands what lies in the inbox of a lake: `python -m benchmarks.lander FOLDER`, a process of its own."""

import json
import sys
import time
from pathlib import Path

from ingestion.land import land, open_context
from ingestion.settings import Settings

PROJECT = "name: benchmark\nvars: {business_time_zone: UTC, row_floor: {share: 0.9, rows: 5}}\n"


def make_project(folder: Path, contract: str) -> None:
    """A project with this one contract, of a source called `bench`, beside a lake in `folder`."""
    sources = folder / "models" / "staging" / "bench"
    sources.mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (sources / "_bench__sources.yml").write_text(contract)


def main(folder: str) -> None:
    """Land everything and print how long it took, and the rows, as JSON."""
    settings = Settings.from_environment(
        {"LANDFALL_LAKE": str(Path(folder) / "lake")}, cwd=Path(folder)
    )
    begin = time.perf_counter()
    outcomes = land(open_context(settings))
    seconds = time.perf_counter() - begin
    refused = [outcome.code for outcome in outcomes if outcome.outcome != "landed"]
    if refused:
        raise SystemExit(f"not landed: {', '.join(map(str, refused))}")
    counts = {
        "extracts": len(outcomes),
        "landed": sum(outcome.landed for outcome in outcomes),
        "bad": sum(outcome.quarantined for outcome in outcomes),
    }
    print(json.dumps({"seconds": seconds, **counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
