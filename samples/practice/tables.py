"""The sources' tables: columns in order, how each cell is spelt in an extract, and the value that must land.

A row is a tuple over all columns of its table, with money in cents, times of day in minutes and starts as datetime.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeAlias

from samples.practice.options import Options

Cell: TypeAlias = str | int | date | None
Row: TypeAlias = tuple[Cell, ...]
Kind = Literal["text", "count", "date", "birth", "cents", "exponent", "dollars", "clock", "start"]


@dataclass(frozen=True)
class Column:
    """One column: `link` marks the optional ones that only newer extracts carry."""

    name: str
    kind: Kind = "text"
    link: bool = False


@dataclass(frozen=True)
class Table:
    """One table of a source and the file that holds it below the day's folder."""

    source: str
    name: str
    file: str
    columns: tuple[Column, ...]


def _table(source: str, name: str, text: str, file: str = "") -> Table:
    columns = []
    for word in text.split():
        column, _, kind = word.partition(":")
        columns.append(Column(column.rstrip("?"), kind or "text", column.endswith("?")))  # type: ignore[arg-type]
    return Table(source, name, file or f"{name}.csv", tuple(columns))


TABLES = {
    table.name: table
    for table in (
        _table("clinic", "insurance", "insid plan"),
        _table("clinic", "employee", "employee_id first_name last_name email phone_number title"),
        _table(
            "clinic",
            "patient",
            "person_id first_name last_name email dob:birth address zip insurance",
        ),
        _table(
            "clinic",
            "account",
            "accountId member_id last_payment:exponent payment_due:date account_balance:dollars patient?",
        ),
        _table(
            "clinic",
            "appointment",
            "appId physician app_date:date app_time:clock scheduled_by patient?",
        ),
        _table("clinic", "encounter", "encounter_id patient start_time:start status appointment?"),
        _table(
            "billing",
            "claim",
            "claim_id encounter_id patient insurance submitted_on:date accepted_on:date decided_on:date"
            " status denial_code",
        ),
        _table(
            "billing",
            "ledger",
            "entry_id charge_id claim_id encounter_id patient entry_type amount:cents payer transfer_to method"
            " procedure_code adjustment_code service_date:date posted_on:date",
        ),
        _table(
            "reviews",
            "yelpmerge1",
            "name location friends:count reviews:count review_date:date text",
            "yelpmerge1.csv",
        ),
    )
}


@lru_cache(maxsize=100_000)
def _month_day_year(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{(hour - 1) % 12 + 1}:{minute:02d} {'AM' if hour < 12 else 'PM'}"


def _start(start: datetime) -> str:
    return f"{_month_day_year(start.date())} {start.hour}:{start.minute:02d}"


def _start_clock(start: datetime) -> str:
    return _clock(start.hour * 60 + start.minute)


def _birth(day: date) -> str:
    # Some clerks write leading zeros; which ones must not change from day to day.
    return day.strftime("%m/%d/%Y") if day.toordinal() % 9 == 0 else _month_day_year(day)


def _cents(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _exponent(cents: int) -> str:
    digits = str(cents)
    exponent = len(digits) - 3 if cents else 0
    return f"+{digits[0]}.{digits[1:]:0<15}e{exponent:+03d}"


def _dollars(cents: int) -> str:
    # Four ways to write money, by amount: with and without thousands' commas, brackets or a sign.
    whole, part = divmod(abs(cents), 100)
    plain = f"{whole:,}.{part:02d}" if whole % 2 else f"{whole}.{part:02d}"
    if cents >= 0:
        return f"${plain}"
    return f"(${plain})" if whole % 2 else f"$-{plain}"


_SPELT: dict[str, Callable[..., str]] = {
    "text": str,
    "count": str,
    "date": _month_day_year,
    "birth": _birth,
    "cents": _cents,
    "exponent": _exponent,
    "dollars": _dollars,
    "clock": _clock,
    "start": _start,
    "start_clock": _start_clock,
}

_LANDED: dict[str, Callable[..., object]] = {
    "cents": lambda cents: Decimal(cents).scaleb(-2),
    "exponent": lambda cents: Decimal(cents).scaleb(-2),
    "dollars": lambda cents: Decimal(cents).scaleb(-2),
    "clock": lambda minutes: f"{minutes // 60:02d}:{minutes % 60:02d}",
    "start": lambda start: start.strftime("%Y-%m-%d %H:%M"),
    "start_clock": lambda start: start.strftime("%H:%M"),
}


@dataclass(frozen=True)
class Layout:
    """How a table is written on certain days: its era, the number of columns, an index column in front or not."""

    era: str
    header: tuple[str, ...]
    kinds: tuple[str, ...]
    indexed: bool
    width: int

    def cells(self, row: Row, position: int) -> list[str | None]:
        """The row's cells as text, None for null; `position` counts the extract's rows from 0."""
        spelt: list[str | None] = [
            None if cell is None else _SPELT[kind](cell)
            for kind, cell in zip(self.kinds, row, strict=False)
        ]
        return [str(position), *spelt] if self.indexed else spelt

    def landed(self, row: Row) -> tuple[object, ...]:
        """The row as it must land: typed, over all columns of the contract, null where the extract has none."""
        cells = [
            cell if cell is None or kind not in _LANDED else _LANDED[kind](cell)
            for kind, cell in zip(self.kinds, row, strict=False)
        ]
        return (*cells, *[None] * (self.width - len(cells)))


@lru_cache(maxsize=1024)
def layout(options: Options, table: str, index: int) -> Layout:
    """The layout of `table` in the extract of day `index`."""
    columns = TABLES[table].columns
    linked = index >= options.links_from
    shown = tuple(column for column in columns if linked or not column.link)
    clock = index < options.clock_until
    kinds = tuple(
        "start_clock" if clock and column.kind == "start" else column.kind for column in shown
    )
    indexed = table == "appointment" and index < options.index_until
    header = ("",) * indexed + tuple(column.name for column in shown)
    era = "-".join(("linked" if linked else "plain", "clock" if "start_clock" in kinds else "full"))
    return Layout(era + "-indexed" * indexed, header, kinds, indexed, len(columns))
