"""What every registered source promises (samples/__init__.py)."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from samples.practice import Options
from samples.sources import SOURCES

ROOT = Path(__file__).parents[2]
TOGETHER = {"practice": {"clinic", "billing", "reviews"}}
OPTIONS = Options(days=10, patients=40, employees=8, seed=7, history=30)
CLEAN = replace(OPTIONS, clean=True)


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and modification time of each file below `folder`."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def invented(source: str, folder: Path, options: Options) -> dict[str, tuple[str, int]]:
    SOURCES[source](folder, options)
    return fingerprint(folder)


@pytest.mark.slow
def test_all_sources_at_once_write_what_each_writes_alone(tmp_path: Path) -> None:
    words = "--days 10 --patients 40 --employees 8 --seed 7 --history 30".split()
    command = [sys.executable, "-m", "samples", str(tmp_path / "all"), *words]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)
    alone: dict[str, tuple[str, int]] = {}
    for source in SOURCES:
        alone |= invented(source, tmp_path / source, OPTIONS)
    assert fingerprint(tmp_path / "all") == alone


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_writes_below_its_own_name_and_tells_what_it_wrote(
    tmp_path: Path, source: str
) -> None:
    written = SOURCES[source](tmp_path, OPTIONS)
    assert {path.name for path in tmp_path.iterdir()} == TOGETHER.get(source, {source})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written.files == len(files)
    assert written.bytes == sum(path.stat().st_size for path in files)
    assert written.dates == [OPTIONS.day(index) for index in range(10)]
    assert all((tmp_path / dirt.path).is_file() for dirt in written.dirt)


@pytest.mark.parametrize("source", SOURCES)
def test_another_seed_is_another_story(tmp_path: Path, source: str) -> None:
    one = invented(source, tmp_path / "one", CLEAN)
    other = invented(source, tmp_path / "other", replace(CLEAN, seed=8))
    assert len(one.items() & other.items()) < len(one) / 2


@pytest.mark.parametrize("source", SOURCES)
def test_one_evening_more_continues_the_month_as_it_was(tmp_path: Path, source: str) -> None:
    month = invented(source, tmp_path / "month", CLEAN)
    longer = replace(CLEAN, days=11)
    assert month.items() < invented(source, tmp_path / "longer", longer).items()
    evening = replace(longer, last=1, resume=True)
    continued = month | invented(source, tmp_path / "evening", evening)
    assert continued == fingerprint(tmp_path / "longer")
