"""How often a run reads a raw table, counted over the parsed project: through views, by tables and by tests."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from tools.project import TARGETS, compiled_for

pytestmark = pytest.mark.warehouse

MOST = 2
OWN = "landfall"
"""The source of what the lander says of its loads: small, and read through views."""


@pytest.mark.parametrize("target", TARGETS)
def test_each_raw_table_is_read_at_most_twice_by_models_and_tests(target: str) -> None:
    """History is not in the graph: `dbt snapshot` and the backfill read a table once more."""
    reads = reads_of(json.loads((compiled_for(target).parents[1] / "manifest.json").read_text()))
    assert len(reads) > 40
    assert {table: count for table, count in reads.items() if count > MOST} == {}


def test_a_view_passes_every_read_on() -> None:
    project = {
        "sources": {"s": node("source", "")},
        "nodes": {
            "view": node("model", "view", "s"),
            "table": node("model", "table", "view"),
            "test of the view": node("test", "test", "view"),
            "test of the table": node("test", "test", "table"),
        },
    }
    assert reads_of(project) == {"shop.orders": 2}


def node(kind: str, materialized: str, *parents: str) -> dict[str, Any]:
    named = {"source_name": "shop", "name": "orders"}
    config = {"materialized": materialized}
    return named | {"resource_type": kind, "config": config, "depends_on": {"nodes": parents}}


def reads_of(project: dict[str, Any]) -> Counter[str]:
    """How often each source's table is read when everything is built and tested, by `source.table`."""
    nodes, sources = project["nodes"], project["sources"]

    @cache
    def read_by(name: str) -> Counter[str]:
        """What a query over a node's SQL reads of raw tables."""
        found = Counter[str]()
        for parent in nodes[name]["depends_on"].get("nodes", ()):
            if parent in sources:
                found[f"{sources[parent]['source_name']}.{sources[parent]['name']}"] += 1
            elif nodes[parent]["config"]["materialized"] == "view":
                found += read_by(parent)
        return found

    whole = Counter[str]()
    for name, one in nodes.items():
        if one["config"].get("materialized") != "view" and one["resource_type"] != "snapshot":
            whole += read_by(name)
    return Counter({table: n for table, n in whole.items() if not table.startswith(f"{OWN}.")})
