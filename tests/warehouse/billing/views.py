"""The billing models' own SQL, compiled once, over small tables in memory: a ledger in, every view out, in a blink."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.warehouse.memory import in_memory

Row = Mapping[str, Any]

LINEAGE = "extract_date date, load_id varchar"
VERSION = "valid_from date, valid_to date"
GIVEN = {
    "intermediate.input_ledger_entries": f"""system_name varchar, entry_id varchar, charge_id varchar, claim_id varchar,
        encounter_id varchar, patient_id varchar, patient_pseudonym varchar, entry_type varchar, payer varchar,
        owed_first_by varchar, transfer_to varchar, method varchar, procedure_code varchar, adjustment_code varchar,
        reason_code varchar, amount decimal(12, 2), service_date date, posted_on date, {LINEAGE}""",
    "intermediate.input_claims": f"""system_name varchar, claim_id varchar, encounter_id varchar, patient_id varchar,
        patient_pseudonym varchar, insurance_plan_id varchar, claim_position varchar, claim_status varchar,
        denial_code varchar,
        submitted_on date, accepted_on date, decided_on date, {LINEAGE}""",
    "staging.input_tables": "system_name varchar, entity varchar, source_name varchar, table_name varchar",
    "staging.adjustment_reasons": "reason_code varchar, meaning varchar",
    "intermediate.int_as_of_dates": "area varchar, as_of_date date",
    "intermediate.int_patients_versioned": f"patient_key varchar, patient_pseudonym varchar, {VERSION}",
    "intermediate.int_insurance_plans_versioned": f"""insurance_plan_key varchar,
        insurance_plan_durable_key varchar, system_name varchar, insurance_plan_id varchar, plan_name varchar,
        payer_class varchar, is_active boolean, is_current boolean,
        seen_from date, seen_to date, {VERSION}""",
    "clinic.dim_patients": """patient_durable_key varchar, insurance_plan_durable_key varchar,
        is_current boolean""",
    "clinic.fct_encounters": """encounter_key varchar, physician_key varchar, physician_durable_key varchar,
        insurance_plan_key varchar, outcome varchar, visit_date date, as_of_date date""",
    "billing.fct_account_balances": """account_key varchar, patient_key varchar, patient_durable_key varchar,
        insurance_plan_key varchar, insurance_plan_durable_key varchar, is_latest boolean,
        balance_amount decimal(12, 2), last_payment_amount decimal(12, 2), balance_date date,
        payment_due_date date""",
    "restricted.account_identities": "account_key varchar, account_id varchar",
    "restricted.patient_contacts": """patient_durable_key varchar, patient_id varchar, first_name varchar,
        last_name varchar, email varchar, address varchar, zip_code varchar""",
}
"""Tables that a test fills; what they have beyond the columns named here no billing model reads."""

BUILT = {
    "intermediate": ("int_ledger_entries_signed", "int_claims_judged"),
    "billing": (
        "fct_ledger_entries", "fct_charges", "fct_claims", "ar_open_items", "ar_ageing", "patient_statements",
        "payer_mix", "receipts_by_day", "accounts_overdue",
    ),
    "restricted": ("accounts_to_call", "patient_statements_to_send", "account_ledger_reconciliation"),
}  # fmt: skip
TABLES = ("fct_ledger_entries", "fct_charges", "fct_claims")
"""Marts that are tables: built anew after each load. The rest are views."""

SLICED = (
    "int_collections_lined", "int_collections_rated", "int_denials_rated", "int_patient_payments_rated",
)  # fmt: skip
RATES = tuple(
    f"{mart}{cut}"
    for mart in ("collections", "denials", "point_of_service")
    for cut in ("", "_by_plan", "_by_physician")
) + ("denials_by_code", "days_to_pay_by_plan")
"""Marts of the year that ends on the as-of date, each a slice of one of these."""

MONTHS = (
    "ar_by_month",
    "collections_by_month",
    "billing_months",
    "denials_by_month",
    "physician_months",
)
"""Marts with a row for each month; each reads those before it alone."""

WORK_LISTS = (
    "entries_to_apply", "balances_to_apply", "claims_pending", "denials_to_resubmit",
    "plans_to_follow_up",
)  # fmt: skip

VIEWS = (
    "billing.fct_charges", "billing.fct_claims", "billing.ar_open_items", "billing.ar_ageing",
    "billing.patient_statements", "billing.payer_mix", "billing.receipts_by_day",
    "restricted.patient_statements_to_send",
    *(f"billing.{name}" for name in (*RATES, *WORK_LISTS)),
)  # fmt: skip
"""Figures that later postings must not change."""


def key(*fields: str) -> str:
    """The mart's key of business fields, as macros/privacy/keys.sql makes it."""
    return hashlib.md5("\x1f".join(fields).encode()).hexdigest()


