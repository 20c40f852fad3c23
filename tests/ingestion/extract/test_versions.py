"""From a live PostgreSQL to the area sales: every state that an extract could see is a version, and nothing else is."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from ingestion import land as lander
from ingestion.contract import Table, read_project
from ingestion.extract import extract
from ingestion.land import Context, open_context
from tests.ingestion.extract.conftest import Server
from tests.ingestion.lakes import Lake
from tools.project import ROOT, take_over_the_parse
from tools.quick import spare_dbt_work

pytestmark = [pytest.mark.slow, pytest.mark.warehouse]

ROUNDS = 8
VERSIONS = "select sales_order_id, units_sold, unit_price, is_newest from sales.fct_sales_orders"
TYPES = {"string": "text", "timestamp": "timestamp(3) not null default clock_timestamp()"}


def create(table: Table) -> str:
    """The table as the source has it: the time of a change is the server's."""
    kinds = [f"{c.name} {TYPES.get(c.type.name, str(c.type))}" for c in table.columns]
    return f"create table {table.name} ({', '.join(kinds)}, primary key ({table.key_columns[0]}))"


def build(context: Context, scratch: Path) -> None:
    """Build the facts of the area and all that they are made from, with their tests but without the unit tests."""
    words = ("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-write-json")
    places = ("--project-dir", str(ROOT), "--profiles-dir", str(scratch))
    with context.settings.environment():
        chosen = ("--select", "+group:sales", "--indirect-selection", "cautious")
        target = ("--target", "duckdb", "--target-path", str(scratch / "target"))
        left_out = ("--exclude-resource-type", "unit_test")
        done = dbtRunner().invoke([*words, "build", *places, *target, *chosen, *left_out])
    failed = [r for r in done.result.results if r.status not in ("success", "pass")]  # type: ignore[union-attr]
    assert done.success, [f"{r.node.name}: {r.status}" for r in failed]


@pytest.fixture
def context(local_lake: Lake, tmp_path: Path) -> Context:
    """A lake of the project itself."""
    profile = (ROOT / "profiles.yml.example").read_text()
    (tmp_path / "profiles.yml").write_text(profile)
    spare_dbt_work()
    take_over_the_parse("duckdb", tmp_path / "target")
    return open_context(replace(local_lake.settings, project_dir=ROOT))


def test_versions_are_what_extracts_could_see(
    postgres: Server, context: Context, tmp_path: Path
) -> None:
    """Each extract reads the last minutes again, so that nearly every row comes more than once."""
    totesys = [table for table in read_project(ROOT) if table.source == "totesys"]
    postgres.run(f"alter database {postgres.address.database} set timezone = 'UTC'")
    postgres.run(*(create(table) for table in totesys))
    dice, seen = random.Random(7), set()

    def change(number: int) -> None:
        units, price = dice.randrange(500), dice.randrange(100, 900) / 4
        postgres.run(
            "insert into sales_order (sales_order_id, units_sold, unit_price)"
            f" values ({number}, {units}, {price}) on conflict (sales_order_id) do update"
            " set units_sold = excluded.units_sold, unit_price = excluded.unit_price,"
            " last_updated = clock_timestamp()"
        )

    def state() -> set[tuple[Any, ...]]:
        columns = "sales_order_id, units_sold, unit_price"
        return set(postgres.run(f"select {columns} from sales_order"))

    for _ in range(5):
        change(1)
    for _ in range(ROUNDS):
        for _ in range(5):
            change(1)
            change(dice.randrange(2, 12))
        extract(context, "totesys", address=postgres.address, margin=timedelta(minutes=5))
        seen |= state()
    outcomes = lander.land(context)
    assert {o.outcome for o in outcomes} == {"landed"}
    assert sum(o.landed for o in outcomes) > 1.5 * len(seen)
    build(context, tmp_path)
    with duckdb.connect(str(context.settings.warehouse)) as warehouse:
        versions = warehouse.execute(VERSIONS).fetchall()
    assert len(versions) == len(seen)
    assert {row[:3] for row in versions} == seen
    assert {row[:3] for row in versions if row[3]} == state()
    # five changes between two extracts, and one version for them
    assert sum(row[0] == 1 for row in versions) == ROUNDS
