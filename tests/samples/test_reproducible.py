"""Equal arguments give equal files, modification times included, whatever the process."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from samples.practice import TABLES, Options, write
from tests.samples.reading import Inbox

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--source",
    "practice",
    "--days",
    "40",
    "--patients",
    "150",
    "--employees",
    "14",
    "--seed",
    "5",
]


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(dirty: Inbox, tmp_path: Path) -> None:
    for hash_seed in ("1", "4711"):
        folder = tmp_path / hash_seed
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
        command = [sys.executable, "-m", "samples", str(folder), *ARGUMENTS]
        subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)
        assert fingerprint(folder) == fingerprint(dirty.path)


def test_another_seed_is_another_practice(dirty: Inbox, tmp_path: Path) -> None:
    write(tmp_path, Options(days=1, patients=150, employees=14, seed=6))
    name = f"clinic/{dirty.options.start}/patient.csv"
    assert (tmp_path / name).read_bytes() != (dirty.path / name).read_bytes()


def test_the_last_days_alone_are_the_same_days(clean: Inbox, tmp_path: Path) -> None:
    options = Options(
        days=40, patients=150, employees=14, seed=5, clean=True,
        dms=("employee", "patient"), last=7, resume=True,
    )  # fmt: skip
    written = write(tmp_path, options)
    whole, part = fingerprint(clean.path), fingerprint(tmp_path)
    assert [day.isoformat() for day in written.dates] == [
        str(options.day(i)) for i in range(33, 40)
    ]
    assert len(part) == written.files > 49
    assert all(whole[name] == content for name, content in part.items())


def test_without_resume_the_last_days_begin_with_a_full_load(tmp_path: Path) -> None:
    write(tmp_path, Options(days=10, patients=50, employees=8, seed=1, clean=True, last=2))
    load = tmp_path / "clinic" / "dms" / "unicornDB" / "employee" / "LOAD00000001.csv"
    assert load.read_text().count("\n") >= 6
    assert {path.name for path in (tmp_path / "billing").iterdir()} == {"2022-03-09", "2022-03-10"}


def test_files_of_a_day_are_dated_by_its_evening(clean: Inbox) -> None:
    for name in clean.files():
        path = clean.path / name
        day = path.parent.name if "/dms/" not in name else path.name[:8]
        if day[0] == "2":
            stamp = int(path.stat().st_mtime)
            assert stamp % 86_400 // 3600 == 22
            assert datetime.fromtimestamp(stamp, UTC).date() == date.fromisoformat(day)


def test_one_day_more_continues_an_even_number_of_days(tmp_path: Path) -> None:
    month, more = tmp_path / "month", tmp_path / "more"
    write(month, Options(days=30, patients=60, employees=8, seed=2, clean=True))
    write(more, Options(days=31, patients=60, employees=8, seed=2, clean=True))
    before, after = fingerprint(month), fingerprint(more)
    assert before.items() <= after.items()
    assert {name for name in after.keys() - before.keys() if "dms" not in name} == {
        f"{table.source}/2022-03-31/{table.file}"
        for table in TABLES.values()
        if table.name != "employee"
    }
