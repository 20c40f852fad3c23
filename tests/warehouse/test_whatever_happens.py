"""The same extracts end in the same marts, in whatever order they come and wherever a run is killed."""

import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from samples.practice import Options, write
from tests.warehouse.practice import Practice, keep_the_practice_alone

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

LEASE = "manifests/lease.json"
DAYS = 8
PLAN = "Gold PPO"
OPEN = "select count(*) from snapshots.snap_clinic__{} where dbt_valid_to is null"
NEW = "select count(*) > 0 from clinic.dim_insurance_plans where plan_name = 'Gold PPO Plus'"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight days of a practice's extracts, with two rows for the quarantine: one whose key can be read, and one
    whose key cannot."""
    folder = tmp_path_factory.mktemp("delivered")
    write(folder, Options(days=DAYS, patients=40, employees=6, seed=5, clean=True))
    days = sorted((folder / "clinic").glob("2*/patient.csv"))
    spoil(days[3], re.compile(r"\d+/\d+/\d{4}"), "2/30/1999")
    spoil(days[5], re.compile(r"^[^,]+"), "")
    return folder


def spoil(extract: Path, what: re.Pattern[str], by: str) -> None:
    """Replace a part of an extract's third row; its modification time stays."""
    times = extract.stat().st_mtime_ns
    lines = extract.read_text().split("\n")
    lines[3], count = what.subn(by, lines[3], count=1)
    assert count == 1
    extract.write_text("\n".join(lines))
    os.utime(extract, ns=(times, times))


def small(folder: Path) -> Practice:
    """A practice alone, whose runs take a third of the time and end in the same cells."""
    practice = Practice(folder)
    keep_the_practice_alone(folder)
    return practice


def names(delivered: Path) -> list[Path]:
    return sorted(p.relative_to(delivered) for p in delivered.rglob("*") if p.is_file())


def deliver(delivered: Path, files: Iterable[Path], practice: Practice) -> None:
    """Put extracts into the inbox, one after the other, with the modification times that they had."""
    for name in files:
        target = practice.lake / "inbox" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(delivered / name, target)


