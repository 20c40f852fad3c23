"""What a daily build reads of the raw tables on Athena, which is paid by bytes scanned.

`python -m benchmarks.bytes_scanned`, by default over 60 days of a practice of 500 patients. All days are landed; then
the queries of the staging models and snapshots are run as a daily run hands them over, and the bytes that the
stand-in's statistics give for them are set against the size of the newest extracts as they lie in the lake. Needs Trino
(tools/athena).
"""

import json
import tempfile
from pathlib import Path

import click

from ingestion.contract import read_project
from ingestion.land import open_context
from ingestion.loads.ledger import Loads, read_loads
from ingestion.pipeline.state_loads import state_loads
from ingestion.settings import Settings
from samples import practice
from samples.practice import Options
from tests.engines.parity.lake import Lake
from tests.engines.parity.legs import Leg, athena_reader, environment, reachable
from tools.athena.engine import Athena, athena_engine
from tools.project import copy_of_the_project

SOURCES = ("clinic", "billing", "reviews")


def extracts(folder: Path, days: int, patients: int) -> dict[str, bytes]:
    """The practice's extracts by name."""
    practice.write(folder, Options(days=days, patients=patients, employees=25, seed=1, clean=True))
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def loads_of(leg: Leg) -> Loads:
    """Everything that was landed."""
    with reachable(leg.environment):
        context = open_context(Settings.from_environment(leg.environment, leg.project))
        return read_loads(context.store)


def queries(leg: Leg, loads: Loads) -> dict[str, str]:
    """The staging models' and snapshots' queries over the three sources, by name."""
    known = json.dumps({"loads": state_loads(read_project(leg.project), loads, None)})
    folders = [f"{kind}/{source}" for kind in ("models/staging", "snapshots") for source in SOURCES]
    read = [f"path:{folder}" for folder in folders if (leg.project / folder).exists()]
    # what they read beside raw tables: base views, and a staging model may read a seed
    leg.dbt("seed", "--select", *(f"+{one}" for one in read))
    leg.dbt("run", "--select", "tag:base", "--vars", known)
    leg.dbt("compile", "--select", *read, "--vars", known)
    return {
        node["name"]: node["compiled_code"]
        for node in leg.manifest()["nodes"].values()
        if node["resource_type"] in ("model", "snapshot")
        and node["original_file_path"].rpartition("/")[0] in folders
    }


def measure(athena: Athena, days: int, patients: int) -> dict[str, object]:
    """The figures, by what they are of."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("project", "inbox"):
            (folder / part).mkdir()
        project = copy_of_the_project(folder / "project")
        leg = Leg("athena", project, environment(project, athena.settings), athena_reader(athena))
        lake = Lake(athena.s3, leg.environment, project)
        lake.deliver(extracts(folder / "inbox", days, patients))
        loads = loads_of(leg)
        asked = queries(leg, loads)
        names = [t.full_name for t in read_project(project) if t.source in SOURCES]
    newest = sum(loads.counted(name)[-1].data_size for name in names if loads.counted(name))
    everything = sum(load.data_size for name in names for load in loads.counted(name))
    read = {name: athena.scanned(f"select * from ({sql})") for name, sql in asked.items()}
    staged = sum(scanned for name, scanned in read.items() if name.startswith("stg_"))
    return {
        "days": days,
        "newest extracts": newest,
        "all extracts": everything,
        "staging models": staged,
        "staging models / newest extracts": round(staged / newest, 3),
        "with the snapshots / newest extracts": round(sum(read.values()) / newest, 3),
        "by query": read,
    }


@click.command()
@click.option("--days", default=60, show_default=True, help="Days of extracts.")
@click.option("--patients", default=500, show_default=True, help="Patients of the practice.")
def main(days: int, patients: int) -> None:
    """Print the figures."""
    with athena_engine() as athena:
        print(json.dumps(measure(athena, days, patients), indent=2))


if __name__ == "__main__":
    main()
