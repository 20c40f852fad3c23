"""The Athena stand-in for tests: started once, used through boto3 as by a user."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from trino.dbapi import Connection

from tools.standins.aws import client
from tools.standins.processes import EngineProcess

START_SECONDS = 120
RESULTS = "s3://landfall/athena-results/"
Row = tuple[str | None, ...]


class QueryFailed(Exception):
    """The query ended as FAILED or CANCELLED, with Athena's reason."""


class Athena:
    """A running stand-in."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.url: str = facts["url"]
        # the environment for dbt and `python -m ingestion`
        self.settings: dict[str, str] = facts["settings"]
        self.athena = self.client("athena")
        self.glue = self.client("glue")
        self.s3 = self.client("s3")

    def client(self, service: str) -> Any:
        """A boto3 client of the stand-in."""
        return client(service, self.url)

    def start(self, sql: str, database: str = "default", **more: Any) -> str:
        """Submit a query; its id."""
        started = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database, "Catalog": "awsdatacatalog"},
            ResultConfiguration={"OutputLocation": RESULTS},
            **more,
        )
        return str(started["QueryExecutionId"])

    def wait(self, query_id: str, seconds: float = 60) -> dict[str, Any]:
        """Wait for a query's end; returns GetQueryExecution's answer then."""
        limit = time.monotonic() + seconds
        while True:
            query: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=query_id)
            status = query["QueryExecution"]["Status"]["State"]
            if status not in ("QUEUED", "RUNNING"):
                return dict(query["QueryExecution"])
            assert time.monotonic() < limit, f"still {status} after {seconds} s"

    def rows(self, sql: str, database: str = "default") -> list[Row]:
        """Run a query and get its rows as Athena writes the cells. Raises QueryFailed."""
        query_id = self.start(sql, database)
        ended = self.wait(query_id)
        if ended["Status"]["State"] != "SUCCEEDED":
            raise QueryFailed(ended["Status"].get("StateChangeReason", ""))
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        found = [
            tuple(cell.get("VarCharValue") for cell in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        return found[1:] if ended["StatementType"] == "DML" else found

    def scanned(self, sql: str, database: str = "default") -> int:
        """Run a query; the bytes that it read."""
        ended = self.wait(self.start(sql, database))
        if ended["Status"]["State"] != "SUCCEEDED":
            raise QueryFailed(ended["Status"].get("StateChangeReason", ""))
        return int(ended["Statistics"]["DataScannedInBytes"])

    def running_in_trino(self) -> list[str]:
        """The statements that the engine itself still works on for Athena."""
        port = self.facts["trino"]["port"]
        connection = Connection(host="127.0.0.1", port=port, user="test")
        cursor = connection.cursor()
        cursor.execute(
            "select query from system.runtime.queries where \"user\" = 'athena'"
            " and state not in ('FINISHED', 'FAILED')"
        )
        return [row[0] for row in cursor.fetchall()]


@contextlib.contextmanager
def athena_engine() -> Iterator[Athena]:
    """Start the stand-in in a process of its own. Raises Unavailable, EngineFailed."""
    process = EngineProcess("tools.athena", [], START_SECONDS)
    try:
        yield Athena(process.facts)
    finally:
        process.stop()
