"""Writing to a DuckDB file that somebody may be reading.

DuckDB lets one process write or several read. While others read, the statements go into a copy, which takes the
file's place in one step: who has the old file open keeps it. While another process writes, we wait for it. Threads of
one process take turns: two that open a file at once get in each other's way in DuckDB.
"""

import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from ingestion.errors import LandingFailed
from ingestion.s3_access import S3Access
from ingestion.sql import literal

logger = logging.getLogger(__name__)

Work = Callable[[duckdb.DuckDBPyConnection], None]

_PATIENCE = 30.0
"""Seconds to wait for another process that writes."""

_TURNS: dict[str, threading.Lock] = {}
"""For each file that this process changes, whose turn it is."""


class DuckFile:
    """The DuckDB file at `path`; it is made when first written to. `reads_s3`: its views read a lake on S3."""

    def __init__(self, path: Path, reads_s3: bool = False) -> None:
        self.path, self._reads_s3 = path, reads_s3

    def execute(self, statements: Sequence[str]) -> None:
        """Execute all statements in one transaction. Raises LandingFailed when the file cannot be written."""

        self.change(partial(_execute, statements))

    def change(self, work: Work) -> None:
        """Let `work` change the file in one transaction; it may be called again. Raises LandingFailed as above."""
        with _TURNS.setdefault(str(self.path.absolute()), threading.Lock()):
            self._change_or_wait(work)

    def _change_or_wait(self, work: Work) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._change(self.path, work)
            except duckdb.IOException as error:
                if not self.path.exists() or "lock" not in str(error):
                    raise LandingFailed(f"{self.path.name} cannot be written") from error
            if self._is_readable():
                return self._change_aside(work)
            if time.monotonic() > until:
                raise LandingFailed(
                    f"{self.path.name} is being written by another process: run again"
                )
            time.sleep(0.2)

    def _change(self, path: Path, work: Work) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(path)) as connection:
            if self._reads_s3:
                allow_s3(connection)
            connection.execute("begin")
            work(connection)
            connection.execute("commit")

    def _change_aside(self, work: Work) -> None:
        logger.info("%s is being read: registering in a copy that takes its place", self.path.name)
        with self._copy() as copy:
            self._change(copy, work)
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(copy, self.path)
            log_of(self.path).unlink(missing_ok=True)

    @contextmanager
    def _copy(self) -> Iterator[Path]:
        """A copy in a folder of its own, of the same name: views carry the name of the database, its file's."""
        folder = self.path.with_name(f".registering-{uuid.uuid4().hex}")
        folder.mkdir()
        try:
            copy = folder / self.path.name
            for source, target in ((self.path, copy), (log_of(self.path), log_of(copy))):
                if source.exists():
                    shutil.copyfile(source, target)
            yield copy
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _is_readable(self) -> bool:
        try:
            duckdb.connect(str(self.path), read_only=True).close()
        except duckdb.IOException:
            return False
        return True


def _execute(statements: Sequence[str], connection: duckdb.DuckDBPyConnection) -> None:
    for statement in statements:
        connection.execute(statement)


def log_of(database: Path) -> Path:
    """DuckDB's write-ahead log of a file that was not closed properly."""
    return database.with_name(database.name + ".wal")


def allow_s3(connection: duckdb.DuckDBPyConnection) -> None:
    """Let this connection read S3 as boto3 does: its credentials, region and AWS_ENDPOINT_URL.

    The extension comes from its wheel; installed, it is also there for dbt without any download.
    """
    import duckdb_extension_httpfs  # type: ignore[import-untyped]

    folder = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    connection.execute(f"install {literal(str(folder / 'httpfs.duckdb_extension'))}")
    connection.execute("load httpfs")
    options = S3Access.as_boto3_finds_it().secret_options()
    words = ", ".join(f"{name} {literal(value)}" for name, value in options.items())
    connection.execute(f"create or replace temporary secret lake (type s3, {words})")
