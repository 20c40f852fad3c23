"""From a folder of Synthea's files to the published marts, by the commands that its guide names."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from samples.own_files import deliver
from samples.synthea import population, write
from tests.warehouse.practice import Practice, keep_the_practice_alone

pytestmark = [pytest.mark.slow, pytest.mark.warehouse]


def test_a_population_comes_out_as_the_practices_marts(tmp_path: Path) -> None:
    tables = population(12, 3, date(2026, 6, 30))
    write(tmp_path / "csv", tables)
    practice = Practice(tmp_path / "practice")
    keep_the_practice_alone(practice.project)
    day = deliver("synthea", str(tmp_path / "csv"), practice.lake / "inbox")
    done = practice.command("run")
    assert done.returncode == 0, done.stdout + done.stderr
    names = {payer["Id"]: payer["NAME"] for payer in tables["payers"]}
    insurers = {bill["Id"]: bill["PRIMARYPATIENTINSURANCEID"] for bill in tables["claims"]}
    charged: dict[str, Decimal] = defaultdict(Decimal)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in tables["claims_transactions"]:
        if row["TYPE"] == "CHARGE":
            charged[names.get(insurers[row["CLAIMID"]], "Patient")] += Decimal(row["AMOUNT"])
        paid[row["METHOD"]] += Decimal(row["PAYMENTS"])
    assert len(charged) > 3
    assert dict(
        practice.query(
            "select plan_name, sum(charge_amount) from billing.fct_charges as charges"
            " inner join clinic.dim_insurance_plans as plans"
            "  on charges.insurance_plan_durable_key = plans.insurance_plan_durable_key and plans.is_current"
            " group by 1"
        )
    ) == dict(charged)
    assert practice.query(
        "select sum(amount) filter (payer_id = 'patient'), sum(amount) filter (payer_id <> 'patient'), max(as_of_date)"
        " from billing.fct_ledger_entries where entry_type = 'payment'"
    ) == [
        (
            sum(amount for method, amount in paid.items() if method not in ("", "ECHECK")),
            paid["ECHECK"],
            date.fromisoformat(day),
        )
    ]
    # all of it is settled, and the visits are those of the file
    assert practice.query("select count(*) from billing.ar_open_items") == [(0,)]
    assert practice.query("select count(*), count(distinct patient_key) from clinic.fct_encounters") == [
        (len(tables["encounters"]), len({visit["PATIENT"] for visit in tables["encounters"]}))
    ]  # fmt: skip
