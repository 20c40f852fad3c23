"""The results of the pages' queries, the same from every engine: rows of texts, decimals, dates and times."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Hidden:
    """Replaces a value that would reveal few persons."""


HIDDEN = Hidden()

Value = str | Decimal | date | datetime | bool | Hidden | None
Row = dict[str, Value]
Answers = dict[str, list[Row]]
"""The rows of each query, by its name."""

Ask = Callable[[Mapping[str, str]], Answers]
"""Runs named queries on the warehouse."""

_READ: dict[str, Callable[[str], Value]] = {
    "n": Decimal,
    "b": lambda text: text == "True",
    "t": str,
    "d": date.fromisoformat,
    "s": datetime.fromisoformat,
}
"""The parser for each letter that the macro puts in front of a cell."""


def answers_told(told: Iterable[str]) -> Answers:
    """Read what the macro `answers_as_json` logs, a line per query. Timestamps lose their zone, which is UTC."""
    answers: Answers = {}
    for line in told:
        said: dict[str, Any] = json.loads(line)
        names = [name.lower() for name in said["columns"]]
        answers[said["query"]] = [
            {name: _value(cell) for name, cell in zip(names, row, strict=True)}
            for row in said["rows"]
        ]
    return answers


def _value(cell: str | None) -> Value:
    if cell is None:
        return None
    value = _READ[cell[0]](cell[1:])
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
