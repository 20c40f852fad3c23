"""A lake in a directory. Written aside, synced and renamed, so that a kill leaves nothing half written.

Syncing is what takes the time with many small files: what nobody sees before the commit is synced with it, together.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import LandingFailed
from ingestion.store.base import NotAllowed, ObjectChanged, StillGrowing, StoredObject, sha256_of
from ingestion.store.files import (
    answering,
    copy,
    copy_path,
    held_folder,
    is_written_to,
    sync_many,
    sync_meanwhile,
    write,
)

ASIDE = ".landing"
"""The lake's own folder for files that are being written: on the same file system, so that they can be renamed."""


_LARGE = 16 << 20
"""The disk begins to write copies of this size while they are still being checked."""


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
        """All files below the folder `prefix`; links are followed, each folder is entered once."""
        below = len(str(self._root)) + 1
        pending, entered = [str(self._root / prefix)], set()
        while pending:
            with answering("list"), suppress(FileNotFoundError, NotADirectoryError):
                folder = pending.pop()
                identity = os.stat(folder)  # noqa: PTH116 (called for every object)
                if (identity.st_dev, identity.st_ino) in entered:
                    continue
                entered.add((identity.st_dev, identity.st_ino))
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.is_dir():
                            pending.append(entry.path)
                            continue
                        with suppress(FileNotFoundError):
                            yield _stored(entry.path[below:], entry.stat())

    def stat(self, key: str) -> StoredObject | None:
        """The file under `key`, or None; its ETag is made of size, time and inode."""
        try:
            found = os.stat(os.path.join(self._root, key))  # noqa: PTH116, PTH118 (called for every object)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise LandingFailed(f"{_printable(key)}: {error.strerror}") from error
        return _stored(key, found)

    def read(self, key: str) -> bytes | None:
        """The whole content, or None when there is no such file."""
        with answering("read"):
            try:
                return (self._root / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def fetch(self, stored: StoredObject, target: Path) -> str:
        """Copy the file while hashing it; the copy is on disk when its owner puts it into the lake."""
        try:
            with (self._root / stored.key).open("rb", buffering=0) as source:
                if is_written_to(source.fileno()):
                    raise StillGrowing(stored.key)
                if _stored(stored.key, os.fstat(source.fileno())) != stored:
                    raise ObjectChanged(stored.key)
                digest = copy(source.fileno(), target)
                after = _stored(stored.key, os.fstat(source.fileno()))
        except FileNotFoundError as error:
            raise ObjectChanged(stored.key) from error
        except PermissionError as error:
            raise NotAllowed(stored.key) from error
        if after.size > stored.size:
            raise StillGrowing(stored.key)
        if after != stored:
            raise ObjectChanged(stored.key)
        if stored.size >= _LARGE:
            sync_meanwhile(target)
        return digest

    def put_file(self, key: str, path: Path, sha256: str | None = None) -> None:
        """Move the file into the lake when it lies on the same file system, else copy it there first."""
        with answering("write"), self._aside() as aside:
            if path.stat().st_dev != self._root.stat().st_dev:
                if copy_path(path, aside) != (sha256 or sha256_of(path)):
                    raise LandingFailed("a file changed while it was copied into the lake")
                path = aside
            self._rename(path, key)
            self._changed_files.append(self._root / key)

    def put(self, key: str, data: bytes) -> None:
        """Write aside, sync, rename; what was put before is on disk before this is seen."""
        with answering("write"), self._aside() as aside:
            self._sync_all()
            write(aside, data)
            self._rename(aside, key)
            self._sync_all()

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write aside, sync, and link under `key`: linking fails when it exists."""
        return self.put_all_if_absent([(key, data)])[0]

    def put_all_if_absent(self, items: Sequence[tuple[str, bytes]]) -> tuple[bool, ...]:
        """Sync whatever was put before, then write all aside, sync, link each, and sync the folders' names."""
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
        with answering("write"), self._aside() as aside:
            write(aside, data)
            lock = os.open(self._root / ASIDE, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                found = self.stat(key)
                if found is None or found.etag != etag:
                    return False
                self._rename(aside, key)
                self._sync_all()
                return True
            finally:
                os.close(lock)

    def delete(self, key: str, etag: str | None = None) -> None:
        """Unlink the file; its folder stays, since somebody may be about to write into it."""
        with answering("delete"):
            found = self.stat(key) if etag else None
            if found and found.etag != etag:
                return
            (self._root / key).unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder inside the lake, held by a lock that dies with the process, so that leftovers are recognised."""
        with held_folder(self._root / ASIDE) as folder:
            yield folder

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


def _stored(key: str, found: os.stat_result) -> StoredObject:
    modified = datetime.fromtimestamp(found.st_mtime, UTC).replace(tzinfo=None)
    return StoredObject(
        key, found.st_size, modified, f"{found.st_size:x}-{found.st_mtime_ns:x}-{found.st_ino:x}"
    )


def _printable(key: str) -> str:
    return key.encode("unicode_escape").decode()
