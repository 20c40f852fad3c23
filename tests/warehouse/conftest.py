"""A copy of the dbt project with a toy source of every kind of extract, driven in this process."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from tests.warehouse.raw_tables import ROOT, RawTables
from tools.project import compiled_for
from tools.quick import spare_dbt_work

spare_dbt_work()  # for all who ask dbt in this process

TOY = Path(__file__).parent / "toy_source"
QUIET = ("--quiet", "--no-use-colors", "--log-level", "none", "--log-level-file", "none")


@dataclass
class Warehouse:
    """One DuckDB file with raw tables, and the project to run over it."""

    folder: Path
    path: Path
    manifest: Manifest
    raw: RawTables

    def dbt(
        self, *words: str, callbacks: Sequence[Callable[[Any], None]] = (), **variables: Any
    ) -> dbtRunnerResult:
        """Run one dbt command over the project as it was parsed; `variables` go into --vars.

        `callbacks` hear dbt's events.
        """
        os.environ["LANDFALL_WAREHOUSE"] = str(self.path)
        runner = dbtRunner(manifest=self.manifest, callbacks=[*callbacks])
        places = ("--project-dir", str(self.folder), "--profiles-dir", str(self.folder))
        given = ("--vars", json.dumps(variables)) if variables else ()
        # the manifest is at hand: writing it takes dbt a second
        flags = (*QUIET, "--no-write-json")
        return runner.invoke([*flags, *words, *places, "--target", "duckdb", *given])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, in its order."""
        with duckdb.connect(str(self.path)) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str) -> None:
        """Change the warehouse by hand."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(statement)

    def edit(self, base: str, old: str, new: str) -> None:
        """Write `new` for `old` in the SQL of a base model, in this project alone, and make its view again."""
        self.manifest = self.manifest.deepcopy()
        node = self.manifest.nodes[f"model.landfall.{base}"]
        assert old in node.raw_code
        node.raw_code = node.raw_code.replace(old, new)
        self.manifest.build_flat_graph()  # what macros see of other models
        assert self.dbt("run", "--select", base).success

    def history(self, snapshot: str) -> list[tuple[Any, ...]]:
        """Every cell of a history, in an order that does not depend on how it was made."""
        columns = self.rows(f"describe snapshots.{snapshot}")
        rows = self.rows(f"select * from snapshots.{snapshot} order by dbt_scd_id, dbt_valid_from")
        return [*[(name, kind) for name, kind, *_ in columns], *rows]


@pytest.fixture(scope="session")
def compiled() -> Path:
    """The folder of compiled SQL, for DuckDB."""
    return compiled_for("duckdb")


@pytest.fixture(scope="session")
def parsed_project(compiled: Path) -> dict[str, Any]:
    """The project as dbt parsed it."""
    parsed: dict[str, Any] = json.loads((compiled.parents[1] / "manifest.json").read_text())
    return parsed


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project without its marts, with the toy source added."""
    return toy_project(tmp_path_factory.mktemp("project"))


def toy_project(folder: Path) -> Path:
    """Copy the project without its marts, and add the toy source."""
    models = ("models/base", "models/staging", "models/_docs")
    for name in ("macros", "seeds", "snapshots", *models, "tests/generic"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("models/_groups.yml", "dbt_project.yml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    (folder / "tests/singular").mkdir()
    shutil.copytree(TOY / "base", folder / "models/base/toy")
    shutil.copytree(TOY / "models", folder / "models/staging/toy")
    shutil.copytree(TOY / "snapshots", folder / "snapshots/toy")
    return folder


@pytest.fixture(scope="session")
def manifest(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The project, parsed once."""
    os.environ["LANDFALL_WAREHOUSE"] = str(tmp_path_factory.mktemp("parse") / "warehouse.duckdb")
    places = ("--project-dir", str(project), "--profiles-dir", str(project))
    parsed = dbtRunner().invoke([*QUIET, "parse", *places, "--target", "duckdb"])
    return manifest_of(parsed)


def manifest_of(parsed: dbtRunnerResult) -> Manifest:
    """The parsed project, for any number of commands: what is disabled cannot be copied, and nothing is ephemeral."""
    assert parsed.success, parsed.exception
    found: Manifest = parsed.result
    found.disabled = {}
    return found


@pytest.fixture(scope="session")
def new_warehouse(
    project: Path, manifest: Manifest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Warehouse]]:
    """Makes an empty warehouse with every raw table, and the base views over them."""
    yield copies(project, manifest, tmp_path_factory)
    os.environ.pop("LANDFALL_WAREHOUSE", None)


def copies(
    project: Path, manifest: Manifest, folders: pytest.TempPathFactory
) -> Callable[[], Warehouse]:
    """Makes empty warehouses of a project. dbt makes the base views of a first one; each is a copy of it."""
    name = "warehouse.duckdb"
    raw = RawTables(folders.mktemp("empty") / name, project)
    empty = Warehouse(project, raw.path, manifest, raw)
    assert empty.dbt("run", "--select", "tag:base").success
    empty.execute("checkpoint")  # else what dbt wrote may lie in the file's log

    def make() -> Warehouse:
        path = Path(shutil.copy(empty.path, folders.mktemp("warehouse") / name))
        return Warehouse(project, path, manifest, raw.at(path))

    return make


@pytest.fixture
def warehouse(new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    """An empty warehouse with every raw table."""
    return new_warehouse()
