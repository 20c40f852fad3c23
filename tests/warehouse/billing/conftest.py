"""The billing models, compiled once for all tests below."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lint.compiled import compile_for
from tests.warehouse.billing.views import BillingViews


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of compiled SQL, for DuckDB."""
    return compile_for("duckdb", tmp_path_factory.mktemp("billing"))


@pytest.fixture(scope="session")
def parsed_project(compiled: Path) -> dict[str, Any]:
    """The project as dbt parsed it."""
    parsed: dict[str, Any] = json.loads((compiled.parents[1] / "manifest.json").read_text())
    return parsed


@pytest.fixture(scope="session")
def views(compiled: Path) -> BillingViews:
    """One in-memory warehouse, filled anew by each test."""
    return BillingViews(compiled)
