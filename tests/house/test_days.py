"""Days and instants: a column's ending says which it is, and a day taken from an instant is the business zone's."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from tools.project import compiled_for

pytestmark = pytest.mark.warehouse

KINDS = {"_date": "date", "_on": "date", "_at": "timestamp"}
DAYS = (exp.Date, exp.DateTrunc, exp.TimestampTrunc, exp.Extract, exp.Day, exp.Month, exp.Year)
AURORAS_DAY = "the taxi's billing procedure runs by UTC days: it finds the instant, whose business day is published"
LENGTH = "no day but a number of seconds, which dbt counts through days on DuckDB"
NOT_OURS = {
    ("fct_trips", "processed_on"): AURORAS_DAY,
    ("int_driver_billings_computed", "billing_day"): AURORAS_DAY,
    ("int_driver_billings_computed", "dropoff_day"): AURORAS_DAY,
    ("int_taxi_findings_counted", "dropoff_at"): AURORAS_DAY,
    ("int_taxi_findings_counted", "newest_run_day"): AURORAS_DAY,
    ("driver_days", "driven_seconds"): LENGTH,
    ("int_trips_timed", "waiting_seconds"): LENGTH,
}
"""(model, column) to the reason why a day is not the business zone's."""


@pytest.fixture(scope="module")
def compiled() -> Path:
    """The compiled models, for DuckDB."""
    return compiled_for("duckdb") / "models"


def days_of_greenwich(sql: str) -> set[str]:
    """The columns of a statement, by alias, that take a day from an instant without a time zone."""
    found = set()
    for node in sqlglot.parse_one(sql, dialect="duckdb").walk():
        cast_to_day = isinstance(node, exp.Cast) and node.to.is_type("date")
        if not (cast_to_day or isinstance(node, DAYS)):
            continue
        # below a zone the instant is local time already
        instant = node.expression if isinstance(node, exp.Extract) else node.this
        while isinstance(instant, exp.Paren | exp.Cast):
            instant = instant.this
        if isinstance(instant, exp.Column) and instant.name.endswith("_at"):
            alias = node.find_ancestor(exp.Alias)
            found.add(alias.alias if alias else instant.name)
    return found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select cast(x.created_at as date) as created_date from x", {"created_date"}),
        ("select date_trunc('month', created_at) as month_start from x", {"month_start"}),
        ("select extract(year from created_at) + 1 as next_year from x", {"next_year"}),
        ("select 1 as a from x where cast(moved_at as date) = date '2026-01-01'", {"moved_at"}),
        ("select max(cast((cast(sold_at as timestamp)) as date)) as last_on from x", {"last_on"}),
        (
            "select cast(timezone('America/New_York', timezone('UTC', a_at)) as date) as d from x",
            set(),
        ),
        ("select cast(dbt_valid_from as date) as valid_from, created_at from x", set()),
    ],
)
def test_a_day_taken_without_a_zone_is_seen(sql: str, found: set[str]) -> None:
    assert days_of_greenwich(sql) == found


def test_every_day_taken_from_an_instant_is_the_business_zones(compiled: Path) -> None:
    found = {
        (path.stem, column)
        for path in sorted(compiled.rglob("*.sql"))
        for column in days_of_greenwich(path.read_text())
    }
    assert found == set(NOT_OURS)


def test_the_ending_of_a_column_says_whether_it_is_a_day_or_an_instant(compiled: Path) -> None:
    manifest: dict[str, Any] = json.loads((compiled.parents[2] / "manifest.json").read_text())
    wrong = {
        f"{node['name']}.{column['name']}: {column['data_type']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for column in node["columns"].values()
        for ending, kind in KINDS.items()
        if column["name"].endswith(ending) and (column["data_type"] or kind).lower() != kind
    }
    assert wrong == set()
