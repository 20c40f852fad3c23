"""The demo over a few days with planted canaries, built once for all tests that inspect its results.

`python -m tools.demonstration FOLDER` builds it; tests call `demonstrated`, and a second caller waits for the first.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from ingestion.contract import read_project
from ingestion.pipeline.dbt import SERVED
from samples import demo
from tools.canaries import Canary, Planter
from tools.project import ROOT, ToolError, state_of_the_project

DAYS = 8
_NO_BAD_ROW = "taxi"
"""The tables whose bad rows the demo's own test counts."""


@dataclass(frozen=True)
class Demonstration:
    """The demo's files below `folder`, its commands' output, and its canaries."""

    folder: Path
    said: str
    canaries: tuple[Canary, ...]

    @property
    def warehouse(self) -> Path:
        """The published file, with everything in it."""
        return self.folder / "demo" / "warehouse.duckdb"

    @property
    def lake(self) -> Path:
        """The lake, with the archive of the deliveries."""
        return self.folder / "demo" / "lake"

    @property
    def target(self) -> Path:
        """dbt's files of a run: manifest, compiled SQL, documentation."""
        return self.folder / "target"

    @property
    def served(self) -> Path:
        """The last run's files in `target/` for `dbt docs serve` by hand."""
        return self.folder / "served"


def demonstrated() -> Demonstration:
    """The demo of this project, rebuilt only when the project or its code has changed."""
    folder = ROOT / ".cache" / "demonstration"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record, state = folder / "state.txt", _state()
        if not record.exists() or record.read_text() != state:
            record.unlink(missing_ok=True)
            with (folder / "said.txt").open("w") as said:
                words = [sys.executable, "-m", "tools.demonstration", str(folder)]
                done = subprocess.run(
                    words, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, check=False
                )
            if done.returncode:
                raise ToolError((folder / "said.txt").read_text()[-5000:])
            record.write_text(state)
    listed = json.loads((folder / "canaries.json").read_text())
    canaries = tuple(Canary(**one | {"forms": tuple(one["forms"])}) for one in listed)
    return Demonstration(folder, (folder / "said.txt").read_text(), canaries)


def _state() -> str:
    found = hashlib.sha256(state_of_the_project().encode())
    for name in ("ingestion", "samples"):
        for path in sorted((ROOT / name).rglob("*.py")):
            found.update(path.read_bytes())
    for path in sorted(path for path in (ROOT / "pages").rglob("*") if path.is_file()):
        found.update(path.read_bytes())
    for path in [Path(__file__), *sorted((ROOT / "tools/canaries").glob("*.py"))]:
        found.update(path.read_bytes())
    return found.hexdigest()


def build(folder: Path) -> None:
    """Show the demo below `folder`, with canaries in the inbox before each run, and without what dbt repeats."""
    shutil.rmtree(folder / "demo", ignore_errors=True)
    planter = Planter(read_project(ROOT), beside="clinic", but_for=(_NO_BAD_ROW,), keeps_days=True)
    command = demo.command

    def planting(
        environment: dict[str, str], words: str, expected: int = 0, said: TextIO | None = None
    ) -> float:
        """Do what the demo's own step does, after planting."""
        if words == "ingestion run":
            planter.plant(folder / "demo" / "lake" / "inbox")
            words = f"tools.quick {words}"
        return command(environment, words, expected, said)

    demo.command = planting
    for name in SERVED:  # of a run before
        (ROOT / "target" / name).unlink(missing_ok=True)
    demo.show(folder / "demo", DAYS)
    shutil.rmtree(folder / "target", ignore_errors=True)
    shutil.copytree(ROOT / "target" / "run", folder / "target")
    (folder / "served").mkdir(exist_ok=True)
    for name in SERVED:
        shutil.copy(ROOT / "target" / name, folder / "served")
    planted = [asdict(canary) for canary in planter.planted.values()]
    (folder / "canaries.json").write_text(json.dumps(planted, default=str))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
