"""Two practice systems in one warehouse: each has in the marts what it would have alone."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.memory import in_memory
from tools.project import ROOT

pytestmark = pytest.mark.warehouse

Rows = dict[str, list[dict[str, Any]]]

AS_OF = date(2026, 11, 20)
GIVEN = {
    "int_as_of_dates": "area varchar, as_of_date date",
    "stg_landfall__loads": """source_name varchar, table_name varchar, load_id varchar, extract_date date,
        is_counted boolean""",
    "snap_billing__ledger_entries": """entry_id varchar, charge_id varchar, patient_pseudonym varchar,
        entry_type varchar, payer varchar, transfer_to varchar, adjustment_code varchar,
        amount decimal(12, 2), service_date date, posted_on date, dbt_valid_from timestamp, dbt_valid_to timestamp""",
    "zip_areas": "zip_area varchar, population bigint",
    "input_tables": "system_name varchar, entity varchar, source_name varchar, table_name varchar",
}
"""What the practice's marts read beside the input layer, filled here or left empty."""

OF_A_HISTORY = {"billing.ledger_days", "billing.closed_month_changes"}
"""Marts of the one system whose ledger has a history; the two here have none."""


def practice(system: str, front: str) -> Rows:
    """A small practice with every kind of row; `front` is put in front of all its numbers."""

    def day(back: int) -> date:
        return AS_OF - timedelta(days=back)

    def version(seen: int) -> dict[str, Any]:
        first = date(1900, 1, 1)
        return {"is_current": True, "valid_from": first, "seen_from": day(seen)}

    def who(number: int) -> dict[str, Any]:
        return {"patient_id": f"{front}P{number}", "patient_pseudonym": f"{front}p{number}"}

    ended = {"is_current": False, "valid_to": day(50), "seen_to": day(50)}
    later = {"is_current": True, "valid_from": day(50), "seen_from": day(50)}
    entries = [
        # charge, payer, type, amount, days ago: H1 moves from the plan to the patient, H2 is taken back in part
        ("H1", None, "charge", 100, 60),
        ("H1", f"{front}I1", "payment", 60, 40),
        ("H1", f"{front}I1", "transfer_out", 40, 40),
        ("H1", "patient", "transfer_in", 40, 40),
        ("H1", "patient", "payment", 15, 3),
        ("H2", None, "charge", 80, 100),
        ("H2", None, "charge", -5, 99),
        ("H2", "patient", "payment", 90, 20),
        ("H2", "patient", "refund", 5, 10),
        ("H3", None, "charge", 70, 5),
        ("H3", f"{front}I1", "adjustment", 20, 4),
        ("H3", f"{front}I1", "payment", -12, 2),
        (None, "patient", "payment", 30, 6),
        # to a plan that is not named
        ("H3", f"{front}I1", "transfer_out", 25, 3),
        ("H3", None, "transfer_in", 25, 3),
    ]
    rows: Rows = {
        "patients": [
            who(1) | version(90) | ended | {"insurance_plan_id": f"{front}I2"},
            who(1) | later | {"insurance_plan_id": f"{front}I1"},
            who(2) | version(80) | {"date_of_birth": date(1980, 1, 1)},
            who(3) | version(80) | {"is_active": False},
        ],
        "employees": [{"employee_id": f"{front}E{n}", **version(90)} for n in (1, 2)],
        "insurance_plans": [
            {"insurance_plan_id": f"{front}I{n}", "plan_name": "Plan", **version(90)}
            for n in (1, 2)
        ],
        "coverages": [
            {"coverage_id": f"{front}C1", "insurance_plan_id": f"{front}I2", "ends_on": day(30)}
            | who(2)
            | {"coverage_position": "primary"}
        ],
        "appointments": [
            # the last names no patient, so that its start alone says which encounter is its own
            {"appointment_id": f"{front}A{n}", "physician_id": f"{front}E1"}
            | (who(n % 3 + 1) if n < 6 else {})
            | {"appointment_date": day(n), "appointment_time": "09:00", "appointment_status": word}
            for n, word in enumerate(("booked", None, "no-show", "late cancelled", "left", None), 1)
        ],
        "encounters": [
            # the first by its link, the others by their start, the last of nobody's appointment
            {"encounter_id": f"{front}V{n}", "encounter_status": "Completed", **who(n % 3 + 1)}
            | {"encounter_date": day(n), "encounter_time": "09:00"}
            | {"appointment_id": f"{front}A1" if n == 1 else None}
            for n in (1, 2, 6, 40)
        ],
        "claims": [
            {"claim_id": f"{front}M{n}", "encounter_id": f"{front}V{n}", **who(n % 3 + 1)}
            | {"insurance_plan_id": f"{front}I1", "claim_status": "Denied", "submitted_on": day(30)}
            | {"denial_code": "CO-16", "decided_on": day(20)}
            for n in (1, 2)
        ],
        "ledger_entries": [
            {"entry_id": f"{front}L{place}", "charge_id": charge and front + charge, **who(1)}
            | {"claim_id": f"{front}M1" if charge == "H1" else None, "payer": payer}
            | {"encounter_id": f"{front}V1" if charge else None, "entry_type": kind}
            | {"amount": Decimal(amount), "service_date": day(ago), "posted_on": day(ago)}
            | {"extract_date": AS_OF}
            for place, (charge, payer, kind, amount, ago) in enumerate(entries)
        ],
        "account_balances": [
            {"account_id": f"{front}B1", "account_pseudonym": f"{front}b1", **who(1)}
            | {"balance_amount": Decimal("25.00"), "payment_due_date": day(9)}
            | {"seen_from": day(40)}
        ],
        "reviews": [{"review_id": f"{front}R1", "review_date": day(7)}],
    }
    return {name: [{"system_name": system, **row} for row in given] for name, given in rows.items()}


