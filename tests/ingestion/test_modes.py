"""Only the owner may read a command's files, and a lake that others can read gets a warning."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ingestion.store.local import is_open
from tests.ingestion.lakes import KEY, Lake, customers
from tools.project import ROOT


def landed(lake: Lake) -> subprocess.CompletedProcess[str]:
    """`python -m ingestion land` from a shell whose files everyone may read."""
    settings = {
        "LANDFALL_PROJECT": str(lake.settings.project_dir),
        "LANDFALL_LAKE": lake.settings.lake,
        "LANDFALL_WAREHOUSE": str(lake.settings.warehouse),
        "LANDFALL_KEY": KEY,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "ingestion", "land"],
        env={**os.environ, **settings},
        umask=0o022,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
def test_everything_that_a_command_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path, str(tmp_path / "lake"))
    lake.put("shop/2026-01-01/customer.csv", customers(1, 2) + "C3,never,1\n")
    before = set(tmp_path.rglob("*"))
    said = landed(lake)
    written = set(tmp_path.rglob("*")) - before
    kinds = {path.relative_to(tmp_path).parts[:2] for path in written}
    assert {("lake", "raw"), ("lake", "archive"), ("lake", "quarantine")} <= kinds
    assert ("warehouse.duckdb",) in kinds
    assert [path for path in written if path.stat().st_mode & 0o077] == []
    assert "others on this machine" not in said.stderr


@pytest.mark.parametrize(
    ("way", "lake", "expected"),
    [(0o755, 0o755, True), (0o755, 0o711, True), (0o750, 0o750, True), (0o755, 0o700, False),
     (0o700, 0o755, False), (0o750, 0o705, False), (0o754, 0o755, True)],
)  # fmt: skip
def test_a_lake_is_open_when_others_may_enter_it_and_each_folder_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: int, lake: int, expected: bool
) -> None:
    folder = tmp_path / "way" / "lake"
    folder.mkdir(parents=True)
    # pytest's own folders are closed: what lies above is left out
    monkeypatch.setattr(type(folder), "parents", property(lambda self: [tmp_path / "way"]))
    folder.parent.chmod(way)
    folder.chmod(lake)
    assert is_open(folder) is expected


@pytest.mark.slow
def test_an_open_lake_is_warned_of() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        lake = Lake(folder, str(folder / "lake"))
        Path(lake.settings.lake).mkdir(mode=0o755)
        warning = f"others on this machine can read the lake: chmod -R go= {lake.settings.lake}"
        assert warning in landed(lake).stderr
        Path(lake.settings.lake).chmod(0o700)
        assert warning not in landed(lake).stderr
