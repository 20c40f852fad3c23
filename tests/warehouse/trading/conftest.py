"""A lake with the shop, the inventory and totesys alone, built once."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples import inventory, shop, totesys
from samples.days import Days
from samples.written import Dirt
from tests.warehouse.practice import Practice

DAYS = Days(days=8, seed=3)
MARTS = {
    "commerce": "dim_products dim_categories dim_customers fct_orders fct_order_items".split(),
    "stock": "dim_items fct_stock_balances fct_stock_movements".split(),
    "sales": "dim_transactions fct_sales_orders fct_purchase_orders fct_payments".split(),
    "restricted": ["dim_customer_identities"],
}


@dataclass
class Company:
    """What was delivered, as text cells by table and day, and the warehouse after one run."""

    practice: Practice
    tables: dict[str, dict[str, list[dict[str, str]]]]
    dirt: dict[str, Dirt]
    mended: bytes

    def every_row(self, table: str) -> Iterator[dict[str, str]]:
        """The rows of all days in their order, those that were planted bad left out."""
        for rows in self.tables[table].values():
            yield from (row for row in rows if "€" not in row.values() and not is_bad(row))

    def versions(self, table: str) -> dict[int, list[dict[str, str]]]:
        """The different rows of each key that an extract saw, by the time of their change."""
        found: dict[int, list[dict[str, str]]] = defaultdict(list)
        for row in sorted(self.every_row(table), key=lambda row: row["last_updated"]):
            if row not in found[int(row[f"{table}_id"])]:
                found[int(row[f"{table}_id"])].append(row)
        return found

    def cells(self) -> dict[str, list[tuple[object, ...]]]:
        """Every cell of the two areas' marts."""
        return {
            f"{schema}.{name}": self.practice.query(f"select * from {schema}.{name} order by all")
            for schema, names in MARTS.items()
            for name in names
        }


def is_bad(row: dict[str, str]) -> bool:
    return any(cell.startswith(("€", "31-JUN")) or cell.endswith("-02-30") for cell in row.values())


def delivered(inbox: Path) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Every file below the inbox by table and day, read by Python's csv alone."""
    tables: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(dict)
    for path in sorted(inbox.rglob("*.csv")):
        with path.open(newline="") as file:
            tables[path.stem][path.parent.name] = list(csv.DictReader(file))
    return tables


@pytest.fixture(scope="package")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    practice = Practice(tmp_path_factory.mktemp("company"))
    inbox = practice.lake / "inbox"
    dirt = [
        piece for source in (shop, inventory, totesys) for piece in source.write(inbox, DAYS).dirt
    ]
    by_code = {piece.code: piece for piece in dirt}
    bad = inbox / by_code["bad_number"].path
    mended = bad.read_bytes().replace("€10".encode(), b"10.00")
    tables = delivered(inbox)
    only = f"shop/{DAYS.start}/orders.csv"
    landed = practice.command("land", "--object", only)
    assert landed.returncode == 0, landed.stderr
    assert "shop.orders" in landed.stdout and "shop.customers" not in landed.stdout
    assert not (inbox / only).exists() and (inbox / f"shop/{DAYS.start}/customers.csv").exists()
    practice.first = practice.command("run")
    assert practice.first.returncode == 0, practice.first.stdout + practice.first.stderr
    return Company(practice, tables, by_code, mended)
