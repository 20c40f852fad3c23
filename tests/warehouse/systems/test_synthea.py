"""What becomes of Synthea's files: bills that were worked by hand, and a population against a plain reading of them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.land import register as register_lake
from samples.synthea import HEADERS, Tables, population
from tests.ingestion.lakes import Lake
from tests.warehouse.systems.built import Built
from tests.warehouse.systems.synthea import BILLS, files, hand_made
from tools.project import ROOT

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

DAY = date(2026, 6, 30)
MARTS = (
    *("fct_ledger_entries", "fct_charges", "fct_claims", "fct_encounters", "ar_open_items"),
    *("dim_patients", "dim_employees", "dim_insurance_plans", "int_synthea_findings_counted"),
    *("int_coverages_versioned", "int_clinic_measured", "int_billing_measured"),
    "int_synthea_measured",
)
OLDER = {
    "patients": "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,"
    "GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE",
    "payers": "Id,NAME,ADDRESS,CITY,STATE_HEADQUARTERED,ZIP,PHONE,AMOUNT_COVERED,AMOUNT_UNCOVERED,REVENUE,"
    "COVERED_ENCOUNTERS,UNCOVERED_ENCOUNTERS,COVERED_MEDICATIONS,UNCOVERED_MEDICATIONS,COVERED_PROCEDURES,"
    "UNCOVERED_PROCEDURES,COVERED_IMMUNIZATIONS,UNCOVERED_IMMUNIZATIONS,UNIQUE_CUSTOMERS,QOLS_AVG,MEMBER_MONTHS",
    "payer_transitions": "PATIENT,MEMBERID,START_YEAR,END_YEAR,PAYER,SECONDARY_PAYER,OWNERSHIP,OWNERNAME",
    "providers": "Id,ORGANIZATION,NAME,GENDER,SPECIALITY,ADDRESS,CITY,STATE,ZIP,LAT,LON,UTILIZATION",
}
"""The headers of files of version 3.0 that are others today."""


@dataclass
class Delivered:
    """A population and the hand-made bills in one delivery, what it became, and the answers."""

    tables: Tables
    expected: dict[str, dict[str, Decimal]]
    marts: Built


@pytest.fixture(scope="module")
def delivered(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    by_hand, expected = hand_made()
    tables = population(25, 7, DAY)
    for name, rows in by_hand.items():
        tables[name] = tables[name] + rows
    folder = tmp_path_factory.mktemp("synthea")
    given = files(tables, str(DAY))
    marts = Built(folder, compiled, system="synthea", day=DAY, files=given, marts=MARTS)
    assert {(o.outcome, o.code, o.quarantined) for o in marts.outcomes} == {("landed", None, 0)}
    yield Delivered(tables, expected, marts)
    marts.close()


def read_plainly(tables: Tables) -> dict[str, dict[str, Decimal]]:
    """Who owes what of each charge, by going through a bill's transactions one after the other."""
    found: dict[str, dict[str, Decimal]] = {}
    bills = {bill["Id"]: bill for bill in tables["claims"]}
    rows = sorted(tables["claims_transactions"], key=lambda row: int(row["CHARGEID"]))
    last: dict[str, tuple[str, str]] = {}
    for row in rows:
        bill = bills[row["CLAIMID"]]
        named = {"1": bill["PRIMARYPATIENTINSURANCEID"], "2": bill["SECONDARYPATIENTINSURANCEID"]}
        charge, owing = last.get(row["CLAIMID"], ("", "patient"))
        if row["TYPE"] == "CHARGE":
            charge = f"{row['CLAIMID']}:{row['CHARGEID']}"
            found[charge] = defaultdict(Decimal)
        if row["TYPE"] in ("CHARGE", "TRANSFERIN"):
            owing = named.get(row["TRANSFERTYPE"], "").strip("0") or "patient"
            last[row["CLAIMID"]] = charge, owing
        if charge:
            settle(found[charge], row, owing)
    return {
        charge: {payer: amount for payer, amount in owed.items() if amount}
        for charge, owed in found.items()
    }


