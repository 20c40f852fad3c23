"""What macros/dialect says to an engine around a build: the statements of every branch, in their order.

These macros run statements instead of being put into one, so dbt cannot compile them offline: they are called here with
everything that dbt would give them, and what they ask for is written down.
"""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.adapters.athena.relation import AthenaRelation
from dbt.adapters.base import BaseRelation

from tests.warehouse.macros import macros_of

FILES = ("dialect/run_checks.sql", "dialect/snapshots.sql", "dialect/tables.sql")
ENGINES = ("duckdb", "athena", "redshift")
HISTORY = {"database": "lake", "schema": "snapshots", "identifier": "snap_a", "type": "table"}
NODES = {
    "model.landfall.a_view": ("marts", "marts_x", "view"),
    "model.landfall.a_table": ("marts", "marts_x", "table"),
    "model.landfall.stg_a": ("staging", "staging", "view"),
    "snapshot.landfall.snap_a": ("snapshots", "snapshots", "snapshot"),
    "seed.landfall.codes": ("seeds", "staging", "seed"),
}
"""Of each node the folder, the schema and how it is materialized."""


class Engine:
    """dbt's side of a macro for one engine. `asked` are the statements, `logged` the lines, `there` the tables."""

    def __init__(self, name: str, *there: str) -> None:
        self.name, self.there = name, set(there)
        self.asked: list[str] = []
        self.logged: list[str] = []
        self._known = macros_of(FILES, self._given())

    def call(self, macro: str, *words: Any) -> Any:
        """Call the macro by its own name; what it returns."""
        return self._known[macro](*words)

    def _given(self) -> dict[str, Any]:
        return {
            "adapter": SimpleNamespace(dispatch=self._branch),
            "api": SimpleNamespace(Relation=AthenaRelation),
            "graph": SimpleNamespace(nodes={name: _node(name) for name in NODES}),
            "invocation_id": "run1",
            "load_relation": lambda relation: relation if self._is_there(relation) else None,
            "log": lambda line, info: self.logged.append(line),
            "run_query": lambda text: self.asked.append(re.sub(r"\s+", " ", text).strip()),
            "target": SimpleNamespace(s3_data_dir="s3://lake/tables/"),
        }

    def _branch(self, macro: str) -> Callable[..., Any]:
        own = self._known.get(f"{self.name}__{macro}")
        found: Callable[..., Any] = own or self._known[f"default__{macro}"]
        return found

    def _is_there(self, relation: BaseRelation) -> bool:
        return f"{relation.schema}.{relation.identifier}" in self.there


def _node(name: str) -> SimpleNamespace:
    folder, schema, materialized = NODES[name]
    kind, _, alias = name.split(".")
    config = SimpleNamespace(materialized=materialized)
    return SimpleNamespace(
        unique_id=name, database="lake", schema=schema, alias=alias, resource_type=kind,
        fqn=["landfall", folder, "an_area", alias], config=config,
    )  # fmt: skip


def history(engine: str) -> BaseRelation:
    return (AthenaRelation if engine == "athena" else BaseRelation).create(**HISTORY)


def test_the_rows_of_a_snapshot_are_a_table_on_athena_and_the_query_elsewhere() -> None:
    for name in ("duckdb", "redshift"):
        engine = Engine(name)
        assert engine.call("held_rows", history(name), "select 1 as a") == "(select 1 as a)"
        assert engine.asked == []
    athena = Engine("athena")
    held = athena.call("held_rows", history("athena"), "select 1 as a")
    assert str(held) == '"lake"."snapshots"."snap_a__rows"'
    assert athena.asked == [
        "drop table if exists `snapshots`.`snap_a__rows`",
        'create table "lake"."snapshots"."snap_a__rows" with (table_type = \'ICEBERG\', '
        "is_external = false, format = 'PARQUET', "
        "location = 's3://lake/tables/snapshots/snap_a__rows/run1/') as select 1 as a",
    ]


def test_what_was_held_is_let_go_on_athena_alone() -> None:
    asked = {}
    for name in ENGINES:
        engine = Engine(name)
        engine.call("let_go", history(name))
        asked[name] = engine.asked
    dropped = ["drop table if exists `snapshots`.`snap_a__rows`"]
    assert asked == {"duckdb": [], "athena": dropped, "redshift": []}


@pytest.mark.parametrize(
    ("there", "restored"),
    [
        (["marts_x.a_table", "marts_x.a_table__bkp"], []),
        (["marts_x.a_table__bkp"], ["marts_x.a_table"]),
        (["marts_x.a_table__bkp", "snapshots.snap_a__bkp"], ["marts_x.a_table", "snapshots.snap_a"]),
        (["staging.codes__bkp"], []),
        ([], []),
    ],
)  # fmt: skip
def test_a_table_that_is_only_there_under_its_other_name_gets_its_own_back_on_athena(
    there: list[str], restored: list[str]
) -> None:
    for name in ("duckdb", "redshift"):
        engine = Engine(name, *there)
        engine.call("restore_backups")
        assert (engine.asked, engine.logged) == ([], [])
    athena = Engine("athena", *there)
    athena.call("restore_backups")
    parts = [name.split(".") for name in restored]
    assert athena.asked == [
        f"alter table `{schema}`.`{table}__bkp` rename to `{schema}`.`{table}`"
        for schema, table in parts
    ]
    assert athena.logged == [
        f"restored {name} from what a killed run had put aside" for name in restored
    ]


def test_every_view_is_read_on_redshift_after_its_name_was_said_layer_by_layer() -> None:
    for name in ("duckdb", "athena"):
        engine = Engine(name)
        engine.call("read_every_view")
        assert (engine.asked, engine.logged) == ([], [])
    redshift = Engine("redshift")
    redshift.call("read_every_view")
    assert redshift.logged == ["model.landfall.stg_a", "model.landfall.a_view"]
    assert redshift.asked == [
        "select count(*) from (select * from staging.stg_a limit 1) as a_row",
        "select count(*) from (select * from marts_x.a_view limit 1) as a_row",
    ]
