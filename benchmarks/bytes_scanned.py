"""What a daily build reads of the raw tables on Athena, which is paid by bytes scanned.

`python -m benchmarks.bytes_scanned [DAYS [PATIENTS]]`, by default 60 days of a practice of 500 patients: all days but
the last are landed and their history is built; then the last day is landed and taken by a daily run. Counted are the
bytes that the stand-in's statistics give for the run's queries over raw tables, against the size of the newest
extracts as they lie in the lake. Needs Trino (tests/engines/athena), some minutes and 2 GiB of memory.
"""

import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from ingestion.contract import read_project
from ingestion.land import open_context
from ingestion.loads import read_loads
from ingestion.settings import Settings
from samples import practice
from samples.practice import Options
from tests.engines.athena.engine import Athena, athena_engine
from tests.engines.parity.lake import Lake
from tests.engines.parity.legs import (
    Leg,
    athena_reader,
    copy_of_the_project,
    environment,
    reachable,
)

NODE = re.compile(r'"node_id": "(\w+)\.landfall\.(\w+)"')
SOURCES = ("clinic", "billing", "reviews")


def extracts(folder: Path, days: int, patients: int, last: int | None) -> dict[str, bytes]:
    """The practice's extracts by name; with `last` those of the last day alone."""
    sizes = {"patients": patients, "employees": 25, "seed": 1, "clean": True, "last": last}
    practice.write(folder, Options(days=days, resume=last is not None, **sizes))  # type: ignore[arg-type]
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def queries(athena: Athena) -> dict[str, dict[str, Any]]:
    """Every query so far, by id."""
    pages = athena.athena.get_paginator("list_query_executions").paginate(WorkGroup="primary")
    ids = [query_id for page in pages for query_id in page["QueryExecutionIds"]]
    found = {}
    for start in range(0, len(ids), 50):
        answer = athena.athena.batch_get_query_execution(QueryExecutionIds=ids[start : start + 50])
        found |= {query["QueryExecutionId"]: query for query in answer["QueryExecutions"]}
    return found


def newest_bytes(leg: Leg) -> int:
    """The size of the newest load of each table."""
    with reachable(leg.environment):
        context = open_context(Settings.from_environment(leg.environment, leg.project))
        loads = read_loads(context.store)
    names = [t.full_name for t in read_project(leg.project) if t.source in SOURCES]
    return sum(loads.counted(name)[-1].data_size for name in names if loads.counted(name))


def measure(athena: Athena, days: int, patients: int) -> dict[str, object]:
    """The figures, by what they are of."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("project", "first", "last"):
            (folder / part).mkdir()
        project = copy_of_the_project(folder / "project")
        leg = Leg("athena", project, environment(project, athena.settings), athena_reader(athena))
        lake = Lake(athena.s3, leg.environment, project)
        lake.deliver(extracts(folder / "first", days - 1, patients, None))
        leg.dbt("run-operation", "backfill_history")
        lake.deliver(extracts(folder / "last", days, patients, 1))
        before = queries(athena)
        leg.ingestion("run")
        newest = newest_bytes(leg)
    read: Counter[str] = Counter()
    for query_id, query in queries(athena).items():
        node = NODE.search(query["Query"])
        if query_id not in before and "raw_" in query["Query"]:
            kind = f"{node[1]} {node[2][:4]}" if node else "other"
            read[kind] += query["Statistics"]["DataScannedInBytes"]
    total = sum(read.values())
    return {
        "newest extracts": newest,
        "read of raw tables": total,
        "ratio": round(total / newest, 3),
        "by kind of node": dict(read.most_common()),
    }


def main() -> None:
    """Print the figures."""
    days, patients = (int(word) for word in (sys.argv[1:] + ["60", "500"][len(sys.argv) - 1 :]))
    with athena_engine() as athena:
        print(json.dumps(measure(athena, days, patients), indent=2))


if __name__ == "__main__":
    main()
