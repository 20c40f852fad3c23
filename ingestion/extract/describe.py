"""A live database's description of its tables, and some rows of each: the input of a draft."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.contract import Column, Delivery, PathPattern, PortableType, Table
from ingestion.errors import BadSettings
from ingestion.extract.address import Address, address_of
from ingestion.extract.connect import connected
from ingestion.extract.database import Described, Found, Selection
from ingestion.extract.spellings import INSTANT

_PATH = PathPattern.parse("draft/{date}/draft.csv")
_DEFAULT_DECIMAL = "decimal(38,10)"
_SIMPLE = {
    r"(tiny|small|medium|big)?int(eger)?\b.*|year\b.*|serial": "bigint",
    r"(double|float|real)\b.*": "double",
    r"bool(ean)?|bit\(1\)": "boolean",
}
_MONEY = ("decimal(19,2)", None)
_EXACT = re.compile(r"(?:decimal|numeric)\((\d+)(?:,\s*(\d+))?\)")
_BY_KIND = {
    "date": ("date", "YYYY-MM-DD"),
    "local": ("timestamp", "YYYY-MM-DD HH:MM:SS"),
    "instant": ("timestamp", INSTANT),
    "time": ("string", "HH:MM:SS"),
}


@dataclass(frozen=True)
class Observed:
    """A table as the database describes it, and a CSV with a header of some of its rows."""

    described: Described
    rows: Path


def describe(
    source: str, tables: Sequence[str], folder: Path, most: int, address: Address | None = None
) -> tuple[list[Observed], list[str]]:
    """Describe the tables (`table` or `schema.table`; all of the database's own schema where none is named).

    At most `most` rows of each are written into `folder`. A table that cannot be read stops no other: it is a line of
    the second list. BadSettings for an unknown table, or when no table can be read.
    """
    address = address or address_of(source)
    observed, problems = [], []
    with connected(address, source) as database:
        snapshot = database.snapshot()
        found = snapshot.described(tables)
        if missing := [t for t in tables if t not in {d.said for d in found}]:
            raise BadSettings(
                f"{source}: {missing[0]} is not in the database, or the user may not see it"
            )
        if not found:
            raise BadSettings(f"{source}: the database shows this user no table")
        for number, described in enumerate(found):
            path = folder / f"{number}.csv"
            try:
                selection = _selection(source, described, most)
                with path.open("wb") as target:
                    snapshot.copy(selection, target)
            except BadSettings as error:
                problems.append(str(error))
            else:
                observed.append(Observed(described, path))
    if not observed:
        raise BadSettings("; ".join(problems))
    return observed, problems


def portable(found: Found) -> tuple[str, str | None] | None:
    """The portable type of a column of the database, and the spelling in which it is extracted; None for bytes."""
    if found.kind == "binary":
        return None
    if found.type.endswith("[]"):
        return "string", None
    if found.type == "money":
        return _MONEY
    if found.kind in _BY_KIND:
        return _BY_KIND[found.kind]
    if exact := _EXACT.match(found.type):
        precision, scale = (int(digits or 0) for digits in exact.groups())
        return str(PortableType.decimal(precision, scale)), None
    if found.type.startswith(("decimal", "numeric")):
        return _DEFAULT_DECIMAL, None
    for pattern, type_ in _SIMPLE.items():
        if re.fullmatch(pattern, found.type):
            return type_, None
    return ("bigint", None) if found.kind == "bits" else ("string", None)


def _selection(source: str, described: Described, most: int) -> Selection:
    """Every column but bytes, under a name of its own, as an extract would write it."""
    columns, read = [], {}
    for number, (name, found) in enumerate(described.columns.items()):
        spelt = portable(found)
        if spelt is None or not found.is_readable:
            continue
        read[name] = found
        columns.append(
            Column(
                name=f"c{number}",
                header=name,
                type=spelt[0],
                format=spelt[1] or (),
                sensitivity="none",
            )
        )
    delivery = Delivery(path=_PATH, kind="full")
    if problem := _problem(described, list(read)):
        raise BadSettings(f"{source}.{described.said}: {problem}")
    table = Table(
        source=source, name="draft", key="row", deliveries=(delivery,), columns=tuple(columns),
        extract_from=described.address,
    )  # fmt: skip
    return Selection(table, read, most=most, said=described.said)


def _problem(described: Described, read: Sequence[str]) -> str | None:
    """Why no contract can be drafted from the columns that would be `read`."""
    if not described.columns:
        return "the database shows none of its columns"
    if not any(found.is_readable for found in described.columns.values()):
        return "the user may not read it, grant select"
    if not read:
        return "every column that the user may read is bytes"
    alike = Counter(name.strip().casefold() for name in read)
    twice = [name for name in read if alike[name.strip().casefold()] > 1]
    return f"columns differ only in case or spaces: {', '.join(twice)}" if twice else None
