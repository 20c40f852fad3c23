"""The freshness of each table, by the manifests: the same as `dbt source freshness` on `raw_landfall.loads`, without
queries."""

from datetime import datetime
from pathlib import Path

from ingestion.contract import Project, Table
from ingestion.loads import Loads
from ingestion.pipeline.node import TABLE, Node
from ingestion.seeds import areas_by_source


def freshness(project: Project, loads: Loads, now: datetime, project_dir: Path) -> list[Node]:
    """A node per table that must be fresh: `pass`, `warn` or `error` by the age of its newest counted load.

    `now` is UTC without zone. A table that was never delivered passes: it is absent, not late.
    """
    areas = areas_by_source(project_dir)
    return [
        Node(
            name=TABLE + table.full_name,
            resource_type="source",
            status=_status(table, loads, now),
            areas=areas[table.source],
        )
        for table in project
        if table.freshness
    ]


def late_tables(project: Project, loads: Loads, now: datetime) -> list[str]:
    """The tables whose newest load is older than their contract allows, as source.table."""
    return [table.full_name for table in project if _status(table, loads, now) != "pass"]


def _status(table: Table, loads: Loads, now: datetime) -> str:
    newest = max((load.landed_at for load in loads.counted(table.full_name)), default=None)
    if newest is None or table.freshness is None:
        return "pass"
    for status, allowed in (
        ("error", table.freshness.error_after),
        ("warn", table.freshness.warn_after),
    ):
        if allowed and now - newest > allowed.to_timedelta():
            return status
    return "pass"
