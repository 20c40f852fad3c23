"""The marts of sales against the files of totesys, whose tables come in increments."""

from decimal import Decimal
from math import prod

import pytest

from tests.warehouse.companies.trading import Company

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]


@pytest.mark.parametrize(
    ("table", "mart", "factors"),
    [
        ("sales_order", "fct_sales_orders", ("units_sold", "unit_price")),
        ("purchase_order", "fct_purchase_orders", ("item_quantity", "item_unit_price")),
        ("payment", "fct_payments", ("payment_amount",)),
    ],
)
def test_a_fact_of_totesys_has_every_version_that_an_extract_saw_to_the_cent(
    company: Company, table: str, mart: str, factors: tuple[str, ...]
) -> None:
    versions = company.versions(table)
    assert any(len(known) > 1 for known in versions.values()) or table != "sales_order"

    def amount(row: dict[str, str]) -> Decimal:
        return prod((Decimal(row[name]) for name in factors), start=Decimal(1))

    expected = [
        (number, len(known), sum(map(amount, known)), amount(known[-1]))
        for number, known in sorted(versions.items())
    ]
    name = "payment_amount" if table == "payment" else "order_amount"
    assert expected == company.practice.query(
        f"select {table}_id, count(*), sum({name}), max(case when is_newest then {name} end)"
        f" from sales.{mart} group by 1 order by 1"
    )


def test_a_payment_leads_to_the_order_that_it_pays(company: Company) -> None:
    deals = {row["transaction_id"]: row for row in company.every_row("transaction")}
    expected = sorted(
        (
            number,
            *(
                int(deals[known[-1]["transaction_id"]][f"{kind}_order_id"] or 0)
                for kind in ("sales", "purchase")
            ),
        )
        for number, known in company.versions("payment").items()
    )
    assert len(expected) > 10
    assert expected == company.practice.query(
        "select payment_id, coalesce(sales_order_id, 0), coalesce(purchase_order_id, 0)"
        " from sales.fct_payments inner join sales.dim_transactions using (transaction_key)"
        " where is_newest order by 1"
    )
