"""Publishing on DuckDB: a run builds beside the published file and puts the result in its place when all is well.

A reader that holds the published file open keeps the file it opened: it is neither blocked nor shown half a build.
The side file has the published file's own name, in a folder of its own, because DuckDB's views carry the name of the
database, which is that of its file.
"""

import os
import shutil
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

    def begin(self) -> None:
        """Start from the published state, or from nothing; what a failed run left is dropped."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for leftover in (self.path, log_of(self.path)):
            leftover.unlink(missing_ok=True)
        for source, copy in (
            (self.published, self.path),
            (log_of(self.published), log_of(self.path)),
        ):
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
        self._remove_folder()

    def _remove_folder(self) -> None:
        if not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()
