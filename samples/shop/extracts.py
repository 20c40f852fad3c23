"""The shop's tables as they are copied each evening: what was inserted that day, and the products that changed.

A table to which nothing happened is not copied, but for the categories, which come whole each time. Orders are
inserted with their status and never changed: the shop copies an order when it has been shipped, or cancelled.
"""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from samples.chance import poisson, weighted
from samples.days import Days
from samples.files import Evening, moment, money
from samples.names import FIRST_NAMES, LAST_NAMES, ascii_name
from samples.shop.goods import CATEGORIES, Goods
from samples.written import Dirt, Written

CUSTOMERS = "customer_id first_name last_name email city country created_at".split()
PRODUCTS = "product_id category_id product_name unit_price discontinued updated_at".split()
ORDERS = "order_id customer_id order_date status shipping_city shipping_country freight".split()
ITEMS = "order_id line_number product_id quantity unit_price discount".split()
CITIES = (
    ("Hoboken", "US"), ("Portland", "US"), ("Leeds", "GB"), ("Galway", "IE"), ("Utrecht", "NL"),
    ("Gent", "BE"), ("Lübeck", "DE"), ("Malmö", "SE"),
)  # fmt: skip
FIRST_CUSTOMERS = 120
NEW_CUSTOMERS = 3
LEAST_DAYS = 5
# When each piece of dirt is planted, as a share of the days.
SECOND_ROW, BAD_PRICE = 0.5, 0.7


class Order(NamedTuple):
    """An order with its items, both as rows of their files."""

    row: list[str | int]
    items: list[list[str | int]]


class Shop:
    """The shop's life: what happens on a day depends on the seed and the days before it alone."""

    def __init__(self, days: Days, orders_a_day: int) -> None:
        self._people, self._sales = days.stream("shop customers"), days.stream("shop orders")
        self.goods = Goods(days.stream("shop products"))
        self._orders_a_day = orders_a_day
        self._customers = self._orders = 0

    def newcomers(self, today: date) -> Iterator[list[str | int]]:
        """The customers who signed up today."""
        chance = self._people
        joined = poisson(chance, NEW_CUSTOMERS) if self._customers else FIRST_CUSTOMERS
        for _ in range(joined):
            self._customers += 1
            first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
            email = f"{ascii_name(first)}.{ascii_name(last)}{self._customers}@example.org"
            since = moment(today, chance.randrange(6 * 3600), chance.randrange(1000))
            yield [f"CU{self._customers:05d}", first, last, email, *chance.choice(CITIES), since]

    def orders(self, today: date) -> Iterator[Order]:
        """The orders of today, one after the other."""
        for _ in range(max(1, poisson(self._sales, self._orders_a_day))):
            yield self._order(today, self._sales)

    def _order(self, today: date, chance: random.Random) -> Order:
        self._orders += 1
        number = f"SO{self._orders:06d}"
        customer = f"CU{chance.randint(1, self._customers):05d}"
        status = weighted(chance, ("shipped", "cancelled", "returned"), (90, 6, 4))
        freight = money(chance.randint(0, 12) * 125)
        row: list[str | int] = [
            number,
            customer,
            today.isoformat(),
            status,
            *chance.choice(CITIES),
            freight,
        ]
        items: list[list[str | int]] = []
        for line in range(1, weighted(chance, (1, 2, 3, 4), (5, 3, 2, 1)) + 1):
            product, quantity = self.goods.anything(chance), chance.randint(1, 6)
            off = product.cents * quantity // 10 if chance.random() < 0.15 else 0
            price = money(product.cents)
            items.append([number, line, f"PR{product.number:04d}", quantity, price, money(off)])
        return Order(row, items)


def write(outdir: Path, days: Days, orders_a_day: int = 40) -> Written:
    """Write the shop's extracts below `outdir/shop`; a day has about `orders_a_day` orders."""
    written, shop = Written(), Shop(days, orders_a_day)
    planted = {} if days.clean or days.days < LEAST_DAYS else _planned(days)
    for index in range(days.days):
        today = days.day(index)
        shop.goods.live(today)
        newcomers, orders = list(shop.newcomers(today)), list(shop.orders(today))
        if index < days.first_written:
            continue
        evening = Evening(outdir, "shop", today, written)
        names = enumerate(CATEGORIES, 1)
        evening.table("categories", ["category_id", "category_name"], [[n, c] for n, c in names])
        if newcomers:
            evening.table("customers", CUSTOMERS, newcomers)
        if changed := [product.row() for product in shop.goods.changed]:
            evening.table("products", PRODUCTS, changed)
        rows = [order.row for order in orders]
        if index == planted.get("second_row"):
            rows.append(["SO000001", *rows[0][1:6], "999.00"])
            _second_row(written, today, len(rows) + 1)
        evening.table("orders", ORDERS, rows)
        items = [item for order in orders for item in order.items]
        if index == planted.get("bad_price"):
            items[-1][4] = "€10"
            _bad_price(written, today, len(items) + 1)
        evening.table("order_items", ITEMS, items)
        written.dates.append(today)
    return written


def _planned(days: Days) -> dict[str, int]:
    planned = {"second_row": int(days.days * SECOND_ROW), "bad_price": int(days.days * BAD_PRICE)}
    return {kind: index for kind, index in planned.items() if index >= days.first_written}


def _second_row(written: Written, day: date, line: int) -> None:
    effect = "an order that came before, with other values: landed and shown, the first counts"
    path = f"shop/{day}/orders.csv"
    written.dirt.append(Dirt("other_values", effect, "shop", "orders", day, path, line))


def _bad_price(written: Written, day: date, line: int) -> None:
    effect, path = "the row is quarantined", f"shop/{day}/order_items.csv"
    dirt = Dirt("bad_number", effect, "shop", "order_items", day, path, line, "unit_price")
    written.dirt.append(dirt)
