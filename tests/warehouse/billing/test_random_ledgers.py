"""Random ledgers: the SQL agrees with plain books on any day, and a later posting changes no earlier day."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.warehouse.billing.plain_books import Books
from tests.warehouse.billing.test_by_hand import PLANS, fill_dimensions
from tests.warehouse.billing.views import BillingViews, Row, key

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

TODAY = date(2024, 3, 31)
PATIENTS = [f"P{number}" for number in range(4)]
METHODS = ("check", "cash", None)
NAMES = {key(name): name for name in (*PLANS, *PATIENTS)}
CENTS = some.sampled_from((0, 1, 333, 2500, 10000)) | some.integers(0, 20000)
# Days before the as-of date at which something changes: the buckets' borders, a year, the window's first day, tomorrow;
# and the gap after which the books begin anew.
AGO = some.sampled_from(
    (-1, 0, 30, 31, 60, 61, 90, 91, 92, 93, 120, 121, 364, 365, 366, 700)
) | some.integers(-5, 440)
LATER = some.sampled_from((-1, 0, 0, 7, 7, 8)) | some.integers(0, 200)
CLAIM = some.tuples(
    some.sampled_from(("INS1", "INS2", None)),
    some.sampled_from(("Submitted", "Accepted", "Denied", "Paid", "Closed")),
    some.sampled_from((None, "CO-16", "CO-29")),
    *[some.none() | AGO] * 3,
)
CHARGE = some.tuples(
    some.integers(0, 5), some.sampled_from(PATIENTS), AGO, some.integers(-1, 4), CENTS
)
EVENT = some.tuples(
    some.sampled_from(
        (
            "payment",
            "payment",
            "payment",
            "payments",
            "reversal",
            "deposit",
            "adjustment",
            "refund",
            "transfer",
        )
    ),
    some.integers(0, 6) | some.integers(0, 11),
    some.sampled_from(("patient", "patient", "INS1", "INS2", None)),
    some.sampled_from(("INS1", "INS2", "patient", "secondary", None)),
    some.none() | CENTS,  # none: as much as was charged
    LATER,
    some.sampled_from(("contractual", "write_off", "charity", "bad_debt", None)),
)
CHARGES = some.lists(CHARGE, min_size=3, max_size=10)
EVENTS = some.lists(EVENT, min_size=8, max_size=40)


def before(day: date, days: int) -> date:
    return day - timedelta(days=days)


def ledger_of(charges: list[Any], events: list[Any], as_of: date) -> list[Row]:
    """The drawn charges, and the events upon them; the events beyond the last charge name an unknown one, or none."""
    entries: list[Row] = []

    def post(kind: str, charge: int, **cells: Any) -> None:
        where: dict[str, Any] = {"charge_id": f"H{charge}", "claim_id": None, "encounter_id": None}
        where |= {
            "service_date": None,
            "patient_pseudonym": PATIENTS[charge % 4],
            "transfer_to": None,
        }
        if charge < len(charges):
            claim, patient, ago, *_ = charges[charge]
            where |= {"claim_id": f"C{claim}", "patient_pseudonym": patient}
            where |= {"service_date": before(as_of, ago)}
        elif charge % 2:
            where |= {"charge_id": None}
        empty = {"payer": None, "adjustment_code": None}
        method = METHODS[len(entries) % 3] if kind in ("payment", "refund") else None
        what = {"entry_id": f"L{len(entries)}", "entry_type": kind, "method": method}
        entries.append(where | empty | what | cells)

    for number, (claim, _, ago, lag, cents) in enumerate(charges):
        posted = before(as_of, ago - lag) if lag >= 0 else None
        amount = Decimal(cents).scaleb(-2)
        post("charge", number, amount=amount, posted_on=posted, encounter_id=f"E{claim}")
    for kind, charge, payer, other, cents, later, code in events:
        *_, ago, _, charged = charges[charge] if charge < len(charges) else (370, 0, 500)
        cents = charged if cents is None else cents
        cells = {"amount": Decimal(cents).scaleb(-2), "posted_on": before(as_of, ago - later)}
        if kind == "transfer":
            post("transfer_out", charge, payer=payer, **cells)
            to = (
                {"payer": other}
                if other in PLANS and other != "patient"
                else {"transfer_to": other}
            )
            post("transfer_in", charge, **to, **cells)
        elif kind == "payments":
            for _ in range(2):
                post("payment", charge, payer=payer, **cells)
        elif kind == "deposit":
            post("payment", charge, payer=payer, **cells, charge_id=None)
            post("refund", charge, payer=payer, **cells, charge_id=None)
        elif kind == "reversal":
            post("payment", charge, payer=payer, **cells | {"amount": -cells["amount"]})
        else:
            adjusted = {"adjustment_code": code} if kind == "adjustment" else {}
            post(kind, charge, payer=payer, **cells, **adjusted)
    return entries


def claims_of(drawn: list[Any], as_of: date) -> list[Row]:
    names = (
        "insurance_plan_id",
        "claim_status",
        "denial_code",
        "submitted_on",
        "accepted_on",
        "decided_on",
    )
    rows: list[Row] = []
    for number, (*told, sent, accepted, decided) in enumerate(drawn):
        days = [None if ago is None else before(as_of, ago) for ago in (sent, accepted, decided)]
        whose = {
            "claim_id": f"C{number}",
            "encounter_id": f"E{number}",
            "patient_pseudonym": PATIENTS[number % 4],
        }
        rows.append(whose | dict(zip(names, (*told, *days), strict=True)))
    return rows


PHYSICIANS = {"E0": "dr0", "E1": "dr1", "E2": "dr0"}


def cut(mart: str, columns: str) -> str:
    """The practice's row of a mart, and its rows by plan and by physician, each with what it is a row of."""
    members = {
        "all": ("null", mart),
        "plan": ("insurance_plan_durable_key", f"{mart}_by_plan"),
        "physician": ("physician_durable_key", f"{mart}_by_physician"),
    }
    return " union all ".join(
        f"select '{name}', {member}, {columns} from billing.{table}"
        for name, (member, table) in members.items()
    )


