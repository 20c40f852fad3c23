"""What the queries of a run read on Athena, as benchmarks/cost.py works it out of the parsed project."""

from pathlib import Path
from typing import Any

from benchmarks.cost import Queries

SIZES = {
    "raw.orders": {"id": 1, "note": 10},
    "marts.orders": {"id": 100, "note": 1_000},
    "snap.orders": {"id": 7},
}


def node(
    folder: Path, kind: str, name: str, sql: str | None, *parents: str, **more: str
) -> dict[str, Any]:
    """A node of dbt's manifest, with its SQL as it is compiled."""
    path = folder / f"{len(list(folder.iterdir()))}.sql"
    path.write_text(sql or "")
    schema, alias = name.split(".")
    config = {"materialized": more.get("materialized", kind)}
    named = {
        "resource_type": kind,
        "schema": schema,
        "alias": alias,
        "name": alias,
        "config": config,
    }
    return named | {
        "compiled_path": str(path) if sql else None,
        "depends_on": {"nodes": list(parents)},
    }


def test_a_query_reads_the_columns_that_it_names_and_through_a_view_those_that_the_view_names(
    tmp_path: Path,
) -> None:
    nodes = {
        "table": node(
            tmp_path, "model", "marts.orders", "select id from raw", "raw", materialized="table"
        ),
        "view": node(
            tmp_path, "model", "marts.notes", "select Note from x", "table", materialized="view"
        ),
        "test of the table": node(tmp_path, "test", "tests.t", "select id, note from x", "table"),
        "test of the view": node(tmp_path, "test", "tests.v", "select id from x", "view"),
        "snapshot": node(tmp_path, "snapshot", "snap.orders", None, "raw"),
        "seed": node(tmp_path, "seed", "marts.seed", None),
    }
    sources = {"raw": node(tmp_path, "source", "raw.orders", None)}
    read = Queries({"nodes": nodes, "sources": sources}, SIZES).bytes_read
    # the table, its test, the test of the view, the snapshot and its merge, the seed; a view costs nothing
    assert read == [1, 1_100, 1_000, 11, 7, 0]
