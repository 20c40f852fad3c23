"""Writes a practice's raw tables as the lander would leave them, of any size, by SQL alone.

Each evening delivers every table in full. A charge has six entries: what the plan does not allow, what it pays, what it
leaves to the patient, and what the patient pays; of four patients one does not, and after half a year that is written
off. One visit in 17 has no plan.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import duckdb

from ingestion.contract import Table
from tests.warehouse.raw_tables import RawTables, raw_columns, raw_name

FIRST_DAY = date(2023, 1, 1)
ENTRIES_OF_A_CHARGE = 5.7
ENTRIES_OF_A_PATIENT = 100
"""Both as in the practice of the demo, over three years."""

PLANS, EMPLOYEES = 8, 25
MEMORY = "4GiB"
"""What the benchmark itself may take beside dbt."""

ENTRIES = """(values
    (0, 0, 'charge', null, null, null, null, 1.0),
    (1, 20, 'adjustment', 'plan', null, null, 'contractual', 0.4),
    (2, 20, 'payment', 'plan', null, 'echeck', null, 0.4),
    (3, 20, 'transfer_out', 'plan', 'patient', null, null, 0.2),
    (4, 20, 'transfer_in', 'patient', 'patient', null, null, 0.2),
    (5, 50, 'payment', 'patient', null, 'card', null, 0.2),
    (6, 180, 'adjustment', 'patient', null, null, 'bad_debt', 0.2)
) as entries(place, after, entry_type, payer, transfer_to, method, adjustment_code, share)"""


@dataclass(frozen=True)
class Practice:
    """About `rows` entries of the ledger over `days`: the charges and visits of a day, and all patients."""

    rows: int
    days: int

    @property
    def charges(self) -> int:
        """Charges a day; two are of one visit, and one visit in five does not take place."""
        return max(8, round(self.rows / self.days / ENTRIES_OF_A_CHARGE / 8) * 8)

    @property
    def visits(self) -> int:
        """Visits a day."""
        return self.charges * 5 // 8

    @property
    def patients(self) -> int:
        """All that were ever seen."""
        return max(100, self.rows // ENTRIES_OF_A_PATIENT)

    def queries(self, days: int) -> dict[str, tuple[str, dict[str, str]]]:
        """By table what it is read from, and its cells, as the evening of the last of `days` knows them."""
        last = f"date '{FIRST_DAY + timedelta(days=days - 1)}'"
        patient = f"'P' || (v * 7919) % {self.patients}"
        on = f"(date '{FIRST_DAY}' + (v // {self.visits})::integer)"
        plan = f"'INS' || 1 + (v * 7919) % {self.patients} % {PLANS}"
        visits = f"(select v, {on} as day from range({self.visits * days}) as visits(v))"
        charges = f"""(
            select c, c // 2 + c // 2 // 4 as v, date '{FIRST_DAY}' + (c // {self.charges})::integer as day,
                ((c * 31) % 80 + 10) * 5 as charged, v % 17 = 0 as is_own
            from range({self.charges * days}) as charges(c)
        )"""
        return {
            "clinic.patient": (
                f"range({self.patients}) as patients(n)",
                {
                    **{"person_id": "'P' || n", "first_name": "'First' || n % 97"},
                    **{"last_name": "'Last' || n % 1009", "email": "'p' || n || '@example.org'"},
                    **{"dob": "date '1940-01-01' + (n * 37 % 25000)::integer", "zip": "'95331'"},
                    **{"address": "n || ' High St'", "insurance": f"'INS' || 1 + n % {PLANS}"},
                },
            ),
            "clinic.account": (
                f"range({self.patients}) as patients(n)",
                {
                    **{"accountid": "'ACC' || n", "patient": "'P' || n"},
                    **{"member_id": f"'INS' || 1 + n % {PLANS}", "payment_due": last},
                    "account_balance": f"(n * 31 + ({last} - date '{FIRST_DAY}') // 30) % 400 / 100.0",
                },
            ),
            "clinic.employee": (
                f"range({EMPLOYEES}) as employees(n)",
                {"employee_id": "'E' || n", "title": "'Physician'", "sees_patients": "true"},
            ),
            "clinic.insurance": (
                f"range(1, {PLANS + 1}) as plans(n)",
                {"insid": "'INS' || n", "plan": "'Plan ' || n"},
            ),
            "clinic.appointment": (
                visits,
                {
                    **{"appid": "'APPO' || v", "patient": patient, "app_date": "day"},
                    **{"app_time": "'09:15'", "physician": f"'E' || v % {EMPLOYEES}"},
                },
            ),
            "clinic.encounter": (
                visits,
                {
                    **{"encounter_id": "'ENC' || v", "patient": patient},
                    **{"appointment": "'APPO' || v", "start_time": "day::varchar || ' 09:15'"},
                    "physician": f"'E' || v % {EMPLOYEES}",
                    "status": "case when v % 5 = 4 then 'No Show' else 'Completed' end",
                },
            ),
            "billing.claim": (
                f"{visits} where v % 5 < 4 and v % 17 > 0",
                {
                    **{"claim_id": "'CLM' || v", "encounter_id": "'ENC' || v"},
                    **{"patient": patient, "insurance": plan, "submitted_on": "day"},
                    "accepted_on": f"case when day + 5 <= {last} then day + 5 end",
                    "decided_on": f"case when day + 20 <= {last} then day + 20 end",
                    "status": f"""case when day + 20 <= {last} then 'Paid'
                        when day + 5 <= {last} then 'Accepted' else 'Submitted' end""",
                },
            ),
            "billing.ledger": (
                f"""{charges} cross join {ENTRIES}
                    where day + after <= {last} and (place in (0, 5, 6) or not is_own)
                        and (place <> 5 or c % 4 > 0) and (place < 6 or c % 4 = 0)""",
                {
                    **{"entry_id": "'LE' || (c * 7 + place)", "charge_id": "'CHG' || c"},
                    **{"claim_id": "case when not is_own then 'CLM' || v end"},
                    **{"encounter_id": "'ENC' || v", "patient": patient},
                    **{"entry_type": "entry_type", "transfer_to": "transfer_to"},
                    **{"method": "method", "adjustment_code": "adjustment_code"},
                    "payer": f"case when payer = 'plan' then {plan} else payer end",
                    "amount": "case when is_own then charged else charged * share end",
                    "procedure_code": "(99211 + c % 5)::varchar",
                    **{"service_date": "day", "posted_on": "day + after"},
                },
            ),
        }


class Lake:
    """The raw tables of a practice, as Parquet below `folder`, and the views on them in its warehouse."""

    def __init__(self, folder: Path, practice: Practice) -> None:
        self.warehouse = folder / "warehouse.duckdb"
        self._folder, self._practice = folder / "raw", practice
        self._raw = RawTables(self.warehouse)

    def deliver(self, days: int) -> dict[str, list[dict[str, str | int | None]]]:
        """Land the evening of the last of `days` in place of the one before; returns dbt's variable `loads`."""
        loads = {}
        with duckdb.connect(str(self.warehouse), config={"memory_limit": MEMORY}) as connection:
            connection.execute("set preserve_insertion_order = false")
            for name, (source, cells) in self._practice.queries(days).items():
                table = self._raw.project.table(name)
                loads[name] = [self._land(connection, table, days, source, cells)]
        return loads

    def _land(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        days: int,
        source: str,
        cells: dict[str, str],
    ) -> dict[str, str | int | None]:
        day, load = FIRST_DAY + timedelta(days=days - 1), f"{table.name}{days}"
        part = self._folder / table.source / table.name / "part-00000.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        given = cells | {
            **{"_pseudonym_key_id": "'benchmark'", "_extracted_at": f"timestamp '{day} 21:00:00'"},
            **{"_source_row": "0", "extract_date": f"date '{day}'", "load_id": f"'{load}'"},
        }
        for column in table.columns:
            if column.pseudonym_name and column.name in cells:
                told = f"sha256('{column.pseudonym}|' || ({cells[column.name]}))"
                given[column.pseudonym_name] = told
        columns = ", ".join(
            f'cast({given.get(name, "null")} as {kind}) as "{name}"'
            for name, kind in raw_columns(table).items()
        )
        connection.execute(f"copy (select {columns} from {source}) to '{part}' (format parquet)")
        found = connection.execute(f"select count(*) from '{part}'").fetchone()
        kind = connection.execute(
            "select table_type from information_schema.tables where table_schema = ? and table_name = ?",
            [f"raw_{table.source}", table.name],
        ).fetchone()
        if kind == ("BASE TABLE",):
            connection.execute(f"drop table {raw_name(table)}")
        connection.execute(f"create or replace view {raw_name(table)} as from '{part}'")
        connection.execute(
            """
            insert into raw_landfall.loads by name
            select ? as source_name, ? as table_name, ? as load_id, ? as base_load_id, ?::date as extract_date,
                ? as rows_in, ? as landed, ? as load_number, ? as state_from, 1 as generation, 'full' as kind,
                true as is_counted, false as is_retracted, 'landed' as act, 0 as quarantined, 0 as duplicates,
                0 as forgotten, 0 as unnamed, 0 as unreadable_keys, 0 as rows_kept, 0 as deletions_withheld,
                '{}' as warnings, '' as object_name, '' as sha256, 1 as bytes, '' as contract_hash, 1.0 as seconds,
                ?::timestamp as extracted_at, ?::timestamp as landed_at
            """,
            [
                table.source,
                table.name,
                load,
                load,
                day,
                *(cast("tuple[int]", found) * 2),
                days,
                days,
                day,
                day,
            ],
        )
        return {
            **{"extract_date": day.isoformat(), "load_id": load, "load_number": days},
            **{"kind": "full", "quarantined": 0, "unreadable_keys": 0, "closed_by": None},
        }
