"""A lake in a directory. Files are written aside, synced and renamed, so that a kill leaves no half-written file.

Syncing takes most of the time with many small files, so files that no reader sees before the commit are synced together
with it.
"""

import fcntl
import os
import shutil
import stat
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import LandingFailed
from ingestion.outcome import printable
from ingestion.store.base import (
    NotAllowed,
    ObjectChanged,
    ReadDenied,
    StillGrowing,
    StoredObject,
    sha256_of,
)
from ingestion.store.files import (
    answering,
    copy,
    descriptor,
    held_folder,
    is_written_to,
    locked_folder,
    opened,
    remove_leftovers,
    sync_many,
    sync_meanwhile,
    write,
)

ASIDE = ".landing"
"""The lake's own folder for files that are being written: on the same file system, so that they can be renamed."""


_CLEARED = "cleared"
"""Files that leave the inbox are below it, in a process's own folder, until they are compared with the landed ones."""
_LAST_SECOND = datetime(2200, 12, 31, tzinfo=UTC).timestamp()

_LARGE = 16 << 20
"""The disk begins to write copies of this size while they are still being checked."""


def is_open(path: Path) -> bool:
    """Whether others than the owner can read a folder: its mode and the mode of each folder above it allow it."""
    way = [path, *path.parents]
    return path.exists() and any(
        path.stat().st_mode & (read | enter) and all(p.stat().st_mode & enter for p in way)
        for read, enter in ((0o040, 0o010), (0o004, 0o001))
    )


