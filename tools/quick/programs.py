"""Programs for tests, in processes forked from one that has imported dbt and the lander and has parsed a project.

Importing them and parsing a first project takes as long as some fifty models.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tools.quick.imported"])


def run(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str = "", seconds: float
) -> subprocess.CompletedProcess[str]:
    """What `python -m tools.quick WORD…` does and says in this folder and environment.

    Raises subprocess.TimeoutExpired after `seconds`.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("in", "out", "err")]
        files[0].write_text(stdin)
        process = FORKED.Process(target=_as_program, args=(list(words), cwd, dict(env), files))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(words), seconds)
        said = (file.read_text() for file in files[1:])
        return subprocess.CompletedProcess(list(words), process.exitcode, *said)


def _as_program(words: list[str], cwd: Path, env: dict[str, str], files: list[Path]) -> None:
    """Become the program: with its folder, environment, files and words."""
    from tools.quick.__main__ import main

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND * (number > 0))
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    sys.argv = ["tools.quick", *words]
    main()