def settle(owed: dict[str, Decimal], row: dict[str, str], owing: str) -> None:
    """What a transaction makes of what is owed of its charge."""
    if row["TYPE"] in ("CHARGE", "TRANSFERIN"):
        owed[owing] += Decimal(row["AMOUNT"])
    elif row["TYPE"] == "TRANSFEROUT":
        owed[owing] -= Decimal(row["TRANSFERS"])
    elif row["TYPE"] == "ADJUSTMENT":
        owed[owing] -= Decimal(row["ADJUSTMENTS"])
    elif row["METHOD"] == "ECHECK":
        owed[owing] -= Decimal(row["PAYMENTS"])
    else:
        # the patient pays what the insurer owes, as far as it goes; the rest is a credit of the patient
        paid = Decimal(row["PAYMENTS"])
        taken = min(paid, max(sum(owed.values(), Decimal(0)), Decimal(0)))
        owed[owing] -= taken
        owed["patient"] -= paid - taken


def of_bills(owed: dict[str, dict[str, Decimal]]) -> dict[str, dict[str, Decimal]]:
    """The same of each bill."""
    found: dict[str, dict[str, Decimal]] = {}
    for charge, amounts in owed.items():
        bill = found.setdefault(charge.partition(":")[0], defaultdict(Decimal))
        for payer, amount in amounts.items():
            bill[payer] += amount
    return found


def test_every_bill_that_was_worked_by_hand_is_owed_by_whom_it_says(delivered: Delivered) -> None:
    shown = of_bills(delivered.marts.balances())
    assert {bill: shown.get(bill, {}) for bill in delivered.expected} == delivered.expected
    assert len(BILLS.split("\nb")) > 12


def test_every_charge_of_a_population_is_owed_by_whom_its_files_say(delivered: Delivered) -> None:
    plainly = read_plainly(delivered.tables)
    assert len(plainly) > 500
    owed = {charge: amounts for charge, amounts in plainly.items() if amounts}
    assert delivered.marts.balances() == owed


def test_sums_per_patient_payer_and_bill_are_the_files_own(delivered: Delivered) -> None:
    bills = {bill["Id"]: bill for bill in delivered.tables["claims"]}
    columns = {
        "CHARGE": ("charge", "AMOUNT"),
        "PAYMENT": ("payment", "PAYMENTS"),
        "ADJUSTMENT": ("adjustment", "ADJUSTMENTS"),
        "TRANSFEROUT": ("transfer_out", "TRANSFERS"),
        "TRANSFERIN": ("transfer_in", "TRANSFERS"),
    }
    methods = {"COPAY": "copay", "CASH": "cash", "CHECK": "check", "CC": "card", "ECHECK": "echeck"}
    sums: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in delivered.tables["claims_transactions"]:
        kind, column = columns[row["TYPE"]]
        amount = Decimal(row[column])
        sums["patient_id"][row["PATIENTID"], kind] += amount
        sums["bill"][row["CLAIMID"], kind] += amount
        sums["method"][methods.get(row.get("METHOD", ""), ""), kind] += amount
        first = bills[row["CLAIMID"]]["PRIMARYPATIENTINSURANCEID"].strip("0") or "patient"
        if row["TYPE"] == "CHARGE" and row["TRANSFERTYPE"] != "2":
            sums["payer"][first, kind] += amount
    entries = (
        "(select *, split_part(entry_id, ':', 2) as bill, coalesce(owed_first_by, payer) as owed_by"
        " from intermediate.input_ledger_entries where not regexp_matches(entry_id, ':(out|in)$'))"
    )

    def shown(by: str, where: str = "true") -> dict[tuple[str, str], Decimal]:
        query = f"select {by}, entry_type, sum(amount) from {entries} where {where} group by 1, 2"
        return {
            (str("" if who is None else who).removeprefix("synthea:"), kind): amount
            for who, kind, amount in delivered.marts.rows(query)
        }

    assert shown("patient_id") == sums["patient_id"]
    assert shown("bill") == sums["bill"]
    assert shown("method") == sums["method"]
    charged = shown("owed_by", "entry_type = 'charge'")
    assert charged.pop(("patient", "charge")) - 100 == sums["payer"].pop(("patient", "charge"))
    assert charged == sums["payer"]
    # of all that was paid by whom: patients in their manners, insurers by transfer
    by_patients = sum(
        amount for (method, _), amount in sums["method"].items() if method not in ("", "echeck")
    )
    assert shown("payer = 'patient'", "entry_type = 'payment'") == {
        ("True", "payment"): by_patients,
        ("False", "payment"): sums["method"]["echeck", "payment"],
    }


