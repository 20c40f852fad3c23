"""A practice with the whole project, run as a user does: by the command, in a process of its own."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import duckdb

from tools.project import KEY, ROOT, copy_of_the_project
from tools.quick import NO_TESTS_OF_COLUMNS
from tools.quick.programs import run

BUILT = """('clinic', 'billing', 'commerce', 'stock', 'rides', 'sales', 'crm', 'shared', 'restricted',
    'snapshots')"""
"""Schemas that hold the same cells however often they are built; operations speak of runs and their times."""
RECORDS = "('taken_loads', 'history_sizes', 'changed_versions', 'built_days')"
"""What says when and by which run something was taken."""


OWN = {
    "models/base": {"clinic", "billing", "openemr", "landfall"},
    "models/staging": {"clinic", "billing", "reviews", "openemr", "synthea", "landfall"},
    "models/intermediate": {
        *("clinic", "billing", "landfall", "input", "map_clinic", "openemr", "map_openemr"),
        *("synthea", "map_synthea"),
    },
    "models/marts": {"clinic", "billing", "shared"},
    "models/restricted": {"clinic", "billing"},
    "snapshots": {"clinic", "billing", "openemr"},
    "tests/singular": set[str](),
}
"""What of the project's folders a practice alone keeps."""


class Practice:
    """A copy of the project with a lake of its own, run as a user does: by the command, in a process of its own."""

    first: subprocess.CompletedProcess[str]

    def __init__(self, folder: Path) -> None:
        self.project = copy_of_the_project(folder, "ingestion")
        self.lake, self.warehouse = folder / "lake", folder / "warehouse.duckdb"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT_"))}
        self.environment = {
            **kept,
            "LANDFALL_KEY": KEY,
            "DO_NOT_TRACK": "1",
            "PYTHONPATH": str(ROOT),
            **NO_TESTS_OF_COLUMNS,  # the demo runs them all
        }

    def command(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.module("ingestion", *words, stdin=stdin)

    def dbt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """dbt by hand over the published warehouse."""
        places = ("--project-dir", ".", "--profiles-dir", ".", "--target-path", "target/by_hand")
        published = {"LANDFALL_WAREHOUSE": str(self.warehouse)}
        return self.module("dbt.cli.main", *words, *places, "--no-use-colors", **published)

    def module(
        self, *words: str, stdin: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """A module in the project's folder, with the practice's settings."""
        environment = self.environment | settings
        return run(words, cwd=self.project, env=environment, stdin=stdin, seconds=600)

    def connected(self, file: Path | None = None) -> duckdb.DuckDBPyConnection:
        """The published warehouse, opened once for many questions."""
        return duckdb.connect(str(file or self.warehouse), read_only=True)

    def query(self, sql: str, file: Path | None = None) -> list[tuple[object, ...]]:
        with self.connected(file) as connection:
            return connection.execute(sql).fetchall()

    def every_cell(self) -> dict[str, str]:
        """A hash over each table of the published file, and each view's text, but for what the lander registers."""
        with self.connected() as connection:
            tables = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
                " where schema_name not like 'raw\\_%' escape '\\'"
            ).fetchall()
            views = connection.execute(
                "select schema_name || '.' || view_name, sql from duckdb_views()"
                " where not internal and schema_name not like 'raw\\_%' escape '\\'"
            ).fetchall()
            cells = {
                name: hash_of(connection.execute(f"from {name}").fetchall()) for (name,) in tables
            }
        return cells | dict(views)

    def fingerprint(self, file: Path | None = None) -> dict[str, str]:
        """A hash over the sorted rows of every mart, restricted table and snapshot."""
        with self.connected(file) as connection:
            tables = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                f" where table_schema in {BUILT} and table_name not in {RECORDS}"
            ).fetchall()
            cells = {
                name: connection.execute(f"select * from {name}").fetchall() for (name,) in tables
            }
        return {name: hash_of(rows) for name, rows in cells.items()}


def hash_of(rows: list[tuple[object, ...]]) -> str:
    """The same for the same rows, in whatever order."""
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


def keep_the_practice_alone(project: Path) -> None:
    """Leave the clinic's and the billing's models in a copy of the project, and no data test: the rest takes most of
    a run and changes none of their cells."""
    for name, own in OWN.items():
        for path in (project / name).iterdir():
            if path.is_dir() and path.name not in own:
                shutil.rmtree(path)
            elif path.is_file() and not own:
                path.unlink()
    for path in project.glob("models/marts/*/_*__*.yml"):  # exposures and metrics
        path.unlink()
    for path in project.glob("models/marts/billing/*/"):  # what is made of billing's facts
        shutil.rmtree(path)
    verdicts = project / "models/marts/operations/figures_status.sql"
    verdicts.parent.mkdir()
    verdicts.write_text(
        "select area, as_of_date, 'complete' as verdict, cast(null as varchar) as past_days_missing\n"
        "from {{ ref('int_as_of_dates') }}\n"
    )
    settings = project / "dbt_project.yml"
    with_tests = settings.read_text()
    without = with_tests.replace("+severity: error", "+enabled: false").replace(
        "operations: {+schema", "operations: {+contract: {enforced: false}, +schema"
    )
    assert without != with_tests
    settings.write_text(without)
