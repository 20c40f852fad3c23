"""dbt never sees the pseudonym key or where databases are: a model that asks for them does not compile."""

import json
import os
from pathlib import Path

import pytest

from ingestion.pipeline.dbt import Dbt, DbtFailed
from tools.project import KEY

SECRETS = {
    "LANDFALL_KEY": KEY,
    "LANDFALL_KEY_SECRET": "landfall/key",
    "LANDFALL_DATABASE_TOTESYS": "postgresql://reader:word@db.example/totesys",
    "LANDFALL_DATABASE_SECRET_TOTESYS": "landfall/totesys",
    "LANDFALL_KMS_KEY": "alias/lake",
}


def project(folder: Path, sql: str) -> Path:
    """A dbt project of one model, in a DuckDB file of its own."""
    output = {"type": "duckdb", "path": "{{ env_var('LANDFALL_WAREHOUSE') }}"}
    profile = {"target": "duckdb", "outputs": {"duckdb": output}}
    (folder / "profiles.yml").write_text(json.dumps({"small": profile}))
    (folder / "dbt_project.yml").write_text("name: small\nversion: '1.0'\nprofile: small\n")
    (folder / "models").mkdir()
    (folder / "models" / "asks.sql").write_text(sql)
    return folder


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {**SECRETS, "LANDFALL_WAREHOUSE": str(tmp_path / "w.duckdb")}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
@pytest.mark.parametrize("name", SECRETS)
def test_a_model_that_reads_a_secret_does_not_compile(tmp_path: Path, name: str) -> None:
    folder = project(tmp_path, f"select '{{{{ env_var('{name}') }}}}' as told")
    with pytest.raises(DbtFailed, match=f"Env var required.*{name}"):
        Dbt(folder, "duckdb", {})
    assert os.environ[name] == SECRETS[name]
    assert [p for p in tmp_path.rglob("*") if p.is_file() and SECRETS[name] in contents(p)] == []


@pytest.mark.slow
def test_a_model_may_read_what_the_profile_reads(tmp_path: Path) -> None:
    folder = project(tmp_path, "select '{{ env_var('LANDFALL_WAREHOUSE') }}' as told")
    assert [node.status for node in Dbt(folder, "duckdb", {}).build()] == ["success"]


def contents(path: Path) -> str:
    return path.read_bytes().decode("latin-1")
