"""The whole dbt project over raw tables made by hand, driven in this process; parsed once."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from dbt.cli.main import dbtRunner

from tests.warehouse.conftest import QUIET, Warehouse, copies, manifest_of
from tests.warehouse.marts.random_practice import EVENINGS, open_practice
from tests.warehouse.raw_tables import Load
from tools.project import copy_of_the_project


@pytest.fixture(scope="session")
def new_practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Warehouse]]:
    """Makes empty warehouses of the present project, each in a file of its own."""
    project = copy_of_the_project(tmp_path_factory.mktemp("whole_project"))
    os.environ["LANDFALL_WAREHOUSE"] = str(project / "warehouse.duckdb")
    places = ("--project-dir", str(project), "--profiles-dir", str(project))
    parsed = dbtRunner().invoke([*QUIET, "parse", *places, "--target", "duckdb"])
    manifest = manifest_of(parsed)
    yield copies(project, manifest, tmp_path_factory)
    os.environ.pop("LANDFALL_WAREHOUSE", None)


RESTRICTED = [
    f"+{name}"
    for name in ("accounts_to_call", "patient_statements_to_send", "account_ledger_reconciliation")
]


@dataclass
class Builds:
    """One practice's warehouse three times over: of its newest day, of an earlier day seen from the whole lake, and
    of that day from the lake as it was then."""

    day: date
    newest: Warehouse
    day_seen_back: Warehouse
    day_as_built: Warehouse


@pytest.fixture(scope="session")
def builds(new_practice: Callable[[], Warehouse]) -> Builds:
    """Three builds of clinic, billing and what of restricted is made from them, with their history."""
    practice, day = open_practice(seed=7), EVENINGS[2]
    whole, then = practice.loads(EVENINGS), practice.loads(EVENINGS[:3])
    newest, seen_back, as_built = new_practice(), new_practice(), new_practice()
    build_from(newest, whole)
    build_from(seen_back, whole, as_of=str(day))
    build_from(as_built, then)
    return Builds(day, newest, seen_back, as_built)


def build_from(warehouse: Warehouse, loads: list[Load], **variables: str) -> None:
    """History and marts from these loads, and nothing else in the lake."""
    warehouse.raw.write(loads)
    history = warehouse.dbt("run-operation", "backfill_history", **variables)
    assert history.success, history.exception
    left_out = [
        word for kind in ("test", "unit_test") for word in ("--exclude-resource-type", kind)
    ]
    # the practice's histories are there; those of a system that never delivered are made empty
    left_out += ["--exclude", "path:snapshots/clinic"]
    # restricted holds other sources' people too, whose histories are not here
    chosen = ["+group:clinic", "+group:billing", *RESTRICTED]
    built = warehouse.dbt("build", *left_out, "--select", *chosen, **variables)
    assert built.success, built.exception or [
        result.node.name for result in built.result if result.status == "error"
    ]
