"""The stand-in for tests: started once, used through redshift_connector as by a user."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import redshift_connector
from redshift_connector.core import Connection

from tools.standins.aws import client
from tools.standins.processes import EngineProcess

START_SECONDS = 60


class Redshift:
    """A running stand-in."""

    def __init__(self, facts: dict[str, Any], pid: int) -> None:
        self.port: int = facts["port"]
        self.url: str = facts["url"]
        self.pid = pid
        # the environment for dbt and `python -m ingestion`
        self.settings: dict[str, str] = facts["settings"]
        self.glue, self.s3 = self.client("glue"), self.client("s3")

    def client(self, service: str) -> Any:
        """A boto3 client of the services whose external schemas are read."""
        return client(service, self.url)

    def connect(self, autocommit: bool = True, user: str = "") -> Connection:
        """A session, as dbt opens one, or another user's."""
        connection = redshift_connector.connect(
            host="127.0.0.1",
            port=self.port,
            database=self.settings["LANDFALL_REDSHIFT_DATABASE"],
            user=user or self.settings["LANDFALL_REDSHIFT_USER"],
            password=self.settings["LANDFALL_REDSHIFT_PASSWORD"],
            ssl=False,
        )
        connection.autocommit = autocommit
        return connection

    def rows(self, *statements: str, user: str = "") -> list[list[Any]]:
        """Run statements in a session of their own; the rows of the last. Raises the driver's ProgrammingError."""
        with (
            contextlib.closing(self.connect(user=user)) as connection,
            connection.cursor() as cursor,
        ):
            for sql in statements:
                cursor.execute(sql)
            return [list(row) for row in cursor.fetchall()] if cursor.description else []

    def value(self, *statements: str) -> Any:
        """The only cell of the last statement."""
        ((cell,),) = self.rows(*statements)
        return cell


@contextlib.contextmanager
def redshift_engine(aws_url: str | None = None) -> Iterator[Redshift]:
    """Start the stand-in in a process of its own, over moto or over the Glue and S3 at a URL. Raises EngineFailed."""
    process = EngineProcess("tools.redshift", ["--aws", aws_url] if aws_url else [], START_SECONDS)
    try:
        yield Redshift(process.facts, process.pid)
    finally:
        process.stop()
