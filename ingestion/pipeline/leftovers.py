"""What a killed run leaves behind on Athena: its queries go on after it, and would race those of the next run.

Before a run, the queries of the work group that carry our dbt project's comment are stopped and waited for. The lease
says that no other run is at work, so they can only be leftovers.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingestion.errors import LandingFailed
from ingestion.store.answers import answering

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

COMMENT = re.compile(r'\{"app": "dbt".*?\}')
"""dbt writes it into each statement: the project's profile, the target and the node."""

PROFILE = "landfall"
WORKING = ("QUEUED", "RUNNING")
LONGEST = timedelta(hours=1)
"""A query that was submitted before that has ended: Athena lets none run for more than 30 minutes, unless asked to."""

WAIT_SECONDS = 120
_PAGE = 50


def stop_leftovers(target: str, *, seconds: float = WAIT_SECONDS) -> list[str]:
    """Stop the queries of `target` that still run, and wait for their ends; one line for each, with its node.

    Raises LandingFailed when one does not end in time, or Athena does not answer.
    """
    import boto3  # takes its time to load, and only Athena needs it

    athena = boto3.client("athena")
    with answering("look for leftover queries in Athena"):
        found = dict(_running(athena, target))
        for query_id in found:
            athena.stop_query_execution(QueryExecutionId=query_id)
        wait_for_the_end(athena, list(found), until=time.monotonic() + seconds)
    return [f"stopped a query that an earlier run left behind: {node}" for node in found.values()]


def _running(athena: "AthenaClient", target: str) -> Iterator[tuple[str, str]]:
    """Id and node of each of our queries that is not at its end; the newest come first."""
    group = os.environ.get("LANDFALL_ATHENA_WORKGROUP") or "primary"
    pages = athena.get_paginator("list_query_executions").paginate(
        WorkGroup=group, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        queries = _described(athena, page["QueryExecutionIds"])
        for query in queries:
            node = _node(query["Query"], target)
            if node and query["Status"]["State"] in WORKING:
                yield query["QueryExecutionId"], node
        oldest = [query["Status"]["SubmissionDateTime"] for query in queries][-1:]
        if oldest and oldest[0] < datetime.now(UTC) - LONGEST:
            return


def _described(athena: "AthenaClient", ids: list[str]) -> list[Any]:
    if not ids:
        return []
    found = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    return sorted(found, key=lambda query: ids.index(query["QueryExecutionId"]))


def _node(sql: str, target: str) -> str | None:
    """The node that a statement of ours was for; none when it is not ours."""
    comment = COMMENT.search(sql)
    try:
        said = json.loads(comment[0]) if comment else {}
    except ValueError:
        return None
    if said.get("profile_name") != PROFILE or said.get("target_name") != target:
        return None
    return str(said.get("node_id") or said.get("connection_name") or "unnamed")


def wait_for_the_end(athena: "AthenaClient", ids: list[str], *, until: float) -> None:
    """Wait until these queries have ended; LandingFailed when one still runs at `until`, a time.monotonic()."""
    left = ids
    while left := [
        query["QueryExecutionId"]
        for some in (left[n : n + _PAGE] for n in range(0, len(left), _PAGE))
        for query in _described(athena, some)
        if query["Status"]["State"] in WORKING
    ]:
        if time.monotonic() > until:
            raise LandingFailed(f"queries of an earlier run do not end: {len(left)}; run again")
        time.sleep(0.2)
