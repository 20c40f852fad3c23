"""What MetricFlow answers of the companies' areas is what their marts show."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.marts.metrics import Metrics
from tests.warehouse.practice import Practice

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]


@pytest.fixture(scope="module")
def metrics(compiled: Path) -> Metrics:
    """The project's metrics, in DuckDB's SQL."""
    return Metrics((compiled.parents[1] / "semantic_manifest.json").read_text())


def rows(practice: Practice, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a question in order, numbers at four decimals, no row of nothing but nulls."""
    found = [tuple(map(rounded, row)) for row in practice.query(sql)]
    return sorted(found, key=repr)


def rounded(cell: Any) -> Any:
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return Decimal(str(cell)).quantize(Decimal("0.0001"))
    return cell


SALES = "sales.revenue_by_month inner join sales.dim_currencies using (currency_key)"
DUES = "sales.order_dues inner join sales.dim_currencies using (currency_key)"
TRIPS = "trips, trips_completed, trips_cancelled, revenue_amount"
RATES = "sum(trips_cancelled) / sum(trips), sum(waiting_seconds) / (60 * nullif(sum(trips_with_waiting), 0))"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            "pipeline_by_day_and_stage",
            "select pipeline_date::timestamp, stage_name, sum(amount), sum(expected_amount), sum(opportunities)"
            " from crm.pipeline_by_day group by all",
        ),
        (
            "pipeline_now",
            "select sum(amount) from crm.pipeline_by_day where is_latest",
        ),
        (
            "win_rate_by_cohort_and_region",
            "select cohort_month::timestamp, region, opportunities_won, opportunities_lost, win_rate"
            " from crm.opportunity_cohorts",
        ),
        (
            "stage_conversion",
            "select stage_group, sum(opportunities), sum(opportunities_advanced),"
            " sum(opportunities_advanced) / sum(opportunities) from crm.stage_conversions group by 1",
        ),
        (
            "revenue_by_month_and_currency",
            "select revenue_month::timestamp, currency_code, sum(revenue_amount), sum(units_sold), sum(orders)"
            f" from {SALES} group by all",
        ),
        (
            "dues_by_day_and_currency",
            "select balance_date::timestamp, currency_code,"
            " sum(case when side = 'receivable' then open_amount else 0 end),"
            f" sum(case when side = 'payable' then open_amount else 0 end) from {DUES} group by all",
        ),
        (
            "product_sales_by_month_and_status",
            "select sales_month::timestamp, order_status, sum(net_amount), sum(gross_amount), sum(quantity)"
            " from commerce.product_sales_by_month group by all",
        ),
        (
            "shop_orders_by_status",
            "select order_status, count(*), sum(order_amount), sum(order_amount) / count(*) from commerce.fct_orders"
            " group by 1",
        ),
        (
            "stock_by_month_and_location",
            "select month_start::timestamp, location, sum(closing_value), sum(in_value), sum(out_value),"
            " 2 * sum(out_value) / sum(opening_value + closing_value) from stock.stock_by_month group by all",
        ),
        (
            "trips_by_hour",
            f"select trip_hour, {', '.join(f'sum({name})' for name in TRIPS.split(', '))}, {RATES}"
            " from rides.trips_by_hour group by 1",
        ),
        (
            "driver_use_by_day",
            "select trip_date::timestamp, sum(driven_seconds), sum(duty_seconds),"
            " sum(driven_seconds) / sum(duty_seconds)"
            " from rides.driver_days group by 1",
        ),
    ],
)
def test_a_saved_query_is_what_its_mart_shows(
    practice: Practice, metrics: Metrics, name: str, shown: str
) -> None:
    found = rows(practice, metrics.sql_of_saved(name))
    assert found == rows(practice, shown)
    assert found and all(any(row) for row in found)
