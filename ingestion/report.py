"""What the commands print: tables for people, JSON lines for programs. Never the value of a cell."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any

import click

from ingestion.land import Outcome


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A plain text table, numbers to the right, columns as wide as they need.

    >>> table(["name", "rows"], [["patient", 500]])
    'name     rows\\n-------  ----\\npatient   500'
    """
    body = [list(row) for row in rows]
    texts = [["" if cell is None else str(cell) for cell in row] for row in body]
    widths = [max(map(len, column)) for column in zip(headings, *texts, strict=True)]
    right = [
        bool(body) and all(isinstance(row[n], (int, float)) for row in body)
        for n in range(len(headings))
    ]

    lines = [headings, ["-" * width for width in widths], *texts]
    return "\n".join(_aligned(cells, widths, right) for cells in lines)


def _aligned(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    """The cells side by side, each as wide as its column."""
    padded = (
        cell.rjust(width) if is_right else cell.ljust(width)
        for cell, width, is_right in zip(cells, widths, right, strict=True)
    )
    return "  ".join(padded).rstrip()


def outcomes_as_json(outcomes: Iterable[Outcome]) -> str:
    """One JSON object a line per extract."""
    return "\n".join(_json(outcome) for outcome in outcomes)


def outcomes_as_text(outcomes: Sequence[Outcome], empty: str = "nothing in the inbox") -> str:
    """A summary a table, and a line for each extract that a person should look at; `empty` when there is none.

    Extracts of one table of which there is only the same warning to tell share a line.
    """
    if not outcomes:
        return empty
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(
            (
                f"{outcome.source}.{outcome.table}" if outcome.table else "(no table)",
                outcome.outcome,
            ),
            [],
        ).append(outcome)
    summary = table(
        ["table", "outcome", "extracts", "rows in", "landed", "quarantined", "duplicates"],
        [
            [
                name,
                word,
                len(group),
                *(sum(getattr(o, count) or 0 for o in group) for count in ROW_COUNTS),
            ]
            for (name, word), group in sorted(groups.items())
        ],
    )
    notes = [_note(alike) for alike in _alike(outcomes) if _is_noteworthy(alike[0])]
    return "\n".join([summary, *(["", *notes] if notes else [])])


ROW_COUNTS = ("rows_in", "landed", "quarantined", "duplicates")


def records_as_json(records: Iterable[Any]) -> str:
    """One JSON object a line per dataclass record."""
    return "\n".join(_json(record) for record in records)


def records_as_text(records: Sequence[Any], empty: str) -> str:
    """The records as a table with their fields as headings, or `empty` when there are none."""
    if not records:
        return empty
    names = [field.name for field in fields(records[0])]
    return table(
        [name.replace("_", " ") for name in names],
        [[getattr(r, name) for name in names] for r in records],
    )


def _is_noteworthy(outcome: Outcome) -> bool:
    return outcome.outcome != "landed" or bool(outcome.quarantined or outcome.warnings)


def _alike(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """The outcomes that one line can tell of together, in the order in which the first of each came."""
    groups: dict[tuple[object, ...], list[Outcome]] = {}
    for outcome in outcomes:
        only_warned = outcome.outcome in ("landed", "nothing") and not outcome.quarantined
        own = "" if only_warned else outcome.extract
        codes = tuple(sorted(outcome.warnings))
        about = (outcome.outcome, outcome.code, outcome.source, outcome.table, codes, own)
        groups.setdefault(about, []).append(outcome)
    return list(groups.values())


def _note(alike: Sequence[Outcome]) -> str:
    """The line that tells a person what became of an extract, or of some that are alike, beyond having landed."""
    outcome, many = alike[0], len(alike) > 1
    place = [f"line {outcome.line}"] if outcome.line else []
    place += [f"column {outcome.column}"] if outcome.column else []
    if outcome.outcome == "refused" and not outcome.column and outcome.message:
        place.append(outcome.message)  # such as: column 3 of the file
    place += [f"{outcome.quarantined} rows quarantined"] if outcome.quarantined else []
    counts = sum((Counter(o.warnings) for o in alike), Counter())
    place += [f"{code} x{count}" for code, count in sorted(counts.items())]
    words = [outcome.outcome, *([outcome.code] if outcome.code else [])]
    which = (
        f"{len(alike)} extracts of {outcome.source}.{outcome.table}" if many else outcome.extract
    )
    return f"{' '.join(words)}: {which}" + (f" ({', '.join(place)})" if place else "")


def _json(record: Any) -> str:
    values = (
        asdict(record) if is_dataclass(record) and not isinstance(record, type) else dict(record)
    )
    return json.dumps(values, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"not for a report: {type(value).__name__}")


@contextmanager
def progress(label: str, counts: bool = True) -> Iterator[Callable[[str], None] | None]:
    """A line that moves, on a terminal only; it counts what it is told unless that comes more than once."""
    if not sys.stderr.isatty():
        yield None
        return
    yield _Counted(label, counts)
    click.echo("\r" + " " * 100 + "\r", nl=False, err=True)


@dataclass
class _Counted:
    """A line on the terminal that says what it was called with last, and how often it was."""

    label: str
    counts: bool
    seen: int = 0

    def __call__(self, name: str) -> None:
        self.seen += 1
        count = f"{self.seen} " if self.counts else ""
        click.echo(f"\r{self.label}: {count}{name[:60]:60}", nl=False, err=True)
