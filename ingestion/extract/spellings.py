"""Chooses the contract's format in which a date or a time of the database is written, so that landing reads the same
value.

A format is only used if it holds the whole value. Other values (infinity, years before Christ, zero dates, the seconds
that `h:MM AM` has no room for) are written as the server writes them: landing quarantines them, and none becomes null.
"""

from dataclasses import dataclass
from typing import Literal

from ingestion.contract import Column
from ingestion.extract.database import Kind

Finest = Literal["day", "minute", "second", "fraction"]
_FINENESS: tuple[Finest, ...] = ("fraction", "second", "minute", "day")


@dataclass(frozen=True)
class Spelling:
    """One of the contract's formats in the engines' words: to_char's, and date_format's of MySQL.

    `finest` is its smallest unit. `years` are the first and the last that it can write. `is_utc` when it is of UTC
    whatever the source's time zone is.
    """

    word: str
    postgres: str
    mysql: str
    finest: Finest = "fraction"
    years: tuple[int, int] = (1, 9999)
    is_utc: bool = False

    @property
    def python(self) -> str:
        """The same in the words of strftime."""
        text = self.mysql
        for theirs, ours in _AS_PYTHON.items():
            text = text.replace(theirs, ours)
        return text


_AS_PYTHON = {
    "%i": "%M", "%s": "%S", "%c": "%-m", "%e": "%-d", "%k": "%-H", "%l": "%-I", "%h": "%I",
}  # fmt: skip
_RR = (1950, 2049)

_DATES = (
    Spelling("YYYY-MM-DD", "YYYY-MM-DD", "%Y-%m-%d", "day"),
    Spelling("M/D/YYYY", "FMMM/FMDD/YYYY", "%c/%e/%Y", "day"),
    Spelling("DD/MM/YYYY", "DD/MM/YYYY", "%d/%m/%Y", "day"),
    Spelling("DD.MM.YYYY", "DD.MM.YYYY", "%d.%m.%Y", "day"),
    Spelling("DD-MON-RR", "DD-MON-YY", "%d-%b-%y", "day", _RR),
)
_LOCAL = Spelling("YYYY-MM-DD HH:MM:SS", "YYYY-MM-DD HH24:MI:SS.US", "%Y-%m-%d %H:%i:%s.%f")
_MIDNIGHTS = (
    Spelling("M/D/YYYY H:MM", 'FMMM/FMDD/YYYY "0:00"', "%c/%e/%Y 0:00", "day"),
    Spelling("M/D/YYYY H:MM:SS", 'FMMM/FMDD/YYYY "0:00:00"', "%c/%e/%Y 0:00:00", "day"),
    Spelling("M/D/YYYY h:MM:SS AM", 'FMMM/FMDD/YYYY "12:00:00 AM"', "%c/%e/%Y 12:00:00 AM", "day"),
    Spelling("YYYY-MM-DD HH:MM:SS", 'YYYY-MM-DD "00:00:00"', "%Y-%m-%d 00:00:00", "day"),
    Spelling("YYYY-MM-DDTHH:MM:SS", 'YYYY-MM-DD"T00:00:00"', "%Y-%m-%dT00:00:00", "day"),
)
"""The date formats of spreadsheets' files."""


def _iso(mark: str, finest: Finest, offset: str = "", zero: str = "") -> Spelling:
    """ISO 8601 with this mark between date and time, to the second or the minute, and this offset at its end."""
    fine = finest == "fraction"
    word = f"YYYY-MM-DD{mark}HH:MM{':SS' if fine else ''}{offset}"
    postgres = f'YYYY-MM-DD"{mark}"HH24:MI{":SS.US" if fine else ""}"{zero}"'
    mysql = f"%Y-%m-%d{mark}%H:%i{':%s.%f' if fine else ''}{zero}"
    return Spelling(word, postgres, mysql, finest, is_utc=bool(zero))


INSTANT = _iso("T", "fraction", "Z", "Z")
"""The format of an instant if the contract names none."""

_TIMES = (
    _LOCAL,
    INSTANT,
    _iso("T", "fraction", "+0000", "+0000"),
    _iso(" ", "fraction", "+HH:MM", "+00:00"),
    _iso("T", "fraction", "+HH:MM", "+00:00"),
    _iso(" ", "minute", "+HH:MM", "+00:00"),
    _iso("T", "minute", "+HH:MM", "+00:00"),
    _iso("T", "fraction"),
    _iso(" ", "minute"),
    _iso("T", "minute"),
    Spelling("M/D/YYYY h:MM:SS AM", "FMMM/FMDD/YYYY FMHH12:MI:SS AM", "%c/%e/%Y %l:%i:%s %p", "second"),
    Spelling("M/D/YYYY h:MM AM", "FMMM/FMDD/YYYY FMHH12:MI AM", "%c/%e/%Y %l:%i %p", "minute"),
    Spelling("M/D/YYYY H:MM:SS", "FMMM/FMDD/YYYY FMHH24:MI:SS", "%c/%e/%Y %k:%i:%s", "second"),
    Spelling("M/D/YYYY H:MM", "FMMM/FMDD/YYYY FMHH24:MI", "%c/%e/%Y %k:%i", "minute"),
    Spelling("DD-MON-RR HH.MI.SSXFF AM", "DD-MON-YY HH12.MI.SS.US AM", "%d-%b-%y %h.%i.%s.%f %p", years=_RR),
    Spelling("DD-MON-RR", "DD-MON-YY", "%d-%b-%y", "day", _RR),
)  # fmt: skip
_CLOCKS = (
    Spelling("HH:MM:SS", "HH24:MI:SS", "%H:%i:%s", "second"),
    Spelling("h:MM AM", "FMHH12:MI AM", "%l:%i %p", "minute"),
)
_DATED_CLOCKS = (Spelling("M/D/YYYY H:MM", "FMMM/FMDD/YYYY FMHH24:MI", "%c/%e/%Y %k:%i", "minute"),)
_KNOWN: dict[str, dict[str, tuple[Spelling, ...]]] = {
    "date": dict.fromkeys(("date", "local", "instant"), _DATES + _MIDNIGHTS),
    "timestamp": dict.fromkeys(("date", "local", "instant"), _TIMES),
    "string": {"local": _DATED_CLOCKS, "instant": _DATED_CLOCKS, "time": _CLOCKS},
}
"""By the contract's type and the database's kind; a kind's first format holds the most."""


def spelling_of(column: Column, kind: Kind) -> Spelling | None:
    """The format to write a column in, None if the contract takes the server's own text.

    A time without zone never takes a spelling of UTC, and an instant takes one where the contract has one.
    """
    known = _KNOWN.get(column.type.name, {}).get(kind, ())
    if column.type.name == "timestamp" and not column.format:
        return INSTANT if kind == "instant" else _LOCAL
    wanted = [s for s in known if s.word in column.format and (kind == "instant" or not s.is_utc)]
    wanted.sort(key=lambda s: (not s.is_utc, _FINENESS.index(s.finest)))
    return wanted[0] if wanted else None
