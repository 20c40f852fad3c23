"""A plan that pays one remittance twice: what it is given back, and what the patient still owes, by hand."""

from datetime import date
from decimal import Decimal

import pytest

from tests.warehouse.billing.test_by_hand import fill_dimensions
from tests.warehouse.billing.views import BillingViews, Row

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

AS_OF = date(2024, 3, 31)


def entry(number: int, kind: str, payer: str | None, amount: str, to: str | None = None) -> Row:
    return {
        "entry_id": f"L{number}",
        "charge_id": "H1",
        "claim_id": "C1",
        "patient_pseudonym": "P01",
        "entry_type": kind,
        "payer": payer,
        "transfer_to": to,
        "amount": Decimal(amount),
        "service_date": date(2024, 3, 1),
        "posted_on": date(2024, 3, 1),
    }


LEDGER = [
    entry(0, "charge", None, "150.00"),
    entry(1, "payment", "INS1", "100.00"),
    entry(2, "transfer_out", "INS1", "50.00"),
    entry(3, "transfer_in", "INS2", "20.00", "secondary"),
    entry(4, "transfer_in", None, "30.00", "patient"),
    entry(5, "payment", "INS1", "100.00"),
]
CLAIM = {
    "claim_id": "C1",
    "patient_pseudonym": "P01",
    "insurance_plan_id": "INS1",
    "claim_status": "Paid",
}


def test_the_plan_gets_all_of_it_back_and_page_and_letter_ask_the_patient_for_one_amount(
    views: BillingViews,
) -> None:
    # 150 - 100 - 50 = 0 of the plan's own; the second 100 are all too much. INS2 owes 20, the patient 30
    fill_dimensions(views, ["P01"])
    views.build(LEDGER, [CLAIM], AS_OF)
    assert views.rows(
        "select payer_id, open_amount, credit_amount from billing.ar_open_items order by 1"
    ) == [
        ("INS1", Decimal(0), Decimal(-100)),
        ("INS2", Decimal(20), Decimal(0)),
        ("patient", Decimal(30), Decimal(0)),
    ]
    assert views.rows("select distinct amount_due from restricted.patient_statements_to_send") == [
        (Decimal(30),)
    ]
    # every view adds up to the ledger: 150 - 200 = -50
    for figure, mart in (
        ("balance_amount", "ar_ageing"),
        ("balance_amount", "fct_charges"),
        ("balance_amount", "collections"),
        ("closing_balance_amount", "patient_statements"),
    ):
        assert views.rows(f"select sum({figure}) from billing.{mart}") == [(Decimal(-50),)], mart
