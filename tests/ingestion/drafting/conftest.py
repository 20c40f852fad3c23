"""A project with the contract of one source, in which others are drafted."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from ingestion.cli import main
from ingestion.contract import UNDECIDED
from tests.ingestion.lakes import VARIABLES

OPEN = f"sensitivity: {UNDECIDED}"

OTHER = """
sources:
  - name: desk
    tables:
      - name: visit
        config:
          meta:
            contract: {key: row, deliveries: [{path: "desk/{date}/visit.csv", kind: full}]}
        columns:
          - {name: visit_id, data_type: string, config: {meta: {sensitivity: none}}}
"""


class Project:
    """A project with a contract of another source, and its commands."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        (folder / "dbt_project.yml").write_text(VARIABLES)
        self.contract("desk").parent.mkdir(parents=True)
        self.contract("desk").write_text(OTHER)
        monkeypatch.setenv("LANDFALL_PROJECT", str(folder))
        monkeypatch.setenv("LANDFALL_LAKE", str(folder / "lake"))
        monkeypatch.setenv("LANDFALL_WAREHOUSE", str(folder / "warehouse.duckdb"))

    def contract(self, source: str = "hotel") -> Path:
        return self.folder / f"models/staging/{source}/_{source}__sources.yml"

    def deliver(self, name: str, content: str | bytes) -> Path:
        path = self.folder / "lake/inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words)

    def decide(self, source: str = "hotel", sensitivity: str = "none") -> None:
        """What a person does to a draft."""
        path = self.contract(source)
        text = path.read_text()
        path.write_text(text.replace(OPEN, f"sensitivity: {sensitivity}"))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)
