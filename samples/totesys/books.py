"""The shop's books: rows of tables that are inserted and changed, each with the times that the database gives it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from samples.chance import poisson, weighted
from samples.files import moment, money
from samples.names import FIRST_NAMES, LAST_NAMES, ascii_name

CURRENCIES = ("GBP", "USD", "EUR")
PAYMENT_TYPES = ("SALES_RECEIPT", "SALES_REFUND", "PURCHASE_PAYMENT", "PURCHASE_REFUND")
DEPARTMENTS = (("Sales", "Manchester"), ("Purchasing", "Manchester"), ("Dispatch", "Leeds"))
PLACES = (
    ("Hull", "United Kingdom"),
    ("Porto", "Portugal"),
    ("Turin", "Italy"),
    ("Boise", "United States"),
)
WORDS = "Amber Birch Copper Drift Elm Flint Gorse Heath Ivory Juniper".split()
COMPANIES, ADDRESSES, STAFF, DESIGNS = 24, 30, 12, 40
SALES, PURCHASES, CHANGES = 12, 6, 13

Cell = str | int | None


@dataclass
class Row:
    """A row of a table: its cells by column, and the second of the day at which it was last changed."""

    cells: dict[str, Cell]
    changed: tuple[date, int] = field(default=(date.min, 0))

    def touch(self, today: date, second: int) -> None:
        """Give it the time of a change, and that of its making if it is new."""
        self.changed = (today, second)
        self.cells["last_updated"] = moment(today, second, second % 997)
        self.cells.setdefault("created_at", self.cells["last_updated"])


class Books:
    """All tables; `live` lets a day pass. What happens depends on the seed and the days before alone."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.tables: dict[str, list[Row]] = {}

    def live(self, today: date, last_second: int) -> None:
        """One day up to its extract: new orders with their transactions and payments, and changes of older rows."""
        times = self._times(last_second)
        if not self.tables:
            self._found(today, next(times))
        for _ in range(poisson(self._chance, SALES)):
            self._trade("sales_order", today, next(times))
        for _ in range(poisson(self._chance, PURCHASES)):
            self._trade("purchase_order", today, next(times))
        for _ in range(poisson(self._chance, CHANGES)):
            self._change(today, next(times))

    def _times(self, last_second: int) -> Iterator[int]:
        second = 0
        while True:
            second = min(second + self._chance.randint(60, 900), last_second)
            yield second

    def _add(self, table: str, today: date, second: int, **cells: Cell) -> int:
        rows = self.tables.setdefault(table, [])
        row = Row({f"{table}_id": len(rows) + 1, **cells})
        row.touch(today, second)
        rows.append(row)
        return len(rows)

    def _found(self, today: date, second: int) -> None:
        """What is there from the beginning."""
        chance = self._chance

        def person() -> tuple[str, str]:
            return chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)

        for code in CURRENCIES:
            self._add("currency", today, second, currency_code=code)
        for kind in PAYMENT_TYPES:
            self._add("payment_type", today, second, payment_type_name=kind)
        for name, place in DEPARTMENTS:
            leader = " ".join(person())
            self._add(
                "department", today, second, department_name=name, location=place, manager=leader
            )
        for number in range(1, STAFF + 1):
            first, last = person()
            email = f"{ascii_name(first)}.{ascii_name(last)}{number}@totes.example"
            department = chance.randint(1, len(DEPARTMENTS))
            self._add("staff", today, second, first_name=first, last_name=last, department_id=department,
                      email_address=email)  # fmt: skip
        for number in range(1, ADDRESSES + 1):
            city, country = chance.choice(PLACES)
            street = f"{chance.randint(1, 99)} {chance.choice(WORDS)} Street"
            self._add("address", today, second, address_line_1=street, address_line_2=None, district=None,
                      city=city, postal_code=f"{number:05d}", country=country, phone=f"555-{number:04d}")  # fmt: skip
        for number in range(COMPANIES):
            name = f"{WORDS[number % len(WORDS)]} & {chance.choice(LAST_NAMES)} Ltd, no. {number}"
            self._add("counterparty", today, second, counterparty_legal_name=name,
                      legal_address_id=chance.randint(1, ADDRESSES), commercial_contact=" ".join(person()),
                      delivery_contact=" ".join(person()))  # fmt: skip
        for number in range(1, DESIGNS + 1):
            name = f"{chance.choice(WORDS)} {chance.choice(WORDS)}"
            self._add("design", today, second, design_name=name, file_location="/designs",
                      file_name=f"tote-{number:03d}.json")  # fmt: skip

    def _trade(self, kind: str, today: date, second: int) -> None:
        """An order, its transaction, and the payment that is due for it."""
        chance, is_sale = self._chance, kind == "sales_order"
        units, cents = chance.randint(1, 800), chance.randint(150, 4000)
        delivery, due = (today + timedelta(chance.randint(1, 20)) for _ in range(2))
        company, currency = chance.randint(1, COMPANIES), chance.randint(1, len(CURRENCIES))
        of_kind: dict[str, Cell] = (
            {"design_id": chance.randint(1, DESIGNS), "units_sold": units, "unit_price": money(cents)}
            if is_sale
            else {"item_code": f"IT-{chance.randint(1, 60):03d}", "item_quantity": units,
                  "item_unit_price": money(cents)}
        )  # fmt: skip
        order = self._add(kind, today, second, **of_kind, staff_id=chance.randint(1, STAFF),
                          counterparty_id=company, currency_id=currency,
                          agreed_delivery_date=delivery.isoformat(), agreed_payment_date=due.isoformat(),
                          agreed_delivery_location_id=chance.randint(1, ADDRESSES))  # fmt: skip
        sale, purchase = (order, None) if is_sale else (None, order)
        deal = self._add("transaction", today, second, transaction_type="SALE" if is_sale else "PURCHASE",
                         sales_order_id=sale, purchase_order_id=purchase)  # fmt: skip
        self._add("payment", today, second, transaction_id=deal, counterparty_id=company,
                  payment_amount=money(units * cents), currency_id=currency,
                  payment_type_id=1 if is_sale else 3, paid="f", payment_date=due.isoformat(),
                  company_ac_number=f"{chance.randrange(10**8):08d}",
                  counterparty_ac_number=f"{chance.randrange(10**8):08d}")  # fmt: skip

    def _change(self, today: date, second: int) -> None:
        """A payment is made, an order gets other numbers, and now and then what they refer to changes too."""
        chance = self._chance
        changes: dict[str, tuple[str, Cell]] = {
            "payment": ("paid", "t"),
            "sales_order": ("units_sold", chance.randint(1, 800)),
            "counterparty": (
                "delivery_contact",
                f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}",
            ),
            "address": ("phone", f"555-{chance.randint(0, 9999):04d}"),
            "staff": ("department_id", chance.randint(1, len(DEPARTMENTS))),
            "design": ("file_name", f"tote-{chance.randrange(1000):03d}.json"),
        }
        table = weighted(chance, list(changes), (6, 3, 1, 1, 1, 1))
        column, value = changes[table]
        row = chance.choice(self.tables[table])
        row.cells[column] = value
        row.touch(today, second)
