"""The POSIX file system for `local.py`: copies that hash, syncs, leases, folders held by a lock."""

import errno
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import LandingFailed
from ingestion.retries import looks
from ingestion.store.base import ReadDenied

_BLOCK = 1 << 20
_SYNCED_AT_ONCE = 16


def is_written_to(file: int) -> bool:
    """Whether any process has the file open for writing: then a read lease is refused (Linux, local file systems).

    Where leases are unavailable the answer is unknown, and the comparison after the copy decides. A writer that comes
    while the lease is held would be announced by SIGIO, which ends a process: SIGURG, which is ignored, instead.
    """
    try:
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except (OSError, AttributeError) as error:
        return getattr(error, "errno", None) == errno.EAGAIN
    return False


@contextmanager
def descriptor(path: Path, flags: int = 0) -> Iterator[int]:
    """A file or a folder that is open for reading."""
    opened = os.open(path, os.O_RDONLY | flags)
    try:
        yield opened
    finally:
        os.close(opened)


def opened(path: Path) -> AbstractContextManager[int]:
    """A file that is open for reading, if it is one: a link is refused (OSError), and a pipe is not waited for."""
    return descriptor(path, os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def copy(source: int, target: Path, most: int | None = None) -> str:
    """Copy from an open file to a new one, at most this many bytes; the SHA-256 of the bytes in hex."""
    digest, left = hashlib.sha256(), most
    with ExitStack() as stack:
        with answering("write"):
            copy = stack.enter_context(target.open("wb", buffering=0))
        while block := os.read(source, _BLOCK if left is None else min(_BLOCK, left)):
            digest.update(block)
            left = None if left is None else left - len(block)
            with answering("write"):
                copy.write(block)
    return digest.hexdigest()


def write(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Wait until the file, or the names in the folder, are on disk."""
    with descriptor(path) as opened:
        os.fsync(opened)


def sync_meanwhile(path: Path) -> None:
    """Begin to write the file to disk, so that its commit waits less."""
    threading.Thread(target=_sync_if_possible, args=(path,), daemon=True).start()


def _sync_if_possible(path: Path) -> None:
    """Sync a path that may be gone by then; a caller that needs it on disk syncs it again, and gets the error."""
    with suppress(OSError):
        sync(path)


def sync_many(paths: Iterable[Path]) -> None:
    """Sync several at a time: a file system writes them in one go. Missing paths are left out."""
    wanted = list(paths)
    if len(wanted) < 2:
        for path in wanted:
            _sync_if_there(path)
        return
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        list(pool.map(_sync_if_there, wanted))


def _sync_if_there(path: Path) -> None:
    with suppress(FileNotFoundError):
        sync(path)


def private_folder(folder: Path) -> Path:
    """Make the folder, or take an existing one; LandingFailed if it is a link, another user's or open to others."""
    with answering("write"):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not is_ours or stat.S_IMODE(found.st_mode) & 0o077:
        raise LandingFailed(
            f"the temporary folder {folder.name} is not ours alone: remove it, or set TMPDIR"
        )
    return folder


@contextmanager
def held_folder(parent: Path, restore: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """A new folder in `parent`, removed at the end. Its lock dies with the process, so that leftovers are recognised.

    `restore` is called with each leftover folder before that is removed.
    """
    with answering("write"):
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_leftovers(parent, restore)
        folder, lock = locked_folder(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def lock_within(opened: int, seconds: float) -> bool:
    """Take the lock of an open file or folder; False when others hold it for all of these seconds."""
    for _ in looks(seconds, pause=0.05):
        with suppress(BlockingIOError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False


def locked_folder(parent: Path) -> tuple[Path, int]:
    """Make a folder of its own; its lock is held as long as the descriptor is open."""
    while True:
        folder = parent / uuid.uuid4().hex
        folder.mkdir(mode=0o700)
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():  # else another process removed it as a leftover before it was locked
            return folder, lock
        os.close(lock)


def remove_leftovers(parent: Path, restore: Callable[[Path], None] | None) -> None:
    """Remove the folders of processes that have ended, and files that they were writing an hour ago."""
    an_hour_ago = datetime.now(UTC).timestamp() - 3600
    for path in parent.iterdir():
        with suppress(FileNotFoundError, BlockingIOError):
            if not path.is_dir():
                if path.stat().st_mtime < an_hour_ago:
                    path.unlink()
                continue
            with descriptor(path) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if restore:
                    restore(path)
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def answering(doing: str) -> Iterator[None]:
    """Turn an error of the file system, such as a full disk, into one line."""
    try:
        yield
    except PermissionError as error:
        raise ReadDenied(f"the lake cannot be used ({doing}): {error.strerror}") from error
    except OSError as error:
        raise LandingFailed(f"the lake cannot be used ({doing}): {error.strerror}") from error
