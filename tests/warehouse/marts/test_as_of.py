"""A day seen from today's lake is that day as it was built: every mart, cell by cell."""

from typing import Any

import pytest

from tests.warehouse.conftest import Warehouse
from tests.warehouse.marts.conftest import Builds

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

CHANGED_SINCE = (
    "billing.accounts_overdue", "billing.ar_ageing", "billing.ar_by_month", "billing.ar_open_items",
    "billing.billing_months", "billing.claims_pending", "billing.collections", "billing.collections_by_month",
    "billing.credits_to_refund", "billing.days_to_pay_by_plan", "billing.denials", "billing.denials_to_resubmit",
    "billing.entries_to_apply", "billing.balances_to_apply",
    "billing.denials_by_month", "billing.fct_account_balances", "billing.fct_charges", "billing.fct_claims",
    "billing.fct_ledger_entries", "billing.patient_statements", "billing.payer_mix", "billing.physician_months",
    "billing.point_of_service", "billing.receipts_by_day",
    "clinic.fct_appointments", "clinic.fct_encounters", "clinic.no_shows", "clinic.panel",
    "clinic.panel_by_month", "clinic.utilisation", "clinic.visits", "restricted.account_ledger_reconciliation",
    "restricted.accounts_to_call", "restricted.patient_statements_to_send",
)  # fmt: skip
"""What must say something on both days, and not the same: so that the comparison is one."""


def marts(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every mart, in an order that does not depend on the build."""
    named = warehouse.rows(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('billing', 'clinic', 'restricted')"
    )
    return {name: warehouse.rows(f"from {name} order by all") for (name,) in named}


def test_a_day_seen_from_todays_lake_is_that_day_as_it_was_built(builds: Builds) -> None:
    seen_back, as_built = marts(builds.day_seen_back), marts(builds.day_as_built)
    assert seen_back.keys() == as_built.keys()
    assert [name for name, rows in seen_back.items() if rows != as_built[name]] == []


def test_each_mart_has_changed_since_that_day(builds: Builds) -> None:
    newest, as_built = marts(builds.newest), marts(builds.day_as_built)
    assert [name for name in CHANGED_SINCE if newest[name] == as_built[name]] == []
    assert [name for name in CHANGED_SINCE if not as_built[name]] == []


OF_A_MONTH = {
    "billing.ar_by_month": "open_amount, open_over_90_amount, credit_amount, unapplied_amount, items",
    "billing.billing_months": "charge_amount, year_charge_amount, year_collected_amount, open_amount, balance_amount",
    "billing.collections_by_month": "charge_amount, payment_amount, refund_amount, adjustment_amount",
    "billing.denials_by_month": "claims_decided, claims_denied, claims_still_denied, denied_charge_amount",
    "billing.physician_months": "visits, charge_amount, payment_amount",
    "clinic.panel_by_month": "patients, patients_seen_in_a_year, new_patients",
}
"""Marts with a row for each month, and what can be added over its rows."""
BY_CHARGE = ("billing.collections_by_month", "billing.physician_months")
"""What is posted before its charge has no plan and no physician until then: so the newest month may move in these."""


@pytest.mark.parametrize("mart", list(OF_A_MONTH))
def test_a_month_that_is_over_reads_as_it_did_on_its_last_day(builds: Builds, mart: str) -> None:
    # the earlier day is the last of a February: all twelve months and more that were over then, and that one
    months = f"month_start {'<' if mart in BY_CHARGE else '<='} date '{builds.day.replace(day=1)}'"
    rows = f"select columns(name -> name <> 'as_of_date') from {mart} where {months} order by all"
    found = builds.newest.rows(rows)
    assert found == builds.day_as_built.rows(rows)
    assert len(found) >= 12
    sums = ", ".join(f"sum({column.strip()})" for column in OF_A_MONTH[mart].split(","))
    until = f"select month_start, {sums} from {mart} where month_start <= date '{builds.day}' group by 1 order by 1"
    assert builds.newest.rows(until) == builds.day_as_built.rows(until)
