"""What the shop, the inventory and totesys delivered, read by Python's csv alone."""

import csv
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from samples.written import Dirt
from tests.warehouse.practice import Practice

SOURCES = ("shop", "inventory", "totesys")
MARTS = {
    "commerce": "dim_products dim_categories dim_customers fct_orders fct_order_items product_sales_by_month".split(),
    "stock": "dim_items fct_stock_balances fct_stock_movements stock_by_month stock_positions".split(),
    "sales": "dim_transactions fct_sales_orders fct_purchase_orders fct_payments order_dues revenue_by_month".split(),
    "restricted": ["dim_customer_identities"],
}


@dataclass(frozen=True)
class Delivered:
    """The extracts of all companies as they came, and what is wrong with some."""

    inbox: Path
    dirt: list[Dirt]


@dataclass
class Company:
    """What was delivered, as text cells by table and day, and the warehouse."""

    practice: Practice
    tables: dict[str, dict[str, list[dict[str, str]]]]
    dirt: dict[str, Dirt]
    corrected: bytes

    @staticmethod
    def of(practice: Practice, delivered: Delivered) -> "Company":
        """The three sources' tables, and the extract with the bad number as it should have been."""
        dirt = {d.code: d for d in delivered.dirt if d.path.startswith(SOURCES)}
        bad = delivered.inbox / dirt["bad_number"].path
        corrected = bad.read_bytes().replace("€10".encode(), b"10.00")
        return Company(practice, tables_of(delivered.inbox), dirt, corrected)

    def every_row(self, table: str) -> Iterator[dict[str, str]]:
        """The rows of all days in their order, those that were planted bad left out."""
        for rows in self.tables[table].values():
            yield from (row for row in rows if "€" not in row.values() and not is_bad(row))

    def known(self, table: str, until: date) -> list[dict[str, str]]:
        """The rows of the extracts up to a day, in their order, those that were planted bad left out."""
        days = {day: rows for day, rows in self.tables[table].items() if day[:10] <= str(until)}
        return [row for rows in days.values() for row in rows if not is_bad(row)]

    def as_known(self, table: str, until: date) -> dict[int, dict[str, str]]:
        """The newest row of each key by the time of its change, as it was known at the end of a day."""
        newest: dict[int, dict[str, str]] = {}
        for row in self.known(table, until):
            key = int(row[f"{table}_id"])
            if key not in newest or row["last_updated"] >= newest[key]["last_updated"]:
                newest[key] = row
        return newest

    def versions(self, table: str) -> dict[int, list[dict[str, str]]]:
        """The different rows of each key that an extract saw, by the time of their change."""
        found: dict[int, list[dict[str, str]]] = defaultdict(list)
        for row in sorted(self.every_row(table), key=lambda row: row["last_updated"]):
            if row not in found[int(row[f"{table}_id"])]:
                found[int(row[f"{table}_id"])].append(row)
        return found

    def cells(self) -> dict[str, list[tuple[object, ...]]]:
        """Every cell of the three areas' marts."""
        return {
            f"{schema}.{name}": self.practice.query(f"select * from {schema}.{name} order by all")
            for schema, names in MARTS.items()
            for name in names
        }


def business_day(utc: datetime) -> date:
    """The day in New York of a time in UTC."""
    return utc.replace(tzinfo=UTC).astimezone(ZoneInfo("America/New_York")).date()


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def ratio(dividend: Decimal, divisor: Decimal, digits: int = 4) -> Decimal | None:
    """A quotient, rounded half up; None for a zero divisor."""
    if not divisor:
        return None
    places = Decimal(1).scaleb(-digits)
    return (dividend / divisor).quantize(places, ROUND_HALF_UP)


def versions_of(
    states: Mapping[str, Mapping[object, tuple[object, ...]]],
) -> list[tuple[object, ...]]:
    """Of states by their day: each key's versions as key, first day, day of the end or None, and cells."""
    versions: list[tuple[object, ...]] = []
    began: dict[object, date] = {}
    before: Mapping[object, tuple[object, ...]] = {}
    for day in [*sorted(states), None]:
        now = before if day is None else states[day]
        today = None if day is None else date.fromisoformat(day)
        for key, cells in before.items():
            if day is None or now.get(key) != cells:
                versions.append((key, began.pop(key), today, *cells))
        began |= {key: today for key in now if today and key not in began}
        before = now
    return sorted(versions, key=lambda version: (str(version[0]), version[1]))


def is_bad(row: dict[str, str]) -> bool:
    return any(cell.startswith(("€", "31-JUN")) or cell.endswith("-02-30") for cell in row.values())


def tables_of(inbox: Path) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Every file of the three by table and day."""
    tables: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(dict)
    for path in sorted(p for source in SOURCES for p in (inbox / source).rglob("*.csv")):
        with path.open(newline="") as file:
            tables[path.stem][path.parent.name] = list(csv.DictReader(file))
    return tables
