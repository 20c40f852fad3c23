"""Each example query in a model's description runs, over empty tables made from the marts' contracts."""

import re
from typing import Any

import duckdb
import pytest

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

EXAMPLE = re.compile(r"\*\*Example\*\*\s+```sql\n(.+?)\n```", re.DOTALL)


def models_of(parsed_project: dict[str, Any]) -> list[dict[str, Any]]:
    """The models that people may read: marts and restricted."""
    return [
        node
        for node in parsed_project["nodes"].values()
        if node["resource_type"] == "model"
        and node["original_file_path"].startswith(("models/marts/", "models/restricted/"))
    ]


def examples_of(model: dict[str, Any]) -> list[str]:
    """The example queries in a model's description."""
    found: list[str] = EXAMPLE.findall(model["description"])
    return found


@pytest.fixture(scope="module")
def empty(parsed_project: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Every mart as its contract says, without a row."""
    connection = duckdb.connect()
    for model in models_of(parsed_project):
        columns = ", ".join(f"{c['name']} {c['data_type']}" for c in model["columns"].values())
        connection.execute(f"create schema if not exists {model['schema']}")
        connection.execute(f"create table {model['schema']}.{model['name']} ({columns})")
    return connection


def test_every_example_query_runs(
    parsed_project: dict[str, Any], empty: duckdb.DuckDBPyConnection
) -> None:
    failed, tried = {}, 0
    for model in models_of(parsed_project):
        for query in examples_of(model):
            tried += 1
            try:
                assert empty.execute(query).fetchall() is not None
            except duckdb.Error as error:
                failed[model["name"]] = str(error).splitlines()[0]
    assert failed == {}
    assert tried >= 39


def test_every_mart_has_an_example_that_reads_it(
    parsed_project: dict[str, Any],
) -> None:
    silent = [
        model["name"]
        for model in models_of(parsed_project)
        if model["original_file_path"].startswith("models/marts/")
        and not any(f"{model['schema']}.{model['name']}" in query for query in examples_of(model))
    ]
    assert silent == []


def test_facts_are_shown_as_it_was_and_as_they_are_today(parsed_project: dict[str, Any]) -> None:
    shown = [
        ("durable_key" in query, "is_current" in query)
        for model in models_of(parsed_project)
        if model["name"] == "fct_encounters"
        for query in examples_of(model)
    ]
    assert sorted(shown) == [(False, False), (True, True)]
