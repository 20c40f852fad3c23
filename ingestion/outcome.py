"""The outcome of each extract, as `land` reports it, and the forms of its texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True)
class Outcome:
    """The outcome of one extract: the fields of `land --format json`, and a sentence for people in `message`.

    `forgotten` rows were about forgotten persons, `unnamed` rows named such a person. `code`, `line` and `column` say
    why it was refused or waits; counts are rows. `extract` is its name below the inbox. `refused_at` is when it was
    first refused for that (UTC), `is_new` whether that was just now.
    """

    extract: str
    source: str
    table: str | None
    extract_date: date | None
    load_id: str | None
    outcome: Literal["landed", "nothing", "refused", "waiting"]
    code: str | None = None
    line: int | None = None
    column: str | None = None
    rows_in: int = 0
    landed: int = 0
    quarantined: int = 0
    duplicates: int = 0
    warnings: dict[str, int] = field(default_factory=dict)
    message: str = ""
    refused_at: datetime | None = None
    is_new: bool = True
    forgotten: int = 0
    unnamed: int = 0


def printable(text: str, kept: str = "") -> str:
    """A text in which unprintable characters, except those that are kept, are escaped."""
    return "".join(
        c if c.isprintable() or c in kept else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )


def place_of(line: int | None, column: str | None) -> str:
    """A line and a column in words, as far as they are known."""
    told = {"line": line, "column": column}
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)


def named(names: Sequence[str], most: int) -> str:
    """The first of the names, at most this many, and how many more there are.

    >>> named(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class Advice:
    """A problem, or (not `is_wrong`) a fact worth knowing, and the action for it."""

    what: str
    do: str
    is_wrong: bool = True


Progress = Callable[[str], None]
"""Called with the name of each extract when its turn comes."""
