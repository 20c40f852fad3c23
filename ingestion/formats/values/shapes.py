"""The shapes in which dates and times are written, walked over all cells of a column at once.

Each step reads one character of every cell, so that numpy does the work. The numbers are not checked here.
"""

from typing import NamedTuple

import numpy as np

from ingestion.arrow import Array, Bytes, Ints, Mask, buffers, truth

SHAPES = {
    "M/D/YYYY": "m/d/Y",
    "YYYY-MM-DD": "Y-M-D",
    "DD/MM/YYYY": "D/M/Y",
    "DD.MM.YYYY": "D.M.Y",
    "DD.MM.RR": "D.M.R",
    "h:MM AM": "h:i p",
    "HH:MM:SS": "H:i:s",
    "M/D/YYYY H:MM": "m/d/Y h:i",
    "YYYY-MM-DD HH:MM:SS": "Y-M-D H:i:sf",
    "YYYY-MM-DDTHH:MM:SSZ": "Y-M-DTH:i:sfZ",
    "YYYY-MM-DDTHH:MM:SS+0000": "Y-M-DTH:i:sf+0000",
    "YYYY-MM-DDTHH:MM:SS": "Y-M-DTH:i:sf",
    "YYYY-MM-DD HH:MM:SS+HH:MM": "Y-M-D H:i:sfz",
    "YYYY-MM-DDTHH:MM:SS+HH:MM": "Y-M-DTH:i:sfz",
    "YYYY-MM-DD HH:MM": "Y-M-D H:i",
    "YYYY-MM-DDTHH:MM": "Y-M-DTH:i",
    "YYYY-MM-DD HH:MM+HH:MM": "Y-M-D H:iz",
    "YYYY-MM-DDTHH:MM+HH:MM": "Y-M-DTH:iz",
    "M/D/YYYY H:MM:SS": "m/d/Y h:i:s",
    "M/D/YYYY h:MM AM": "m/d/Y h:i p",
    "M/D/YYYY h:MM:SS AM": "m/d/Y h:i:s p",
    "DD-MON-RR": "D-N-R",
    "DD-MON-RR HH.MI.SSXFF AM": "D-N-R H.i.sf p",
}
"""The declared formats, a letter a field: see `_FIELDS`; `p` is AM or PM, `f` a fraction at will, `N` the month's
English name in three letters, `R` a year of two digits, `z` an offset from Greenwich: `Z`, `+00`, `+0000` or `-05:00`.

The last two are Oracle's defaults, by Oracle's names: RR is of 2000 to 2049 below 50, else of 1950 to 1999, and X the
decimal mark (https://docs.oracle.com/en/database/oracle/oracle-database/19/sqlrf/Format-Models.html).
"""

