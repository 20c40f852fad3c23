"""What people ask of the wholesaler, the stockroom and the shop, from the files alone: by day, month and due date."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from samples import totesys
from tests.warehouse.companies.conftest import DAYS
from tests.warehouse.companies.test_shop_and_inventory import oracle_time
from tests.warehouse.companies.trading import Company, business_day, month_end, ratio

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]
Row = dict[str, str]
EVENINGS = [DAYS[totesys].day(n) for n in range(DAYS[totesys].days)]
LAST, MONTH_END = EVENINGS[-1], date(2022, 3, 31)


def sold(row: Row) -> Decimal:
    return int(row["units_sold"]) * Decimal(row["unit_price"])


def bought(row: Row) -> Decimal:
    return int(row["item_quantity"]) * Decimal(row["item_unit_price"])


def paid(row: Row) -> Decimal:
    return Decimal(row["payment_amount"])


@pytest.mark.parametrize(
    ("table", "mart", "amount", "cell"),
    [
        ("sales_order", "fct_sales_orders", "order_amount", sold),
        ("purchase_order", "fct_purchase_orders", "order_amount", bought),
        ("payment", "fct_payments", "payment_amount", paid),
    ],
)
def test_a_row_as_known_on_a_day_is_the_newest_of_the_extracts_up_to_it(
    company: Company, table: str, mart: str, amount: str, cell: Callable[[Row], Decimal]
) -> None:
    changed = 0
    for day in EVENINGS:
        expected = [(n, cell(row)) for n, row in sorted(company.as_known(table, day).items())]
        assert expected == company.practice.query(
            f"select {table}_id, {amount} from sales.{mart} where valid_from <= date '{day}'"
            f" and (valid_to > date '{day}' or valid_to is null) order by 1"
        )
        changed += expected != [
            (n, cell(row)) for n, row in sorted(company.as_known(table, LAST).items())
        ]
    assert changed >= len(EVENINGS) - 1


def test_revenue_is_that_of_the_orders_now_and_as_known_at_the_months_end(company: Company) -> None:
    expected: dict[tuple[object, ...], list[Decimal]] = {}

    def add(row: Row, place: int, more: Decimal) -> None:
        day = business_day(datetime.fromisoformat(row["created_at"]))
        key = (day.replace(day=1), int(row["currency_id"]), int(row["design_id"]))
        expected.setdefault(key, [Decimal(0)] * 4)[place] += more

    for row in company.as_known("sales_order", LAST).values():
        add(row, 0, Decimal(1))
        add(row, 1, Decimal(row["units_sold"]))
        add(row, 2, sold(row))
    for end, known in ((MONTH_END, MONTH_END), (date(2022, 4, 30), LAST)):
        for row in company.as_known("sales_order", known).values():
            if month_end(business_day(datetime.fromisoformat(row["created_at"]))) == end:
                add(row, 3, sold(row))
    assert any(now != then for *_, now, then in expected.values())
    assert [(*key, *found) for key, found in sorted(expected.items())] == company.practice.query(
        "select revenue_month, currency_id, design_id, orders, units_sold, revenue_amount, month_end_revenue_amount"
        " from sales.revenue_by_month inner join sales.dim_currencies using (currency_key)"
        " inner join sales.dim_designs using (design_key) order by 1, 2, 3"
    )


def bucket(balance: Decimal, due: str, day: date) -> str:
    """Where a balance stands by its due date, in words."""
    if balance < 0:
        return "credit"
    late = (day - date.fromisoformat(due)).days
    return "not due" if late <= 0 else "1-30" if late <= 30 else "31-60"


@pytest.mark.parametrize("day", [MONTH_END, LAST])
def test_what_is_owed_is_the_orders_less_their_payments_as_known_on_the_day(
    company: Company, day: date
) -> None:
    deals = company.as_known("transaction", day)
    payments: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for payment in company.as_known("payment", day).values():
        deal = deals[int(payment["transaction_id"])]
        kind = "sales_order" if deal["sales_order_id"] else "purchase_order"
        if payment["paid"] == "t":
            payments[kind, int(deal[f"{kind}_id"])] += paid(payment)
    expected, unknown = [], 0
    for side, kind, cell in (("receivable", "sales_order", sold), ("payable", "purchase_order", bought)):  # fmt: skip
        known = company.as_known(kind, day)
        unknown += sum(name == kind and number not in known for name, number in payments)
        for number, order in known.items():
            balance = cell(order) - payments[kind, number]
            if balance:
                due = order["agreed_payment_date"]
                row = (side, number, bucket(balance, due, day), max(balance, Decimal(0)))
                expected.append((*row, min(balance, Decimal(0)), date.fromisoformat(due)))
    query = company.practice.query
    assert query(
        "select side, order_id, due_bucket, open_amount, credit_amount, due_date from sales.order_dues"
        f" where balance_date = date '{day}' and payment_id is null order by 1, 2"
    ) == sorted(expected)
    assert {row[2] for row in expected} >= {"not due", "1-30"} or day == MONTH_END
    assert query(
        f"select count(*) from sales.order_dues where balance_date = date '{day}' and payment_id is not null"
    ) == [(unknown,)]


def test_what_is_owed_adds_up_to_orders_less_payments(company: Company) -> None:
    (ours,) = company.practice.query(
        "select sum(balance_amount) from sales.order_dues where is_latest"
    )
    orders = sum(sold(row) for row in company.as_known("sales_order", LAST).values())
    orders += sum(bought(row) for row in company.as_known("purchase_order", LAST).values())
    payments = company.as_known("payment", LAST).values()
    assert ours == (orders - sum(paid(row) for row in payments if row["paid"] == "t"),)


def movements_of(company: Company) -> list[tuple[tuple[str, str], date, Decimal]]:
    """Every movement's place, day and quantity; one that came twice counts once."""
    known = {row["movement_id"]: row for row in company.every_row("mv_stock_movement")}
    return [
        (
            (row["item_id"], row["location"]),
            business_day(oracle_time(row["moved_at"])),
            Decimal(row["quantity"]),
        )
        for row in known.values()
    ]


