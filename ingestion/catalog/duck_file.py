"""Writes to a DuckDB file that others may be reading.

The statements change a copy, which replaces the file in one step: a reader keeps the old file, and a kill leaves one of
the two. DuckDB itself overwrites blocks that are partly in use, so a kill during such a write would leave a file that
cannot be opened. While another process writes, we wait for it. Every process and thread that copies, changes or
replaces the file holds one lock meanwhile. A file that a run builds aside has no reader, and is not used after a kill
amid a change: it is changed in place, as a large one takes seconds to copy.
"""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from ingestion.aws import S3Access
from ingestion.errors import LandingFailed
from ingestion.retries import looks
from ingestion.sql import literal, quoted
from ingestion.store import answering, lock_within, sync

logger = logging.getLogger(__name__)

Work = Callable[[duckdb.DuckDBPyConnection], None]
IsDue = Callable[[duckdb.DuckDBPyConnection], bool]

_PATIENCE = 30.0
"""Seconds to wait for another process that writes."""

_HEADER = 4096
"""Bytes of one of DuckDB's three headers."""

_ATTACHED = "attached"
"""The name of the file in the DuckDB that changes it; no view has it in its text."""

_LOCKED = "Could not set lock on file"
"""DuckDB's words when another process has the file open."""

_TWICE = "Unique file handle conflict"
"""Its words when another DuckDB of this process has it open."""


