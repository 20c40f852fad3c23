"""The rules by which a run leaves nodes as they are (ingestion/pipeline/news.py), compared with the project's SQL."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ingestion.pipeline.news import AS_OF_DATES, News, nodes_to_build
from ingestion.seeds import areas_by_source
from tools.project import ROOT, compiled_for

pytestmark = pytest.mark.warehouse

RAW = re.compile(r'"raw_(\w+)"\."(\w+)"')
OF_LOADS = re.compile(r"\braw_base\.base_(landfall)__(\w+)")
AREA = re.compile(r"\barea = '(\w+)'")
OF_AREAS = {area for areas in areas_by_source(ROOT).values() for area in areas}


@pytest.fixture(scope="module")
def parsed() -> dict[str, Any]:
    """The project as dbt parsed it."""
    found: dict[str, Any] = json.loads(
        (compiled_for("duckdb").parents[1] / "manifest.json").read_text()
    )
    return found


@pytest.fixture(scope="module")
def manifest(parsed: dict[str, Any]) -> Any:
    """The same as the run has it, with every relation a table."""
    nodes = {name: _node(node) for name, node in parsed["nodes"].items()}
    for node in nodes.values():
        node.config.materialized = "table"
    sources = {name: _node(node) for name, node in parsed["sources"].items()}
    return SimpleNamespace(nodes=nodes, sources=sources)


def _node(told: dict[str, Any]) -> Any:
    parents = told.get("depends_on", {}).get("nodes", [])
    config = SimpleNamespace(
        group=told["config"].get("group"), severity=told["config"].get("severity", "")
    )
    return SimpleNamespace(
        **{**told, "config": config, "depends_on": SimpleNamespace(nodes=parents)}
    )


def compiled(parsed: dict[str, Any]) -> dict[str, str]:
    """The SQL of each model, by its unique id."""
    folder = compiled_for("duckdb")
    return {
        name: (folder / node["original_file_path"]).read_text()
        for name, node in parsed["nodes"].items()
        if node["resource_type"] == "model"
    }


def tables_in(sql: str, parsed: dict[str, Any]) -> set[str]:
    """The raw tables that a text names, as source.table; the lander's also by their base views."""
    known = {f"{node['source_name']}.{node['identifier']}" for node in parsed["sources"].values()}
    named = [*RAW.findall(sql), *OF_LOADS.findall(sql)]
    return known & {f"{source}.{table}" for source, table in named}


def test_a_model_is_built_after_loads_of_each_raw_table_that_its_sql_reads(
    parsed: dict[str, Any], manifest: Any
) -> None:
    """Macros name some of the tables only when dbt compiles, where its graph does not see them."""
    readers: dict[str, set[str]] = {}
    for name, sql in compiled(parsed).items():
        for table in tables_in(sql, parsed):
            readers.setdefault(table, set()).add(name)
    assert len(readers) > 60
    missed = {
        table: names - nodes_to_build(manifest, news(table), ROOT)
        for table, names in readers.items()
        if not table.startswith("landfall.")
    }
    assert {table: names for table, names in missed.items() if names} == {}


def test_what_reads_the_loads_of_all_tables_is_always_built(
    parsed: dict[str, Any], manifest: Any
) -> None:
    always = nodes_to_build(manifest, news(), ROOT)
    reading = {
        name
        for name, sql in compiled(parsed).items()
        if any(table.startswith("landfall.") for table in tables_in(sql, parsed))
        and Path(parsed["nodes"][name]["original_file_path"]).parts[1] not in ("base", "staging")
    }
    # these two read of them the tables that are above them in the graph, by the names in their SQL
    own = {name for name in reading if "_measured" in name or "_findings_counted" in name}
    assert len(own) > 5
    assert reading - always == own
    assert {"model.landfall.int_rows_missing", "model.landfall.int_misfits_counted"} <= reading


def test_a_model_of_an_area_reads_the_as_of_date_of_that_area_alone(
    parsed: dict[str, Any],
) -> None:
    texts = compiled(parsed)
    readers = {
        name: (node["config"]["group"], set(AREA.findall(texts[name])))
        for name, node in parsed["nodes"].items()
        if node["resource_type"] == "model"
        and f"model.landfall.{AS_OF_DATES}" in node["depends_on"]["nodes"]
        and node["config"]["group"] in OF_AREAS
    }
    assert len(readers) > 8
    assert {name: areas for name, (group, areas) in readers.items() if areas != {group}} == {}


def news(*tables: str) -> News:
    """New loads of these tables, of a day that is not new."""
    return News(tables=frozenset(tables), areas=frozenset())