def cost_on(company: Company, item: str, day: date) -> Decimal:
    """An item's cost by the refreshes up to a day; the first reaches back, and one that is gone keeps its last."""
    said = [
        (known, Decimal(row["unit_cost"]))
        for known, rows in company.tables["mv_item"].items()
        for row in rows
        if row["item_id"] == item
    ]
    return ([cost for known, cost in said if known <= str(day)] or [said[0][1]])[-1]


def test_stock_opens_moves_and_closes_by_month_as_the_movements_tell(company: Company) -> None:
    moved = movements_of(company)
    expected = []
    for place in sorted({place for place, *_ in moved}):
        mine = [(day, quantity) for found, day, quantity in moved if found == place]
        first = min(day for day, _ in mine).replace(day=1)
        opening, value_before = Decimal(0), Decimal(0)
        for start, last in ((date(2022, 3, 1), MONTH_END), (date(2022, 4, 1), LAST)):
            if start < first:
                continue
            now = [(day, quantity) for day, quantity in mine if start <= day <= last]
            came = sum((q for _, q in now if q > 0), Decimal(0))
            left = -sum((q for _, q in now if q < 0), Decimal(0))
            cost = {day: cost_on(company, place[0], day) for day in {last, *(d for d, _ in now)}}
            out = -sum((q * cost[day] for day, q in now if q < 0), Decimal(0))
            value = (opening + came - left) * cost[last]
            row = (*place, start, opening, came, left, opening + came - left, value_before)
            row += (sum((q * cost[day] for day, q in now if q > 0), Decimal(0)), out, value)
            both, days = value_before + value, (last - start).days + 1
            expected.append((*row, ratio(2 * out, both), ratio(days * both, 2 * out, 1)))
            opening, value_before = opening + came - left, value
    assert expected == company.practice.query(
        "select item_id, location, month_start, opening_quantity, in_quantity, out_quantity, closing_quantity,"
        " opening_value, in_value, out_value, closing_value, turnover, days_on_hand"
        " from stock.stock_by_month order by 1, 2, 3"
    )