_FIELDS = {  # letter -> (field, fewest digits, most digits)
    "m": ("month", 1, 2),
    "d": ("day", 1, 2),
    "M": ("month", 2, 2),
    "D": ("day", 2, 2),
    "Y": ("year", 4, 4),
    "h": ("hour", 1, 2),
    "H": ("hour", 2, 2),
    "i": ("minute", 2, 2),
    "s": ("second", 2, 2),
    "R": ("year", 2, 2),
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_CENTURY_TURNS = 50
_LARGEST_OFFSET = 15
"""Hours; PostgreSQL takes offsets up to 15:59, the zones of today go up to +14."""


def is_instant(spelling: str) -> bool:
    """Whether a format tells the offset from Greenwich; any other is a local time of the source's zone."""
    return SHAPES[spelling].endswith(("z", "Z", "+0000"))


class Parsed(NamedTuple):
    """Numbers by field; `shaped`: the whole cell has the shape; `dated`: its date part has."""

    fields: dict[str, Ints]
    shaped: Mask
    dated: Mask


class Walk:
    """Steps through all cells of a column at once. A cell that does not fit is out from there on: its position and
    numbers mean nothing any more."""

    def __init__(self, values: Array) -> None:
        offsets, data = buffers(values)
        self.data: Bytes = np.append(data, np.zeros(1, np.uint8))
        self.at: Ints = offsets[:-1].astype(np.int64)
        self.end: Ints = offsets[1:].astype(np.int64)
        self.fits = truth(values.is_valid())

    def _peek(self) -> Bytes:
        # A place beyond the cell counts as NUL, which no shape has.
        return np.asarray(self.data.take(self.at, mode="clip") * (self.at < self.end))

    def digits(self, fewest: int, most: int) -> Ints:
        """The number of `fewest` to `most` digits here."""
        number = np.zeros(len(self.at), np.int64)
        for position in range(most):
            value = self._peek() - np.uint8(ord("0"))  # wraps around below "0"
            digit = value < 10
            if position < fewest:
                self.fits &= digit
                number = number * 10 + value
                self.at += 1
            else:
                digit &= self.fits
                number = np.where(digit, number * 10 + value, number)
                self.at += digit
        return number

    def literal(self, character: str) -> None:
        """Step over this character."""
        self.fits &= self._peek() == ord(character)
        self.at += 1

    def afternoon(self) -> Mask:
        """Step over AM or PM, in either case; true for PM."""
        first = self._peek()
        late = (first == ord("p")) | (first == ord("P"))
        self.fits &= late | (first == ord("a")) | (first == ord("A"))
        self.at += 1
        second = self._peek()
        self.fits &= (second == ord("m")) | (second == ord("M"))
        self.at += 1
        return np.asarray(late)

    def month_name(self) -> Ints:
        """Step over an English month's first three letters, in either case; its number from 1."""
        letters = np.zeros(len(self.at), np.int64)
        for _ in range(3):
            letters = letters * 256 + (self._peek() | 0x20)
            self.at += 1
        number = np.zeros(len(self.at), np.int64)
        for position, name in enumerate(_MONTHS, 1):
            number[letters == int.from_bytes(name.encode())] = position
        self.fits &= number > 0
        return number

    def offset(self) -> Ints:
        """Z, or a sign with hours and perhaps minutes east of Greenwich, in seconds."""
        first = self._peek()
        signed = (first == ord("+")) | (first == ord("-"))
        self.fits &= signed | (first == ord("Z"))
        self.at += 1
        signed &= self.fits
        hours = self._two_digits(signed)
        colon = signed & (self._peek() == ord(":"))
        self.at += colon
        minutes = self._two_digits(colon | (signed & (self.at < self.end)))
        self.fits &= (hours <= _LARGEST_OFFSET) & (minutes < 60)
        sign = np.where(first == ord("-"), -1, 1)
        return np.asarray(sign * (hours * 3600 + minutes * 60))

    def _two_digits(self, where: Mask) -> Ints:
        """The number of two digits here, in the cells of the mask."""
        number = np.zeros(len(self.at), np.int64)
        for _ in range(2):
            value = self._peek() - np.uint8(ord("0"))
            self.fits &= ~where | (value < 10)
            number = np.where(where, number * 10 + value, 0)
            self.at += where
        return number

    def fraction(self) -> Ints:
        """A dot with 1 to 9 digits, if there is one, in nanoseconds."""
        number = np.zeros(len(self.at), np.int64)
        dot = self.fits & (self._peek() == ord("."))
        if not dot.any():
            return number
        self.at += dot
        digit = dot
        for position in range(9):
            value = self._peek() - np.uint8(ord("0"))
            digit = digit & (value < 10)
            if position == 0:
                self.fits &= ~dot | digit
            number = number * 10 + np.where(digit, value, 0)
            self.at += digit
        return number


def parse(values: Array, spelling: str) -> Parsed:
    """Read every cell by one declared format."""
    walk = Walk(values)
    fields: dict[str, Ints] = {}
    dated = walk.fits.copy()
    for letter in SHAPES[spelling]:
        if letter in _FIELDS:
            name, fewest, most = _FIELDS[letter]
            fields[name] = walk.digits(fewest, most)
            if letter == "R":
                fields[name] += np.where(fields[name] < _CENTURY_TURNS, 2000, 1900)
        elif letter == "N":
            fields["month"] = walk.month_name()
        elif letter == "p":
            fields["afternoon"] = walk.afternoon().astype(np.int64)
        elif letter == "z":
            fields["offset"] = walk.offset()
        elif letter == "f":
            fields["nanosecond"] = walk.fraction()
        else:
            walk.literal(letter)
        if {"year", "month", "day"} <= fields.keys() and letter in "dDYR":
            dated = walk.fits.copy()
    return Parsed(fields, walk.fits & (walk.at == walk.end), dated)
