"""An OpenEMR that a test fills: delivered in the shape of its extract, landed, and built into the practice's marts."""

import csv
import io
import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingestion.contract import read_project
from ingestion.land import register as register_lake
from tests.ingestion.lakes import Lake
from tools.project import ROOT

MARTS = (
    *("fct_ledger_entries", "fct_charges", "fct_claims", "fct_encounters", "fct_appointments"),
    *("ar_open_items", "dim_patients", "dim_employees", "dim_insurance_plans"),
    "int_openemr_findings_counted",
    *("int_clinic_measured", "int_billing_measured", "int_openemr_measured"),
)


class OpenEMR:
    """Rows of OpenEMR's tables. What a row does not name is as OpenEMR leaves it: empty, zero, or a zero date."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._sequence: dict[tuple[int, int], int] = defaultdict(int)
        self.add("users", id=1, username="ann", fname="Ann", lname="Day", authorized=1, active=1)
        self.add("users", id=2, fname="Referring", lname="Doctor")
        self.add("facility", id=1, name="Main Street")
        self.add(
            "openemr_postcalendar_categories", pc_catid=5, pc_catname="Office Visit", pc_cattype=0
        )

    def add(self, table: str, **row: Any) -> None:
        self.tables[table].append(row)

    def patient(self, pid: int, **more: Any) -> None:
        self.add("patient_data", pid=pid, fname="Ann", DOB="1980-03-14", **more)

    def company(self, number: int, **more: Any) -> None:
        self.add("insurance_companies", id=number, name=f"Company {number}", **more)

    def insured(self, pid: int, level: str, company: Any, since: Any, until: Any = "") -> None:
        row = {"type": level, "provider": company, "date": since, "date_end": until}
        self.add("insurance_data", id=len(self.tables["insurance_data"]) + 1, pid=pid, **row)

    def visit(self, pid: int, number: int, day: Any, billed: int = 0, closed: int = 0) -> None:
        row = len(self.tables["form_encounter"]) + 1
        self.add("form_encounter", id=row, pid=pid, encounter=number, date=f"{day} 00:00:00", pc_catid=5,
                 provider_id=1, facility_id=1, last_level_billed=billed,
                 last_level_closed=closed)  # fmt: skip
        self.add(
            "forms", id=row, pid=pid, encounter=number, formdir="newpatient", form_id=row, deleted=0
        )

    def line(self, pid: int, number: int, fee: Any, day: Any, **more: Any) -> None:
        row = {
            "id": len(self.tables["billing"]) + 1,
            "code_type": "CPT4",
            "code": "99213",
            "activity": 1,
        }
        row |= {"pid": pid, "encounter": number, "fee": fee, "date": f"{day} 10:00:00"}
        self.add("billing", **(row | more))

    def session(self, number: int, company: int, received: Any, **more: Any) -> None:
        row = {"session_id": number, "payer_id": company, "pay_total": received}
        row |= {"post_to_date": "0000-00-00", "created_time": "2026-01-02 15:00:00"}
        self.add("ar_session", **(row | more))

    def post(
        self,
        pid: int,
        number: int,
        level: int,
        day: Any,
        paid: Any = 0,
        adjusted: Any = 0,
        **more: Any,
    ) -> None:
        self._sequence[pid, number] += 1
        row = {"pid": pid, "encounter": number, "sequence_no": self._sequence[pid, number]}
        row |= {"payer_type": level, "pay_amount": paid, "adj_amount": adjusted, "session_id": 0}
        self.add("ar_activity", **(row | {"post_time": f"{day} 12:00:00"} | more))

    def claim(
        self, pid: int, number: int, level: int, company: int, status: int, day: Any, file: str = ""
    ) -> None:
        version = 1 + sum(
            r["patient_id"] == pid and r["encounter_id"] == number for r in self.tables["claims"]
        )
        self.add("claims", patient_id=pid, encounter_id=number, version=version, payer_id=company, payer_type=level,
                 status=status, bill_time=f"{day} 18:00:00", process_file=file)  # fmt: skip

    def appointment(self, entry: int, pid: Any, day: Any, status: str, **more: Any) -> None:
        row = {"pc_eid": entry, "pc_pid": pid, "pc_aid": 1, "pc_catid": 5, "pc_apptstatus": status}
        row |= {
            "pc_eventDate": day,
            "pc_startTime": "09:30:00",
            "pc_duration": 900,
            "pc_recurrtype": 0,
        }
        row |= {"pc_time": "2026-01-01 12:00:00", "pc_facility": 1, "pc_endDate": "0000-00-00"}
        self.add("openemr_postcalendar_events", **(row | more))

    def files(self) -> dict[str, str]:
        """The files of one evening, as an extract writes them."""
        found = {}
        for table in read_project(ROOT):
            if table.source == "openemr":
                text = io.StringIO(newline="")
                names = [column.file_name for column in table.columns]
                writer = csv.DictWriter(text, names, restval="")
                writer.writeheader()
                writer.writerows(self.tables[table.name])
                found[f"openemr/{self.day}/{table.name}.csv"] = text.getvalue()
        return found


class Built:
    """The practice's marts over a lake that an OpenEMR was landed in, from the SQL that dbt compiled."""

    def __init__(self, folder: Path, compiled: Path, emr: OpenEMR) -> None:
        lake = Lake(folder, str(folder / "lake"))
        lake.settings = replace(lake.settings, project_dir=ROOT)
        lake.now = datetime.combine(emr.day + timedelta(days=1), datetime.min.time())
        for name, text in emr.files().items():
            lake.put(name, text)
        register_lake(lake.context)
        self.outcomes = lake.land()
        self._nodes = json.loads((compiled.parents[1] / "manifest.json").read_text())["nodes"]
        self._compiled = compiled
        self._done: set[str] = set()
        self._connection = duckdb.connect(str(lake.settings.warehouse))
        for node in list(self._nodes.values()):
            if node["name"] in MARTS:
                self._build(node["unique_id"])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(query).fetchall()

    def close(self) -> None:
        """Give the warehouse back."""
        self._connection.close()

    def balances(self, day: date | None = None) -> dict[str, dict[str, Decimal]]:
        """What each payer owes of each charge, by the entries posted until the day, without the systems' names."""
        found: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for charge, payer, amount in self.rows(
            "select charge_id, payer_id, sum(signed_amount) from intermediate.int_ledger_entries_signed"
            f" where posted_on <= date '{day or date(9999, 1, 1)}' and charge_id is not null"
            " group by 1, 2 having sum(signed_amount) <> 0"
        ):
            found[charge.removeprefix("openemr:")][payer.removeprefix("openemr:")] = amount
        return found

    def _build(self, name: str) -> None:
        node = self._nodes.get(name)
        if name in self._done or node is None:
            return
        self._done.add(name)
        for parent in node["depends_on"].get("nodes", ()):
            self._build(parent)
        self._connection.execute(f"create schema if not exists {node['schema']}")
        target = f"create or replace table {node['schema']}.{node['name']} as"
        if node["resource_type"] == "seed":
            types = node["config"]["column_types"]
            columns = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
            file = ROOT / node["original_file_path"]
            self._connection.execute(
                f"{target} select * from read_csv('{file}', columns={{{columns}}}, header=true)"
            )
        elif node["resource_type"] == "snapshot":
            (staged,) = (
                n for n in node["depends_on"]["nodes"] if ".stg_" in n and "landfall__" not in n
            )
            self._connection.execute(
                f"{target} select *, extract_date as dbt_valid_from, cast(null as date) as dbt_valid_to"
                f" from staging.{staged.rpartition('.')[2]}"
            )
        else:
            sql = (self._compiled / node["original_file_path"]).read_text()
            self._connection.execute(f"{target}\n{sql}")
