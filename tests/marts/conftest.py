"""The whole dbt project over raw tables made by hand, driven in this process; parsed once."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from dbt.cli.main import dbtRunner

from tests.warehouse.conftest import QUIET, Warehouse
from tests.warehouse.raw_tables import ROOT, RawTables


@pytest.fixture(scope="session")
def new_practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Warehouse]]:
    """Makes an empty warehouse of the project as it is, each in a file of its own."""
    project = tmp_path_factory.mktemp("whole_project")
    for name in ("macros", "models", "seeds", "snapshots", "tests/generic", "tests/singular"):
        shutil.copytree(ROOT / name, project / name)
    shutil.copy(ROOT / "dbt_project.yml", project)
    shutil.copy(ROOT / "profiles.yml.example", project / "profiles.yml")
    os.environ["LANDFALL_WAREHOUSE"] = str(project / "warehouse.duckdb")
    places = ("--project-dir", str(project), "--profiles-dir", str(project))
    parsed = dbtRunner().invoke([*QUIET, "parse", *places, "--target", "duckdb"])
    assert parsed.success, parsed.exception

    def make() -> Warehouse:
        path = tmp_path_factory.mktemp("practice") / "warehouse.duckdb"
        return Warehouse(project, path, parsed.result, RawTables(path, project))

    yield make
    os.environ.pop("LANDFALL_WAREHOUSE", None)
