"""Processes that end with their parent, and scratch directories that are removed even if it is killed.

An engine runs in a process of its own, which the tests start with a pipe as its standard input: the
end of the pipe is the end of the engine, however the tests ended. What an engine starts in turn dies
with it by the kernel's hand (Linux; elsewhere only an orderly end takes it along).
"""

import contextlib
import ctypes
import fcntl
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
SCRATCH = "landfall-engines"


class EngineFailed(Exception):
    """An engine did not come up, or ended on its own; one line."""


class Unavailable(Exception):
    """An engine's program is missing and can't be fetched; one line with the reason."""


def free_port() -> int:
    """A port of the loopback interface that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent(sign: int) -> Callable[[], None]:
    def before_exec() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)

    return before_exec


def start_child(words: list[str], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a server that is killed when this process ends. Call it from the main thread."""
    with log.open("ab") as out:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent(signal.SIGKILL),
            **options,
        )


def end_child(child: subprocess.Popen[bytes], sign: int = signal.SIGKILL) -> None:
    """End a child of ours: with `sign`, and by force when it has not ended ten seconds later."""
    if child.poll() is None:
        child.send_signal(sign)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(10)


def wait_until(ready: Callable[[], bool], child: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for `ready()`; EngineFailed when the child ends before, or the time is up."""
    limit = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None:
            raise EngineFailed(f"the server ended with {child.returncode} while starting")
        if time.monotonic() > limit:
            raise EngineFailed(f"the server was not ready after {seconds:.0f} seconds")
        time.sleep(0.05)


@contextlib.contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A directory for one engine's run, gone afterwards; those of killed runs are removed first.

    A living run holds a lock on its directory's lock file, so only the dead are swept.
    """
    base = Path(tempfile.gettempdir()) / f"{SCRATCH}-{os.getuid()}"
    base.mkdir(mode=0o711, exist_ok=True)
    _sweep(base)
    path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base))
    with (path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                base.rmdir()


def _sweep(base: Path) -> None:
    for lock_path in base.glob("*/lock"):
        with contextlib.suppress(OSError), lock_path.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock_path.parent, ignore_errors=True)


def exit_on_signals() -> None:
    """SIGTERM and SIGINT raise SystemExit, so that everything is cleaned up, until `wait_for_end` takes over.

    Call it first: the parent can end at any moment, and then the engine gets SIGTERM.
    """
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: sys.exit(0))


def wait_for_end(attached: bool, alive: Callable[[], bool]) -> None:
    """Block until Ctrl-C or SIGTERM, the end of standard input when `attached`, or not `alive()`."""
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()  # a lock would not bear a signal's handler
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.put(None))
    if attached:

        def read_to_the_end() -> None:
            while sys.stdin.buffer.read(1):
                pass
            ended.put(None)

        threading.Thread(target=read_to_the_end, daemon=True).start()
    while True:
        with contextlib.suppress(queue.Empty):
            return ended.get(timeout=0.5)
        if not alive():
            raise EngineFailed("a server ended on its own")


class EngineProcess:
    """An engine in a process of its own, as `python -m <module> --attached` starts it.

    The module prints one line of JSON when it is ready, and ends when its standard input does.
    Where it can't start, the line has `unavailable` or `failed` with the reason.
    """

    def __init__(self, module: str, words: list[str], seconds: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, "--attached", *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_die_with_parent(signal.SIGTERM),
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop(seconds)
            raise EngineFailed(f"{module} ended with {self._process.returncode} while starting")
        self.facts: dict[str, Any] = json.loads(line)
        if "unavailable" in self.facts:
            raise Unavailable(self.facts["unavailable"])
        if "failed" in self.facts:
            raise EngineFailed(self.facts["failed"])

    @property
    def pid(self) -> int:
        """The engine's process."""
        return self._process.pid

    def stop(self, seconds: float = 15) -> None:
        """Close its input, and wait for its end."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
