"""Converts extracts in a process of its own, so that a crash or exhausted memory refuses one file and does not end the
landing.

The process is forked once for a `land` and converts one extract after the other. Its files are in the extract's folder,
and only counts come back. Its memory is limited to MEMORY beyond its size at the fork. On systems other than Linux the
lander's own process converts extracts.
"""

import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Self

import duckdb

from ingestion.boundary import boundary
from ingestion.codes import Code
from ingestion.errors import BadExtract, LandingFailed
from ingestion.land.convert import Converted, Converter, Job, extract_of
from ingestion.land.purging import purged
from ingestion.machine import within_limits
from ingestion.pseudonyms import Pseudonymiser
from ingestion.sql import literal

MEMORY = 4 * 2**30
"""Bytes of address space that converting may take: landing itself stays far below a gigabyte."""

_OF_DUCKDB = "160MB"
"""DuckDB's memory while it looks for repeated keys; beyond that it writes to disk."""

_READY_AFTER = 30
"""Seconds. A process that was forked while another thread held a lock may never answer; then another is forked."""

_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_forking = threading.Lock()


@dataclass(frozen=True)
class Answer:
    """The result of a job, or the error that ended it.

    `is_exhausted`: memory ran out, so that the process should not go on.
    """

    result: Converted | BadExtract | LandingFailed
    is_exhausted: bool = False


class Worker:
    """The process, or none where the system is not Linux. `folder` is for DuckDB's temporary files."""

    def __init__(self, folder: Path, key: Pseudonymiser | None) -> None:
        self._folder, self._key = folder, key
        self._pipe: Connection | None = None
        self._pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def convert(self, job: Job) -> Converted:
        """Convert an extract. Raises BadExtract, with the counts of the rows before it, or LandingFailed."""
        answer = self._ask(job) if sys.platform == "linux" else self._by_itself(job)
        if isinstance(answer.result, Converted):
            return answer.result
        raise answer.result

    def _by_itself(self, job: Job) -> Answer:
        with bounded_duckdb(self._folder) as connection:
            return _answer(job, self._key, connection)

    def _ask(self, job: Job) -> Answer:
        """Once more if the process was killed: another process may have exhausted the memory."""
        answer, signal_name = self._asked(job)
        return self._asked(job)[0] if signal_name == signal.SIGKILL.name else answer

    def _asked(self, job: Job) -> tuple[Answer, str]:
        """The answer, or the way in which the process ended without one."""
        if self._pipe is None:
            self._start()
        assert self._pipe
        try:
            self._pipe.send(job)
            answer: Answer = self._pipe.recv()
        except (EOFError, OSError):
            ended = self._stop()
            return Answer(BadExtract(Code.UNREADABLE, detail=ended)), ended
        if answer.is_exhausted:
            self._stop()
        return answer, ""

    def _start(self) -> None:
        for _ in range(3):
            with _forking:  # or another process would hold this one's end of the pipe
                self._pipe, theirs = Pipe()
                lander, self._pid = os.getpid(), os.fork()
                if not self._pid:
                    self._pipe.close()
                    _serve(theirs, self._folder, self._key, lander)
                theirs.close()
            if self._pipe.poll(_READY_AFTER):
                self._pipe.recv()
                return
            self._stop()
        raise LandingFailed("no process to convert extracts could be started")

    def _stop(self) -> str:
        """End the process; returns the name of the signal that had ended it before, or how it ended."""
        if self._pipe is None:
            return ""
        self._pipe.close()
        self._pipe = None
        ended, status = os.waitpid(self._pid, os.WNOHANG)
        if not ended:
            os.kill(self._pid, signal.SIGKILL)
            _, status = os.waitpid(self._pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


@contextmanager
def bounded_duckdb(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that stays small, and writes the excess to `folder`."""
    with duckdb.connect(config={"memory_limit": _OF_DUCKDB, "threads": 2}) as connection:
        connection.execute(f"set temp_directory = {literal(str(folder / f'duckdb-{os.getpid()}'))}")
        connection.execute("set preserve_insertion_order = false")
        yield connection


def _serve(pipe: Connection, folder: Path, key: Pseudonymiser | None, lander: int) -> None:
    """The life of the process: one job after the other until the lander is gone."""
    try:
        _live_bounded(lander)
        with bounded_duckdb(folder) as connection:
            pipe.send(None)  # ready
            while True:
                pipe.send(_answer(pipe.recv(), key, connection))
    except EOFError:
        os._exit(0)
    finally:
        os._exit(1)


def _live_bounded(lander: int) -> None:
    """Die with the lander (its process id is given), leave Ctrl-C to it, and take at most MEMORY."""
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != lander:  # it died before the request
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(job: Job, key: Pseudonymiser | None, connection: duckdb.DuckDBPyConnection) -> Answer:
    converter = Converter(job, key, connection)
    try:
        with within_limits(), boundary(job.new.name):
            converted = converter.convert()
            if edits := converted.edits:
                job = replace(
                    job,
                    parts=purged(job.parts, extract_of(job.new), edits, job.folder),
                    forgotten=job.forgotten + len(edits.dropped) + len(edits.lines),
                    unnamed=job.unnamed + len(edits.emptied),
                )
                converter = Converter(job, key, connection)
                converted = converter.convert()
                if converted.edits:
                    raise LandingFailed("a forgotten person could not be taken out of it")
            return Answer(converted)
    except BadExtract as error:
        error.rows_in, error.quarantined = converter.rows_in, converter.quarantined
        exhausting = MemoryError | duckdb.OutOfMemoryException
        return Answer(error, is_exhausted=isinstance(error.__context__, exhausting))
    except LandingFailed as error:
        return Answer(error)
