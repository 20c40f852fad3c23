"""Canaries as they are looked for: in texts, in columns of a warehouse, and in the bytes of files."""

import gzip
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from tools.canaries import MARK, Canary

CALENDAR = "dim_dates"
"""The table that has every day, planted or not."""

LANDERS = ("inbox", "archive", "quarantine", "raw")
"""The places of the lake in which everything lies as it came."""

_NUMBER = re.compile(r"(?<![0-9a-z])[0-9][0-9.:/t -]{6,}[0-9](?![0-9a-z])")
_NUMBER_IN_BYTES = re.compile(_NUMBER.pattern.encode())


class Sought:
    """Canaries by the spellings that give them away: text by its mark, numbers and dates where they stand alone."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self.shared: dict[str, set[str]] = defaultdict(set)
        for canary in canaries:
            for form in canary.forms:
                self.shared[form].add(canary.place)
        self.marked = sorted(form for form in self.shared if MARK in form)
        self._rest = sorted(self.shared.keys() - {*self.marked}, key=len, reverse=True)
        either = "|".join(map(re.escape, self._rest)) or "(?!)"
        self._numbers = re.compile(f"(?<![0-9a-z])(?:{either})(?![0-9a-z])")

    def forms_in(self, text: str, table: str = "") -> set[str]:
        """The spellings that are in a text, which is folded; in the calendar any day may be."""
        found = {form for form in self.marked if form in text} if MARK in text else set()
        if self._rest and table != CALENDAR and _NUMBER.search(text):
            found |= {*self._numbers.findall(text)}
        return found

    def places_in(self, text: str, table: str = "") -> set[str]:
        """The places of the canaries that are in such a text."""
        return {place for form in self.forms_in(text, table) for place in self.shared[form]}

    def places_in_bytes(self, data: bytes) -> set[str]:
        """The places of the canaries that are in the bytes of a file: packed, in capitals, or in UTF-16 too."""
        found: set[str] = set()
        for plain in _unpacked(data):
            # what is looked for is ASCII: without its zeros UTF-16 is as UTF-8
            for view in (plain, plain.replace(b"\0", b"")) if b"\0" in plain else (plain,):
                if MARK.encode() in view:
                    found |= {form for form in self.marked if form.encode() in view}
                numbers = b"\n".join(_NUMBER_IN_BYTES.findall(view)) if self._rest else b""
                found |= {*self._numbers.findall(numbers.decode())}
        return {place for form in found for place in self.shared[form]}


def in_raw(connection: duckdb.DuckDBPyConnection, canary: Canary) -> bool:
    """Whether the raw table of its column holds a canary."""
    source, table, column = canary.place.split(".")
    asked = f'select distinct cast("{column}" as varchar) from raw_{source}."{table}"'
    sought = Sought([canary])
    return any(
        sought.forms_in(cell.casefold())
        for (cell,) in connection.execute(asked).fetchall()
        if cell is not None
    )


def bytes_found(paths: Iterable[Path], sought: Sought) -> dict[str, set[str]]:
    """The files in whose bytes canaries are, with the places of these."""
    found = {str(path): sought.places_in_bytes(path.read_bytes()) for path in paths}
    return {path: places for path, places in found.items() if places}


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data.lower()
    if data[:2] == b"\x1f\x8b":
        yield from _unpacked(gzip.decompress(data))
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield from _unpacked(packed.read(name))
