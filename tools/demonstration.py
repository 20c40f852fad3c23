"""The demo over a few days with canaries planted in it, built once for all tests that look at what it leaves.

`python -m tools.demonstration FOLDER` builds it; tests call `demonstrated`, and who comes second waits for the first.
"""

import csv
import fcntl
import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ingestion.contract import Project, Table, read_project
from ingestion.pipeline.dbt import SERVED
from samples import demo
from tools.project import ROOT, ToolError, state_of_the_project

DAYS = 8
BAD = "canarybad"
"""How the cells end that make the planted bad rows bad."""
FILE_NAME = "zqfilenamecanary"
"""In the name of a file: the lander says it, as it says all names of files; no mart may."""

_NO_BAD_ROW = "taxi"
"""What the demo's own test counts bad rows of."""


@dataclass(frozen=True)
class Demonstration:
    """What the demo left below `folder`, what its commands printed, and the canaries by their column."""

    folder: Path
    said: str
    canaries: dict[str, str]

    @property
    def warehouse(self) -> Path:
        """The published file, with everything in it."""
        return self.folder / "demo" / "warehouse.duckdb"

    @property
    def lake(self) -> Path:
        """What was landed, with the archive of what was delivered."""
        return self.folder / "demo" / "lake"

    @property
    def target(self) -> Path:
        """What dbt wrote in a run: manifest, compiled SQL, documentation."""
        return self.folder / "target"

    @property
    def served(self) -> Path:
        """What the last run left in `target/` for `dbt docs serve` by hand."""
        return self.folder / "served"


def demonstrated() -> Demonstration:
    """The demo of this project, built anew only when the project or its code has changed."""
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
    canaries = json.loads((folder / "canaries.json").read_text())
    return Demonstration(folder, (folder / "said.txt").read_text(), canaries)


def _state() -> str:
    found = hashlib.sha256(state_of_the_project().encode())
    for name in ("ingestion", "samples"):
        for path in sorted((ROOT / name).rglob("*.py")):
            found.update(path.read_bytes())
    for path in sorted(path for path in (ROOT / "pages").rglob("*") if path.is_file()):
        found.update(path.read_bytes())
    found.update(Path(__file__).read_bytes())
    return found.hexdigest()


def build(folder: Path) -> None:
    """Show the demo below `folder`, with canaries in the inbox before each run."""
    shutil.rmtree(folder / "demo", ignore_errors=True)
    project, planted, command = read_project(ROOT), dict[str, str](), demo.command

    def planting(
        environment: dict[str, str], words: str, expected: int = 0, said: TextIO | None = None
    ) -> float:
        """Do what the demo's own step does, after planting."""
        if words == "ingestion run":
            planted.update(plant(project, folder / "demo" / "lake" / "inbox"))
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
    (folder / "canaries.json").write_text(json.dumps(planted))


def plant(project: Project, inbox: Path) -> Iterator[tuple[str, str]]:
    """Put canaries into the newest CSV file of each table: into a row, and into a bad row; one into a file's name."""
    for table in project:
        files = [path for path in sorted(inbox.rglob("*.csv")) if _has_header(table, path, inbox)]
        if files:
            yield from _plant_into(table, files[-1])
    (inbox / "clinic").mkdir(parents=True, exist_ok=True)
    (inbox / "clinic" / f"{FILE_NAME}.png").write_bytes(b"\x89PNG")


def _has_header(table: Table, path: Path, inbox: Path) -> bool:
    name = str(path.relative_to(inbox))
    return any(d.file == "csv" and d.header and d.path.match(name) for d in table.deliveries)


def _plant_into(table: Table, path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text()
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.rstrip("\r\n").split(end)
    header, row = (next(csv.reader([line])) for line in (lines[0], lines[-1]))
    if len(header) != len(row) or len(lines) < 2:
        return
    bad = list(row)
    for column in table.columns:
        place = next((header.index(name) for name in column.file_names if name in header), None)
        if place is None:
            continue
        if column.name not in table.key_columns and column.pseudonym is None:
            if column.sensitivity == "direct" and column.type.name == "string":
                row[place] = _canary(table, column.name, row[place])
                yield f"{table.full_name}.{column.name}", row[place]
            elif column.type.name in ("bigint", "decimal(12,2)", "date", "timestamp"):
                bad[place] = _canary(table, column.name, "").replace("canary", BAD)
    lines[-1] = _written(row)
    if bad != row and table.source != _NO_BAD_ROW and any("zq" in cell for cell in bad):
        lines.append(_written(bad))
        yield f"{table.full_name} (a bad row)", next(cell for cell in bad if "zq" in cell)
    path.write_text(end.join(lines) + end)


def _canary(table: Table, column: str, value: str) -> str:
    word = hashlib.sha256(f"{table.full_name}.{column}".encode()).hexdigest()[:10]
    return f"zq{word}canary" + ("@example.org" if "@" in value else "")


def _written(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
