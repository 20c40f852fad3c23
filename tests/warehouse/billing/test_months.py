"""A month's row is what the marts of one day say on the month's last day: of random ledgers, for every month."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.warehouse.billing.plain_books import Books
from tests.warehouse.billing.test_by_hand import fill_dimensions
from tests.warehouse.billing.test_random_ledgers import (
    CHARGES,
    CLAIM,
    EVENTS,
    NUMBERS,
    PATIENTS,
    PHYSICIANS,
    TODAY,
    before,
    claims_of,
    ledger_of,
    shown,
)
from tests.warehouse.billing.views import BillingViews, Row, key

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

AGEING = """3 select measured_on, payer_id, age_bucket, open_amount, credit_amount, unapplied_amount, balance_amount,
    items from billing.ar_by_month"""
OF_A_DAY = """3 select as_of_date, payer_id, age_bucket, sum(open_amount), sum(credit_amount), sum(unapplied_amount),
    sum(balance_amount), sum(items) from billing.ar_ageing group by all"""
RATES = """gross_collection_rate, net_collection_rate, balance_amount, days_in_ar, days_in_net_ar, open_over_90_share,
    open_over_year_share, window_start, window_days"""
MONTHS = (
    f"1 select measured_on, open_amount, open_over_90_amount, {RATES} from billing.billing_months"
)
WINDOWS = "1 select measured_on, window_start from billing.billing_months"
COLLECTIONS = f"""1 select as_of_date, open_on_charges_amount, open_on_charges_over_90_amount, {RATES}
    from billing.collections"""
MONEY = """2 select month_start, physician_durable_key, sum(charge_amount), sum(payment_amount)
    from billing.{} group by all having sum(charge_amount) <> 0 or sum(payment_amount) <> 0"""
DRAWN = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def practice(views: BillingViews) -> BillingViews:
    """Four patients and two physicians; the ledger is drawn."""
    fill_dimensions(views, PATIENTS)
    views.fill(
        "clinic.fct_encounters",
        [
            {"encounter_key": key(visit), "physician_key": who, "physician_durable_key": who}
            for visit, who in PHYSICIANS.items()
        ],
    )
    return views


def ends_of_months(entries: list[Row], as_of: date) -> list[date]:
    """The last day of every month from the first entry on; of the running month the as-of date."""
    first = min((e["posted_on"] or e["service_date"] for e in entries), default=as_of)
    found, day = [], first.replace(day=1)
    while day <= as_of:
        last = day.replace(day=monthrange(day.year, day.month)[1])
        found.append(min(last, as_of))
        day = last + timedelta(days=1)
    return found


def of(rows: dict[tuple[Any, ...], Any], day: date) -> dict[tuple[Any, ...], Any]:
    """The rows of one day."""
    return {place: row for place, row in rows.items() if place[0] == day}


@DRAWN
@given(CHARGES, EVENTS, some.integers(0, 40).map(lambda days: before(TODAY, days)))
def test_every_month_is_what_a_warehouse_of_its_last_day_says(
    practice: BillingViews, charges: list[Any], events: list[Any], as_of: date
) -> None:
    entries = ledger_of([(*charges[0][:2], 420, 0, 5000), *charges[1:]], events, as_of)
    practice.build(entries, [], as_of)
    ageing, months = shown(practice, AGEING, NUMBERS), shown(practice, MONTHS, NUMBERS)
    days = ends_of_months(entries, as_of)
    assert len(days) >= 12
    for day in days:
        practice.build(
            [e for e in entries if (e["posted_on"] or e["service_date"]) <= day], [], day
        )
        assert of(ageing, day) == shown(practice, OF_A_DAY, NUMBERS), day
        assert of(months, day) == shown(practice, COLLECTIONS, NUMBERS), day
    assert {place[0] for place in (*ageing, *months)} <= set(days)


@DRAWN
@given(
    some.lists(CLAIM, max_size=6),
    CHARGES,
    EVENTS,
    some.integers(0, 40).map(lambda days: before(TODAY, days)),
)
def test_every_months_ageing_and_window_are_what_plain_books_say_of_its_last_day(
    practice: BillingViews, drawn: list[Any], charges: list[Any], events: list[Any], as_of: date
) -> None:
    entries, claims = ledger_of(charges, events, as_of), claims_of(drawn, as_of)
    practice.build(entries, claims, as_of)
    ageing, windows = shown(practice, AGEING, NUMBERS), shown(practice, WINDOWS, NUMBERS)
    for day in ends_of_months(entries, as_of):
        books = Books(entries, claims, PHYSICIANS, day)
        assert windows[(day,)] == (books.window(),), day
        expected: dict[tuple[Any, ...], list[Any]] = {}
        for (payer, _, _, bucket), amounts in books.ageing().items():
            sums = expected.setdefault((day, payer, bucket), [0, 0, 0])
            expected[day, payer, bucket] = [a + b for a, b in zip(sums, amounts, strict=True)]
        assert {place: list(row[:3]) for place, row in of(ageing, day).items()} == expected, day
    by_physician = {
        mart: shown(practice, MONEY.format(mart), NUMBERS)
        for mart in ("physician_months", "collections_by_month")
    }
    assert by_physician["physician_months"] == by_physician["collections_by_month"]
