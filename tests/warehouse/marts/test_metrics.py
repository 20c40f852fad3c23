"""What MetricFlow answers is what the views show: of the newest day, and of an earlier one built on its own."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from tests.warehouse.conftest import Warehouse
from tests.warehouse.marts.conftest import Builds
from tests.warehouse.marts.metrics import RENDERERS, Metrics

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
    assert len(metrics.names) >= 39
    for name in metrics.names:
        sql = metrics.sql([name], by=["metric_time__month"])
        assert sqlglot.parse_one(sql, dialect=target).find(sqlglot.exp.Table), name


@pytest.mark.parametrize("target", list(RENDERERS))
def test_every_saved_query_becomes_sql_of_each_engine(manifest: str, target: str) -> None:
    metrics = Metrics(manifest, target)
    assert len(metrics.saved) >= 19
    for name in metrics.saved:
        sql = metrics.sql_of_saved(name)
        assert sqlglot.parse_one(sql, dialect=target).find(sqlglot.exp.Table), name


def test_what_is_open_is_open_in_every_bucket(warehouse: Warehouse, metrics: Metrics) -> None:
    asked = metrics.sql_of_saved("ar_by_bucket_and_payer")
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
        assert answers(builds.newest, asked) == answers(built, shown)
        ageing = "select sum(balance_amount) from billing.ar_ageing"
        assert answers(builds.newest, metrics.sql(["ar_balance"], on=day)) == answers(built, ageing)


def date_of(warehouse: Warehouse) -> Any:
    """The warehouse's own day."""
    return warehouse.rows("select max(as_of_date) from billing.collections")[0][0]


def test_collections_by_plan_and_by_physician_are_those_of_the_view(
    warehouse: Warehouse, metrics: Metrics
) -> None:
    day, names = date_of(warehouse), [*YEAR, *RATES]
    shown = f"select {{}}, {MONEY}, {', '.join(RATES)} from billing.collections_by_{{}}"
    plans = shown.format("insurance_plan_durable_key", "plan")
    saved = metrics.sql_of_saved("collections_by_first_plan", on=day)
    by_plan = f"select columns(name -> name <> 'metric_time__day') from ({saved})"
    assert answers(warehouse, by_plan) == answers(warehouse, plans)
    people = PHYSICIANS.format("physician_durable_key")
    physicians = f"{shown.format('employee_id', 'physician')} {people}"
    by_physician = metrics.sql(names, by=["physician__employee_id"], on=day)
    assert answers(warehouse, by_physician) == answers(warehouse, physicians)


@pytest.mark.parametrize(
    ("dimension", "column"),
    [
        (None, None),
        ("physician__employee_id", "employee_id"),
        ("calendar_day__day_name", "day_name"),
        ("appointment__appointment_hour", "appointment_hour"),
    ],
)
def test_no_shows_and_cancellations_are_those_of_the_view_however_they_are_cut(
    warehouse: Warehouse, metrics: Metrics, dimension: str | None, column: str | None
) -> None:
    counts = ["kept_appointments", "no_show_appointments", "unresolved_appointments",
              "cancelled_appointments", "booked_appointments"]  # fmt: skip
    names = [*counts, "no_show_rate", "cancellation_rate"]
    asked = metrics.sql(names, by=[dimension] if dimension else [])
    if dimension == "physician__employee_id":
        assert asked == metrics.sql_of_saved("no_shows_by_physician")
    # MetricFlow has a row for appointments to come too, the view only for past ones
    past = f"{asked} where booked_appointments > 0"
    people = PHYSICIANS.format("physician_durable_key") if column == "employee_id" else ""
    rates = """sum(no_show_appointments) / nullif(sum(appointments), 0),
        sum(cancelled_appointments) / sum(booked_appointments)"""
    sums = ", ".join([*([column] if column else []), *(f"sum({name})" for name in counts), rates])
    shown = f"select {sums} from clinic.no_shows {people}" + (" group by all" if column else "")
    found = answers(warehouse, past)
    assert found == answers(warehouse, shown)
    assert any(rate is not None for *_, rate in found)


def test_visits_are_those_of_the_view_by_month_and_plan(
    warehouse: Warehouse, metrics: Metrics
) -> None:
    asked = f"{metrics.sql_of_saved('visits_by_month_and_plan')} where visits > 0"
    shown = """select month_start::timestamp, insurance_plan_id, sum(encounters) from clinic.visits
        inner join clinic.dim_insurance_plans as plans using (insurance_plan_durable_key)
        where outcome = 'completed' and plans.is_current group by all"""
    found = answers(warehouse, asked)
    assert found == answers(warehouse, shown)
    assert len(found) > 30


MONTHS = {
    "denials_by_decision_month": """sum(claims_decided), sum(claims_denied),
        sum(claims_denied) / sum(claims_decided) from billing.denials_by_month where month_start is not null""",
    "ar_by_month_end": """sum(open_amount), sum(open_over_90_amount)
        from billing.ar_by_month""",
    "new_patients_by_month": "sum(new_patients) from clinic.panel_by_month",
}
"""Saved queries, and what the marts say of the same."""
LISTS = {
    (
        "claims_waiting",
        "owed_on_waiting_claims",
    ): "count(*), sum(plan_open_amount) from billing.claims_pending",
    ("claims_not_resent", "owed_on_claims_not_resent"): """count(*), sum(plan_open_amount)
        from billing.denials_to_resubmit""",
    (
        "credit_count",
        "credit_to_refund",
    ): "count(*), sum(to_refund_amount) from billing.credits_to_refund",
    (
        "unapplied_count",
        "unapplied_amount",
    ): "count(*), sum(signed_amount) from billing.entries_to_apply",
    ("panel_patients",): "sum(patients) from clinic.panel_by_month where measured_on = as_of_date",
}
"""Metrics, and what the marts say of the same."""


@pytest.mark.parametrize("name", list(MONTHS))
def test_metrics_by_month_are_those_of_the_marts(
    warehouse: Warehouse, metrics: Metrics, name: str
) -> None:
    metric = metrics.saved[name].metrics[0]
    asked = metrics.sql_of_saved(name)
    decided = f"{asked} where metric_time__month is not null and {metric} > 0"
    shown = f"select month_start::timestamp, {MONTHS[name]} group by 1 having {{}} > 0"
    first = MONTHS[name].split(",")[0].split(" from")[0]
    found = answers(warehouse, decided)
    assert found == answers(warehouse, shown.format(first))
    # the practice's patients are new in seven of the months, all else happens in every one
    assert len(found) >= (7 if name == "new_patients_by_month" else 12)


def test_the_work_lists_of_claims_are_one_saved_query(
    warehouse: Warehouse, metrics: Metrics
) -> None:
    counts = [
        row for names in (*LISTS,)[:2] for row in answers(warehouse, f"select {LISTS[names]}")
    ]
    found = answers(warehouse, metrics.sql_of_saved("claims_to_follow_up"))
    assert found == [tuple(cell for row in counts for cell in row)]


@pytest.mark.parametrize("names", list(LISTS))
def test_metrics_of_the_work_lists_are_those_of_the_marts(
    warehouse: Warehouse, metrics: Metrics, names: tuple[str, ...]
) -> None:
    assert answers(warehouse, metrics.sql(list(names))) == answers(
        warehouse, f"select {LISTS[names]}"
    )