def test_a_month_closes_with_the_balances_that_were_delivered_at_its_end(company: Company) -> None:
    delivered = {
        (row["item_id"], row["location"]): Decimal(row["quantity"])
        for row in company.tables["mv_stock_balance"][str(MONTH_END)]
    }
    closed = {
        (item, place): quantity
        for item, place, quantity in company.practice.query(
            "select item_id, location, closing_quantity from stock.stock_by_month"
            f" where last_day = date '{MONTH_END}'"
        )
    }
    other = [place for place, quantity in delivered.items() if closed.get(place) != quantity]
    assert len(delivered) > 100
    assert len(other) <= 1  # of the movement that is in quarantine
    value = f"select sum(stock_value) from stock.fct_stock_balances where balance_date = date '{MONTH_END}'"
    exact = sum(
        (q * cost_on(company, item, MONTH_END) for (item, _), q in delivered.items()), Decimal(0)
    )
    assert company.practice.query(value) == [(exact,)]


def test_sums_of_values_are_those_of_the_files_to_the_last_digit(company: Company) -> None:
    moved = (q * cost_on(company, item, day) for (item, _), day, q in movements_of(company))
    exact = sum(moved, Decimal(0))
    query = company.practice.query
    assert query("select sum(movement_value) from stock.fct_stock_movements") == [(exact,)]
    for day in EVENINGS:
        rows = company.tables["mv_stock_balance"][str(day)]
        worth = (Decimal(row["quantity"]) * cost_on(company, row["item_id"], day) for row in rows)
        assert query(
            f"select sum(stock_value) from stock.fct_stock_balances where balance_date = date '{day}'"
        ) == [(sum(worth, Decimal(0)),)]


def test_a_place_is_idle_since_the_last_of_it_left(company: Company) -> None:
    moved, expected = movements_of(company), []
    for row in company.tables["mv_stock_balance"][str(LAST)]:
        place = (row["item_id"], row["location"])
        mine = [(day, quantity) for found, day, quantity in moved if found == place]
        since = max((d for d, q in mine if q < 0), default=min((d for d, _ in mine), default=None))
        idle = None if since is None else (LAST - since).days
        expected.append((*place, Decimal(row["quantity"]), idle, Decimal(row["quantity"]) < 0))
    assert len({idle for *_, idle, _ in expected}) > 3
    assert sorted(expected, key=repr) == sorted(
        company.practice.query(
            "select item_id, location, quantity, idle_days, is_negative from stock.stock_positions"
        ),
        key=repr,
    )


def test_product_sales_are_those_of_the_lines_by_month_and_status(company: Company) -> None:
    orders: dict[str, Row] = {}
    for row in company.every_row("orders"):
        orders.setdefault(row["order_id"], row)
    expected: dict[tuple[str, ...], list[Decimal]] = {}
    for row in company.every_row("order_items"):
        order = orders.get(row["order_id"])
        if order is None:
            continue
        said = [
            (day, product["category_id"])
            for day, rows in company.tables["products"].items()
            for product in rows
            if product["product_id"] == row["product_id"]
        ]
        of_day = [category for day, category in said if day <= order["order_date"]]
        category = (of_day or [said[0][1]])[-1]
        key = (order["order_date"][:7], row["product_id"], category, order["status"])
        found = expected.setdefault(key, [Decimal(0)] * 4)
        gross = int(row["quantity"]) * Decimal(row["unit_price"])
        for place, more in enumerate((int(row["quantity"]), gross, Decimal(row["discount"]))):
            found[place] += more
        found[3] += gross - Decimal(row["discount"])
    assert len({month for month, *_ in expected}) == 2
    assert sorted((*key, *found) for key, found in expected.items()) == company.practice.query(
        "select substring(cast(sales_month as varchar), 1, 7), product_id, category_id, order_status,"
        " quantity, gross_amount, discount_amount, net_amount from commerce.product_sales_by_month"
        " inner join (select distinct product_durable_key, product_id from commerce.dim_products)"
        " using (product_durable_key)"
        " inner join commerce.dim_categories using (category_key) order by 1, 2, 3, 4"
    )