SHOWN = {
    "charged": """1 select charge_key, patient_durable_key, insurance_plan_durable_key, physician_durable_key,
        charge_amount, contractual_amount, write_off_amount, charity_amount, bad_debt_amount, adjustment_amount,
        plan_payment_amount, patient_payment_amount, refund_amount, balance_amount, days_to_pay, has_credit,
        has_payment_above_charge from billing.fct_charges""",
    "owed": "2 select charge_key, payer_id, open_amount + credit_amount from billing.ar_open_items",
    "ageing": """4 select payer_id, patient_durable_key, physician_durable_key, age_bucket, open_amount,
        credit_amount, unapplied_amount from billing.ar_ageing""",
    "debts": """2 select payer_id, age_bucket, sum(open_items) from billing.ar_ageing where open_items > 0
        group by payer_id, age_bucket""",
    "statements": """2 select patient_durable_key, statement_month, opening_balance_amount,
        closing_balance_amount, patient_share_amount from billing.patient_statements""",
    "letters": """1 select patient_durable_key, min(open_amount), min(held_amount), min(amount_due),
        sum(own_line_amount), sum(line_amount) from restricted.patient_statements_to_send group by 1""",
    "followed_up": "2 select charge_key, payer_id, open_amount from billing.plans_to_follow_up",
    "listed": """0 select coalesce(sum(open_amount), 0) from (
        select sum(plan_open_amount) as open_amount from billing.claims_pending
        union all select sum(plan_open_amount) from billing.denials_to_resubmit
        union all select sum(open_amount) from billing.plans_to_follow_up)""",
    "mix": """2 select month_start, insurance_plan_durable_key, charge_amount, charge_share, payment_amount,
        payment_share from billing.payer_mix""",
    "receipts": """3 select posted_on, method, payer_id, payments, received_amount, reversals, reversed_amount, refunds,
        refund_amount, net_amount from billing.receipts_by_day""",
    "collections": "2 "
    + cut(
        "collections",
        """charge_amount, payment_amount, refund_amount, contractual_amount, bad_debt_amount, charity_amount,
        open_on_charges_amount, open_on_charges_over_90_amount, open_on_charges_over_year_amount, balance_amount,
        gross_collection_rate, net_collection_rate, bad_debt_share, charity_share, days_in_ar, days_in_net_ar,
        months_in_ar, open_over_90_share, open_over_year_share, window_days""",
    ),
    "at_the_desk": "2 "
    + cut(
        "point_of_service",
        """payments, patient_payment_amount, same_day_amount, within_week_amount, unapplied_amount, same_day_share,
        within_week_share""",
    ),
    "denials": "2 "
    + cut(
        "denials",
        """claims_submitted, claims_answered, claims_decided, claims_denied, claims_still_denied, claims_clean,
        denial_rate, final_denial_rate, clean_claim_rate, average_days_to_decision, median_days_to_decision""",
    ),
    "to_apply": """2 select patient_durable_key, payer_id, balance_amount, entries, standing_since_on
        from billing.balances_to_apply""",
    "days_to_pay": """1 select insurance_plan_durable_key, claims_paid, claims_paid_within_30_days,
        average_days_to_pay, median_days_to_pay, longest_days_to_pay, within_30_days_share
        from billing.days_to_pay_by_plan""",
    "months": """3 select month_start, first_payer_durable_key, physician_durable_key, charge_amount, payment_amount,
        refund_amount, adjustment_amount, contractual_amount, gross_collection_rate, net_collection_rate
        from billing.collections_by_month""",
    "decisions": """3 select month_start, insurance_plan_durable_key, denial_code, claims_decided, claims_denied,
        claims_still_denied, charge_amount, denied_charge_amount from billing.denials_by_month""",
}
"""Each method of Books, and how many columns of which query are its keys."""
FINDINGS = """1 select finding, rows_found from intermediate.int_billing_findings_counted
    where finding in
        ('same_payment_again', 'payment_above_its_charge', 'unknown_destination', 'before_the_books')"""
