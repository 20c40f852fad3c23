"""An OpenEMR that a test fills: delivered in the shape of its extract, landed, and built into the practice's marts."""

import csv
import io
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.contract import read_project
from tests.warehouse.systems.built import Built
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


def marts_of(folder: Path, compiled: Path, emr: OpenEMR) -> Built:
    """The practice's marts over a lake that an OpenEMR was landed in."""
    return Built(folder, compiled, system="openemr", day=emr.day, files=emr.files(), marts=MARTS)
