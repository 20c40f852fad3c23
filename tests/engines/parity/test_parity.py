"""The same extracts give the same cells on DuckDB, Athena and Redshift, and the right ones."""

import io
import re
import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.engines.parity import systems
from tests.engines.parity.cells import Cell, differences
from tests.engines.parity.conftest import Parity
from tests.engines.parity.legs import MARKS, duckdb_reader, relations
from tools.project import copy_of_the_project

pytestmark = MARKS
ENGINES = ("duckdb", "athena", "redshift")

OF_A_RUN = {
    "operations.run_nodes": frozenset(
        {
            *("run_node_key", "run_id", "target", "seconds", "bytes_scanned"),
            *("started_at", "finished_at"),
        }
    ),
    "snapshots.taken_loads": frozenset({"taken_at", "invocation_id"}),
}
"""Columns about the run itself, which differs on each engine."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.mark.parametrize("other", ["athena", "redshift"])
def test_every_cell_is_the_same(parity: Parity, other: str) -> None:
    assert relations(parity.legs[other].manifest()) == parity.relations
    found = {}
    for relation in parity.relations:
        left_out = OF_A_RUN.get(relation, frozenset())
        mine, theirs = (
            parity.cells(name, relation).without(left_out) for name in ("duckdb", other)
        )
        found[relation] = differences(mine, theirs)
    assert {relation: told for relation, told in found.items() if told} == {}


def test_nearly_every_relation_has_rows_to_compare(parity: Parity) -> None:
    empty = [name for name in parity.relations if not parity.cells("duckdb", name).rows]
    assert len(parity.relations) > 40 and len(empty) < len(parity.relations) / 5, empty


def test_history_was_built_by_backfill_and_went_on_by_snapshot(parity: Parity, engine: str) -> None:
    first, second = parity.said[engine]
    assert first.count(": backfilled, ") >= 3
    assert second.count(": left to the snapshot") >= 3
    taken = parity.cells(engine, "snapshots.taken_loads").dicts()
    assert {row["taken_by"] for row in taken} == {"backfill", "snapshot"}


def test_the_run_built_tested_looked_at_freshness_and_wrote_the_docs(
    parity: Parity, engine: str
) -> None:
    records = [
        pq.read_table(io.BytesIO(data)).to_pylist()
        for _, data in sorted(parity.runs[engine].items())
    ]
    # DuckDB's second run leaves the seeds as they are
    kinds = {row["resource_type"] for record in records for row in record}
    assert {"model", "snapshot", "seed", "test", "source"} <= kinds
    assert {row["verdict"] for row in records[-1]} == {"complete"}
    assert (parity.legs[engine].project / "target/run/static_index.html").stat().st_size > 10_000


@pytest.mark.parametrize("engine", ["athena", "redshift"])
def test_every_unit_test_passes(parity: Parity, engine: str) -> None:
    """On DuckDB tests/warehouse/test_run.py has them."""
    said = parity.dbt(engine, "test", "--select", "test_type:unit")
    assert re.search(r"PASS=\d{2,} WARN=0 ERROR=0 SKIP=0", said), said[-2000:]


def rows(
    parity: Parity, engine: str, relation: str, columns: str, **where: Cell
) -> set[tuple[Cell, ...]]:
    """Some columns of some rows."""
    found = parity.cells(engine, relation).dicts()
    chosen = [row for row in found if all(row[name] == value for name, value in where.items())]
    return {tuple(row[name] for name in columns.split()) for row in chosen}


def key_of(parity: Parity, engine: str, number: str) -> Cell:
    """The key under which a patient of this number goes in the marts."""
    told = rows(
        parity, engine, "restricted.patient_contacts", "patient_durable_key", patient_id=number
    )
    ((key,),) = told
    return key


def test_patients_are_as_they_were_worked_out_by_hand(parity: Parity, engine: str) -> None:
    identities = "restricted.dim_patient_identities"
    columns = "first_name last_name date_of_birth is_current seen_from seen_to"
    who = ('Zoë "Zed"', "O'Hara,\u2003Núñez\u2014李 🩺", "2000-02-29")
    nobody = ("NULL", "-", "1950-01-01")
    expected = {
        "P9001": {
            (*who, "false", "2023-12-28", "2023-12-30"),
            (*who, "false", "2023-12-30", "2024-01-01"),
            (*who, "true", "2024-01-01", None),
        },
        "P9002": {
            (*nobody, "false", "2023-12-28", "2023-12-30"),
            (*nobody, "true", "2024-01-01", None),
        },
        "P9003": {(*who, "true", "2024-01-03", None)},
        "P9004": {(*who, "true", "2023-12-28", "2024-01-03")},
    }
    for number, versions in expected.items():
        assert rows(parity, engine, identities, columns, patient_id=number) == versions


def test_balances_are_as_they_were_worked_out_by_hand(parity: Parity, engine: str) -> None:
    ((account,),) = rows(
        parity, engine, "restricted.account_identities", "account_key", account_id="ACC9001"
    )
    columns = "balance_date balance_amount last_payment_amount payment_due_date is_latest"
    expected = {
        ("2023-12-28", "1234.56", None, "2023-12-31", "false"),
        ("2023-12-29", "-12.50", None, "2023-12-31", "false"),
        ("2023-12-30", "-5.00", "7.00", "2024-02-29", "false"),
        ("2023-12-31", "-5.00", "7.00", "2024-02-29", "false"),
        # the extract of the first was refused
        ("2024-01-02", "-5.00", "7.00", "2024-02-29", "false"),
        ("2024-01-03", "-5.00", "7.00", "2024-02-29", "true"),
    }
    told = rows(parity, engine, "billing.fct_account_balances", columns, account_key=account)
    assert told == expected


def test_a_charge_paid_twice_over_is_as_it_was_worked_out_by_hand(
    parity: Parity, engine: str
) -> None:
    patient = key_of(parity, engine, "P9001")
    columns = (
        "charge_amount contractual_amount plan_payment_amount patient_payment_amount"
        " moved_to_patient_amount transfer_amount balance_amount has_credit service_date"
        " first_payment_on last_payment_on days_to_pay"
    )
    # 200 - 50 - 99.99 - 60.02
    expected = (
        *("200.00", "50.00", "99.99", "60.02", "50.01", "0.00", "-10.01", "true"),
        *("2023-12-31", "2024-01-02", "2024-01-03", "3"),
    )
    told = rows(parity, engine, "billing.fct_charges", columns, patient_durable_key=patient)
    assert told == {expected}
    columns = "payer_id age_bucket open_amount credit_amount unapplied_amount"
    told = rows(parity, engine, "billing.ar_ageing", columns, patient_durable_key=patient)
    assert told == {
        ("patient", "0-30", "0.00", "-10.01", "0.00"),
        ("patient", "unapplied", "0.00", "0.00", "-25.00"),
    }


def test_visits_around_midnight_are_as_they_were_worked_out_by_hand(
    parity: Parity, engine: str
) -> None:
    patient = key_of(parity, engine, "P9001")
    columns = "encounter_id encounter_status outcome visit_date encounter_time"
    told = rows(parity, engine, "clinic.fct_encounters", columns, patient_durable_key=patient)
    assert told == {
        ("ENC9001", "Completed", "completed", "2023-12-31", "23:59"),
        ("ENC9002", "Cancelled", "cancelled", "2024-01-01", "00:00"),
    }


@pytest.mark.parametrize("engine", ["athena", "redshift"])
def test_of_a_daily_fact_only_what_changed_is_built_again(parity: Parity, engine: str) -> None:
    """Of two days whose rows are spoilt, the one that is known to be made of something else."""
    fact, days = "billing.fct_account_balances", "snapshots.built_days"
    ask = parity.athena.rows if engine == "athena" else parity.redshift.rows
    whole = parity.cells(engine, fact)
    ours = f"from {days} where model_name = 'fct_account_balances'"
    (first, last), *_ = ask(f"select min(built_day), max(built_day) {ours}")
    ask(f"update {days} set project_hash = ''")  # which is what dbt by hand says
    for day in (first, last):
        ask(f"update {fact} set balance_amount = -1 where balance_date = date '{day}'")
    for changed, spoilt in ((last, [first]), (first, [])):
        ask(f"update {days} set fingerprint = 'another' where built_day = date '{changed}'")
        parity.dbt(engine, "run", "--select", "fct_account_balances")
        left = ask(f"select distinct balance_date from {fact} where balance_amount = -1")
        assert [day for (day,) in left] == spoilt
    assert parity.legs[engine].read([fact])[fact].rows == whole.rows


def test_what_is_owed_in_each_system_is_as_it_was_worked_out_by_hand(
    parity: Parity, engine: str
) -> None:
    found: dict[Cell, Decimal] = defaultdict(Decimal)
    for entry in parity.cells(engine, "billing.fct_ledger_entries").dicts():
        if entry["charge_key"] is not None:
            found[entry["system_name"]] += Decimal(str(entry["signed_amount"]))
    assert {name: found[name] for name in systems.owed()} == systems.owed()


def test_patients_of_openemr_are_as_they_were_worked_out_by_hand(
    parity: Parity, engine: str
) -> None:
    columns = "last_name is_current seen_from seen_to"
    first, last = "2024-01-01", "2024-01-03"
    expected = {
        # has another name on the last day, has died by then, is gone by then, and is as before
        "openemr:1": {("O'Hara", "false", first, last), (None, "true", last, None)},
        "openemr:8": {(None, "false", first, last), (None, "true", last, None)},
        "openemr:127": {(None, "true", first, last)},
        "openemr:2": {(None, "true", first, None)},
    }
    for number, versions in expected.items():
        identities = "restricted.dim_patient_identities"
        assert rows(parity, engine, identities, columns, patient_id=number) == versions


def test_an_earlier_day_is_built_into_schemas_of_its_own(parity: Parity, tmp_path: Path) -> None:
    """On Redshift, as the slowest would take too long; the live figures stay as they are."""
    live = ("billing.fct_account_balances", "snapshots.snap_clinic__patients")
    before = {name: parity.cells("redshift", name).rows for name in live}
    leg = parity.small_leg("redshift", tmp_path)
    said = leg.ingestion("run", "--as-of", "2023-12-30", "--into", "audit")
    assert "published: redshift, schemas audit_*" in said
    newest = "select max(balance_date) from audit_billing.fct_account_balances"
    as_of = "select max(as_of_date) from audit_billing.fct_ledger_entries"
    assert parity.redshift.value(newest) == date(2023, 12, 30) == parity.redshift.value(as_of)
    open_ones = (
        "select count(*) from audit_snapshots.snap_clinic__patients where dbt_valid_to is null"
    )
    known = "select count(*) from audit_staging.stg_clinic__patients"
    assert parity.redshift.value(open_ones) == parity.redshift.value(known) > 0
    assert {name: found.rows for name, found in leg.read(live).items()} == before


def test_a_planted_difference_is_found(parity: Parity, tmp_path: Path) -> None:
    """DuckDB's branch of `remove_all` forgets that it must replace every match."""
    leg = parity.legs["duckdb"]
    project = copy_of_the_project(tmp_path)
    shutil.copy(leg.environment["LANDFALL_WAREHOUSE"], project)
    texts = project / "macros/dialect/texts.sql"
    right = texts.read_text()
    wrong = right.replace("'{{ pattern }}', '', 'g')", "'{{ pattern }}', '')")
    assert wrong != right
    texts.write_text(wrong)
    places = {"PROJECT": str(project), "WAREHOUSE": str(project / "warehouse.duckdb")}
    environment = leg.environment | {f"LANDFALL_{name}": place for name, place in places.items()}
    spoilt = replace(leg, project=project, environment=environment, read=duckdb_reader(environment))
    spoilt.dbt("run", "--select", "stg_clinic__encounters+,+fct_encounters", "dim_patients")
    found = {
        name: differences(parity.cells("athena", name), cells)
        for name, cells in spoilt.read(("clinic.fct_encounters", "clinic.dim_patients")).items()
    }
    assert found["clinic.dim_patients"] == []
    (told,) = found["clinic.fct_encounters"]
    assert "encounter_status" in told and "Completed" not in told
