"""OpenEMR and Synthea in the week: the visits and the bills that were worked by hand, moved to its last day.

OpenEMR delivers on the last three days, so that its history is taken by backfill and goes on by snapshot. Synthea
delivers a single time, as its files are one run of a generator.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.warehouse.systems import hand_made, synthea
from tests.warehouse.systems.openemr import OpenEMR

BILLS = synthea.BILLS + synthea.ODD
OF_OUR_TIME = re.compile(r"20\d\d-\d\d-\d\d")
"""A date, also before a time; others are births, and marks that there is none."""


def delivered(last_day: date, *, is_last: bool) -> dict[str, bytes]:
    """The files of the two systems by name: of the days before the last one, or of the last."""
    files = {} if is_last else _synthea(last_day)
    for before in (0,) if is_last else (2, 1):
        files |= _openemr(last_day, before).files()
    return {name: text.encode() for name, text in files.items()}


def owed() -> dict[str, Decimal]:
    """The open debt of each system, computed by hand."""
    answers = {"openemr": hand_made.hand_made()[1], "synthea": synthea.hand_made(BILLS)[1]}
    return {
        system: sum((sum(owed.values(), Decimal()) for owed in expected.values()), Decimal())
        for system, expected in answers.items()
    }


def _openemr(last_day: date, before: int) -> OpenEMR:
    """OpenEMR at `before` days before the last day."""
    emr, _ = hand_made.hand_made()
    by = last_day - emr.day
    for rows in emr.tables.values():
        rows[:] = _moved(rows, by)
    emr.day = last_day - timedelta(days=before)
    if before:
        # moves and marries, dies, is merged with another
        emr.tables["patient_data"][0] |= {"street": 'Rear of "9", High St', "lname": "O'Hara"}
        emr.tables["patient_data"][7]["deceased_date"] = "0000-00-00 00:00:00"
        emr.patient(127)
        # one is renamed, another is new
        emr.tables["insurance_companies"][0]["name"] = "Söhne & Co., 50%"
        del emr.tables["insurance_companies"][-1]
        # may not yet see patients
        emr.tables["users"][0]["authorized"] = 0
    return emr


def _synthea(day: date) -> dict[str, str]:
    tables, _ = synthea.hand_made(BILLS)
    by = day - date(2026, 6, 30)
    moved = {name: _moved(rows, by) for name, rows in tables.items()}
    return synthea.files(moved, str(day - timedelta(days=1)))


def _moved(rows: Iterable[Mapping[str, Any]], by: timedelta) -> list[dict[str, Any]]:
    """The rows with every date of our time moved."""
    return [{name: _later(cell, by) for name, cell in row.items()} for row in rows]


def _later(cell: Any, by: timedelta) -> Any:
    if not (isinstance(cell, str) and OF_OUR_TIME.match(cell)):
        return cell
    return f"{date.fromisoformat(cell[:10]) + by}{cell[10:]}"