class BillingViews:
    """An in-memory warehouse with the billing models as dbt compiled them below `compiled`."""

    def __init__(self, compiled: Path) -> None:
        self._connection = in_memory()
        self._sql = {path.stem: path.read_text() for path in (compiled / "models").rglob("*.sql")}
        for schema in ("staging", "intermediate", "shared", "clinic", "billing", "restricted"):
            self._connection.execute(f"create schema {schema}")
        for table, columns in GIVEN.items():
            self._connection.execute(f"create table {table} ({columns})")
        self._create("shared", "dim_dates", "table")
        self._create("clinic", "dim_insurance_plans", "view")
        for name in BUILT["intermediate"]:
            self._create("intermediate", name, "view")
        for name in TABLES:
            self._create("billing", name, "table")
            if name == "fct_ledger_entries":
                self._create("intermediate", "int_payments_kept", "view")
        for name in ("int_charge_balances_settled", "int_months_windowed"):
            self._create("intermediate", name, "view")
        for name in (
            "ar_open_items",
            "ar_ageing",
            "patient_statements",
            "payer_mix",
            "receipts_by_day",
        ):
            self._create("billing", name, "view")
        self._create("billing", "accounts_overdue", "view")
        for name in ("int_open_items_claimed", *SLICED):
            self._create("intermediate", name, "view")
        for name in (*RATES, *MONTHS, *WORK_LISTS):
            self._create("billing", name, "view")
        self._create("intermediate", "int_billing_findings_counted", "view")
        for name in BUILT["restricted"]:
            self._create("restricted", name, "view")

    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Put these rows in the place of the table's own; columns that a row does not name are null."""
        self._connection.execute(f"delete from {table}")
        listed = list(rows)
        names = list(dict.fromkeys(name for row in listed for name in row))
        if listed:
            marks = ", ".join(f"({', '.join('?' * len(names))})" for _ in listed)
            cells = [row.get(name) for row in listed for name in names]
            self._connection.execute(
                f"insert into {table} ({', '.join(names)}) values {marks}", cells
            )

    def build(self, entries: Iterable[Row], claims: Iterable[Row], as_of: date) -> None:
        """Load a ledger and its claims, and build the billing marts as of a day."""
        lineage = {"extract_date": as_of, "load_id": "l", "system_name": "clinic"}
        areas = [{"area": area, "as_of_date": as_of} for area in ("billing", "clinic")]
        self.fill("intermediate.int_as_of_dates", areas)
        self.fill("intermediate.input_ledger_entries", [{**row, **lineage} for row in entries])
        self.fill("intermediate.input_claims", [{**row, **lineage} for row in claims])
        for name in TABLES:
            self._create("billing", name, "table")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(query).fetchall()

    def dicts(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query, by column."""
        found = self._connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every view, in an order that does not depend on the engine."""
        return {view: sorted(self.rows(f"select * from {view}"), key=repr) for view in VIEWS}

    def _create(self, schema: str, name: str, kind: str) -> None:
        self._connection.execute(f"create or replace {kind} {schema}.{name} as\n{self._sql[name]}")
