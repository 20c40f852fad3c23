"""`scan`: searches columns that a contract declares harmless for personal data. It shows counts and columns, never a
value.

A sample of the newest load of each table is searched: by patterns (an address of mail, a telephone, a social security
number, a card, an IBAN), for values that a direct column of the same source holds too (names), and for dates that look
like dates of birth beside a direct column. A person must judge each finding.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contract import Table
from ingestion.land import Context
from ingestion.loads import Loads, read_loads

SAMPLE = 1000
"""Rows of each table, taken evenly from its newest load."""

_TOO_SHORT = 4
"""The least number of characters of a value that counts when it occurs in two columns."""

_ALIKE = 0.05
"""The share of a column's values that must occur in a direct column, or be parts of its values."""

_BIRTHS = 0.5
"""The share of a column's dates that must be birth dates of adults."""

_GROWN, _OLDEST = 16 * 365, 110 * 365

_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]{2,}")
_SSN = re.compile(r"(?<!\d)(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?!\d)")
_PHONE = re.compile(
    r"(?<!\d)(\+\d{1,3}[ .-]?(\(?\d{1,4}\)?[ .-]?){2,4}\d{2,4}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\d)"
)
_CARD = re.compile(r"(?<![\d.])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,4}(?![\d.])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


@dataclass(frozen=True)
class Finding:
    """A column that is declared harmless, the kind of its values, and the number of rows of the sample."""

    table: str
    column: str
    looks_like: str
    rows_found: int
    rows_sampled: int


def scan(context: Context, rows: int = SAMPLE) -> list[Finding]:
    """Search `rows` of each table's newest load, only columns of sensitivity none."""
    loads = read_loads(context.store)
    found: list[Finding] = []
    for source in context.project.sources:
        samples = {table.name: _sample(context, loads, table, rows) for table in source.tables}
        names = set(_identifiers(source.tables, samples))
        for table in source.tables:
            found += _findings(table, samples[table.name], names)
    return found


def _sample(context: Context, loads: Loads, table: Table, rows: int) -> dict[str, list[Any]]:
    """The columns of evenly spaced rows of the newest load that counts; empty without a load."""
    counted = loads.counted(table.full_name)
    data = context.store.read(counted[-1].data_key) if counted else None
    if data is None:
        return {}
    known = [column.name for column in table.columns if column.name in counted[-1].columns]
    held = pq.read_table(io.BytesIO(data), columns=known)
    step = max(1, held.num_rows // rows)
    places = pa.array(range(0, held.num_rows, step), pa.int64())[:rows]
    return held.take(places).to_pydict()


def _identifiers(
    tables: Iterable[Table], samples: dict[str, dict[str, list[Any]]]
) -> Iterator[str]:
    """The values of a source's direct columns, folded."""
    for table in tables:
        for column in table.columns:
            if column.sensitivity == "direct" and column.type.name == "string":
                for value in samples[table.name].get(column.name, []):
                    if value and len(value) >= _TOO_SHORT:
                        yield value.casefold()


def _findings(table: Table, sample: dict[str, list[Any]], names: set[str]) -> Iterator[Finding]:
    has_person = any(column.sensitivity == "direct" for column in table.columns)
    for column in table.columns:
        values = [value for value in sample.get(column.name, []) if value is not None]
        if column.sensitivity != "none" or not values:
            continue
        for kind, count in _kinds(values, names, has_person):
            yield Finding(table.full_name, column.name, kind, count, len(values))


def _kinds(values: list[Any], names: set[str], has_person: bool) -> Iterator[tuple[str, int]]:
    """The kinds of the values, with counts."""
    if isinstance(values[0], date | datetime):
        births = sum(_is_birth(value, max(values)) for value in values)
        if has_person and births >= _BIRTHS * len(values):
            yield "birth_date", births
        return
    if not isinstance(values[0], str | int) or isinstance(values[0], bool):
        return
    texts = [str(value) for value in values]
    for kind, fits in PATTERNS.items():
        if count := sum(map(fits, texts)):
            yield kind, count
    count = sum(_names_in(text, names) for text in texts)
    if count >= _ALIKE * len(texts):
        yield "direct_column", count


def _names_in(text: str, names: set[str]) -> bool:
    """Whether a text, or two successive words of it, are a value of a direct column."""
    folded = text.casefold()
    if len(folded) >= _TOO_SHORT and folded in names:
        return True
    words = re.findall(r"[^\W\d_]+", folded)
    pairs = pairwise(words)
    return any(first in names and second in names for first, second in pairs)


def _is_birth(value: date, newest: date) -> bool:
    return _GROWN <= (newest - value).days <= _OLDEST


def _is_card(text: str) -> bool:
    """Whether it holds a card's number: the digits pass Luhn's check (ISO/IEC 7812-1)."""
    return any(_luhn(re.sub(r"\D", "", match[0])) for match in _CARD.finditer(text))


def _luhn(digits: str) -> bool:
    backwards = [int(digit) for digit in reversed(digits)]
    doubled = sum(_LUHN_DOUBLED[digit] for digit in backwards[1::2])
    return (sum(backwards[::2]) + doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    """Whether it holds an IBAN: rearranged and read as a number it is 1 modulo 97 (ISO 13616)."""
    for match in _IBAN.finditer(text):
        plain = match[0].replace(" ", "")
        number = "".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])
        if len(plain) >= 15 and int(number) % 97 == 1:
            return True
    return False


PATTERNS: dict[str, Callable[[str], bool]] = {
    "mail": lambda text: bool(_MAIL.search(text)),
    "ssn": lambda text: bool(_SSN.search(text)),
    "phone": lambda text: bool(_PHONE.search(text)),
    "card": _is_card,
    "iban": _is_iban,
}
