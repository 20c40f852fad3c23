"""Seven days of extracts around a year's end: what the samples invent of every source, with twists written by hand.

The samples have what each source can do (dirt, changes by DMS, layouts that change), so a new source takes part as soon
as it is registered there. The cells about which engines disagree are written by hand, and their results are worked out
in test_parity.py: quotes, line ends and other scripts in a text, empty cells, credits, the last minute of a year,
versions that go back to what they were, rows that are deleted and return, also on the day that is taken as a snapshot.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from samples.practice import Options
from samples.sources import SOURCES
from tests.engines.parity import systems

FIRST = date(2023, 12, 28)
DAYS = 7
"""Extracts of 28 December to 3 January; all but the last day are built by backfill, the last by snapshot."""

ODD = 'Zoë "Zed"'
ODDER = "O'Hara,\u2003Núñez\u2014李 🩺"
OLD_STREET = 'Rear of "9"\nHigh St\tWest; -- \\ end'
NEW_STREET = "1 Low St"

_TABLES = {
    "patient": "person_id first_name last_name email dob address zip insurance",
    "insurance": "insid plan",
    "account": "accountId member_id last_payment payment_due account_balance patient",
    "appointment": "appId physician app_date app_time scheduled_by patient",
    "encounter": "encounter_id patient start_time status appointment",
    "claim": "claim_id encounter_id patient insurance submitted_on accepted_on decided_on status denial_code",
    "ledger": "entry_id charge_id claim_id encounter_id patient entry_type amount payer transfer_to method"
    " procedure_code adjustment_code service_date posted_on",
}
_ENTRY = ("CLM9001", "ENC9001", "P9001")


@dataclass(frozen=True)
class Twist:
    """One row of a table, delivered on the days whose index is in `on`."""

    table: str
    on: tuple[int, ...]
    cells: tuple[str, ...]


def _from(first: int, until: int = DAYS) -> tuple[int, ...]:
    return tuple(range(first, until))


def _patient(key: str, street: str, on: tuple[int, ...]) -> Twist:
    return Twist(
        "patient",
        on,
        (key, ODD, ODDER, "Zed@Example.org", "2/29/2000", street, "02144-1234", "INS9"),
    )


def _entry(number: int, first: int, kind: str, amount: str, *more: str) -> Twist:
    """payer, transfer_to, method, procedure, adjustment, posted_on; the service was on the last of December."""
    payer, to, method, procedure, adjustment, posted = more
    cells = (kind, amount, payer, to, method, procedure, adjustment, "12/31/2023", posted)
    return Twist("ledger", _from(first), (f"LE900{number}", "CHG9001", *_ENTRY, *cells))


TWISTS = (
    # moves on the 30th and moves back on the first
    _patient("P9001", OLD_STREET, (0, 1, 4, 5, 6)),
    _patient("P9001", NEW_STREET, (2, 3)),
    # nothing but a key and a name; gone on the 30th, back on the first as before
    Twist("patient", (0, 1, 4, 5, 6), ("P9002", "NULL", "-", "", "1/1/1950", "", "", "")),
    # comes with the last day, goes with the last day
    _patient("P9003", NEW_STREET, (6,)),
    _patient("P9004", NEW_STREET, _from(0, 6)),
    Twist("insurance", _from(0, 3), ("INS9", 'Söhne "A" & Co., 50%')),
    Twist("insurance", _from(3), ("INS9", "Söhne B")),
    Twist("account", (0,), ("ACC9001", "INS9", "", "12/31/2023", "$1,234.56", "P9001")),
    Twist("account", (1,), ("ACC9001", "INS9", "", "12/31/2023", "($12.50)", "P9001")),
    Twist(
        "account",
        _from(2),
        ("ACC9001", "INS9", "+7.000000000000000e+00", "2/29/2024", "$-5.00", "P9001"),
    ),
    Twist("account", _from(0), ("ACC9002", "", "", "", "$0.10", "")),
    Twist("appointment", _from(0), ("APPO9001", "E0001", "12/31/2023", "11:59 PM", "", "P9001")),
    Twist("appointment", _from(0), ("APPO9002", "E0001", "1/1/2024", "12:00 AM", "Web", "P9001")),
    Twist(
        "encounter", _from(3), ("ENC9001", "P9001", "12/31/2023 23:59", " -Completed. ", "APPO9001")
    ),
    Twist("encounter", _from(4), ("ENC9002", "P9001", "1/1/2024 0:00", "CANCELLED", "APPO9002")),
    # a visit that is not charged, and a claim without an answer; then their patient leaves the list
    Twist("encounter", _from(4), ("ENC9003", "P9004", "1/1/2024 9:15", "Completed", "")),
    Twist(
        "claim",
        _from(4),
        ("CLM9002", "", "P9004", "INS9", "12/30/2023", "", "", "Submitted", ""),
    ),
    Twist(
        "claim",
        _from(4),
        (*_ENTRY, "INS9", "1/1/2024", "1/1/2024", "1/2/2024", "Paid", ""),
    ),
    _entry(1, 3, "charge", "200.00", "", "", "", "99214", "", "12/31/2023"),
    _entry(2, 5, "adjustment", "50.00", "INS9", "", "", "", "contractual", "1/2/2024"),
    _entry(3, 5, "payment", "99.99", "INS9", "", "echeck", "", "", "1/2/2024"),
    _entry(4, 5, "transfer_out", "50.01", "INS9", "patient", "", "", "", "1/2/2024"),
    _entry(5, 5, "transfer_in", "50.01", "patient", "patient", "", "", "", "1/2/2024"),
    _entry(6, 6, "payment", "60.02", "patient", "", "card", "", "", "1/3/2024"),
    # without a charge
    Twist(
        "ledger",
        (6,),
        (
            "LE9007",
            "",
            "",
            "",
            "P9001",
            "payment",
            "25.00",
            "patient",
            "",
            "cash",
            "",
            "",
            "",
            "1/3/2024",
        ),
    ),
)
# A change of an employee, its time to the millisecond: so the full load before it has a date of its own.
_DMS = "clinic/dms/unicornDB/employee/"
_RENAMED = "20231230-235959999.csv", "U,E0001,Æsa,O'Brien,a@example.org,NULL,Physician\n"


def inbox(folder: Path, *, last_day: bool) -> dict[str, bytes]:
    """The extracts of the first six days, or of the last, by name; made below `folder`, which must be empty."""
    options = Options(
        days=DAYS if last_day else DAYS - 1,
        patients=12,
        employees=5,
        seed=11,
        start=FIRST,
        history=60,
        last=1 if last_day else None,
        resume=last_day,
        clean=last_day,
    )
    for write in SOURCES.values():
        write(folder, options)
    for index in range(options.first_written, options.days):
        _twist(folder, index, options.day(index))
    if not last_day:
        name, text = _RENAMED
        (folder / _DMS / name).write_text(text, encoding="utf-8")
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    invented = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return invented | systems.delivered(options.day(DAYS - 1), is_last=last_day)


def _twist(folder: Path, index: int, day: date) -> None:
    for table, names in _TABLES.items():
        source = "billing" if table in ("claim", "ledger") else "clinic"
        path = folder / source / day.isoformat() / f"{table}.csv"
        rows = [
            dict(zip(names.split(), twist.cells, strict=True))
            for twist in TWISTS
            if twist.table == table and index in twist.on
        ]
        if rows:
            header = _header(path) or names.split()
            with path.open("a", encoding="utf-8", newline="") as file:
                file.writelines(_lines(header, rows))


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def _lines(header: list[str], rows: list[dict[str, str]]) -> Iterator[str]:
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([row.get(name, "") for name in header])
        yield line.getvalue()