def succeed(practice: Practice, *words: str) -> str:
    done = practice.command(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clean(delivered: Path, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """All extracts in one run."""
    practice = small(tmp_path_factory.mktemp("clean"))
    deliver(delivered, names(delivered), practice)
    succeed(practice, "run")
    return practice


@pytest.fixture(scope="module")
def halfway(delivered: Path, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """Two thirds of the extracts, in any order and each of them twice, in two runs."""
    practice = small(tmp_path_factory.mktemp("shuffled"))
    first, second, _ = shuffled(delivered)
    deliver(delivered, first, practice)
    succeed(practice, "run")
    deliver(delivered, [*second, *first], practice)
    succeed(practice, "run")
    return practice


def shuffled(delivered: Path) -> Sequence[list[Path]]:
    files = names(delivered)
    random.Random(7).shuffle(files)
    third = len(files) // 3
    return files[:third], files[third : 2 * third], files[2 * third :]


def copy_of(practice: Practice, folder: Path) -> Practice:
    """The practice as it stands, in another place."""
    shutil.copytree(practice.project, folder, dirs_exist_ok=True)
    copy = Practice.__new__(Practice)
    vars(copy).update(vars(practice))
    copy.project, copy.lake = folder, folder / "lake"
    copy.warehouse = folder / practice.warehouse.name
    return copy


def test_extracts_in_any_order_each_twice_and_in_three_runs_give_the_same_marts(
    clean: Practice, halfway: Practice, delivered: Path, tmp_path: Path
) -> None:
    practice = copy_of(halfway, tmp_path / "practice")
    _, second, third = shuffled(delivered)
    deliver(delivered, [*third, *second], practice)
    succeed(practice, "land")
    deliver(delivered, third, practice)
    said = succeed(practice, "run")
    assert "came after that of" in said or "are pending" in said
    same_marts(practice, clean)


def same_marts(practice: Practice, other: Practice) -> None:
    found, wanted = practice.fingerprint(), other.fingerprint()
    assert len(wanted) > 20
    assert {name for name in wanted if found.get(name) != wanted[name]} == set()


def test_a_run_that_is_killed_anywhere_is_made_good_by_the_next(
    clean: Practice, halfway: Practice, delivered: Path, tmp_path: Path
) -> None:
    practice = copy_of(halfway, tmp_path / "practice")
    before = practice.warehouse.read_bytes()
    deliver(delivered, shuffled(delivered)[2], practice)
    for nodes in (1, 9, 30):
        assert end_after(practice, nodes, signal.SIGKILL) == -signal.SIGKILL
        assert practice.warehouse.read_bytes() == before
        expect_the_dead_to_hold_the_lease(practice)
    assert end_after(practice, 2, signal.SIGTERM) == 5
    assert practice.warehouse.read_bytes() == before
    assert json.loads((practice.lake / LEASE).read_text())["is_released"]
    succeed(practice, "run")
    same_marts(practice, clean)


def end_after(practice: Practice, nodes: int, sign: signal.Signals) -> int:
    """End a run by a signal once this many of dbt's nodes are done; its exit code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.quick", "ingestion", "run"],
        cwd=practice.project,
        env=practice.environment,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen: set[str] = set()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        text = b""
        while len(seen) < nodes:
            text += terminal.read(4096)
            # extracts have a / in their names, nodes have none
            seen = {name for name in re.findall(rb"run: \d+ (\S+) ", text) if b"/" not in name}
        os.killpg(process.pid, sign)
        return process.wait(60)


def expect_the_dead_to_hold_the_lease(practice: Practice) -> None:
    """For some minutes no other run may begin, and says who holds the lake; then let these minutes pass."""
    place = practice.lake / LEASE
    lease = json.loads(place.read_text())
    told = practice.command("run")
    assert told.returncode == 4 and f"another run is at work: {lease['holder']}" in told.stderr
    place.write_text(json.dumps(lease | {"expires": "2020-01-01T00:00:00"}))


def test_of_two_runs_at_once_one_goes_on_and_the_other_says_who_holds_the_lake(
    clean: Practice,
) -> None:
    before = clean.fingerprint()
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "tools.quick", "ingestion", "run", "--full-refresh"],
            cwd=clean.project,
            env=clean.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=600) for run in runs]
    done = sorted(zip([run.returncode for run in runs], said, strict=True))
    assert [code for code, _ in done] == [0, 4]
    holder = re.search(r"^run (\S+)$", done[0][1][0], re.MULTILINE)
    told = done[1][1][1]
    assert holder and f"another run is at work: {holder[1]}" in told and told.count("\n") == 1
    assert clean.fingerprint() == before


def test_far_fewer_rows_stop_their_table_alone_until_a_person_releases_them(
    clean: Practice, delivered: Path, tmp_path: Path
) -> None:
    practice = copy_of(clean, tmp_path / "practice")
    newest = sorted((delivered / "clinic").glob("2*"))[-1]
    inbox = practice.lake / "inbox/clinic/2022-03-20"
    inbox.mkdir(parents=True)
    lines = (newest / "patient.csv").read_text().split("\n")
    (inbox / "patient.csv").write_text("\n".join([*lines[:12], ""]))
    plans = (newest / "insurance.csv").read_text()
    (inbox / "insurance.csv").write_text(plans.replace(PLAN, f"{PLAN} Plus"))
    held = practice.command("run")
    found = re.search(r"land --release ([0-9a-f]{16})", held.stdout)
    assert held.returncode == 3 and found
    assert practice.query(OPEN.format("patients")) == clean.query(OPEN.format("patients"))
    assert practice.query(NEW) == [(True,)] and clean.query(NEW) == [(False,)]
    said = succeed(practice, "run", "--release", found[1])
    assert "clinic.patient" in said
    assert practice.query(OPEN.format("patients")) == [(11,)]
