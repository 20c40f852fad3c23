"""Reads the extracts back with Python's csv and parsers of its own, knowing nothing of how they were written."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from samples.practice import Options, Written


@dataclass(frozen=True)
class Inbox:
    """Where extracts were written, and what `samples` said about them."""

    path: Path
    options: Options
    written: Written

    def files(self) -> list[str]:
        """All files, relative to the inbox."""
        paths = (path for path in self.path.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.path).as_posix() for path in paths)


def to_date(text: str) -> date:
    month, day, year = text.split("/")
    return date(int(year), int(month), int(day))


def to_clock(text: str) -> str:
    return datetime.strptime(text, "%I:%M %p").strftime("%H:%M")


def to_start(text: str) -> str:
    if text.endswith("M"):
        return to_clock(text)
    return datetime.strptime(text, "%m/%d/%Y %H:%M").strftime("%Y-%m-%d %H:%M")


def to_money(text: str) -> Decimal:
    negative = text.startswith("(") or "-" in text.split("e")[0]
    plain = Decimal(re.sub(r"[$,()]", "", text).replace("-", "", 1) if "$" in text else text)
    return -plain if negative else plain


PARSERS: dict[str, Callable[[str], object]] = {
    "dob": to_date,
    "payment_due": to_date,
    "app_date": to_date,
    "submitted_on": to_date,
    "accepted_on": to_date,
    "decided_on": to_date,
    "service_date": to_date,
    "posted_on": to_date,
    "review_date": to_date,
    "app_time": to_clock,
    "start_time": to_start,
    "last_payment": to_money,
    "account_balance": to_money,
    "amount": to_money,
    "friends": int,
    "reviews": int,
}


def typed(name: str, text: str | None) -> object:
    return None if text is None or text == "" else PARSERS.get(name, str)(text)


def read_csv(path: Path, columns: list[str]) -> list[tuple[object, ...]]:
    """The rows over `columns` in their order; a column that the file lacks is None."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        rows = list(reader)
    assert all(None not in row and None not in row.values() for row in rows), path
    return [tuple(typed(name, row.get(name)) for name in columns) for row in rows]


def read_dms(path: Path) -> list[list[str | None]]:
    """The records of a DMS file; an unquoted NULL is None."""
    marked = re.sub(r"(^|,)NULL(?=,|$)", r"\1\0", path.read_text("utf-8"), flags=re.M)
    return [
        [None if cell == "\0" else cell for cell in row] for row in csv.reader(marked.splitlines())
    ]
