"""What becomes of an OpenEMR whose every visit, claim and appointment was worked by hand (hand_made.py)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.systems.built import Built
from tests.warehouse.systems.hand_made import hand_made
from tests.warehouse.systems.openemr import OpenEMR, marts_of

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]


@pytest.fixture(scope="module")
def filled() -> tuple[OpenEMR, dict[str, dict[str, Decimal]]]:
    return hand_made()


@pytest.fixture(scope="module")
def built(
    filled: tuple[OpenEMR, Any], compiled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """The hand-made practice, landed and built once."""
    made = marts_of(tmp_path_factory.mktemp("openemr"), compiled, filled[0])
    assert {(o.outcome, o.quarantined) for o in made.outcomes} == {("landed", 0)}
    yield made
    made.close()


def test_every_visit_is_owed_by_whom_openemr_says(
    built: Built, filled: tuple[OpenEMR, dict[str, dict[str, Decimal]]]
) -> None:
    expected = {visit: owed for visit, owed in filled[1].items() if owed}
    shown = built.balances()
    (moved,) = (charge for charge in shown if charge.startswith("132:"))
    shown["132 of patient 3"] = shown.pop(moved)
    # of the two visits of one number the newer row, which has a number of its own
    shown["133"] = shown.pop("133:999")
    assert shown == expected


@pytest.mark.parametrize(
    ("visit", "day", "owed"),
    [
        ("104", "2026-01-31", "3=100"),
        ("104", "2026-02-01", "patient=15"),
        ("107", "2026-02-01", "4=30"),
        ("107", "2026-02-19", "4=30"),
        ("107", "2026-02-20", "patient=10"),
        ("108", "2026-02-20", "5=20"),
        ("110", "2026-01-05", "3=80"),
        ("116", "2026-04-30", "-"),
        ("116", "2026-05-01", "patient=80"),
        # what was taken back and paid again: closed with the last payment
        ("117", "2026-02-01", "3=20"),
        ("117", "2026-02-10", "3=100"),
        ("117", "2026-02-20", "patient=10"),
        # denied: the day of the answer
        ("119", "2026-02-02", "3=100"),
        ("119", "2026-02-03", "patient=100"),
        # paid before it was charged: the payment stands alone until then
        ("137", "2026-01-07", "patient=-20"),
        ("137", "2026-01-08", "3=80"),
        ("140", "2026-02-10", "3=80"),
        ("140", "2026-03-01", "patient=20"),
        ("145", "2026-01-31", "3=100"),
        ("145", "2026-02-01", "patient=30"),
    ],
)
def test_who_owed_on_a_day(built: Built, visit: str, day: str, owed: str) -> None:
    shown = built.balances(date.fromisoformat(day)).get(visit, {})
    assert shown == {p: Decimal(a) for p, a in [owed.split("=")] if p} if owed != "-" else not shown


def test_open_items_say_the_same_as_the_ledger(
    built: Built, filled: tuple[OpenEMR, dict[str, dict[str, Decimal]]]
) -> None:
    open_amounts: dict[str, Decimal] = {}
    for owed in filled[1].values():
        for payer, amount in owed.items():
            payer = payer if payer == "patient" else f"openemr:{payer}"
            if amount > 0:
                open_amounts[payer] = open_amounts.get(payer, Decimal(0)) + amount
    rows = built.rows(
        "select payer_id, sum(open_amount) from billing.ar_open_items where open_amount > 0 group by 1"
    )
    assert dict(rows) == open_amounts


def test_the_ledger_adds_up_to_openemrs_own_balance_and_to_what_came_in(built: Built) -> None:
    (charged,) = built.rows(
        "select sum(fee) from raw_openemr.billing where activity = 1 and fee <> 0"
    )
    (sold,) = built.rows("select sum(fee) from raw_openemr.drug_sales where pid is not null")
    (posted,) = built.rows(
        "select sum(pay_amount + adj_amount) from raw_openemr.ar_activity where deleted is null"
    )
    shown = built.rows(
        "select charge_key is null, sum(signed_amount) from billing.fct_ledger_entries group by 1 order by 1"
    )
    # unapplied: 200 - 50 of the prepayment; the cheque of which more was applied than came in adds nothing
    assert shown == [(False, charged[0] + sold[0] - posted[0]), (True, Decimal(-150))]
    assert built.rows(
        "select payer_id, method, posted_on from billing.fct_ledger_entries where charge_key is null"
    ) == [("patient", "check", date(2026, 1, 3))]


def test_transfers_of_a_charge_net_to_nothing_on_every_day(built: Built) -> None:
    assert (
        built.rows(
            "select charge_key, posted_on from billing.fct_ledger_entries where entry_type like 'transfer%'"
            " group by 1, 2 having sum(signed_amount) <> 0"
        )
        == []
    )


def test_entries_have_their_words(built: Built) -> None:
    def entries(visit: str) -> list[tuple[Any, ...]]:
        return built.rows(
            "select entry_type, payer_id, amount, coalesce(method, adjustment_code), reason_code"
            " from intermediate.int_ledger_entries_signed"
            f" where charge_id = 'openemr:{visit}' and entry_type not like 'transfer%'"
            " order by posted_on, entry_type, entry_id"
        )

    money = Decimal
    assert entries("112") == [
        ("charge", "openemr:3", money(100), None, None),
        ("payment", "patient", money(15), "copay", None),
    ]
    assert entries("116")[1:] == [
        ("adjustment", "openemr:3", money(20), "contractual", "45"),
        ("payment", "openemr:3", money(80), None, None),
        ("payment", "openemr:3", money(-80), None, None),
    ]
    assert entries("135")[1:] == [
        ("adjustment", "patient", money(20), "write_off", None),
        ("adjustment", "patient", money(-20), "write_off", None),
    ]
    assert entries("136")[1:] == [
        ("payment", "patient", money(100), None, None),
        ("refund", "patient", money(40), None, None),
    ]
    assert entries("139")[1:] == [("payment", "openemr:6", money(100), "echeck", None)]


def test_claims_say_what_became_of_them(built: Built) -> None:
    shown = built.rows(
        "select claim_id, claim_position, claim_status, denial_code, submitted_on, decided_on"
        " from intermediate.input_claims order by 1"
    )
    day = date
    assert shown == [
        ("openemr:119:1", "primary", "Denied", "CO-16", day(2026, 1, 6), day(2026, 2, 3)),
        ("openemr:120:1", "primary", "Denied", "CO-16", day(2026, 1, 6), day(2026, 2, 3)),
        ("openemr:130:1", "primary", "Submitted", None, day(2026, 1, 6), None),
        ("openemr:146:1", "primary", "Paid", "CO-16", day(2026, 2, 10), day(2026, 3, 1)),
        ("openemr:147:1", "primary", "Paid", None, day(2026, 1, 6), day(2026, 2, 1)),
        ("openemr:147:2", "secondary", "Submitted", None, day(2026, 2, 1), None),
    ]
    # a denied claim's amount is that of its visit
    assert built.rows(
        "select claim_id, charge_amount from billing.fct_claims where is_denied order by 1"
    ) == [("openemr:119:1", Decimal(100)), ("openemr:120:1", Decimal(100))]


def test_appointments_end_as_their_codes_say(built: Built) -> None:
    shown = dict(
        built.rows("select appointment_id, appointment_status from intermediate.input_appointments")
    )
    words = (
        "booked booked cancelled|late cancelled|no-show arrived arrived arrived completed completed left arrived"
        " completed booked"
    )
    expected = dict(
        enumerate(
            [
                w
                for part in words.split("|")
                for w in ([part] if part == "late cancelled" else part.split())
            ],
            1,
        )
    )
    expected |= {20: "no-show", 23: "completed", 25: "booked", 26: "cancelled"}
    expected |= {27: "booked", 28: "no-show"}
    assert shown == {f"openemr:{number}": word for number, word in expected.items()}
    assert built.rows(
        "select physician_id, minutes, appointment_time, booked_on, place from intermediate.input_appointments"
        " where appointment_id = 'openemr:1'"
    ) == [("openemr:1", 15, "09:30", date(2026, 1, 1), "Main Street")]


def test_visits_find_their_appointments_and_end_with_them(built: Built) -> None:
    shown = {
        visit: (appointment, outcome)
        for visit, appointment, outcome in built.rows(
            "select encounter_id, appointment_id, outcome from intermediate.int_visits_resolved"
            " where encounter_id is not null"
        )
    }
    assert shown["openemr:104"] == ("openemr:27", "completed")
    assert shown["openemr:105"][1] == "completed"  # its appointment was deleted
    assert shown["openemr:110"] == (None, "completed")  # a series has no appointment
    assert shown["openemr:128"] == ("openemr:28", "no-show")
    assert "openemr:131" not in shown  # deleted
    assert {"openemr:133", "openemr:133:999"} <= set(shown)
    assert built.rows(
        "select count(*), count(distinct encounter_time) from clinic.fct_encounters"
    ) == [(len(shown), 0)]


def test_people_and_payers_are_those_of_the_lists(built: Built) -> None:
    assert built.rows(
        "select patient_id, insurance_plan_id, is_active from intermediate.input_patients"
        " where length(patient_id) = 9 order by 1"
    ) == [
        ("openemr:1", "openemr:3", True),
        ("openemr:2", "openemr:3", True),
        ("openemr:3", None, True),
        ("openemr:4", "openemr:3", True),
        ("openemr:5", None, True),
        ("openemr:6", None, True),
        ("openemr:7", "openemr:3", True),
        ("openemr:8", None, False),
    ]
    assert built.rows(
        "select insurance_plan_id, payer_class, is_active from intermediate.input_insurance_plans order by 1"
    ) == [
        ("openemr:3", "commercial", True),
        ("openemr:4", "medicare", True),
        ("openemr:5", None, False),
        ("openemr:6", None, True),
    ]
    assert built.rows("select employee_id, is_physician from intermediate.input_employees") == [
        ("openemr:1", True)
    ]


def test_what_contradicts_itself_is_counted(built: Built) -> None:
    shown = built.rows(
        "select table_name, finding, rows_found from intermediate.int_openemr_findings_counted order by 1, 2"
    )
    assert shown == [
        ("ar_session", "more_applied_than_received", 1),
        ("billing", "charge_of_a_deleted_visit", 1),
        ("billing", "no_such_visit_of_the_patient", 1),
        ("form_encounter", "number_of_another_visit", 1),
        ("openemr_postcalendar_events", "ended_before_its_day", 1),
        ("openemr_postcalendar_events", "series_not_unrolled", 1),
        ("openemr_postcalendar_events", "unknown_status", 1),
    ]


def test_what_landed_of_each_table_is_staged_to_the_row_and_the_cent(built: Built) -> None:
    landed = {o.table: o.landed for o in built.outcomes}
    staged = built.rows(
        "select table_name, measured from intermediate.int_openemr_measured where measure = 'rows'"
    )
    # of an empty table nothing is staged
    assert dict(staged) == {name: rows for name, rows in landed.items() if rows}
    sums = dict(
        built.rows(
            "select table_name || '.' || measure, measured from intermediate.int_openemr_measured"
            " where measure <> 'rows'"
        )
    )
    told = dict(
        built.rows(
            "select table_name || '.' || column_name, landed_sum from raw_landfall.load_amounts"
            " where source_name = 'openemr'"
        )
    )
    assert sums == told


def test_the_marts_are_measured_system_by_system(built: Built) -> None:
    shown = built.rows(
        "select source_name, table_name, measure, measured from intermediate.int_clinic_measured"
        " where stage = 'published' union all"
        " select source_name, table_name, measure, measured from intermediate.int_billing_measured"
        " where stage = 'published'"
    )
    # only what is an entity row for row; the first system has delivered nothing
    assert {row[1]: row[3] for row in shown if row[0] == "openemr"} == {
        "patient_data": 8 + 26,
        "insurance_companies": 4,
    }
    of_the_first = [row for row in shown if row[0] not in ("openemr", "synthea")]
    assert len(of_the_first) == 12
    assert {row[3] for row in of_the_first} == {0}
