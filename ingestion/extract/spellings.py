"""Chooses the contract's format in which a date or a time of the database is written, so that landing reads the same
value.

A format is only used if it holds the whole value. Other values (infinity, years before Christ, zero dates, the seconds
that `h:MM AM` has no room for) are written as the server writes them: landing quarantines them, and none becomes null.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from ingestion.contract import Column
from ingestion.extract.database import Kind
from ingestion.formats import DEFAULT_TIMESTAMP, SHAPES, is_instant

Finest = Literal["day", "minute", "second", "fraction"]
_FINENESS: tuple[Finest, ...] = ("fraction", "second", "minute", "day")

_LOCAL, INSTANT = DEFAULT_TIMESTAMP

_KINDS = {
    "date": ("date", "local", "instant"),
    "timestamp": ("date", "local", "instant"),
    "string": ("local", "instant", "time"),
}
"""The kinds of the database that are written in a format, by the contract's type."""

Words = tuple[str, str, str]
_WORDS: dict[str, Words] = {
    "Y": ("YYYY", "%Y", "%Y"),
    "R": ("YY", "%y", "%y"),
    "M": ("MM", "%m", "%m"),
    "m": ("FMMM", "%c", "%-m"),
    "N": ("MON", "%b", "%b"),
    "D": ("DD", "%d", "%d"),
    "d": ("FMDD", "%e", "%-d"),
    "H": ("HH24", "%H", "%H"),
    "h": ("FMHH24", "%k", "%-H"),
    "i": ("MI", "%i", "%M"),
    "s": ("SS", "%s", "%S"),
    "f": (".US", ".%f", ".%f"),
    "p": ("AM", "%p", "%p"),
    "z": ('"+00:00"', "+00:00", "+00:00"),
}
"""The letters of a shape in the words of to_char, of MySQL's date_format, and of strftime."""

_OF_TWELVE: dict[str, Words] = {"H": ("HH12", "%h", "%I"), "h": ("FMHH12", "%l", "%-I")}
_MIDNIGHT = {"H": "00", "h": "0", "i": "00", "s": "00", "f": ""}


@dataclass(frozen=True)
class Spelling:
    """One of the contract's formats in the engines' words, and in Python's.

    `finest` is its smallest unit. `years` are the first and the last that it can write. `is_utc` when it is of UTC
    whatever the source's time zone is.
    """

    word: str
    postgres: str
    mysql: str
    python: str
    finest: Finest
    years: tuple[int, int]
    is_utc: bool


@cache
def _spelling(word: str, is_date: bool) -> Spelling:
    """A format; that of a date writes midnight for any time, as the date formats of spreadsheets' files do."""
    shape = SHAPES[word]
    postgres, mysql, python = map(
        "".join, zip(*(_words(x, shape, is_date) for x in shape), strict=True)
    )
    finest: Finest = "fraction" if "f" in shape else "second" if "s" in shape else "minute"
    if is_date or "i" not in shape:
        finest = "day"
    years = (1950, 2049) if "R" in shape else (1, 9999)
    return Spelling(word, postgres, mysql, python, finest, years, is_instant(word))


def _words(letter: str, shape: str, is_date: bool) -> Words:
    """A letter of a shape, or a character that is written as it is, in the words of the engines."""
    text = letter
    if is_date and letter in _MIDNIGHT:
        text = "12" if letter == "h" and "p" in shape else _MIDNIGHT[letter]
    elif is_date and letter == "p":
        text = "AM"
    elif letter in _OF_TWELVE and "p" in shape:
        return _OF_TWELVE[letter]
    elif letter in _WORDS:
        return _WORDS[letter]
    return f'"{text}"' if text.isalnum() else text, text, text


def spelling_of(column: Column, kind: Kind) -> Spelling | None:
    """The format to write a column in, None if the contract takes the server's own text.

    A time without zone never takes a spelling of UTC, and an instant takes one where the contract has one. Of several
    it is the one that holds the most, and of those the contract's first, which landing tries first.
    """
    name, is_instant = column.type.name, kind == "instant"
    if name == "timestamp" and not column.format:
        return _spelling(INSTANT if is_instant else _LOCAL, False)
    if kind not in _KINDS.get(name, ()):
        return None
    known = [_spelling(word, name == "date") for word in column.format if word in SHAPES]
    wanted = [
        one
        for one in known
        if (is_instant or not one.is_utc)
        and ("YYYY" in one.word or "RR" in one.word) == (kind != "time")
    ]
    return min(wanted, key=lambda s: (not s.is_utc, _FINENESS.index(s.finest)), default=None)
