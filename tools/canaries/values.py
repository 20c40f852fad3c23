"""The form of a column's canary in a file, and the spellings that give it away."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ingestion.contract import Column, Table

MARK = "canary"
"""The mark in every canary that is text."""

_FIRST_DAY, _DAYS = date(2001, 1, 1), 1400
_FIRST_DAY_AHEAD = date(2041, 1, 1)
"""Planted dates are in years without sample dates, before and after; the calendar of the marts has both."""
_TOKENS = {
    "YYYY": "%Y",
    "HH.MI.SSXFF AM": "%I.%M.%S.000000 %p",
    "HH:MM:SS": "%H:%M:%S",
    "h:MM:SS AM": "%-I:%M:%S %p",
    "H:MM:SS": "%-H:%M:%S",
    "HH:MM": "%H:%M",
    "h:MM AM": "%-I:%M %p",
    "H:MM": "%-H:%M",
    "MON": "%b",
    "RR": "%y",
    "MM": "%m",
    "DD": "%d",
    "M": "%-m",
    "D": "%-d",
}
_TOKEN = re.compile(r"\+HH:MM|" + "|".join(map(re.escape, _TOKENS)))
_OFFSETS = ("Z", "+0000", "+HH:MM")


Value = str | int | float | Decimal | date


@dataclass(frozen=True)
class Canary:
    """A value at its place, `source.table.column` with what more there is to say; `value` is what the file gets.

    `forms` are the spellings, folded, of which none may be where the canary may not be; `in_marts` is the contract's.
    """

    place: str
    value: Value
    forms: tuple[str, ...]
    in_marts: str | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether no mart may hold it in any of its forms."""
        return self.in_marts != "as_is"


def of_column(
    table: Table, column: Column, cell: str | None, *, is_ahead: bool = False
) -> Canary | None:
    """A canary for the place of `cell`; None if the contract allows no recognisable value.

    A date is in a future year if asked, else in a year long past.
    """
    place = f"{table.full_name}.{column.name}"
    number = int(_digest(place), 16)
    match column.type.name:
        case "string" if column.format == ("zip",):
            five, four = f"{83000 + number % 1000}", f"{1000 + number % 9000}"
            return Canary(place, f"{five}-{four}", (f"{five}-{four}", five + four), column.in_marts)
        case "string" if not column.format and not column.values:
            word = f"zq{_digest(place)[:10]}{MARK}"
            return Canary(place, _among(cell or "", word), (word,), column.in_marts)
        case "bigint":
            # ten digits that fit into four bytes
            whole = 1_000_000_000 + number % 1_147_483_647
            return Canary(place, whole, (f"{whole}",), column.in_marts)
        case "double":
            share = float(f"41.{number % 10**9:09d}1")
            return Canary(place, share, (f"{share}",), column.in_marts)
        case "decimal":
            whole, scale = 10_000_000 + number % 90_000_000, column.type.scale or 0
            if (column.type.precision or 0) - scale < len(str(whole)):
                return None
            amount = Decimal(f"{whole}.{'37' * scale}"[: len(str(whole)) + 1 + scale].rstrip("."))
            return Canary(place, amount, (f"{amount}",), column.in_marts)
        case "date":
            first = _FIRST_DAY_AHEAD if is_ahead else _FIRST_DAY
            day = first + timedelta(number % _DAYS)
            return Canary(place, day, _days(day), column.in_marts)
        case "timestamp":
            moment = _moment(column, cell, number)
            return Canary(place, moment, _moments(moment, column, table), column.in_marts)
    return None


def in_a_bad_row(table: Table, column: Column) -> Canary:
    """A canary that only text takes."""
    place = f"{table.full_name}.{column.name} of a bad row"
    word = f"zq{_digest(place)[:10]}{MARK}bad"
    return Canary(place, word, (word,))


def of_text(place: str) -> Canary:
    """A canary of another place than a cell."""
    word = f"zq{_digest(place)[:10]}{MARK}"
    return Canary(place, word, (word,))


def spelt(value: Value, formats: tuple[str, ...]) -> str:
    """A value as text, by the first of the contract's formats."""
    if not isinstance(value, date) or not formats:
        return str(value)
    text = f"{value:{strftime(formats[0])}}"
    return text.upper() if "MON" in formats[0] else text


def strftime(spelling: str) -> str:
    """A format of a contract in strftime's codes.

    >>> strftime("M/D/YYYY h:MM AM"), strftime("YYYY-MM-DDTHH:MM:SS+HH:MM")
    ('%-m/%-d/%Y %-I:%M %p', '%Y-%m-%dT%H:%M:%S+00:00')
    """
    return _TOKEN.sub(lambda found: _TOKENS.get(found[0], "+00:00"), spelling)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _among(cell: str, word: str) -> str:
    """The word as an address where the cell is one, in the middle of a sentence where it is one, else alone."""
    words = cell.split()
    if len(words) > 3:
        return " ".join([*words[: len(words) // 2], word, *words[len(words) // 2 :]])
    return word + ("@example.org" if "@" in cell else "")


def _moment(column: Column, cell: str | None, number: int) -> datetime:
    """The cell's own minute at a planted second, or a planted day if it has no time, as far as the format shows it."""
    odd = 1 + number % 59
    day = _FIRST_DAY + timedelta(number % _DAYS)
    moment = datetime.combine(day, time(number % 24, number % 60, odd))
    for spelling in column.format:
        try:
            found = _parsed(cell or "", spelling)
        except ValueError:
            continue
        moment = found.replace(second=odd) if "SS" in spelling else found.replace(minute=odd)
        break
    spelling = column.format[0] if column.format else "YYYY-MM-DD HH:MM:SS"
    return _parsed(spelt(moment, (spelling,)), spelling)


def _parsed(text: str, spelling: str) -> datetime:
    return datetime.strptime(text, strftime(spelling).replace("%-", "%")).replace(tzinfo=None)


def _days(day: date) -> tuple[str, ...]:
    spellings = ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%-m/%-d/%Y")
    return tuple(dict.fromkeys(f"{day:{spelling}}" for spelling in spellings))


def _moments(moment: datetime, column: Column, table: Table) -> tuple[str, ...]:
    """The moment in the zone of its file, of the business and of Greenwich."""
    is_offset = any(spelling.endswith(_OFFSETS) for spelling in column.format)
    there = moment.replace(tzinfo=UTC if is_offset else ZoneInfo(table.time_zone))
    seen = [moment, there.astimezone(UTC), there.astimezone(ZoneInfo(table.business_time_zone))]
    spellings = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dt%H:%M:%S")
    return tuple(dict.fromkeys(f"{one:{spelling}}" for one in seen for spelling in spellings))
