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
    ("names", "by", "shown"),
    [
        (
            ["pipeline_amount", "pipeline_expected_amount", "pipeline_opportunities"],
            ["metric_time__day", "pipeline_day__stage_name"],
            "select pipeline_date::timestamp, stage_name, sum(amount), sum(expected_amount), sum(opportunities)"
            " from crm.pipeline_by_day group by all",
        ),
        (
            ["pipeline_amount"],
            [],
            "select sum(amount) from crm.pipeline_by_day where is_latest",
        ),
        (
            ["opportunities_won", "opportunities_lost", "win_rate"],
            ["metric_time__month", "crm_account__region"],
            "select cohort_month::timestamp, region, opportunities_won, opportunities_lost, win_rate"
            " from crm.opportunity_cohorts",
        ),
        (
            ["stage_entries", "stage_exits_onward", "stage_conversion_rate"],
            ["stage_cohort__stage_group"],
            "select stage_group, sum(opportunities), sum(opportunities_advanced),"
            " sum(opportunities_advanced) / sum(opportunities) from crm.stage_conversions group by 1",
        ),
        (
            ["revenue", "units_sold", "sales_orders"],
            ["metric_time__month", "currency__currency_code"],
            "select revenue_month::timestamp, currency_code, sum(revenue_amount), sum(units_sold), sum(orders)"
            f" from {SALES} group by all",
        ),
        (
            ["receivables_open", "payables_open"],
            ["metric_time__day", "currency__currency_code"],
            "select balance_date::timestamp, currency_code,"
            " sum(case when side = 'receivable' then open_amount else 0 end),"
            f" sum(case when side = 'payable' then open_amount else 0 end) from {DUES} group by all",
        ),
        (
            ["net_sales", "gross_sales", "pieces_sold"],
            ["metric_time__month", "shop_order_line__order_status"],
            "select sales_month::timestamp, order_status, sum(net_amount), sum(gross_amount), sum(quantity)"
            " from commerce.product_sales_by_month group by all",
        ),
        (
            ["shop_orders", "shop_order_amount", "average_order_value"],
            ["shop_order__order_status"],
            "select order_status, count(*), sum(order_amount), sum(order_amount) / count(*) from commerce.fct_orders"
            " group by 1",
        ),
        (
            ["stock_value", "stock_received", "stock_issued", "stock_turnover"],
            ["metric_time__month", "stock_month__location"],
            "select month_start::timestamp, location, sum(closing_value), sum(in_value), sum(out_value),"
            " 2 * sum(out_value) / sum(opening_value + closing_value) from stock.stock_by_month group by all",
        ),
        (
            ["trips_booked", "trips_completed", "trips_cancelled", "ride_revenue", "trip_cancellation_rate",
             "average_waiting_minutes"],
            ["trip_hour__hour_of_day"],
            f"select trip_hour, {', '.join(f'sum({name})' for name in TRIPS.split(', '))}, {RATES}"
            " from rides.trips_by_hour group by 1",
        ),
        (
            ["driven_seconds", "duty_seconds", "driver_use"],
            ["metric_time__day"],
            "select trip_date::timestamp, sum(driven_seconds), sum(duty_seconds),"
            " sum(driven_seconds) / sum(duty_seconds)"
            " from rides.driver_days group by 1",
        ),
    ],
)  # fmt: skip
def test_a_metric_is_what_its_mart_shows(
    practice: Practice, metrics: Metrics, names: list[str], by: list[str], shown: str
) -> None:
    found = rows(practice, metrics.sql(names, by=by))
    assert found == rows(practice, shown)
    assert found and all(any(row) for row in found)
