"""A process with the shim in it, that forks a child for each task: Python and its libraries are loaded once.

Reads tasks as JSON lines: what to do, in which folder, and at which call of the file system what happens. Answers each
with how the child ended, how many calls it made, what it said and, where that is asked for, what there is then.
"""

import ctypes
import gc
import json
import os
import random
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import pyarrow.dataset  # noqa: F401 (with all that follows, loaded once for all children)

from ingestion import alerts, command, report  # noqa: F401
from ingestion.errors import LandfallError
from ingestion.land import context
from ingestion.machine import within_limits
from ingestion.store import LocalStore, lease
from ingestion.store.s3 import S3Store
from tests.ingestion import lakes
from tests.ingestion.faults import bugs
from tests.ingestion.faults.work import BEGUN, WORK, state_of, stumble
from tests.ingestion.lakes import Lake

MODES = ("count", "before", "after", "middle", "EIO", "ENOSPC")
WHOSE = ("own", "forked", "amid the forked")
UNDOCUMENTED = 70


def child(task: dict[str, Any], out: int) -> None:
    """Do the task and end with the exit code of a command; never returns."""
    os.dup2(out, 1)
    os.dup2(out, 2)
    code = 0
    folder = Path(task["folder"])
    if endpoint := task.get("endpoint"):
        os.environ["AWS_ENDPOINT_URL"] = endpoint
    lake = Lake(folder, task.get("lake") or str(folder / "lake"))
    if task.get("warehouse"):
        lake.settings = lake.settings.with_warehouse(folder / task["warehouse"])
    if task.get("clock") != "of the machine":
        # after each command the lease of one who was killed has run out
        lake.now = BEGUN + task.get("later", 0) * 2 * lease.DURATION
    shim = ctypes.CDLL(os.environ["LD_PRELOAD"]) if "LD_PRELOAD" in os.environ else None
    if task.get("bug"):
        bugs.BUGS[task["bug"]]()
    if task.get("dice"):
        for store in (LocalStore, S3Store):
            stumble(random.Random(task["dice"]), store)
    if shim:
        flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY
        log = os.open(task["told"] + ".log", flags) if task.get("log") else 0
        mode, whose = MODES.index(task.get("mode", "count")), WHOSE.index(task.get("whose", "own"))
        shim.fault_arm(task["folder"].encode(), task.get("at", 0), mode, log, whose)
    try:
        with within_limits():
            WORK[task["do"]](lake)
            if task.get("then_check"):
                task_state(task).write_text(state_of(lake))
    except LandfallError as error:
        print(f"{type(error).__name__}: {error}")  # noqa: T201
        code = error.exit_code
    except BaseException:  # noqa: BLE001 (that is what is looked for)
        traceback.print_exc()
        code = UNDOCUMENTED
    if shim:
        Path(task["told"]).write_text(str(shim.fault_seen()))
    sys.stdout.flush()
    os._exit(code)


def task_state(task: dict[str, Any]) -> Path:
    """Where a child says what there is."""
    return Path(f"{task['told']}.state")


def begin(task: dict[str, Any]) -> tuple[int, int]:
    """Fork a child for the task; its id, and the file of what it says."""
    descriptor, path = tempfile.mkstemp()
    os.unlink(path)  # noqa: PTH108
    pid = os.fork()
    if not pid:
        child(task, descriptor)
    return pid, descriptor


def main() -> None:
    """Answer each line; the tasks of one line run at the same time."""
    with tempfile.TemporaryDirectory() as place:
        # the same one for all: it is read once
        project = context.read_project(lakes.write_project(Path(place)))
    lakes.write_project = lambda folder, *_: folder
    context.read_project = lambda _: project
    gc.collect()
    gc.freeze()  # or each child would copy the pages of all that is loaded
    for line in sys.stdin:
        tasks = json.loads(line)
        begun = [begin(task) for task in tasks]
        answers = []
        for (pid, descriptor), task in zip(begun, tasks, strict=True):
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            told, state = Path(task["told"]), task_state(task)
            os.lseek(descriptor, 0, os.SEEK_SET)
            with os.fdopen(descriptor) as said:
                answers.append(
                    {
                        "status": status,
                        "told": str(told),
                        "said": said.read(),
                        "calls": int(told.read_text()) if told.exists() else 0,
                        "state": json.loads(state.read_text()) if state.exists() else {},
                    }
                )
            told.unlink(missing_ok=True)
            state.unlink(missing_ok=True)
        sys.__stdout__.write(json.dumps(answers) + "\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