class DuckFile:
    """The DuckDB file at `path`; it is made when first written to. `reads_s3`: its views read a lake on S3.
    `is_aside`: nobody reads it until it takes the place of another."""

    def __init__(self, path: Path, reads_s3: bool = False, *, is_aside: bool = False) -> None:
        self.path, self._reads_s3, self._is_aside = path, reads_s3, is_aside
        self._duckdb: duckdb.DuckDBPyConnection | None = None

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query, by their columns' names. Raises LandingFailed when the file cannot be read."""
        try:
            with self._read() as connection:
                if self._reads_s3:
                    allow_s3(connection)
                found = connection.execute(query)
                names = [column[0] for column in found.description or ()]
                return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except duckdb.Error as error:
            raise LandingFailed(
                f"{self.path.name} cannot be read: {type(error).__name__}"
            ) from error

    def _read(self) -> duckdb.DuckDBPyConnection:
        try:
            return self.reading()
        except duckdb.ConnectionException:  # dbt has it open in this process, which builds it
            return duckdb.connect(str(self.path))

    def change(self, work: Work, is_due: IsDue = lambda _: True) -> None:
        """Let `work` change the file in one transaction, if a read-only connection says that it `is_due`.

        Raises LandingFailed as above.
        """
        with answering("write the warehouse"), locked(self.path):
            self._change_or_wait(work, is_due)

    def reading(self) -> duckdb.DuckDBPyConnection:
        """A read-only connection. Raises DuckDB's errors."""
        return duckdb.connect(str(self.path), read_only=True)

    def _change_or_wait(self, work: Work, is_due: IsDue) -> None:
        for is_last in looks(_PATIENCE, pause=0.2):
            try:
                if self._is_aside:
                    return self._change_in_place(work, is_due)
                if is_there(self.path):
                    with self._attached(self.path, read_only=True) as connection:
                        if not is_due(connection):
                            return None
                break
            except InUse:
                if is_last:
                    raise
            except _OpenHere:
                # dbt has it open in this process, which builds it: no other process has it yet
                return self._change_in_place(work, lambda _: True)
        return self._change_aside(work)

    def _change_in_place(self, work: Work, is_due: IsDue) -> None:
        with opened(self.path) as connection:
            if is_due(connection):
                self._work(connection, work)

    def _change_aside(self, work: Work) -> None:
        """In a folder of its own, under the same name: views carry the name of the database, its file's."""
        folder = self.path.with_name(f".{self.path.name}.changing")
        shutil.rmtree(folder, ignore_errors=True)  # its process has ended: we hold the lock
        folder.mkdir()
        try:
            copy = folder / self.path.name
            copy_database(self.path, copy)
            with self._attached(copy) as connection:
                self._work(connection, work)
            take_place(copy, self.path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _attached(
        self, database: Path, read_only: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the file or its copy, with the errors of `opened`, but for _OpenHere.

        All of them belong to one DuckDB, which has no file of its own: starting another one takes longer than most
        changes. It has one thread, as others would spin while statements as small as these run. After an error it is
        given up with all that it has attached.
        """
        words = " (read_only)" if read_only else ""
        try:
            with _told(database):
                self._duckdb = self._duckdb or duckdb.connect(config={"threads": 1})
                try:
                    self._duckdb.execute(f"attach {literal(str(database))} as {_ATTACHED}{words}")
                except duckdb.BinderException as error:
                    if _TWICE not in str(error):
                        raise
                    raise _OpenHere from error
                with self._duckdb.cursor() as connection:
                    connection.execute(f"use {_ATTACHED}")
                    yield connection
                self._duckdb.execute(f"detach {_ATTACHED}")
        except BaseException:
            if self._duckdb:
                self._duckdb.close()
            self._duckdb = None
            raise

    def _work(self, connection: duckdb.DuckDBPyConnection, work: Work) -> None:
        if self._reads_s3:
            allow_s3(connection)
        connection.execute("begin")
        work(connection)
        connection.execute("commit")


@contextmanager
def all_cores(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Give the connection's DuckDB a thread per core for statements that read many files."""
    (threads,) = connection.execute("select current_setting('threads')").fetchone() or (1,)
    connection.execute("reset threads")
    try:
        yield
    finally:
        connection.execute(f"set threads = {threads}")


def columns_of(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str
) -> list[tuple[str, str]]:
    """Name and type, in lower case, of each column of a table; empty for an unknown name.

    Does not use `duckdb_columns()`, which would bind every view of the file, nor `duckdb_tables()`, which counts the
    rows of every table.
    """
    named = literal(f"{quoted(schema)}.{quoted(table)}")
    try:
        return connection.execute(
            f"select name, lower(type) from pragma_table_info({named})"
        ).fetchall()
    except duckdb.CatalogException:  # ends no transaction
        return []


class InUse(LandingFailed):
    """Another process has the file open."""


class _OpenHere(Exception):
    """This process has the file open, by `opened` or as dbt does."""


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the lock of a file that is there or will be. LandingFailed when others hold it for long."""
    database.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(database.with_name(f".{database.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not lock_within(lock, _PATIENCE):
            raise InUse(_in_use(database))
        yield
    finally:
        os.close(lock)  # which gives the lock back


@contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that writes. Raises InUse, or LandingFailed for whatever DuckDB cannot do;
    ConnectionException where this process has the file open in another way."""
    with _told(database), duckdb.connect(str(database)) as connection:
        yield connection


@contextmanager
def _told(database: Path) -> Iterator[None]:
    """Turns DuckDB's errors into ours, but for a ConnectionException."""
    try:
        yield
    except duckdb.ConnectionException:
        raise
    except duckdb.Error as error:
        if _LOCKED in str(error):
            raise InUse(_in_use(database)) from error
        raise LandingFailed(
            f"{database.name} cannot be written ({type(error).__name__}): verify says what is damaged"
        ) from error


def _in_use(database: Path) -> str:
    return f"{database.name} is in use by another process: run again"


def is_there(database: Path) -> bool:
    """Whether the file exists and is not empty."""
    return database.exists() and database.stat().st_size > 0


def copy_database(source: Path | None, target: Path) -> None:
    """Copy a file and its log, if it has one; with None as `source` only remove the target. The caller holds the lock
    of `source`."""
    log_of(target).unlink(missing_ok=True)
    target.unlink(missing_ok=True)
    if source and is_there(source):
        shutil.copyfile(source, target)
        with suppress(FileNotFoundError):
            shutil.copyfile(log_of(source), log_of(target))


def take_place(built: Path, database: Path) -> None:
    """Replace a file by a closed one; the caller holds the lock of `database`.

    The old file's log is deleted first: DuckDB would replay it beside the new file.
    """
    if log_of(built).exists():
        raise InUse(_in_use(built))
    sync(built)
    if log_of(database).exists():
        log_of(database).unlink()
        sync(database.parent)
    os.replace(built, database)
    sync(database.parent)


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


def is_cut(path: Path, connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the open file is shorter than three headers and the blocks in use; not known beside a write-ahead log.

    DuckDB opens a file with missing blocks and fails at the first query that reads one. Free blocks at its end
    are cut off by itself. Of its format: https://duckdb.org/docs/stable/internals/storage
    """
    (used,) = connection.execute(
        "select used_blocks * block_size from pragma_database_size()"
        " where database_name = current_database()"
    ).fetchone() or (0,)
    return not log_of(path).exists() and path.stat().st_size < 3 * _HEADER + int(used)
