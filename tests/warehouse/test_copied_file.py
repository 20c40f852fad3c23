"""The published files answer by themselves: copied to another folder, under another name, without the lake."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tools.demonstration import Demonstration, demonstrated

pytestmark = pytest.mark.slow

FILES = ("warehouse.duckdb", "warehouse_marts.duckdb", "warehouse_desk.duckdb")
RELATIONS = "select table_schema, table_name from information_schema.tables order by all"
NEWEST = (
    "select run_id, max(finished_at) from operations.run_nodes where is_of_newest_run group by 1"
)
VERDICTS = "select area, verdict, as_of_date from operations.figures_status order by 1"


@pytest.fixture(scope="module")
def shown() -> Demonstration:
    return demonstrated()


@pytest.fixture
def copied(shown: Demonstration, tmp_path: Path) -> dict[str, duckdb.DuckDBPyConnection]:
    """Each published file as a connection to a copy of another name, which may open no other file."""
    alone = {"enable_external_access": False}
    return {
        name: duckdb.connect(
            str(shutil.copy(shown.warehouse.with_name(name), tmp_path / f"my {name}")),
            read_only=True,
            config=alone,
        )
        for name in FILES
    }


def test_a_copied_file_answers_all_that_its_readme_says_it_holds(
    copied: dict[str, duckdb.DuckDBPyConnection],
) -> None:
    for name, file in copied.items():
        reads = dict(file.execute("select schema_name, reads from readme").fetchall())
        asked = [
            f'"{schema}"."{table}"'
            for schema, table in file.execute(RELATIONS).fetchall()
            if reads.get(schema, "this file") == "this file"
        ]
        assert len(asked) > 50, name
        for relation in asked:
            # of each row, so that no column is left unread
            assert file.execute(f"select count(hash(x)) from {relation} as x").fetchone(), relation


def test_what_was_delivered_is_all_that_lives_on_the_lake(
    copied: dict[str, duckdb.DuckDBPyConnection],
) -> None:
    on_the_lake = "select schema_name from readme where reads <> 'this file' order by 1"
    delivered = [schema for (schema,) in copied["warehouse.duckdb"].execute(on_the_lake).fetchall()]
    assert "raw_clinic" in delivered and "raw_landfall" not in delivered
    assert all(schema.startswith("raw_") for schema in delivered)
    for name in FILES[1:]:
        assert copied[name].execute(on_the_lake).fetchall() == []


def test_each_file_begins_by_saying_where_to_begin_of_its_own_schemas_alone(
    copied: dict[str, duckdb.DuckDBPyConnection],
) -> None:
    lines = "select schema_name, holds, tables from readme order by place"
    for name, file in copied.items():
        told = file.execute(lines).fetchall()
        held = {schema for schema, _ in file.execute(RELATIONS).fetchall()} - {"main"}
        assert {schema for schema, _, _ in told} == held, name
        assert all(holds and tables for _, holds, tables in told)
    marts = [schema for schema, _, _ in copied["warehouse_marts.duckdb"].execute(lines).fetchall()]
    assert marts[0] == "operations" and "restricted" not in marts and "staging" not in marts
    whole = copied["warehouse.duckdb"].execute(lines).fetchall()
    assert [schema for schema, _, _ in whole][: len(marts)] == marts
    assert "figures_status" in whole[0][1]


def test_the_verdicts_of_a_roles_file_speak_of_the_run_that_wrote_it(
    copied: dict[str, duckdb.DuckDBPyConnection],
) -> None:
    whole, marts = copied["warehouse.duckdb"], copied["warehouse_marts.duckdb"]
    assert marts.execute(NEWEST).fetchall() == whole.execute(NEWEST).fetchall() != []
    assert marts.execute(VERDICTS).fetchall() == whole.execute(VERDICTS).fetchall() != []
