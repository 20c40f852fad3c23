"""What the commands print: tables for people, JSON lines for programs. Never the value of a cell."""

import json
import os
import shlex
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

import click

from ingestion.codes import Code
from ingestion.outcome import Advice, Outcome, place_of, printable

_OF_THE_CONTRACT = (
    Code.UNKNOWN_TABLE, Code.UNKNOWN_COLUMN, Code.MISSING_COLUMN, Code.WRONG_TYPE, Code.TOO_MANY_REJECTS,
    Code.WRONG_DELIMITER, Code.ENCODING, Code.MISSING_HEADER,
)  # fmt: skip
_MOST_ADVICE = 5
_ROW_COUNTS = ("rows_in", "landed", "quarantined", "duplicates")
_ONLY_WHERE_THERE = ("forgotten", "unnamed")


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


def outcomes_as_text(outcomes: Sequence[Outcome], empty: str = "nothing in the inbox") -> str:
    """A summary per table, and a line for each extract that a person should look at; `empty` without extracts.

    Extracts of one table with only the same warnings share a line.
    """
    if not outcomes:
        return empty
    groups: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        name = f"{outcome.source}.{outcome.table}" if outcome.table else "(no table)"
        groups[name, outcome.outcome].append(outcome)
    rare = (name for name in _ONLY_WHERE_THERE if any(getattr(o, name) for o in outcomes))
    counts = [*_ROW_COUNTS, *rare]
    summary = table(
        ["table", "outcome", "extracts", *(count.replace("_", " ") for count in counts)],
        [
            [name, word, len(group), *(_total(group, count) for count in counts)]
            for (name, word), group in sorted(groups.items())
        ],
    )
    notes = [_note(alike) for alike in _alike(outcomes) if _is_noteworthy(alike[0])]
    return "\n".join([summary, *(["", *notes] if notes else [])])


def advice(outcomes: Sequence[Outcome]) -> str:
    """The commands that print what would accept extracts refused by their contract, or for lack of one."""
    refused = [outcome for outcome in outcomes if outcome.code in _OF_THE_CONTRACT]
    commands = [
        f"  python -m ingestion draft {shlex.quote(one.source)} --from {shlex.quote(one.extract)}"
        for one in refused[:_MOST_ADVICE]
    ]
    more = len(refused) - _MOST_ADVICE
    if more > 0:
        commands.append(f"  and {more} more")
    heading = "\nthe lines of a contract that would accept what was refused:"
    return "\n".join([heading, *commands]) if commands else ""


def _total(group: Iterable[Outcome], count: str) -> int:
    """The sum of a count; rows of a refused extract are counted and not quarantined."""
    written = (o for o in group if count == "rows_in" or o.outcome != "refused")
    return sum(getattr(outcome, count) or 0 for outcome in written)


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
    """The outcomes that share one line, in the order of the first of each."""
    groups: defaultdict[tuple[object, ...], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        only_warned = outcome.outcome in ("landed", "nothing") and not outcome.quarantined
        own = "" if only_warned else outcome.extract
        codes = tuple(sorted(outcome.warnings))
        about = (outcome.outcome, outcome.code, outcome.source, outcome.table, codes, own)
        groups[about].append(outcome)
    return list(groups.values())


def _note(alike: Sequence[Outcome]) -> str:
    """The line for people about an extract, or some that are alike, if it did more than land."""
    outcome, many = alike[0], len(alike) > 1
    place = [place_of(outcome.line, outcome.column)]
    if outcome.outcome == "refused":
        place.append(outcome.message)  # such as: column 3 of the file
        place += [_age(outcome)] if outcome.refused_at else []
    elif outcome.quarantined:
        rows = "row" if outcome.quarantined == 1 else "rows"
        place.append(f"{outcome.quarantined} {rows} quarantined")
    counts = sum((Counter(o.warnings) for o in alike), Counter())
    place += [f"{code} x{count}" for code, count in sorted(counts.items())]
    words = " ".join(filter(None, (outcome.outcome, outcome.code)))
    which = (
        f"{len(alike)} extracts of {outcome.source}.{outcome.table}" if many else outcome.extract
    )
    told = ", ".join(filter(None, place))
    return f"{words}: {which}" + (f" ({told})" if told else "")


def _age(outcome: Outcome) -> str:
    """Whether it is refused for the first time, or since when."""
    return "new" if outcome.is_new else f"since {outcome.refused_at:%Y-%m-%d %H:%M} UTC"


def show(text: str, is_error: bool = False) -> None:
    """Print; the only place that does, so that no text of a file or server reaches a terminal unescaped."""
    _write(printable(text, kept="\n"), err=is_error)


def _write(text: str, *, err: bool = False, **style: Any) -> None:
    """A reader that has left, as `| head` does, ends no command: what follows goes nowhere."""
    try:
        click.secho(text, err=err, **style)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (sys.stderr if err else sys.stdout).fileno())
        os.close(nowhere)


def show_advice(found: Sequence[Advice]) -> None:
    """Print whether anything is wrong, and what to do; in colour only on a terminal."""
    if not any(one.is_wrong for one in found):
        _write(
            "All is well: nothing is refused or late, and no table lacks a row that is in quarantine.",
            fg="green",
        )
    for one in found:
        _write(
            printable(one.what, kept="\n"), fg="red" if one.is_wrong else None, bold=one.is_wrong
        )
        show(f"  {one.do}")
    show("")


def refused_line(outcomes: Iterable[Outcome]) -> str | None:
    """The line for the exit code of refused extracts: their number and their codes."""
    codes = Counter(str(outcome.code) for outcome in outcomes if outcome.outcome == "refused")
    if not codes:
        return None
    told = ", ".join(f"{code} x{count}" for code, count in sorted(codes.items()))
    return f"BadExtract: {codes.total()} refused ({told})"


def _json(record: Any) -> str:
    values = asdict(record)
    text = json.dumps(values, default=_plain, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(values, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"not for a report: {type(value).__name__}")


@contextmanager
def progress(label: str, counts: bool = True) -> Iterator[Callable[[str], None] | None]:
    """A progress line, on a terminal only; with `counts` it numbers the calls, for names that come once."""
    if not sys.stderr.isatty():
        yield None
        return
    yield _Counted(label, counts)
    _write("\r" + " " * 100 + "\r", nl=False, err=True)


@dataclass
class _Counted:
    """A line on the terminal with its last argument and the number of its calls."""

    label: str
    counts: bool
    seen: int = 0

    def __call__(self, name: str) -> None:
        self.seen += 1
        count = f"{self.seen} " if self.counts else ""
        told = printable(name.replace("\n", " "))[:60]
        _write(f"\r{self.label}: {count}{told:60}", nl=False, err=True)