class Marts:
    """The practice's marts as dbt compiled them, built in memory over input tables that hold these rows."""

    def __init__(self, compiled: Path, *given: Rows) -> None:
        nodes = json.loads((compiled.parents[1] / "manifest.json").read_text())["nodes"]
        self._compiled = compiled
        self.connection = in_memory()
        self._done: set[str] = set()
        for name, node in nodes.items():
            if name.startswith("model.landfall.input_"):
                columns = ", ".join(
                    f"{c['name']} {c['data_type']}" for c in node["columns"].values()
                )
                self._table(node, columns)
                for rows in given:
                    self._fill(node, rows[node["name"].removeprefix("input_")])
        for node in nodes.values():
            if node["name"] in GIVEN:
                self._table(node, GIVEN[node["name"]])
        areas = [{"area": area, "as_of_date": AS_OF} for area in ("clinic", "billing")]
        self._fill(self._node(nodes, "int_as_of_dates"), areas)
        systems = {row["system_name"] for rows in given for row in rows["patients"]}
        told = [
            {"system_name": system, "entity": "account_balances", "source_name": system}
            | {"table_name": "account"}
            for system in sorted(systems)
        ]
        self._fill(self._node(nodes, "input_tables"), told)
        loads = [
            {"source_name": system, "table_name": "account", "is_counted": True, "load_id": "1"}
            | {"extract_date": AS_OF}
            for system in sorted(systems)
        ]
        self._fill(self._node(nodes, "stg_landfall__loads"), loads)
        self.built = [
            self._build(nodes, name)
            for name, node in nodes.items()
            if node["resource_type"] == "model"
            and node["original_file_path"].startswith(
                ("models/marts/clinic/", "models/marts/billing/")
            )
        ]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, in an order of their own."""
        return sorted(self.connection.execute(query).fetchall(), key=repr)

    def columns(self, mart: str) -> dict[str, str]:
        """The columns of a mart, with their types."""
        return {
            name: kind for name, kind, *_ in self.connection.execute(f"describe {mart}").fetchall()
        }

    @staticmethod
    def _node(nodes: dict[str, Any], name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(node for node in nodes.values() if node["name"] == name)
        return found

    def _relation(self, node: dict[str, Any]) -> str:
        self.connection.execute(f"create schema if not exists {node['schema']}")
        return f"{node['schema']}.{node['name']}"

    def _table(self, node: dict[str, Any], columns: str) -> None:
        self.connection.execute(f"create table {self._relation(node)} ({columns})")
        self._done.add(node["unique_id"])

    def _fill(self, node: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            self.connection.execute(
                f"insert into {self._relation(node)} ({names}) values ({marks})", list(row.values())
            )

    def _build(self, nodes: dict[str, Any], name: str) -> str:
        node = nodes[name]
        if name not in self._done and node["resource_type"] == "seed":
            file = f"read_csv('{ROOT / node['original_file_path']}', all_varchar = true)"
            self.connection.execute(f"create table {self._relation(node)} as from {file}")
            self._done.add(name)
        if name not in self._done:
            for parent in node["depends_on"]["nodes"]:
                if parent in nodes:
                    self._build(nodes, parent)
            sql = (self._compiled / node["original_file_path"]).read_text()
            self.connection.execute(f"create table {self._relation(node)} as {sql}")
            self._done.add(name)
        return self._relation(node)


@pytest.fixture(scope="module")
def built(compiled: Path) -> dict[str, Marts]:
    """The first system alone, another alone, and both."""
    clinic, other = practice("clinic", ""), practice("other", "other:")
    return {
        "clinic": Marts(compiled, clinic),
        "other": Marts(compiled, other),
        "both": Marts(compiled, clinic, other),
    }


def test_every_fact_and_dimension_has_of_each_system_what_it_would_have_alone(
    built: dict[str, Marts],
) -> None:
    both = built["both"]
    told = {mart for mart in both.built if "system_name" in both.columns(mart)} - OF_A_HISTORY
    assert {"clinic.dim_patients", "clinic.fct_appointments", "billing.fct_charges"} <= told
    for mart in told:
        for system in ("clinic", "other"):
            query = f"select * from {mart} where system_name = '{system}'"
            alone = built[system].rows(query)
            assert alone, mart
            assert both.rows(query) == alone, mart


def test_every_count_and_amount_of_the_views_is_the_sum_of_the_two(built: dict[str, Marts]) -> None:
    for mart in (
        *("clinic.no_shows", "clinic.visits", "clinic.panel", "billing.ar_ageing"),
        *("billing.ar_open_items", "billing.patient_statements", "billing.entries_to_apply"),
        *("billing.balances_to_apply", "billing.receipts_by_day"),
        *("billing.claims_pending", "billing.denials_to_resubmit", "billing.credits_to_refund"),
    ):
        names = [
            name
            for name, kind in built["both"].columns(mart).items()
            if name.endswith("_amount") or (kind == "BIGINT" and not name.startswith("days_"))
        ]
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in names)
        query = f"select count(*), {sums} from {mart}"
        first, second, both = (built[name].rows(query)[0] for name in ("clinic", "other", "both"))
        for name, a, b, together in zip(("rows", *names), first, second, both, strict=True):
            # rows of one cell that both have, such as a month and a weekday, are one row of the two
            assert together == a + b or (name == "rows" and together < a + b), f"{mart}.{name}"


def test_a_system_that_delivered_nothing_adds_nothing(
    compiled: Path, built: dict[str, Marts]
) -> None:
    nothing: Rows = {name: [] for name in practice("other", "other:")}
    alone = Marts(compiled, practice("clinic", ""), nothing)
    for mart in alone.built:
        assert alone.rows(f"select * from {mart}") == built["clinic"].rows(f"select * from {mart}")
