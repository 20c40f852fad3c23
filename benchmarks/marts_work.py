"""Builds what is made of a practice's ledger: `python -m benchmarks.marts_work FOLDER seed | build`.

`LOADS` in the folder names the loads that hold the state, as `run` hands them over. The last line is JSON: seconds, CPU
seconds, and the nodes that took longest.
"""

import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from benchmarks.children import ROOT
from benchmarks.history_work import QUIET
from ingestion.pipeline.dbt import safe_message

LOADS = "loads.json"
CHOSEN = ("+group:billing", "+group:clinic", "+path:models/restricted/billing")
NO_COUNTS = ("--exclude", "path:models/intermediate/measures", "path:models/intermediate/findings")
"""Counts of an area for `operations`: no mart of the area reads them."""

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "seed")
WHOLE_TESTS = ("--indirect-selection", "cautious")
"""Those of which every table is built."""

LONGEST = 25


def main(name: str, step: str) -> None:
    """Do it, and print what it took as JSON."""
    folder = Path(name)
    manifest, words = _project(folder)
    begin, cpu = time.perf_counter(), time.process_time()
    took: list[tuple[str, float]] = []
    if step == "seed":
        _invoke(manifest, "seed", *words)
        _invoke(manifest, "run", "--select", "tag:base", *words)
    else:
        _invoke(manifest, "run-operation", "backfill_history", *words)
        took.append(("operation.backfill_history", time.perf_counter() - begin))
        loads = json.dumps({"loads": json.loads((folder / LOADS).read_text())})
        chosen = ("--select", *CHOSEN, *NO_COUNTS, *NO_UNIT_TESTS, *WHOLE_TESTS, "--vars", loads)
        for one in _invoke(manifest, "build", *chosen, *words):
            took.append((one.node.unique_id, one.execution_time))
    told = {"seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(told | {"nodes": _longest(took)}))


def _project(folder: Path) -> tuple[Any, list[str]]:
    os.environ["LANDFALL_WAREHOUSE"] = str(folder / "warehouse.duckdb")
    profiles = folder / "profiles"
    profiles.mkdir(exist_ok=True)
    (profiles / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
    words = ["--project-dir", str(ROOT), "--profiles-dir", str(profiles), "--target", "duckdb"]
    words += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    parsed = dbtRunner().invoke([*QUIET, "parse", *words])
    assert parsed.success, parsed.exception
    return parsed.result, words


def _invoke(manifest: Any, *words: str) -> list[Any]:
    """One command's results. A node that could not be built ends the work; what a test finds does not."""
    done = dbtRunner(manifest=manifest).invoke([*QUIET, *words])
    results = list(getattr(done.result, "results", ()))
    for one in results:
        if one.status == "error":
            # the cells are invented: all words may be seen, where the memory was enough
            told = safe_message(str(one.message))
            raise SystemExit(
                f"{one.node.name}: {told}" + ("" if "MEMORY" in told else f"\n{one.message}")
            )
    if not results or any(one.status == "skipped" for one in results):
        failed = [one.node.name for one in results if one.status == "fail"]
        raise SystemExit(f"{words[0]}: {done.exception or failed}")
    return results


def _longest(took: list[tuple[str, float]]) -> dict[str, float]:
    """The seconds of each kind of node, and of the nodes that took longest."""
    kinds: dict[str, float] = defaultdict(float)
    for name, seconds in took:
        kinds[name.split(".")[0]] += seconds
    found = sorted(took, key=lambda one: -one[1])[:LONGEST]
    return dict(kinds) | {
        ".".join(name.split(".")[2:] or [name]): seconds for name, seconds in found
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
