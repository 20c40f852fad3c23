"""What MetricFlow answers is what the views show: of the newest day, and of an earlier one built on its own."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from tests.marts.conftest import Builds
from tests.marts.metrics import RENDERERS, Metrics
from tests.warehouse.conftest import Warehouse

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

RATES = ("gross_collection_rate", "net_collection_rate")
YEAR = ("charges_in_a_year", "payments_in_a_year", "refunds_in_a_year",
        "contractual_adjustments_in_a_year")  # fmt: skip
MONEY = "charge_amount, payment_amount, refund_amount, contractual_amount"
PHYSICIANS = "inner join clinic.dim_employees as employees on employee_durable_key = {} and employees.is_current"


@pytest.fixture(scope="module")
def manifest(builds: Builds) -> str:
    """What dbt wrote for MetricFlow when it parsed the project."""
    return Path(builds.newest.folder, "target/semantic_manifest.json").read_text()


@pytest.fixture(scope="module")
def metrics(manifest: str) -> Metrics:
    """The project's metrics, in DuckDB's SQL."""
    return Metrics(manifest)


@pytest.fixture(params=("newest", "day_as_built"))
def warehouse(request: pytest.FixtureRequest, builds: Builds) -> Warehouse:
    """The newest day's warehouse, and that of an earlier day."""
    found: Warehouse = getattr(builds, request.param)
    return found


def answers(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a question, rates at four decimals as the views have them, in order."""
    return sorted((tuple(map(rounded, row)) for row in warehouse.rows(sql)), key=repr)


def rounded(cell: Any) -> Any:
    """Numbers as decimals with four places; all else as it is."""
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return Decimal(str(cell)).quantize(Decimal("0.0001"))
    return cell


@pytest.mark.parametrize("target", list(RENDERERS))
def test_every_metric_becomes_sql_of_each_engine(manifest: str, target: str) -> None:
    metrics = Metrics(manifest, target)
    assert len(metrics.names) >= 18
    for name in metrics.names:
        sql = metrics.sql([name], by=["metric_time__month"])
        assert sqlglot.parse_one(sql, dialect=target).find(sqlglot.exp.Table), name


def test_what_is_open_is_open_in_every_bucket(warehouse: Warehouse, metrics: Metrics) -> None:
    slices = ["open_item__age_bucket", "open_item__payer_id"]
    asked = metrics.sql(["ar_open", "ar_credits"], by=slices)
    shown = (
        "select age_bucket, payer_id, sum(open_amount), sum(credit_amount) from billing.ar_ageing"
    )
    found = answers(warehouse, asked)
    assert found == answers(warehouse, f"{shown} where age_bucket <> 'unapplied' group by all")
    assert len({bucket for bucket, *_ in found}) == 5


def test_the_balance_and_the_rates_of_any_day_are_those_of_the_views_built_on_it(
    builds: Builds, metrics: Metrics
) -> None:
    for day, built in ((builds.day, builds.day_as_built), (date_of(builds.newest), builds.newest)):
        asked = metrics.sql(["ar_balance", *YEAR, *RATES], on=day)
        shown = f"select balance_amount, {MONEY}, {', '.join(RATES)} from billing.collections"
        assert answers(builds.newest, asked) == answers(built, f"{shown} where sliced_by = 'all'")
        ageing = "select sum(balance_amount) from billing.ar_ageing"
        assert answers(builds.newest, metrics.sql(["ar_balance"], on=day)) == answers(built, ageing)


def date_of(warehouse: Warehouse) -> Any:
    """The warehouse's own day."""
    return warehouse.rows("select max(as_of_date) from billing.collections")[0][0]


def test_collections_by_plan_and_by_physician_are_those_of_the_view(
    warehouse: Warehouse, metrics: Metrics
) -> None:
    day, names = date_of(warehouse), [*YEAR, *RATES]
    shown = f"select {{}}, {MONEY}, {', '.join(RATES)} from billing.collections"
    plans = shown.format("insurance_plan_durable_key") + " where sliced_by = 'plan'"
    by_plan = metrics.sql(names, by=["first_payer"], on=day)
    assert answers(warehouse, by_plan) == answers(warehouse, plans)
    people = PHYSICIANS.format("physician_durable_key")
    physicians = f"{shown.format('employee_id')} {people} where sliced_by = 'physician'"
    by_physician = metrics.sql(names, by=["physician__employee_id"], on=day)
    assert answers(warehouse, by_physician) == answers(warehouse, physicians)


@pytest.mark.parametrize(
    ("sliced_by", "dimension", "slice"),
    [
        ("all", None, None),
        ("physician", "physician__employee_id", "employee_id"),
        ("weekday", "calendar_day__day_name", "slice"),
        ("hour", "appointment__appointment_hour", "slice_order"),
    ],
)
def test_no_shows_are_those_of_the_view_slice_by_slice(
    warehouse: Warehouse, metrics: Metrics, sliced_by: str, dimension: str | None, slice: str | None
) -> None:
    names = ["kept_appointments", "no_show_appointments", "unresolved_appointments", "no_show_rate"]
    asked = metrics.sql(names, by=[dimension] if dimension else [])
    # MetricFlow has a row for appointments to come too, the view only for past ones
    past = f"{asked} where {' + '.join(names[:3])} > 0"
    people = PHYSICIANS.format("slice") if sliced_by == "physician" else ""
    columns = ", ".join([slice, *names] if slice else names)
    shown = f"select {columns} from clinic.no_shows {people} where sliced_by = '{sliced_by}'"
    found = answers(warehouse, past)
    assert found == answers(warehouse, shown)
    assert any(rate is not None for *_, rate in found)


def test_visits_are_those_of_the_view_by_month_and_plan(
    warehouse: Warehouse, metrics: Metrics
) -> None:
    by = ["metric_time__month", "insurance_plan__insurance_plan_id"]
    asked = f"{metrics.sql(['visits'], by=by)} where visits > 0"
    shown = """select month_start::timestamp, insurance_plan_id, sum(encounters) from clinic.visits
        inner join clinic.dim_insurance_plans as plans using (insurance_plan_durable_key)
        where outcome = 'completed' and plans.is_current group by all"""
    found = answers(warehouse, asked)
    assert found == answers(warehouse, shown)
    assert len(found) > 30
