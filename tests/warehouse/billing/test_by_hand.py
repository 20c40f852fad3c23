"""A dozen patients with every twist a ledger knows, as of the last of March 2024; every result is worked by hand.

Days before 2024-03-31: 30 is 1 March, 31 is 29 February (a leap year), 60 is 31 January, 61 is 30 January, 90 is
1 January, 91 is 31 December 2023, 120 is 2 December and 121 is 1 December.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.billing.views import BillingViews, Row, key

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

AS_OF = date(2024, 3, 31)

# patient, charge, claim, type, payer, amount, service, posted, and what only some have (code, transfer_to, encounter)
LEDGER = """
P01 H1  C1 charge       -       200.00 2024-03-01 2024-03-01 encounter=E1
P01 H1  C1 adjustment   INS1     50.00 2024-03-01 2024-03-10 code=contractual
P01 H1  C1 payment      INS1    100.00 2024-03-01 2024-03-10
P01 H1  C1 transfer_out INS1     50.00 2024-03-01 2024-03-10 to=secondary
P01 H1  C1 transfer_in  INS2     50.00 2024-03-01 2024-03-10 to=secondary
P01 H1  C1 payment      INS2     30.00 2024-03-01 2024-03-20
P01 H1  C1 transfer_out INS2     20.00 2024-03-01 2024-03-20 to=patient
P01 H1  C1 transfer_in  -        20.00 2024-03-01 2024-03-20 to=patient
P01 H1  C1 payment      patient  15.00 2024-03-01 2024-03-25
P02 H2  -  charge       -        80.00 2024-02-29 2024-02-29
P02 H2  -  payment      patient  80.00 2024-02-29 2024-03-02
P02 H2  -  refund       patient  80.00 2024-02-29 2024-03-05
P03 H3  C3 charge       -       100.00 2024-01-31 2024-01-31
P03 H3  C3 payment      patient  20.00 2024-01-31 2024-01-31
P03 H3  C3 adjustment   INS1    100.00 2024-01-31 2024-02-15 code=write_off
P03 H3  C3 refund       patient  20.00 2024-01-31 2024-03-01
P04 H4  -  charge       -        60.00 2024-01-30 2024-01-30
P04 H4  -  payment      patient  75.00 2024-01-30 2024-01-30
P04 H4b -  charge       -        40.00 2024-01-30 2024-01-30
P05 H5  C5 charge       -       120.00 2024-01-01 2024-01-01
P05 H5  C5 transfer_out INS1    120.00 2024-01-01 2024-02-10 to=primary
P05 H5  C5 transfer_in  INS2    120.00 2024-01-01 2024-02-10 to=primary
P05 H5  C5 payment      INS2     70.00 2024-01-01 2024-02-10
P05 H5  C5 adjustment   INS2     30.00 2024-01-01 2024-02-10 code=contractual
P06 H6  C6 charge       -       150.00 2023-12-31 2023-12-31
P07 H7  -  charge       -        90.00 2023-12-02 2023-12-02
P07 H7  -  payment      patient  40.00 2023-12-02 2024-02-29
P08 H8  -  charge       -        33.33 2023-12-01 2023-12-01
P08 H8  -  adjustment   patient  13.33 2023-12-01 2024-03-31 code=bad_debt
P09 -   -  payment      patient  25.00 -          2024-03-31
P09 H99 -  payment      patient   5.00 -          2024-03-31
P09 H9  -  payment      patient  10.00 2024-04-01 2024-03-31
P09 H9  -  charge       -        70.00 2024-04-01 2024-04-01
P10 H10 -  charge       -        10.00 2022-03-31 2022-04-01
P10 H10 -  adjustment   patient   4.00 2022-03-31 2024-01-15 code=charity
P10 H10 -  payment      patient   0.00 2022-03-31 2024-01-15
P11 H11 -  charge       -        45.00 2024-03-31 2024-03-31
P12 H11 -  payment      patient  45.00 2024-03-31 2024-03-31
P12 H12 -  charge       -        10.00 2024-03-30 2024-03-31
P12 H12 -  payment      patient  10.01 2024-03-30 2024-03-31
"""

# claim, encounter, patient, plan, submitted, accepted, decided, status, code: C6 was denied and sent again, C7 is
# decided before it was sent
CLAIMS = """
C1 E1 P01 INS1 2024-03-02 2024-03-04 2024-03-10 Paid      -
C3 -  P03 INS1 2024-02-01 2024-02-03 2024-02-11 Denied    CO-29
C5 -  P05 INS1 2024-01-02 2024-01-05 2024-02-10 Paid      -
C6 -  P06 INS1 2024-03-15 -          -          Submitted CO-16
C7 -  P06 INS2 2024-03-20 -          2024-03-18 Paid      -
"""
PLANS = {"INS1": "Bronze", "INS2": "Silver", "patient": "Patient"}


def cell(text: str) -> str | None:
    return None if text == "-" else text


def ledger() -> list[Row]:
    entries: list[Row] = []
    for number, line in enumerate(LEDGER.strip().splitlines()):
        patient, charge, claim, kind, payer, amount, service, posted, *rest = line.split()
        more = dict(part.split("=") for part in rest)
        entry: dict[str, Any] = {
            "entry_id": f"L{number:02}",
            "patient_pseudonym": patient,
            "charge_id": cell(charge),
            "claim_id": cell(claim),
            "entry_type": kind,
            "payer": cell(payer),
            "amount": Decimal(amount),
            "service_date": cell(service),
            "posted_on": posted,
            "adjustment_code": more.get("code"),
            "transfer_to": more.get("to"),
            "encounter_id": more.get("encounter"),
        }
        entries.append(entry)
    return entries


def claims() -> list[Row]:
    names = ("claim_id", "encounter_id", "patient_pseudonym", "insurance_plan_id", "submitted_on", "accepted_on",
             "decided_on", "claim_status", "denial_code")  # fmt: skip
    lines = CLAIMS.strip().splitlines()
    return [dict(zip(names, map(cell, line.split()), strict=True)) for line in lines]


@pytest.fixture(scope="module")
def practice(views: BillingViews) -> BillingViews:
    """The dozen patients, loaded and built."""
    fill_dimensions(views, [f"P{number:02}" for number in range(1, 13)])
    views.build(ledger(), claims(), AS_OF)
    return views


def fill_dimensions(views: BillingViews, patients: Iterable[str]) -> None:
    """Each patient with one version and a name, three payers, one visit of physician dr1; three accounts."""
    always = {"valid_from": date(1900, 1, 1), "valid_to": None}
    known = [(patient, key(patient)) for patient in patients]
    views.fill(
        "intermediate.int_patients_versioned",
        [
            {"patient_key": f"{patient}-v1", "patient_pseudonym": patient, **always}
            for patient, _ in known
        ],
    )
    views.fill(
        "intermediate.int_insurance_plans_versioned",
        [
            {
                "insurance_plan_key": plan,
                "insurance_plan_durable_key": key(plan),
                "insurance_plan_id": plan,
                "plan_name": name,
                "is_current": True,
                **always,
            }
            for plan, name in PLANS.items()
        ],
    )
    views.fill(
        "clinic.dim_patients",
        [
            {
                "patient_durable_key": durable,
                "insurance_plan_durable_key": key("INS1"),
                "is_current": True,
            }
            for _, durable in known
        ],
    )
    views.fill(
        "restricted.patient_contacts",
        [{"patient_durable_key": durable, "patient_id": patient} for patient, durable in known],
    )
    visit = {
        "encounter_key": key("E1"),
        "physician_key": "dr1-v1",
        "physician_durable_key": "dr1",
        "insurance_plan_key": "INS1",
        "outcome": "completed",
    }
    views.fill(
        "clinic.fct_encounters", [visit | {"visit_date": date(2024, 3, 1), "as_of_date": AS_OF}]
    )
    accounts = {"A1": (key("P01"), "5.00"), "A2": (key("P02"), "75.00"), "A9": ("unknown", "11.00")}
    views.fill(
        "billing.fct_account_balances",
        [
            {
                "account_key": account,
                "patient_durable_key": holder,
                "balance_amount": Decimal(amount),
                "insurance_plan_durable_key": key("INS1"),
                "is_latest": True,
                "balance_date": AS_OF,
                "payment_due_date": date(2024, 3, 1),
            }
            for account, (holder, amount) in accounts.items()
        ],
    )
    views.fill(
        "restricted.account_identities",
        [{"account_key": account, "account_id": f"ACC-{account}"} for account in accounts],
    )


def money(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


def test_each_debt_and_credit_stands_in_the_bucket_of_its_day_of_service(
    practice: BillingViews,
) -> None:
    shown = practice.rows(
        "select payer_id, patient_durable_key, age_bucket, open_amount, credit_amount, unapplied_amount"
        " from billing.ar_ageing"
    )
    expected = [
        # 200 - 50 - 100 - 30 - 15 = 5, and it is the patient's by now
        ("patient", key("P01"), "0-30", *money("5.00", "0.00", "0.00")),
        # paid, and the cheque came back: all of it is owed again
        ("patient", key("P02"), "31-60", *money("80.00", "0.00", "0.00")),
        # P03: 100 - 100 written off - 20 + 20 given back: nothing. P04: the 15 too much on one charge pay nothing of
        # the other's 40
        ("patient", key("P04"), "61-90", *money("40.00", "-15.00", "0.00")),
        # the claim went to INS1, the new plan took it over: 120 - 70 - 30
        ("INS2", key("P05"), "61-90", *money("20.00", "0.00", "0.00")),
        ("INS1", key("P06"), "91-120", *money("150.00", "0.00", "0.00")),
        ("patient", key("P07"), "91-120", *money("50.00", "0.00", "0.00")),
        ("patient", key("P08"), ">120", *money("20.00", "0.00", "0.00")),
        # without a charge 25, on an unknown one 5, and 10 on one that is posted only tomorrow
        ("patient", key("P09"), "unapplied", *money("0.00", "0.00", "-40.00")),
        ("patient", key("P10"), ">120", *money("6.00", "0.00", "0.00")),
        # P12 paid P11's charge: nothing is left; and a cent too much on her own
        ("patient", key("P12"), "0-30", *money("0.00", "-0.01", "0.00")),
    ]
    assert sorted(shown) == sorted(expected)


def test_everything_adds_up_to_what_the_ledger_says(practice: BillingViews) -> None:
    # charged 938.33, given back 100, paid 525.01, adjusted 197.33: 315.99 = 371 open - 15.01 credits - 40 unapplied
    assert practice.rows(
        "select sum(open_amount), sum(credit_amount), sum(unapplied_amount), sum(balance_amount) from billing.ar_ageing"
    ) == [money("371.00", "-15.01", "-40.00", "315.99")]
    assert practice.rows(
        "select sum(charge_amount), sum(refund_amount), sum(plan_payment_amount) + sum(patient_payment_amount),"
        " sum(adjustment_amount), sum(balance_amount) from billing.fct_charges"
    ) == [money("938.33", "100.00", "485.01", "197.33", "355.99")]


def test_a_charge_says_what_became_of_it(practice: BillingViews) -> None:
    columns = (
        "contractual_amount, write_off_amount, charity_amount, bad_debt_amount, plan_payment_amount,"
        " patient_payment_amount, refund_amount, moved_to_patient_amount, balance_amount, first_payment_on,"
        " last_payment_on, days_to_pay, has_credit, has_payment_above_charge, physician_durable_key"
    )
    shown = {
        charge: practice.rows(
            f"select {columns} from billing.fct_charges where charge_key = '{key(charge)}'"
        )[0]
        for charge in ("H1", "H3", "H10", "H12")
    }
    day = date
    assert shown == {
        "H1": (*money("50", "0", "0", "0", "130", "15", "0", "20", "5"), day(2024, 3, 10), day(2024, 3, 25), None,
               False, False, "dr1"),
        "H3": (*money("0", "100", "0", "0", "0", "20", "20", "0", "0"), day(2024, 1, 31), day(2024, 1, 31), 0,
               False, False, "unknown"),
        "H10": (*money("0", "0", "4", "0", "0", "0", "0", "0", "6"), None, None, None, False, False, "unknown"),
        "H12": (*money("0", "0", "0", "0", "0", "10.01", "0", "0", "-0.01"), day(2024, 3, 31), day(2024, 3, 31), 1,
                True, True, "unknown"),
    }  # fmt: skip


def test_statements_chain_from_month_to_month(practice: BillingViews) -> None:
    shown = practice.rows(
        "select patient_durable_key, statement_month, opening_balance_amount, charge_amount, plan_payment_amount,"
        " patient_payment_amount, adjustment_amount, closing_balance_amount, patient_share_amount"
        " from billing.patient_statements"
        f" where patient_durable_key in ('{key('P01')}', '{key('P07')}', '{key('P08')}')"
    )
    p1, p7, p8 = key("P01"), key("P07"), key("P08")
    assert sorted(shown) == sorted(
        [
            (p1, date(2024, 3, 1), *money("0", "200", "-130", "-15", "-50", "5", "5")),
            (p7, date(2023, 12, 1), *money("0", "90", "0", "0", "0", "90", "90")),
            (p7, date(2024, 1, 1), *money("90", "0", "0", "0", "0", "90", "90")),
            # paid on the leap day
            (p7, date(2024, 2, 1), *money("90", "0", "0", "-40", "0", "50", "50")),
            (p7, date(2024, 3, 1), *money("50", "0", "0", "0", "0", "50", "50")),
            (p8, date(2023, 12, 1), *money("0", "33.33", "0", "0", "0", "33.33", "33.33")),
            (p8, date(2024, 1, 1), *money("33.33", "0", "0", "0", "0", "33.33", "33.33")),
            (p8, date(2024, 2, 1), *money("33.33", "0", "0", "0", "0", "33.33", "33.33")),
            # given up on the last day of the month
            (p8, date(2024, 3, 1), *money("33.33", "0", "0", "0", "-13.33", "20", "20")),
        ]
    )


def test_the_payer_mix_of_march(practice: BillingViews) -> None:
    # charged 200 to INS1, 45 + 10 to patients: 200 / 255. Paid 100, 30, and 15 + 80 + 40 + 45 + 10.01 = 190.01: of
    # 320.01
    shown = practice.rows(
        "select plan_name, visits, charge_amount, payment_amount, visit_share, charge_share, payment_share"
        " from billing.payer_mix where month_start = date '2024-03-01'"
    )
    assert sorted(shown) == sorted(
        [
            ("Bronze", 1, *money("200", "100", "1", "0.7843", "0.3125")),
            ("Silver", 0, *money("0", "30", "0", "0", "0.0937")),
            ("Patient", 0, *money("55", "190.01", "0", "0.2157", "0.5938")),
        ]
    )


def test_collections_of_the_year(practice: BillingViews) -> None:
    (shown,) = practice.dicts("select * from billing.collections")
    # after the charge of 10 of 2022 none came until 1 December: the books begin with that day, which is 122 days ago
    expected = {
        "window_start": date(2023, 12, 1),
        "window_days": 122,
        "charge_amount": "928.33",
        "payment_amount": "525.01",
        "refund_amount": "100.00",
        "contractual_amount": "80.00",
        "bad_debt_amount": "13.33",
        "charity_amount": "4.00",
        "open_on_charges_amount": "371.00",
        "open_on_charges_over_90_amount": "226.00",  # 150 + 50 + 20 + 6
        "open_on_charges_over_year_amount": "6.00",
        "balance_amount": "315.99",
        "gross_collection_rate": "0.4578",  # 425.01 / 928.33
        "net_collection_rate": "0.5010",  # 425.01 / 848.33
        "bad_debt_share": "0.0144",
        "charity_share": "0.0043",
        "days_in_ar": "48.8",  # 371 * 122 / 928.33
        "days_in_net_ar": "41.5",  # 315.99 * 122 / 928.33
        "months_in_ar": "1.60",  # 371 * 122 * 12 / (928.33 * 365)
        "open_over_90_share": "0.6092",
        "open_over_year_share": "0.0162",
    }
    assert {name: shown[name] for name in expected} == {
        name: Decimal(value) if isinstance(value, str) else value
        for name, value in expected.items()
    }
    # the one visit that is known: 200 charged, 145 paid, 50 contractual, 5 open
    assert practice.rows(
        "select charge_amount, net_collection_rate, open_on_charges_amount from billing.collections_by_physician"
        " where physician_durable_key = 'dr1'"
    ) == [money("200", "0.9667", "5")]


def test_denials_of_the_year(practice: BillingViews) -> None:
    columns = (
        "claims_submitted, claims_answered, claims_decided, claims_denied, claims_clean, denial_rate,"
        " final_denial_rate, denied_charge_share, clean_claim_rate, average_days_to_decision, median_days_to_decision"
    )
    # decided are C1 (8 days), C3 (10), C5 (39: a leap year's January) and C7 (no days, it is dated before it was sent);
    # C6 waits. Denied: C3, 100 of 570. Clean: C1, C5, C7 of four answered
    assert practice.rows(f"select {columns} from billing.denials") == [
        (5, 4, 4, 1, 3, *money("0.25", "0.25", "0.1754", "0.75", "19", "10"))
    ]
    assert practice.rows(
        "select denial_code, claims_denied, denial_rate from billing.denials_by_code"
    ) == [("CO-29", 1, Decimal("0.3333"))]
    assert practice.rows(
        "select claim_id from billing.fct_claims where is_decided_before_submitted"
    ) == [("C7",)]


def test_what_patients_paid_at_the_desk(practice: BillingViews) -> None:
    # 15 + 80 + 20 + 75 + 40 + 40 + 0 + 45 + 10.01 = 325.01; that day 20 + 75 + 45; within a week 80 and 10.01 more
    assert practice.rows(
        "select patient_payment_amount, same_day_amount, within_week_amount, unapplied_amount, same_day_share,"
        " within_week_share from billing.point_of_service"
    ) == [money("325.01", "140.00", "230.01", "40.00", "0.4308", "0.7077")]


def test_who_gets_a_letter_and_who_is_called(practice: BillingViews) -> None:
    letters = practice.rows(
        "select distinct patient_id, amount_due from restricted.patient_statements_to_send order by 1"
    )
    # P04's credit of 15 is taken off her 40: what she is asked for is her own balance
    assert letters == [
        (patient, Decimal(due))
        for patient, due in (
            ("P01", "5"),
            ("P02", "80"),
            ("P04", "25"),
            ("P07", "50"),
            ("P08", "20"),
            ("P10", "6"),
        )
    ]
    assert practice.rows(
        "select account_id, patient_id, days_overdue, balance_amount, ledger_open_amount"
        " from restricted.accounts_to_call order by 1"
    ) == [
        ("ACC-A1", "P01", 30, *money("5", "5")),
        ("ACC-A2", "P02", 30, *money("75", "80")),
        ("ACC-A9", None, 30, Decimal(11), None),
    ]


def test_the_accounts_beside_the_ledger(practice: BillingViews) -> None:
    # P01 and P02 are linked. The others' own balances, 25 + 50 + 20 - 40 + 6 - 0.01 = 60.99, stand against account A9
    shown = practice.rows(
        "select compared_by, account_key, verdict, account_balance_amount, ledger_balance_amount"
        " from restricted.account_ledger_reconciliation"
    )
    assert sorted(shown, key=repr) == sorted(
        [
            ("account", "A1", "equal", *money("5", "5")),
            ("account", "A2", "the ledger says more", *money("75", "80")),
            ("plan", None, "the ledger says more", *money("11", "60.99")),
            ("all", None, "the ledger says more", *money("91", "145.99")),
        ],
        key=repr,
    )


def test_odd_entries_are_kept_and_flagged(practice: BillingViews) -> None:
    shown = practice.rows(
        "select entry_id, is_unapplied, has_no_charge, is_future_dated, is_of_other_patient"
        " from billing.fct_ledger_entries where is_unapplied or has_no_charge or is_future_dated"
        " or is_of_other_patient order by entry_id"
    )
    assert shown == [
        ("L29", True, False, False, False),
        ("L30", False, True, False, False),
        ("L31", False, True, False, False),
        ("L32", False, True, True, False),
        ("L37", False, False, False, True),
    ]
    assert practice.rows(
        "select entry_id from billing.fct_ledger_entries where is_zero_amount"
    ) == [("L35",)]
    assert practice.rows("select count(*) from billing.fct_ledger_entries") == [(40,)]