class LocalStore:
    """A lake below an absolute directory; it is made when first written to."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known_folders: set[Path] = set()
        self._changed_files: list[Path] = []
        self._changed_folders: set[Path] = set()

    @property
    def root(self) -> str:
        """The lake's directory."""
        return str(self._root)

    def uri(self, key: str) -> str:
        """The absolute path of `key`."""
        return str(self._root / key)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """All files below the folder `prefix`. A link, a pipe, a device and a folder that may not be entered are listed
        with `is_file` False."""
        below = len(str(self._root)) + 1
        top = str(self._root / prefix)
        pending = [top]
        while pending:
            folder = pending.pop()
            try:
                with answering("list"), suppress(FileNotFoundError, NotADirectoryError):
                    for entry in os.scandir(folder):
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(entry.path)
                            continue
                        with suppress(FileNotFoundError):
                            found = entry.stat(follow_symlinks=False)
                            yield _stored(entry.path[below:], found)
            except ReadDenied:
                if folder == top:
                    raise
                yield _stored(folder[below:], os.lstat(folder))

    def stat(self, key: str) -> StoredObject | None:
        """The file under `key`, or None; its ETag is made of size, time and inode."""
        try:
            found = os.stat(os.path.join(self._root, key))  # noqa: PTH116, PTH118 (called for every object)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise LandingFailed(f"{printable(key)}: {error.strerror}") from error
        return _stored(key, found)

    def read(self, key: str) -> bytes | None:
        """The whole content, or None if the file does not exist."""
        with answering("read"):
            try:
                return (self._root / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def fetch(self, stored: StoredObject, target: Path) -> str:
        """Copy the file while hashing it; the copy is on disk when its owner puts it into the lake."""
        try:
            with opened(self._root / stored.key) as source:
                if _stored(stored.key, os.fstat(source)) != stored or not stored.is_file:
                    raise ObjectChanged(stored.key)
                if is_written_to(source):
                    raise StillGrowing(stored.key)
                digest = copy(source, target, stored.size)
                after = _stored(stored.key, os.fstat(source))
        except FileNotFoundError as error:
            raise ObjectChanged(stored.key) from error
        except OSError as error:
            raise NotAllowed(stored.key) from error
        if after.size > stored.size:
            raise StillGrowing(stored.key)
        if after != stored:
            raise ObjectChanged(stored.key)
        if stored.size >= _LARGE:
            sync_meanwhile(target)
        return digest

    def put_file(self, key: str, path: Path, sha256: str | None = None) -> None:
        """Move the file into the lake if it is on the same file system, else copy it there first."""
        with answering("write"), self._aside() as aside:
            if path.stat().st_dev != self._root.stat().st_dev:
                with descriptor(path) as source:
                    digest = copy(source, aside)
                if digest != (sha256 or sha256_of(path)):
                    raise LandingFailed("a file changed while it was copied into the lake")
                path = aside
            self._rename(path, key)
            self._changed_files.append(self._root / key)

    def put(self, key: str, data: bytes) -> None:
        """Write aside, sync, rename; earlier puts are on disk before this one is visible."""
        with answering("write"), self._aside() as aside:
            self._sync_all()
            write(aside, data)
            self._rename(aside, key)
            self._sync_all()

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write aside, sync, and link under `key`: linking fails when it exists."""
        return self.put_all_if_absent([(key, data)])[0]

    def put_all_if_absent(self, items: Sequence[tuple[str, bytes]]) -> tuple[bool, ...]:
        """Sync all earlier puts, then write all aside, sync, link each, and sync the folders' names."""
        with answering("write"), ExitStack() as stack:
            self._sync_all()
            asides = [stack.enter_context(self._aside()) for _ in items]
            for aside, (_, data) in zip(asides, items, strict=True):
                aside.write_bytes(data)
            sync_many(asides)
            results = tuple(
                self._link(aside, key) for aside, (key, _) in zip(asides, items, strict=True)
            )
            self._sync_all()
            return results

    def _link(self, aside: Path, key: str) -> bool:
        target = self._folder_of(key)
        try:
            os.link(aside, target)
        except FileExistsError:
            return False
        self._changed_folders.add(target.parent)
        return True

    def _sync_all(self) -> None:
        """Many at a time: the file system writes them in one go."""
        files, self._changed_files = self._changed_files, []
        folders, self._changed_folders = self._changed_folders, set()
        sync_many(files)
        sync_many(folders)

    def replace_if(self, key: str, data: bytes, etag: str) -> bool:
        """Compare and rename under a lock that all processes of this machine take for it."""
        with answering("write"), self._aside() as aside, descriptor(self._root / ASIDE) as lock:
            write(aside, data)
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = self.stat(key)
            if found is None or found.etag != etag:
                return False
            self._rename(aside, key)
            self._sync_all()
            return True

    def delete(self, key: str, etag: str | None = None) -> None:
        """Unlink the file; its folder stays, since a process may be about to write into it.

        With an `etag` it is moved aside before it is compared: a new file may take its name meanwhile, and a file that
        a process still appends to, or another file, is put back.
        """
        with answering("delete"):
            if etag is None:
                (self._root / key).unlink(missing_ok=True)
            elif self.stat(key):
                self._clear(key, etag)

    def _clear(self, key: str, etag: str) -> None:
        """If anything fails the folder stays, and the next process puts its files back."""
        (self._root / ASIDE).mkdir(parents=True, exist_ok=True)
        folder, lock = locked_folder(self._root / ASIDE)
        try:
            aside = folder / _CLEARED / key
            aside.parent.mkdir(parents=True)
            with suppress(FileNotFoundError):
                (self._root / key).rename(aside)
                if not _is_settled(aside, key, etag):
                    _put_back(aside, self._root / key)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)

    def erase(self, keys: Iterable[str], *, but_the_newest: bool = False) -> tuple[str, ...]:
        """Unlink the files; a directory keeps no other version of them."""
        if but_the_newest:
            return ()
        with answering("delete"):
            for key in keys:
                (self._root / key).unlink(missing_ok=True)
                self._changed_folders.add((self._root / key).parent)
            sync_many(folder for folder in self._changed_folders if folder.is_dir())
            self._changed_folders.clear()
        return ()

    def restore(self) -> None:
        """Files in the folders of dead processes are put back before the folders are removed."""
        aside = self._root / ASIDE
        if aside.is_dir():
            with answering("restore"):
                remove_leftovers(aside, self._restore)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder inside the lake, held by a lock that dies with the process, so that leftovers are recognised."""
        with held_folder(self._root / ASIDE, self._restore) as folder:
            yield folder

    def _restore(self, folder: Path) -> None:
        """Put back files that a killed process had moved aside: the next landing finds out whether they were landed."""
        cleared = folder / _CLEARED
        for path in cleared.rglob("*"):
            if not path.is_dir():
                target = self._root / path.relative_to(cleared)
                target.parent.mkdir(parents=True, exist_ok=True)
                _put_back(path, target)

    @contextmanager
    def _aside(self) -> Iterator[Path]:
        aside = self._root / ASIDE
        if aside not in self._known_folders:
            aside.mkdir(parents=True, exist_ok=True)
            self._known_folders.add(aside)
        path = aside / f"{uuid.uuid4().hex}.part"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _rename(self, path: Path, key: str) -> None:
        target = self._folder_of(key)
        path.replace(target)
        self._changed_folders.add(target.parent)

    def _folder_of(self, key: str) -> Path:
        """The path of `key`; its folders are made, and are on disk with their names."""
        target = self._root / key
        missing = []
        for folder in target.parents:
            if folder in self._known_folders or folder.is_dir():
                break
            missing.append(folder)
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            self._changed_folders.add(folder.parent)
        self._known_folders.add(target.parent)
        return target


def _is_settled(path: Path, key: str, etag: str) -> bool:
    """Whether the file that was moved to `path` is the one of this ETag, and no process has it open for writing."""
    if path.is_symlink():
        return _stored(key, path.stat()).etag == etag
    with path.open("rb", buffering=0) as file:
        return (
            not is_written_to(file.fileno()) and _stored(key, os.fstat(file.fileno())).etag == etag
        )


def _put_back(path: Path, target: Path) -> None:
    """Give a file its name back, unless another has it by now, which replaces this one."""
    with suppress(FileExistsError):
        os.link(path, target, follow_symlinks=False)


def _stored(key: str, found: os.stat_result) -> StoredObject:
    # a file system takes times that the calendar does not have
    seconds = min(max(found.st_mtime, 0), _LAST_SECOND)
    return StoredObject(
        key,
        found.st_size,
        datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None),
        f"{found.st_size:x}-{found.st_mtime_ns:x}-{found.st_ino:x}",
        stat.S_ISREG(found.st_mode),
    )
