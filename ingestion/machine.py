"""Errors of the machine, from the system or a library, as Landfall's own error: one line, code 4."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.errors import LandingFailed

_NO_THREAD = "can't start new thread"
_BROKEN_DISK = (duckdb.IOException, duckdb.FatalException)
"""DuckDB's errors for a full or unreadable disk; the second where the end of a transaction did not reach the disk."""

_REFUSALS = (*_BROKEN_DISK, duckdb.TransactionException, duckdb.OutOfMemoryException)
"""With those for a transaction that a full disk ends, and for too little memory. Their text is not shown: it may quote
data."""

_OF_FILES = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EIO,
}  # fmt: skip
"""Errors of the file system, or limits set on this process: not the delivery's fault."""

_SHARE = 0.6
"""DuckDB's share of the memory for a build: dbt and memory that DuckDB does not count need the rest."""

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""The files with a container's memory limit, for the two generations of control groups."""


def memory_for_a_build(limits: tuple[str, ...] = _LIMITS) -> str:
    """DuckDB's memory for a build without a setting: a share of the container's memory or the machine's."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in map(Path, limits):
        text = path.read_text().strip() if path.is_file() else ""
        most = min(most, int(text)) if text.isdecimal() else most
    return f"{int(most * _SHARE) >> 20}MiB"


def is_of_the_machine(error: Exception) -> bool:
    """Whether an error is the machine's, whatever is landed; not an error of memory, which one delivery may exhaust."""
    if isinstance(error, OSError):
        return error.errno in _OF_FILES
    return isinstance(error, _BROKEN_DISK) or _NO_THREAD in str(error)


@contextmanager
def within_limits() -> Iterator[None]:
    """Raise LandingFailed for full or broken disks, and for lack of threads or memory."""
    try:
        yield
    except OSError as error:
        raise LandingFailed(f"the machine is in the way: {_words(error)}") from error
    except MemoryError as error:
        raise LandingFailed("the machine is in the way: not enough memory") from error
    except _REFUSALS as error:
        raise LandingFailed(f"the machine is in the way: DuckDB {type(error).__name__}") from error
    except RuntimeError as error:
        if _NO_THREAD not in str(error):
            raise
        raise LandingFailed("the machine is in the way: no more threads") from error


def _words(error: OSError) -> str:
    """The system's text for the error; a library's own may hold anything."""
    return (error.strerror if error.errno else None) or type(error).__name__
