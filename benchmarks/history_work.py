"""Makes a clinic's history by one way: `python -m benchmarks.history_work FOLDER land | backfill | replay`."""

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from benchmarks.children import ROOT
from benchmarks.clinic_days import FIRST_DAY
from ingestion.land import land, open_context
from ingestion.settings import Settings

SNAPSHOT = "snap_clinic__patients"
ABOVE = f"+{SNAPSHOT}"
"""The base views that it reads."""
QUIET = ("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-use-colors")


def main(folder: str, way: str) -> None:
    """Do it and print how long it took as JSON, with what came of it."""
    settings = Settings.from_environment(
        {
            "LANDFALL_LAKE": f"{folder}/lake",
            "LANDFALL_WAREHOUSE": f"{folder}/warehouse.duckdb",
            "LANDFALL_KEY": bytes(range(32)).hex(),
        },
        cwd=ROOT,
    )
    counts = {"land": _land, "backfill": _backfill, "replay": _replay}[way](settings)
    print(json.dumps(counts))


def _land(settings: Settings) -> dict[str, float]:
    begin = time.perf_counter()
    outcomes = land(open_context(settings))
    assert all(outcome.outcome == "landed" for outcome in outcomes)
    return {"seconds": time.perf_counter() - begin, "extracts": len(outcomes)}


def _backfill(settings: Settings) -> dict[str, float]:
    dbt = Replay(settings)
    dbt.invoke("run", "--select", ABOVE)
    words = json.dumps({"snapshots": [SNAPSHOT], "full_refresh": True})
    begin = time.perf_counter()
    dbt.invoke("run-operation", "backfill_history", "--args", words)
    return {"seconds": time.perf_counter() - begin, **_versions(settings)}


def _replay(settings: Settings) -> dict[str, float]:
    dbt = Replay(settings)
    dbt.invoke("run", "--select", ABOVE)
    days = len(list(Path(settings.lake).glob("raw/clinic/patient/extract_date=*")))
    begin = time.perf_counter()
    for number in range(days):
        day = str(FIRST_DAY + timedelta(days=number))
        dbt.invoke("snapshot", "--select", SNAPSHOT, "--vars", json.dumps({"as_of": day}))
    return {"seconds": time.perf_counter() - begin, "days": days, **_versions(settings)}


def _versions(settings: Settings) -> dict[str, float]:
    with duckdb.connect(str(settings.warehouse)) as connection:
        found = connection.execute(f"select count(*) from snapshots.{SNAPSHOT}").fetchone()
    return {"versions": found[0] if found else 0}


class Replay:
    """dbt over the project, parsed once."""

    def __init__(self, settings: Settings) -> None:
        os.environ["LANDFALL_WAREHOUSE"] = str(settings.warehouse)
        profiles = settings.warehouse.parent / "profiles"
        profiles.mkdir(exist_ok=True)
        (profiles / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        target = str(settings.warehouse.parent / "target")
        self._words = ["--project-dir", str(ROOT), "--profiles-dir", str(profiles)]
        self._words += ["--target", "duckdb", "--target-path", target]
        parsed = dbtRunner().invoke([*QUIET, "parse", *self._words])
        assert parsed.success, parsed.exception
        self._manifest = parsed.result

    def invoke(self, *words: str) -> None:
        """One command."""
        done = dbtRunner(manifest=self._manifest).invoke([*QUIET, *words, *self._words])
        if not done.success:
            raise SystemExit(f"{words[0]} failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
