"""Random ledgers, as the billing marts show them and as plain Python keeps them: equal to the cent, row by row."""

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.marts.plain_ledger import PATIENT, Books, keep_books
from tests.warehouse.conftest import Warehouse
from tests.warehouse.raw_tables import Load

pytestmark = pytest.mark.warehouse

AS_OF = date(2024, 3, 31)
PAYERS = ("INS1", "INS2", "INS3", PATIENT, None)
FIGURES = ("ar_open_items", "ar_ageing", "patient_statements", "payer_mix")
KINDS = ("payment", "adjustment", "refund", "transfer", "payment", "payment")


def claims() -> dict[str, str]:
    """Forty claims, each with a plan."""
    return {f"C{number}": f"INS{number % 3 + 1}" for number in range(40)}


def random_ledger(seed: int) -> list[Mapping[str, Any]]:
    """Charges with and without a claim, and six hundred entries upon them, upon unknown charges and upon none."""
    chance = random.Random(seed)
    entries: list[Mapping[str, Any]] = []

    def post(entry_type: str, **cells: Any) -> None:
        amount = Decimal(chance.choice((1, 100, 2500, chance.randint(1, 9000)))).scaleb(-2)
        for kind in ("transfer_out", "transfer_in") if entry_type == "transfer" else (entry_type,):
            entry = {
                "entry_id": f"L{len(entries)}",
                "encounter_id": None,
                "transfer_to": None,
                "amount": amount,
            }
            payer = cells["payer"] if kind != "transfer_in" else chance.choice(PAYERS)
            entries.append(entry | cells | {"entry_type": kind, "payer": payer})

    for number in range(60):
        served = AS_OF - timedelta(days=chance.choice((0, 30, 31, 60, 61, 90, 91, 120, 121, 400)))
        posted = served + timedelta(days=chance.randint(0, 3))
        where = {
            "charge_id": f"H{number}",
            "claim_id": chance.choice((f"C{number % 40}", f"C{number % 40}", None)),
        }
        whose = {"patient": f"P{number % 12}", "service_date": served}
        post(entry_type="charge", payer=None, posted_on=posted, **where, **whose)
        for _ in range(chance.randint(0, 16)):
            later = posted + timedelta(days=chance.randint(0, 50))
            post(
                entry_type=chance.choice(KINDS),
                payer=chance.choice(PAYERS),
                posted_on=later,
                **where,
                **whose,
            )
    for charge_id in (None, None, "H998", "H999", None):
        day = AS_OF + timedelta(days=chance.randint(-40, 5))
        nothing = {"claim_id": None, "service_date": None, "charge_id": charge_id}
        post(
            entry_type="payment",
            payer=chance.choice(PAYERS),
            posted_on=day,
            patient="P3",
            **nothing,
        )
    chance.shuffle(entries)
    return entries


def build(practice: Warehouse, entries: list[Mapping[str, Any]]) -> None:
    """A practice that delivers its billing alone, and the marts upon it."""
    owned: list[Mapping[str, Any]] = [
        {"claim_id": claim, "patient": "P1", "insurance": plan} for claim, plan in claims().items()
    ]
    practice.raw.write(
        [Load("billing.claim", AS_OF, owned), Load("billing.ledger", AS_OF, entries)]
    )
    chosen = [f"+{name}" for name in FIGURES]
    how = ("--indirect-selection", "buildable", "--exclude-resource-type", "unit_test")
    built = practice.dbt("build", *how, "--select", *chosen)
    assert built.success, built.exception or [
        r.node.name for r in built.result if r.status in ("error", "fail")
    ]


@pytest.fixture(scope="module", params=(1, 2))
def kept(
    request: pytest.FixtureRequest, new_practice: Callable[[], Warehouse]
) -> tuple[Warehouse, Books]:
    """A built practice, and its books as plain Python keeps them."""
    practice, entries = new_practice(), random_ledger(request.param)
    build(practice, entries)
    return practice, keep_books(entries, claims(), AS_OF)


def test_each_open_item_has_the_age_the_debt_and_the_credit_of_the_plain_ledger(
    kept: tuple[Warehouse, Books],
) -> None:
    practice, books = kept
    shown = practice.rows(
        "select entries.charge_id, payer_id, age_bucket, open_amount, credit_amount from billing.ar_open_items"
        " inner join (select distinct charge_id, md5(charge_id) as charge_key from staging.stg_billing__ledger_entries)"
        " as entries using (charge_key)"
    )
    assert {(c, p): (b, o, k) for c, p, b, o, k in shown} == books.items
    assert len({bucket for bucket, *_ in books.items.values()}) == 5
    assert any(credit for *_, credit in books.items.values())


def test_the_ageing_adds_up_to_the_plain_ledgers_balance_with_unapplied_entries_apart(
    kept: tuple[Warehouse, Books],
) -> None:
    practice, books = kept
    assert practice.rows("select sum(balance_amount) from billing.ar_ageing") == [
        (sum(books.balances.values()),)
    ]
    unapplied = practice.rows(
        "select payer_id, sum(unapplied_amount) from billing.ar_ageing where age_bucket = 'unapplied' group by all"
    )
    expected: dict[str, Decimal] = {}
    for (payer, _), amount in books.unapplied.items():
        expected[payer] = expected.get(payer, Decimal(0)) + amount
    assert dict(unapplied) == expected


def test_each_statement_moves_and_closes_as_the_plain_ledger_does(
    kept: tuple[Warehouse, Books],
) -> None:
    practice, books = kept
    statements = practice.rows(
        "select statement_month, closing_balance_amount - opening_balance_amount, closing_balance_amount"
        " from billing.patient_statements"
    )
    moved = sorted((month, amount) for month, amount, _ in statements if amount)
    assert moved == sorted((month, amount) for (_, month), amount in books.months.items() if amount)
    closed = sorted(closing for month, _, closing in statements if month == AS_OF.replace(day=1))
    assert closed == sorted(books.balances.values())
