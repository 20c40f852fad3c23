"""A day seen from today's lake is that day as it was built: every mart, cell by cell."""

from typing import Any

import pytest

from tests.marts.conftest import Builds
from tests.warehouse.conftest import Warehouse

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

CHANGED_SINCE = (
    "billing.accounts_overdue", "billing.ar_ageing", "billing.ar_open_items", "billing.collections", "billing.denials",
    "billing.fct_account_balances", "billing.fct_charges", "billing.fct_claims", "billing.fct_ledger_entries",
    "billing.patient_statements", "billing.payer_mix", "billing.point_of_service", "clinic.fct_appointments",
    "clinic.fct_encounters", "clinic.no_shows", "clinic.panel", "clinic.utilisation", "clinic.visits",
    "restricted.account_ledger_reconciliation", "restricted.accounts_to_call", "restricted.patient_statements_to_send",
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
