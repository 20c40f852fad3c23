"""Runs a piece of work as a process of its own, and says how long it took and how much it held."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Measured:
    """`seconds` of wall clock for the work (imports left out), `cpu` seconds of the whole process,
    `mebibytes` of peak resident memory."""

    name: str
    seconds: float
    cpu: float
    mebibytes: float
    counts: dict[str, int]


def measure(name: str, module: str, *words: str, python: str = sys.executable) -> Measured | None:
    """Run `python -m module words` to its end; its last line is JSON with `seconds` and counts.

    None when the process says that something it needs is not installed.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1"}
    child = subprocess.Popen(
        [python, "-m", module, *words], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )
    assert child.stdout is not None
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{name} failed with exit code {child.returncode}")
    result: dict[str, Any] = json.loads(text.splitlines()[-1])
    if "missing" in result:
        print(f"{name}: left out, {result['missing']} is not installed")
        return None
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(name, result.pop("seconds"), cpu, usage.ru_maxrss / 1024, result)
