"""The checks around a build: leftovers of a killed run, obstacles to publishing, bytes that the queries read.

On Athena the queries of a killed run go on and would race those of the next run. The queries of the work group that
carry our dbt project's comment are stopped and waited for: the lease excludes another run, so they are leftovers.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingestion.access import README_TABLE
from ingestion.aws import answering
from ingestion.errors import LandingFailed
from ingestion.pipeline.dbt import Dbt, DbtFailed
from ingestion.pipeline.node import RELATION, SCHEMA, Node
from ingestion.retries import looks

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

COMMENT = re.compile(r'\{"app": "dbt".*?\}')
"""dbt writes it into each statement: the project's profile, the target and the node."""

PROFILE, TARGET = "landfall", "athena"
WORKING = ("QUEUED", "RUNNING")
LONGEST = timedelta(hours=1)
"""A query that was submitted earlier has ended: Athena's default limit is 30 minutes."""

WAIT_SECONDS = 120
_PAGE = 50


def clear_leftovers(dbt: Dbt, target: str) -> list[str]:
    """Stop the queries and restore the tables that a killed run left behind on Athena; one line for each.

    Raises LandingFailed, DbtFailed.
    """
    if target != "athena":
        return []
    return stop_leftovers() + dbt.operation("restore_backups")


def obstacles(dbt: Dbt, target: str, built: Path | None = None) -> list[Node]:
    """The obstacles to publishing, as failed nodes. `built` is the file that DuckDB has built."""
    if target == "redshift":
        return _unreadable_views(dbt)
    return _unknown_schemas(dbt, built) if built else []


def unknown_relations(dbt: Dbt) -> list[Node]:
    """The tables and views in the schemas of models that the project does not know, as warnings: a release that has
    them no longer, or a person, left them there. They stop nothing, as they may be a person's own."""
    told = "the project does not know it, and no run renews it: drop it, or give it a schema of its own"
    return [
        Node(name=name, resource_type=RELATION, status="warn", message=told)
        for name in sorted(dbt.operation("name_unknown_relations"))
    ]


def _unreadable_views(dbt: Dbt) -> list[Node]:
    """The views that cannot be read: for late-binding views no other check finds this."""
    read: list[str] = []
    try:
        dbt.operation("read_every_view", read)
    except DbtFailed:
        if not read:
            raise
        told = "cannot be read: what it selects from is gone or has changed"
        return [Node.wrong(read[-1], "model", told, dbt.areas(read[-1]))]
    return []


def _unknown_schemas(dbt: Dbt, warehouse: Path) -> list[Node]:
    """Schemas with a table or a view that the project does not know: access to them is not declared."""
    query = "select distinct table_schema from information_schema.tables where table_schema || '.' || table_name <> ?"
    with duckdb.connect(str(warehouse)) as connection:
        rows = connection.execute(query, [README_TABLE.full_name]).fetchall()
        found = {schema for (schema,) in rows}
    told = "a schema that the project does not know: drop it, or give it to a model"
    return [
        Node.wrong(f"{SCHEMA}.landfall.{name}", SCHEMA, told)
        for name in sorted(found - dbt.schemas())
    ]


def stop_leftovers() -> list[str]:
    """Stop our queries that still run, and wait for their ends; one line for each, with its node.

    Raises LandingFailed when one does not end in time, or Athena does not answer.
    """
    import boto3  # slow to load, and only Athena needs it

    with answering("look for leftover queries in Athena"):
        athena = boto3.client("athena")
        found = dict(_running(athena))
        for query_id in found:
            athena.stop_query_execution(QueryExecutionId=query_id)
        wait_for_the_end(athena, list(found), WAIT_SECONDS)
    return [f"stopped a query that an earlier run left behind: {node}" for node in found.values()]


def _running(athena: "AthenaClient") -> Iterator[tuple[str, str]]:
    """Id and node of each of our running queries; the newest come first."""
    for query in _newest(athena, datetime.now(UTC) - LONGEST):
        node = _node(query["Query"])
        if node and query["Status"]["State"] in WORKING:
            yield query["QueryExecutionId"], node


def _newest(athena: "AthenaClient", since: datetime) -> Iterator[Any]:
    """The work group's queries that were submitted since then, the newest first."""
    group = os.environ.get("LANDFALL_ATHENA_WORKGROUP") or "primary"
    pages = athena.get_paginator("list_query_executions").paginate(
        WorkGroup=group, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        for query in _described(athena, page["QueryExecutionIds"]):
            if query["Status"]["SubmissionDateTime"] < since:
                return
            yield query


def _described(athena: "AthenaClient", ids: list[str]) -> list[Any]:
    if not ids:
        return []
    found = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    return sorted(found, key=lambda query: ids.index(query["QueryExecutionId"]))


def _node(sql: str) -> str | None:
    """The node of our statement; None for another's."""
    comment = COMMENT.search(sql)
    try:
        said = json.loads(comment[0]) if comment else {}
    except ValueError:
        return None
    if said.get("profile_name") != PROFILE or said.get("target_name") != TARGET:
        return None
    return str(said.get("node_id") or said.get("connection_name") or "unnamed")


def bytes_by_node(since: datetime) -> Counter[str]:
    """The bytes that our queries read since then, added up by node.

    Raises LandingFailed when Athena does not answer.
    """
    import boto3

    found = Counter[str]()
    with answering("ask Athena what the queries read"):
        athena = boto3.client("athena")
        for query in _newest(athena, since):
            if node := _node(query["Query"]):
                found[node] += query.get("Statistics", {}).get("DataScannedInBytes", 0)
    return found


def wait_for_the_end(athena: "AthenaClient", ids: list[str], seconds: float) -> None:
    """Wait until these queries have ended; LandingFailed when one still runs after these seconds."""
    for _ in looks(seconds, pause=0.2):
        ids = [
            query["QueryExecutionId"]
            for some in (ids[n : n + _PAGE] for n in range(0, len(ids), _PAGE))
            for query in _described(athena, some)
            if query["Status"]["State"] in WORKING
        ]
        if not ids:
            return
    raise LandingFailed(f"queries of an earlier run do not end: {len(ids)}; run again")
