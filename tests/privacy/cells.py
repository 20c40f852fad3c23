"""The gates over a built warehouse: cells of tables, and hashes that can be guessed."""

import base64
import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb

from ingestion.contract import read_project
from tests.privacy.sought import CALENDAR, Sought
from tools.canaries import Canary
from tools.project import ROOT

CLOSED = ("staging", "intermediate", "snapshots", "restricted")
"""Schemas that hold direct identifiers; raw_* are the others."""

_LONG_ENOUGH = 6
"""A cell that is a part of a canary, and at least this long, can only come from it."""

_FUNCTIONS = ("md5", "sha1", "sha256")
_HEX = re.compile(r"[0-9a-f]{16,128}")


@dataclass
class Identifiers:
    """What names people in a warehouse: canaries, all texts of direct columns, dates of birth."""

    canaries: Sought
    texts: frozenset[str]
    births: frozenset[date]

    @cached_property
    def parts(self) -> frozenset[str]:
        """Every part of a canary that is long enough to be known again."""
        return frozenset(
            canary[start:end]
            for canary in self.canaries.marked
            for start in range(len(canary))
            for end in range(start + _LONG_ENOUGH, len(canary) + 1)
        )

    @cached_property
    def guesses(self) -> list[str]:
        """Sorted hashes of every identifier, in the spellings and by the functions that one would try first."""
        days = {
            form for day in self.births for form in (f"{day}", f"{day:%m/%d/%Y}", f"{day:%Y%m%d}")
        }
        return sorted(
            guess
            for text in self.texts | days
            for spelt in {text, text.upper(), text.title()}
            for guess in _hashes(spelt.encode())
        )


def identifiers(warehouse: Path, canaries: Iterable[Canary]) -> Identifiers:
    """What the direct columns of the raw tables hold, folded, and the canaries that no mart may hold."""
    texts: set[str] = set()
    births: set[date] = set()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in read_project(ROOT):
            for column in table.columns:
                if column.sensitivity != "direct":
                    continue
                asked = f'select distinct "{column.name}" from raw_{table.source}."{table.name}"'
                values = {value for (value,) in connection.execute(asked).fetchall()} - {None}
                if column.type.name == "date":
                    births |= values
                elif column.type.name == "string":
                    texts |= {str(value).casefold() for value in values}
    hidden = Sought(canary for canary in canaries if canary.is_hidden)
    return Identifiers(hidden, frozenset(texts), frozenset(births))


def open_columns(
    connection: duckdb.DuckDBPyConnection, kind: str = "%"
) -> list[tuple[str, str, str]]:
    """Schema, table and column of everything outside the closed schemas and the raw tables, of types like `kind`."""
    return connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
        f" where table_schema not in {CLOSED} and table_schema not like 'raw\\_%' escape '\\'"
        " and data_type like ? order by all",
        [kind],
    ).fetchall()


def cells_found(
    connection: duckdb.DuckDBPyConnection,
    columns: Iterable[tuple[str, str, str]],
    watched: Identifiers,
) -> list[str]:
    """The columns that hold a canary, a part of one, another direct identifier, or a date of birth."""
    parts, births = watched.parts, {f"{day}" for day in watched.births}
    dates = re.compile(r"\d{4}-\d\d-\d\d")
    found = []
    for schema, table, column in columns:
        asked = f'select distinct cast("{column}" as varchar) from "{schema}"."{table}"'
        for (cell,) in connection.execute(asked).fetchall():
            text = (cell or "").casefold().strip()
            if (
                text in watched.texts
                or text in parts
                or watched.canaries.forms_in(text, table)
                or (table != CALENDAR and births & {*dates.findall(text)})
            ):
                found.append(f"{schema}.{table}.{column}")
                break
    return found


def hashes_found(
    connection: duckdb.DuckDBPyConnection,
    columns: Iterable[tuple[str, str, str]],
    watched: Identifiers,
) -> list[str]:
    """The columns that hold a hash, or the beginning of one, that can be made from an identifier alone."""
    guesses, found = watched.guesses, []
    for schema, table, column in columns:
        asked = f'select distinct cast("{column}" as varchar) from "{schema}"."{table}"'
        for (cell,) in connection.execute(asked).fetchall():
            text = _as_hex(cell or "")
            place = bisect_left(guesses, text or "~")
            if text and guesses[place : place + 1] and guesses[place].startswith(text):
                found.append(f"{schema}.{table}.{column}")
                break
    return found


def _as_hex(cell: str) -> str | None:
    plain = cell.casefold().replace("-", "")
    if _HEX.fullmatch(plain):
        return plain
    try:
        decoded = base64.b64decode(cell, validate=True).hex()
    except ValueError:
        return None
    # a short word of letters is base 64 as well, and its few digits match by chance
    return decoded if _HEX.fullmatch(decoded) else None


def _hashes(data: bytes) -> Iterator[str]:
    """Hashes of some bytes, and hashes of these hashes."""
    for name in _FUNCTIONS:
        digest = hashlib.new(name, data, usedforsecurity=False).hexdigest()
        yield digest
        for second in _FUNCTIONS:
            yield hashlib.new(second, digest.encode(), usedforsecurity=False).hexdigest()
