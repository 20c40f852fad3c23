"""However a test run ends, its engines end with it and leave nothing behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.standins.processes import (
    ROOT,
    EngineFailed,
    EngineProcess,
    Unavailable,
    free_port,
    scratch,
)

SLEEPER = "tests.engines.common.sleeper"
STARTER = (
    "import json, signal, sys; from tools.standins.processes import EngineProcess;"
    # as in a terminal: what is started in the background may have inherited to ignore Ctrl-C
    "signal.signal(signal.SIGINT, signal.default_int_handler);"
    f"print(json.dumps(EngineProcess({SLEEPER!r}, [], 30).facts), flush=True); sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def soon(check: Callable[[], bool]) -> bool:
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        if check():
            return True
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def a_test_run() -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """A process that has started a sleeper, as a test run starts an engine."""
    run = subprocess.Popen(
        [sys.executable, "-c", STARTER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    try:
        yield run, json.loads(run.stdout.readline())
    finally:
        run.kill()
        run.wait()


def test_a_stopped_engine_leaves_no_process_and_no_file() -> None:
    engine = EngineProcess(SLEEPER, [], 30)
    assert all(alive(pid) for pid in engine.facts["pids"])
    assert Path(engine.facts["folder"]).is_dir()
    engine.stop()
    assert not any(alive(pid) for pid in engine.facts["pids"])
    assert not Path(engine.facts["folder"]).parent.exists()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_engine_ends_with_the_test_run_that_started_it(sign: signal.Signals) -> None:
    with a_test_run() as (run, facts):
        run.send_signal(sign)
        assert soon(lambda: not any(alive(pid) for pid in facts["pids"]))
        assert not Path(facts["folder"]).parent.exists()


def test_a_killed_engine_takes_its_children_along_and_the_next_one_sweeps_its_files() -> None:
    with a_test_run() as (_, facts):
        os.kill(facts["pids"][0], signal.SIGKILL)
        assert soon(lambda: not any(alive(pid) for pid in facts["pids"]))
    left = Path(facts["folder"])
    assert left.is_dir()
    with scratch("next") as folder:
        assert folder.is_dir() and not left.exists()


def test_a_living_runs_files_are_not_swept() -> None:
    with scratch("one") as one, scratch("two"):
        assert one.is_dir()


def test_an_engine_whose_child_ends_says_so_by_ending() -> None:
    engine = EngineProcess(SLEEPER, [], 30)
    os.kill(engine.facts["pids"][1], signal.SIGKILL)
    assert soon(lambda: not alive(engine.pid))
    engine.stop()
    assert not Path(engine.facts["folder"]).exists()


@pytest.mark.parametrize(
    ("said", "error"),
    [('{"unavailable": "no disk"}', Unavailable), ('{"failed": "x"}', EngineFailed)],
)
def test_an_engine_that_cannot_start_says_why(
    said: str, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no_engine.py").write_text(f"print('''{said}''')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(error, match=r"no disk|^x"):
        EngineProcess("no_engine", [], 5)


def test_free_ports_differ() -> None:
    assert len({free_port() for _ in range(5)}) > 1