NUMBERS = {key(f"H{number}"): f"H{number}" for number in range(12)} | NAMES


class HasRows(Protocol):
    """A warehouse that can be asked."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""


@pytest.fixture(scope="module")
def practice(views: BillingViews) -> BillingViews:
    """Four patients and two physicians; the ledger is drawn."""
    fill_dimensions(views, PATIENTS)
    names = ("system_name", "entity", "source_name", "table_name")
    views.fill(
        "staging.input_tables",
        [dict(zip(names, ("clinic", "ledger_entries", "billing", "ledger"), strict=True))],
    )
    views.fill(
        "clinic.fct_encounters",
        [
            {"encounter_key": key(visit), "physician_key": who, "physician_durable_key": who}
            for visit, who in PHYSICIANS.items()
        ],
    )
    return views


def shown(
    practice: HasRows, query: str, names: Mapping[str, str] = NUMBERS
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """A view's rows by their keys, with names in the place of hashes."""
    keys, sql = int(query[0]), query[2:]
    named = [[names.get(cell, cell) for cell in row] for row in practice.rows(sql)]
    rows = {tuple(row[:keys]): tuple(row[keys:]) for row in named}
    assert len(rows) == len(named)
    return rows


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some.lists(CLAIM, max_size=6),
    CHARGES,
    EVENTS,
    some.integers(0, 400).map(lambda days: before(TODAY, days)),
)
def test_every_view_is_what_plain_books_say_on_any_day(
    practice: BillingViews, drawn: list[Any], charges: list[Any], events: list[Any], as_of: date
) -> None:
    entries, claims = ledger_of(charges, events, as_of), claims_of(drawn, as_of)
    practice.build(entries, claims, as_of)
    books = Books(entries, claims, PHYSICIANS, as_of)
    for view, query in SHOWN.items():
        assert shown(practice, query) == getattr(books, view)(), view
    assert shown(practice, FINDINGS) == books.findings()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHARGES, EVENTS, some.integers(0, 200).map(lambda days: before(TODAY, days)))
def test_a_day_seen_from_today_is_that_day_as_it_was_built(
    practice: BillingViews, charges: list[Any], events: list[Any], day: date
) -> None:
    entries = ledger_of(charges, events, TODAY)
    practice.build(entries, [], day)
    from_today = practice.everything()
    practice.build([e for e in entries if (e["posted_on"] or e["service_date"]) <= day], [], day)
    assert practice.everything() == from_today
