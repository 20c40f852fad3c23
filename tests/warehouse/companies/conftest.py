"""A lake with every source but the practice's own, built once; what was delivered stays readable beside it."""

import shutil
from datetime import date

import pytest

from samples import inventory, salesforce, shop, taxi, totesys
from samples.days import Days
from tests.warehouse.companies.trading import Company, Delivered
from tests.warehouse.practice import Practice

START = date(2022, 3, 27)
"""A month's end is among the days."""

DAYS = {
    shop: Days(days=8, seed=3, start=START),
    inventory: Days(days=8, seed=3, start=START),
    totesys: Days(days=8, seed=3, start=START),
    taxi: Days(days=6, seed=5, clean=True, start=START),
    salesforce: Days(days=12, seed=4, start=START),
}


@pytest.fixture(scope="package")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    inbox = tmp_path_factory.mktemp("delivered")
    dirt = [piece for source, days in DAYS.items() for piece in source.write(inbox, days).dirt]
    return Delivered(inbox, dirt)


@pytest.fixture(scope="package")
def practice(delivered: Delivered, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """The warehouse after one run, before which a single object had been landed."""
    made = Practice(tmp_path_factory.mktemp("companies"))
    inbox = made.lake / "inbox"
    shutil.copytree(delivered.inbox, inbox)
    only = f"shop/{DAYS[shop].start}/orders.csv"
    landed = made.command("land", "--object", only)
    assert landed.returncode == 0, landed.stderr
    assert "shop.orders" in landed.stdout and "shop.customers" not in landed.stdout
    assert not (inbox / only).exists()
    assert (inbox / f"shop/{DAYS[shop].start}/customers.csv").exists()
    made.first = made.command("run")
    assert made.first.returncode == 0, made.first.stdout + made.first.stderr
    return made


@pytest.fixture(scope="package")
def company(practice: Practice, delivered: Delivered) -> Company:
    """The company behind the shop, the inventory and totesys."""
    return Company.of(practice, delivered)
