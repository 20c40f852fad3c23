"""The cells of a relation in one spelling for the three engines, and how two relations differ."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

Cell = str | None

FAMILIES = {
    "text": ("varchar", "string", "text", "character varying"),
    "integer": ("bigint", "integer", "int", "smallint", "hugeint"),
    "decimal": ("decimal", "numeric"),
    "double": ("double", "double precision", "real", "float"),
    "date": ("date",),
    "timestamp": ("timestamp", "timestamp without time zone"),
    "boolean": ("boolean",),
}


@dataclass(frozen=True)
class Relation:
    """A relation's columns as (name, family), and how often it has each row."""

    columns: tuple[tuple[str, str], ...]
    rows: Counter[tuple[Cell, ...]]

    @classmethod
    def of(
        cls, columns: Sequence[tuple[str, str, int | None]], rows: Iterable[Sequence[Any]]
    ) -> "Relation":
        """From columns as (name, the engine's type, scale or none) and cells as its driver gives them, or as text."""
        families = tuple((name, family(kind, scale)) for name, kind, scale in columns)
        # by columns, as that is several times as fast
        whole = list(zip(*rows, strict=True)) or [()] * len(families)
        spelt = [
            list(map(spelling(kind), cells))
            for cells, (_, kind) in zip(whole, families, strict=True)
        ]
        return cls(families, Counter(zip(*spelt, strict=True)))

    def without(self, names: frozenset[str]) -> "Relation":
        """The relation without some of its columns."""
        if not names:
            return self
        kept = [n for n, (name, _) in enumerate(self.columns) if name not in names]
        rows = Counter(tuple(row[n] for n in kept) for row in self.rows.elements())
        return Relation(tuple(self.columns[n] for n in kept), rows)

    def dicts(self) -> list[dict[str, Cell]]:
        """Its rows by column name."""
        names = [name for name, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows.elements()]


def family(kind: str, scale: int | None) -> str:
    """The family of a type; a decimal with its scale."""
    plain = kind.lower().split("(")[0].strip()
    found = next((name for name, kinds in FAMILIES.items() if plain in kinds), plain)
    return f"decimal {scale}" if found == "decimal" else found


def spelling(kind: str) -> Callable[[Any], Cell]:
    """How a cell of a family is written as text: a decimal with all its digits, a time to the millisecond."""
    unit = Decimal(1).scaleb(-int(kind.removeprefix("decimal "))) if kind[:7] == "decimal" else None

    def spell(cell: Any) -> Cell:
        """One cell."""
        if cell is None:
            return None
        if unit is not None:
            return str(Decimal(str(cell)).quantize(unit))
        if kind == "timestamp":
            moment = cell if isinstance(cell, datetime) else datetime.fromisoformat(cell)
            return moment.isoformat(sep=" ", timespec="milliseconds")
        if kind == "date":
            return cell.isoformat() if isinstance(cell, date) else str(cell)
        return str(cell).lower() if kind == "boolean" else str(cell)

    # most cells of a column are written like another
    return lru_cache(maxsize=None)(spell) if kind in ("timestamp", "date") or unit else spell


def differences(mine: Relation, theirs: Relation) -> list[str]:
    """How two relations differ, in names and counts and never in cells; nothing where they are equal."""
    if mine.columns != theirs.columns:
        odd = sorted(set(mine.columns) ^ set(theirs.columns))
        return [f"column {name} is {kind} on one of them" for name, kind in odd] or ["column order"]
    ours, other = mine.rows, theirs.rows
    if ours == other:
        return []
    counts = f"{(ours - other).total()} and {(other - ours).total()} rows are on one side only"
    columns = [
        name
        for n, (name, _) in enumerate(mine.columns)
        if Counter(row[n] for row in ours.elements()) != Counter(row[n] for row in other.elements())
    ]
    return [f"{counts}, by columns {', '.join(columns) or 'that are equal one by one'}"]
