"""The billing models, over tables that a test fills."""

from pathlib import Path

import pytest

from tests.warehouse.billing.views import BillingViews


@pytest.fixture(scope="session")
def views(compiled: Path) -> BillingViews:
    """One in-memory warehouse, filled anew by each test."""
    return BillingViews(compiled)
