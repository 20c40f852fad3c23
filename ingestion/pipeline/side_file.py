"""Publishing on DuckDB: a run builds beside the published file and puts the result in its place when all is well.

A reader that holds the published file open keeps the file it opened: it is neither blocked nor shown half a build.
The side file has the published file's own name, in a folder of its own, because DuckDB's views carry the name of the
database, which is that of its file.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.catalog.duck_file import log_of
from ingestion.errors import LandingFailed

SIDE_FOLDER = ".building"
_BUILT_FROM = "raw_landfall.built_from"
_RECORD = f"create schema if not exists raw_landfall; create table if not exists {_BUILT_FROM} (state varchar)"


class SideFile:
    """The file `<folder>/.building/<name>` that becomes `<folder>/<name>` at `publish`."""

    def __init__(self, published: Path) -> None:
        self.published = published
        self.path = published.parent / SIDE_FOLDER / published.name

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Hold the side file, begun from the published state or from nothing; what a failed run left is dropped.

        Raises LandingFailed when another process of this machine builds here, even one that has lost its lease.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            _lock(folder)
            self._copy_published()
            yield
        finally:
            os.close(folder)  # which gives the lock back

    def _copy_published(self) -> None:
        for leftover in (self.path, log_of(self.path)):
            leftover.unlink(missing_ok=True)
        copies = ((self.published, self.path), (log_of(self.published), log_of(self.path)))
        for source, copy in copies:
            if source.exists():
                shutil.copyfile(source, copy)

    def is_built_from(self, state: str) -> bool:
        """Whether what is published was built from this state (state.py)."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(_RECORD)
            return connection.execute(f"select state from {_BUILT_FROM}").fetchall() == [(state,)]

    def mark(self, state: str) -> None:
        """Record what the side file was built from; it is published with it."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(_RECORD)
            connection.execute(f"delete from {_BUILT_FROM}")
            connection.execute(f"insert into {_BUILT_FROM} values (?)", [state])

    def publish(self) -> None:
        """Put the built file in the published one's place, in one step, with all of it on disk.

        Raises LandingFailed when another process still writes to the built file.
        """
        try:
            with duckdb.connect(str(self.path)) as connection:
                connection.execute("checkpoint")
        except duckdb.IOException as error:
            raise LandingFailed(
                "the built warehouse is in use by another process: run again"
            ) from error
        with self.path.open("rb") as built:
            os.fsync(built.fileno())
        os.replace(self.path, self.published)
        log_of(self.published).unlink(missing_ok=True)


def _lock(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LandingFailed("another run still builds beside this warehouse: try again") from error