def test_what_moves_between_payers_adds_up_to_nothing(delivered: Delivered) -> None:
    apart = delivered.marts.rows(
        "select charge_id, posted_on from intermediate.int_ledger_entries_signed"
        " where entry_type like 'transfer%' group by 1, 2 having sum(signed_amount) <> 0"
    )
    assert [(charge.split(":")[1], day) for charge, day in apart] == [("o03", date(2026, 3, 1))]


def test_entries_have_their_days_payers_and_words(delivered: Delivered) -> None:
    def entries(bill: str) -> list[tuple[Any, ...]]:
        return delivered.marts.rows(
            "select entry_type, payer_id, amount, coalesce(method, adjustment_code), claim_id, posted_on"
            " from intermediate.int_ledger_entries_signed"
            f" where entry_id like 'synthea:{bill}:%' order by entry_id"
        )

    day, money = date(2026, 3, 1), Decimal
    humana, medicare, claim = "synthea:humana", "synthea:medicare", "synthea:b06"
    assert entries("b06") == [
        ("charge", medicare, money(100), None, claim, day),
        ("payment", "patient", money(10), "copay", claim, day),
        ("transfer_in", "patient", money(10), None, claim, day),
        ("transfer_out", medicare, money(10), None, claim, day),
        ("payment", medicare, money(60), "echeck", claim, day),
        ("transfer_out", medicare, money(30), None, claim, day),
        ("transfer_in", humana, money(30), None, f"{claim}:2", day),
        ("payment", humana, money(18), "echeck", f"{claim}:2", day),
        ("transfer_out", humana, money(12), None, f"{claim}:2", day),
        ("transfer_in", "patient", money(12), None, claim, day),
        ("payment", "patient", money(12), "cash", claim, day),
    ]
    assert entries("b04")[1] == (
        *("adjustment", humana, money(15), "contractual", "synthea:b04", day),
    )
    assert {entry[4] for entry in entries("b16")} == {None}
    assert [entry[5].day for entry in entries("b16")] == [1, 9, 19]


def test_claims_are_those_to_insurers_and_say_what_became_of_them(delivered: Delivered) -> None:
    shown = delivered.marts.rows(
        "select claim_id, insurance_plan_id, claim_position, claim_status, submitted_on"
        " from intermediate.input_claims where length(claim_id) < 15 order by 1"
    )
    assert {row[4] for row in shown} == {date(2026, 3, 1)}
    told = {row[0].removeprefix("synthea:"): row[1:4] for row in shown}
    assert told["b01"] == ("synthea:humana", "primary", "Paid")
    assert told["b05:2"] == ("synthea:humana", "secondary", "Paid")
    assert told["b09"] == ("synthea:humana", "primary", "Closed")
    assert told["b12:2"] == ("synthea:humana", "secondary", "Submitted")
    assert not {"b07", "b16", "b18"} & told.keys()
    bills = delivered.tables["claims"]
    insured = [bill for bill in bills if bill["PRIMARYPATIENTINSURANCEID"].strip("0")]
    second = [bill for bill in bills if bill["SECONDARYPATIENTINSURANCEID"]]
    ((rows,),) = delivered.marts.rows("select count(*) from billing.fct_claims")
    assert rows == len(insured) + len(second)


