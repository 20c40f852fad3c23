"""A practice with the whole project, run as a user does: by the command, in a process of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from tests.warehouse.test_adding_a_source import copy_of_the_project

BUILT = "('clinic', 'billing', 'commerce', 'stock', 'rides', 'crm', 'restricted', 'snapshots')"
"""Schemas that hold the same cells however often they are built; operations speak of runs and their times."""
RECORDS = "('taken_loads', 'history_sizes', 'changed_versions')"
"""What says when and by which run something was taken."""


class Practice:
    """A copy of the project with a lake of its own, run as a user does: by the command, in a process of its own."""

    first: subprocess.CompletedProcess[str]

    def __init__(self, folder: Path) -> None:
        self.project = copy_of_the_project(folder)
        shutil.copy(folder / "profiles.yml.example", folder / "profiles.yml")
        self.lake, self.warehouse = folder / "lake", folder / "warehouse.duckdb"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT_"))}
        self.environment = {**kept, "LANDFALL_KEY": "5c" * 32, "DO_NOT_TRACK": "1"}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ingestion", *words],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def query(self, sql: str, file: Path | None = None) -> list[tuple[object, ...]]:
        with duckdb.connect(str(file or self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def fingerprint(self, file: Path | None = None) -> dict[str, str]:
        """A hash over the sorted rows of every mart, restricted table and snapshot."""
        tables = self.query(
            "select table_schema || '.' || table_name from information_schema.tables"
            f" where table_schema in {BUILT} and table_name not in {RECORDS}",
            file,
        )
        return {str(name): self._hash(str(name), file) for (name,) in tables}

    def _hash(self, table: str, file: Path | None) -> str:
        rows = sorted(map(repr, self.query(f"select * from {table}", file)))
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()
