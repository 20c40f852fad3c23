"""What the commands print: tables for people, JSON lines for programs. Never the value of a cell."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
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

    def line(cells: Sequence[str]) -> str:
        aligned = (
            c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True)
        )
        return "  ".join(aligned).rstrip()

    return "\n".join([line(headings), line(["-" * width for width in widths]), *map(line, texts)])


def outcomes_as_json(outcomes: Iterable[Outcome]) -> str:
    """One JSON object a line per extract."""
    return "\n".join(_json(outcome) for outcome in outcomes)


def outcomes_as_text(outcomes: Sequence[Outcome], empty: str = "nothing in the inbox") -> str:
    """A summary a table, and a line for each extract that a person should look at; `empty` when there is none."""
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
    notes = [note for note in map(_note, outcomes) if note]
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


def _note(outcome: Outcome) -> str:
    """The line that tells a person what became of an extract that did not simply land; empty when it did."""
    if outcome.outcome == "landed" and not outcome.quarantined and not outcome.warnings:
        return ""
    place = [f"line {outcome.line}"] if outcome.line else []
    place += [f"column {outcome.column}"] if outcome.column else []
    if outcome.outcome == "refused" and not outcome.column and outcome.message:
        place.append(outcome.message)  # such as: column 3 of the file
    place += [f"{outcome.quarantined} rows quarantined"] if outcome.quarantined else []
    place += [f"{code} x{count}" for code, count in sorted(outcome.warnings.items())]
    words = [outcome.outcome, *([outcome.code] if outcome.code else [])]
    return f"{' '.join(words)}: {outcome.extract}" + (f" ({', '.join(place)})" if place else "")


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
    seen = 0

    def watch(name: str) -> None:
        nonlocal seen
        seen += 1
        count = f"{seen} " if counts else ""
        click.echo(f"\r{label}: {count}{name[:60]:60}", nl=False, err=True)

    yield watch
    click.echo("\r" + " " * 100 + "\r", nl=False, err=True)