def test_people_payers_and_visits_are_those_of_the_files(delivered: Delivered) -> None:
    marts = delivered.marts
    assert marts.rows(
        "select patient_id, insurance_plan_id, is_active, zip_code from intermediate.input_patients"
        " where length(patient_id) < 12 order by 1"
    ) == [
        ("synthea:ann", None, True, None),
        ("synthea:bob", "synthea:medicare", True, None),
        ("synthea:cem", None, False, None),
    ]
    assert marts.rows(
        "select first_name, last_name, title, is_physician from intermediate.input_employees"
        " where employee_id = 'synthea:doc'"
    ) == [("Ann12", "de la Vega3", "NURSE", True)]
    assert marts.rows(
        "select insurance_plan_id, payer_class from intermediate.input_insurance_plans"
        " where length(insurance_plan_id) < 20 order by 1"
    ) == [("synthea:humana", "commercial"), ("synthea:medicare", "medicare")]
    assert marts.rows(
        "select encounter_status, encounter_date, encounter_time, place, physician_id"
        " from intermediate.input_encounters where encounter_id = 'synthea:visit b01'"
    ) == [("Completed", date(2026, 3, 1), "21:30", "MAIN STREET", "synthea:doc")]
    for mart, name in (("dim_patients", "patients"), ("fct_encounters", "encounters")):
        assert marts.rows(f"select count(*) from clinic.{mart} where system_name = 'synthea'") == [
            (len(delivered.tables[name]),)
        ]


def test_a_year_of_insurance_ends_before_the_next_and_without_one_the_patient_pays(
    delivered: Delivered,
) -> None:
    shown = delivered.marts.rows(
        "select coverages.insurance_plan_id, valid_from, valid_to"
        " from intermediate.int_coverages_versioned as coverages"
        " inner join (select distinct patient_pseudonym from intermediate.input_patients"
        "  where patient_id = 'synthea:ann') using (patient_pseudonym) order by 2"
    )
    assert shown == [
        ("patient", date(1900, 1, 1), date(2020, 1, 1)),
        ("synthea:humana", date(2020, 1, 1), date(2026, 5, 1)),
        ("patient", date(2026, 5, 1), None),
    ]


def test_what_contradicts_itself_is_counted(delivered: Delivered) -> None:
    assert delivered.marts.rows(
        "select table_name, finding, rows_found from intermediate.int_synthea_findings_counted order by 1, 2"
    ) == [
        ("claims", "closed_with_a_balance", 2),
        ("claims_transactions", "before_its_charge", 1),
        ("claims_transactions", "level_without_payer", 1),
        ("claims_transactions", "transferred_apart", 1),
    ]


def test_what_landed_is_staged_and_published_to_the_row_and_the_cent(delivered: Delivered) -> None:
    marts = delivered.marts
    measured = marts.rows(
        "select table_name || '.' || measure, measured from intermediate.int_synthea_measured"
    )
    landed = {f"{o.table}.rows": o.landed for o in marts.outcomes}
    sums = marts.rows(
        "select table_name || '.' || column_name, landed_sum from raw_landfall.load_amounts"
        " where source_name = 'synthea'"
    )
    assert dict(measured) == landed | dict(sums)
    # a running balance has no sum
    assert {name.split(".")[1] for name, _ in sums} == {"amount", "paid", "adjusted", "transferred"}
    published = marts.rows(
        "select table_name, measured from intermediate.int_clinic_measured"
        " where stage = 'published' and source_name = 'synthea' and measure = 'rows'"
    )
    assert dict(published) == {
        name: landed[f"{name}.rows"] for name in ("patients", "providers", "encounters")
    }


def test_files_of_older_versions_land_as_they_are_too(tmp_path: Path) -> None:
    headers = HEADERS | {name: header.split(",") for name, header in OLDER.items()}
    tables = population(3, 1, DAY)
    for row in tables["payer_transitions"]:
        row |= {"START_YEAR": row["START_DATE"], "END_YEAR": row["END_DATE"]}
    lake = Lake(tmp_path, str(tmp_path / "lake"))
    lake.settings = replace(lake.settings, project_dir=ROOT)
    for name, text in files(tables, str(DAY), headers).items():
        lake.put(name, text)
    register_lake(lake.context)
    assert {(o.outcome, o.code, o.quarantined) for o in lake.land()} == {("landed", None, 0)}
