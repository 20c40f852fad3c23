"""What two warehouses differ in, counted by hand, and the names of the interface."""

from pathlib import Path

import duckdb
import pytest

from tools.diff.interface import commands, operations, relations, settings, words
from tools.diff.marts import Difference, compared
from tools.project import ROOT

BASE = """
create schema clinic; create schema raw_x;
create table clinic.visits (visit_key int, room text, cost decimal(9,2));
insert into clinic.visits values (1, 'a', 1), (2, 'b', 2), (3, null, 3), (4, 'd', 4);
create table clinic.gone as select 1 as x;
create table clinic.same as select 1 as x, null as y;
create table clinic.keyless as select * from (values (1), (1), (2)) t(x);
create table raw_x.other as select 1 as x;
create schema operations; create table operations.runs as select 1 as run, 0.5 as seconds;
"""
HEAD = """
create schema clinic; create schema raw_x;
create table clinic.visits (visit_key int, room text, cost decimal(9,2), day date);
insert into clinic.visits (visit_key, room, cost) values
    (1, 'A', 1), (2, 'b', 2.5), (3, '', 3), (5, 'e', 5), (6, 'f', 6);
create table clinic.new as select 1 as x;
create table clinic.same as select 1 as x, null as y;
create table clinic.keyless as select * from (values (1), (2), (2), (3)) t(x);
create table raw_x.other as select 2 as x;
create schema operations; create table operations.runs as select 2 as run, 'a' as verdict;
create view operations.last as select 2 as run;
"""


@pytest.fixture
def warehouses(tmp_path: Path) -> tuple[Path, Path]:
    """The base's file and the head's."""
    files = []
    for name, script in (("base", BASE), ("head", HEAD)):
        file = tmp_path / f"{name}.duckdb"
        with duckdb.connect(str(file)) as connection:
            connection.execute(script)
        files.append(file)
    return files[0], files[1]


@pytest.fixture
def found(warehouses: tuple[Path, Path]) -> dict[str, Difference]:
    grains = {"clinic.visits": ["visit_key"], "clinic.same": ["x"], "clinic.keyless": ["x"]}
    return {one.mart: one for one in compared(*warehouses, grains, frozenset({"clinic"}))}


def test_rows_are_counted_as_added_removed_and_changed_by_column(
    found: dict[str, Difference],
) -> None:
    visits = found["clinic.visits"]
    assert (visits.added, visits.removed) == (2, 1)
    assert visits.changed == {"room": 2, "cost": 1}  # null and empty differ
    assert visits.columns == ("+day",)
    assert str(visits) == (
        "clinic.visits: 2 rows added; 1 rows removed; room: 2 rows changed; cost: 1 rows changed; columns +day"
    )


def test_marts_that_come_go_or_stay_are_told(found: dict[str, Difference]) -> None:
    assert set(found) == {f"clinic.{n}" for n in ("visits", "gone", "new", "same", "keyless")}
    assert not found["clinic.same"]
    assert (found["clinic.gone"].note, found["clinic.new"].note) == (
        "the mart is gone",
        "a new mart",
    )


def test_where_no_key_holds_whole_rows_are_counted(found: dict[str, Difference]) -> None:
    assert (found["clinic.keyless"].added, found["clinic.keyless"].removed) == (2, 1)


def test_of_what_speaks_of_runs_the_columns_alone_are_told(
    warehouses: tuple[Path, Path],
) -> None:
    operations = frozenset({"operations"})
    told = compared(*warehouses, {"operations.runs": ["run"]}, operations, operations)
    assert [str(one) for one in told] == [
        "operations.last: a new mart",
        "operations.runs: columns -seconds, +verdict",
    ]


def node(kind: str, path: str, schema: str, name: str) -> dict[str, object]:
    """A node of dbt's manifest with one column."""
    column = {"name": "visit_key", "data_type": "varchar"}
    return {
        "resource_type": kind, "original_file_path": path, "schema": schema, "name": name,
        "columns": {"visit_key": column}, "config": {"meta": {"grain": ["visit_key"]}},
    }  # fmt: skip


def test_the_interface_has_the_marts_and_raw_tables_and_no_table_between() -> None:
    nodes = [
        node("model", "models/marts/clinic/fct_visits.sql", "clinic", "fct_visits"),
        node("model", "models/staging/clinic/stg_clinic__visits.sql", "staging", "stg"),
    ]
    raw = node("source", "models/staging/clinic/_clinic__sources.yml", "raw_clinic", "visit")
    manifest = {"nodes": dict(enumerate(nodes)), "sources": {"raw": raw}}
    assert list(relations(manifest)) == [
        "relation clinic.fct_visits by visit_key",
        "column clinic.fct_visits.visit_key varchar",
        "relation raw_clinic.visit by no key",
        "column raw_clinic.visit.visit_key varchar",
    ]


def test_the_interface_has_every_word_of_a_contract_with_its_values() -> None:
    schema = {
        "$defs": {"Delivery": {"properties": {"file": {"enum": ["csv", "parquet"]}}}},
        "properties": {"key": {"anyOf": [{"items": {"enum": ["row"]}}, {"type": "string"}]}},
    }
    assert set(words(schema)) == {
        "word key", "word key. row",
        "word Delivery.file", "word Delivery.file. csv", "word Delivery.file. parquet",
    }  # fmt: skip


def test_the_interface_has_commands_codes_and_settings_of_this_tree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    assert {*commands(), *operations(), *settings()} >= {
        "command land",
        "command land --release  (optional)",
        "command land --format json (optional)",
        "command land --format json: load_id",
        "command status --format json: since",
        "command retract --reason  (required)",
        "kind of alert quarantined",
        "field of logs run_id",
        "metric RowsLanded",
        "code inbox row_floor",
        "setting LANDFALL_TARGET by default `duckdb`",
        "variable late_after_days = 1",
        "stack Parameters ArchiveAfterDays",
        "image USER 10001",
    }
