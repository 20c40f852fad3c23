"""What dbt sends for each kind of extract, written down once for all tests of this folder."""

from collections.abc import Callable
from datetime import date

import pytest

from ingestion.contract import Project
from tests.warehouse.conftest import Warehouse
from tests.warehouse.history.compiled import CompiledWarehouse, Statements, statements_of
from tests.warehouse.history.machine import TABLES
from tests.warehouse.raw_tables import Load

DAYS = [date(2022, 7, 2), date(2022, 7, 3)]


def snapshot_of(kind: str) -> str:
    """The snapshot of the toy table that is delivered so."""
    return f"snap_{TABLES[kind].replace('.', '__')}"


def two_days(kind: str) -> list[Load]:
    """One row on two days."""
    row = {"id": 1, "word": "a", "_operation": "I"}
    return [Load(TABLES[kind], day, [row], kind=kind) for day in DAYS]


@pytest.fixture(scope="session")
def statements(new_warehouse: Callable[[], Warehouse]) -> dict[str, Statements]:
    """By kind of extract."""
    found = statements_of(new_warehouse(), {snapshot_of(kind): two_days(kind) for kind in TABLES})
    return dict(zip(TABLES, found, strict=True))


@pytest.fixture(scope="session")
def contracts(new_warehouse: Callable[[], Warehouse]) -> Project:
    """The contracts of the project with its toy source."""
    return new_warehouse().raw.project


@pytest.fixture(scope="session")
def in_memory(
    statements: dict[str, Statements], contracts: Project
) -> Callable[[str], CompiledWarehouse]:
    """Makes a warehouse in memory with the table of one kind of extract."""
    return lambda kind: CompiledWarehouse(contracts, statements[kind])
