"""The user's own practice for the demo: existing files, checked and put into the inbox as they are."""

import csv
import re
import shutil
from pathlib import Path

from ingestion.contract import Table, read_project

ROOT = Path(__file__).resolve().parents[1]
PRACTICES = ("synthea",)
WHERE = "make demo PRACTICE=synthea DIR=output/csv"
NESTED = (".", "csv", "output/csv")
"""Where Synthea's files lie, seen from its own folder or from that of its output."""


class NotDelivered(Exception):
    """The demo cannot take the files; the message says what to do."""


def deliver(practice: str, folder: str, inbox: Path) -> str:
    """Copy the practice's files below the inbox, into the folder of the last day that they tell of; that day.

    NotDelivered where there is no such practice, or where files are missing or are not Synthea's.
    """
    if practice not in PRACTICES:
        raise NotDelivered(f"PRACTICE={practice} is none that the demo knows: {WHERE}")
    if not folder:
        raise NotDelivered(f"say where Synthea's CSV files are: {WHERE}")
    if not Path(folder).is_dir():
        raise NotDelivered(f"DIR={folder}: there is no such folder")
    tables = [table for table in read_project(ROOT) if table.source == practice]
    places = [Path(folder) / place for place in NESTED]
    found = next((place for place in places if (place / "patients.csv").is_file()), Path(folder))
    missing = [t.name for t in tables if not (found / f"{t.name}.csv").is_file()]
    if missing:
        names = ", ".join(f"{name}.csv" for name in missing)
        raise NotDelivered(
            f"DIR={folder}: no {names} there; Synthea writes them with --exporter.csv.export=true"
        )
    for table in tables:
        _check(table, found / f"{table.name}.csv")
    day = _last_day(found / "encounters.csv")
    target = inbox / practice / day
    target.mkdir(parents=True, exist_ok=True)
    for table in tables:
        shutil.copyfile(found / f"{table.name}.csv", target / f"{table.name}.csv")
    return day


def _check(table: Table, path: Path) -> None:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = set(next(csv.reader(file), []))
    lacking = [
        column.file_name
        for column in table.columns
        if not column.optional and not header & set(column.file_names)
    ]
    if lacking:
        raise NotDelivered(
            f"{path}: not as Synthea 3 writes it: no column {', '.join(lacking)} in its first line"
        )


def _last_day(encounters: Path) -> str:
    """The day of the last visit, with which the files end."""
    with encounters.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        days = [row["START"][:10] for row in csv.DictReader(file) if row["START"]]
    days = [day for day in days if re.fullmatch(r"(19|20|21)\d\d-\d\d-\d\d", day)]
    if not days:
        raise NotDelivered(f"{encounters}: nobody was seen: there is nothing to show")
    return max(days)
