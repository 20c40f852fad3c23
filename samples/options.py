"""What is to be invented: the size of the practice, the days, and how its tables are delivered."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from ingestion.errors import BadSettings

Item = TypeVar("Item")

DMS_TABLES = ("patient", "employee", "insurance", "account")
DEFAULT_START = date(2022, 3, 1)
DEFAULT_HISTORY = 180


@dataclass(frozen=True)
class Options:
    """The arguments of one invention; equal options give equal bytes.

    `days` extracts from `start` on; `history` days are lived before the first extract, so that the ledger
    has old balances. `last` writes only the last so many days, `resume` says that the earlier ones were
    delivered before (so DMS does not begin again with a full load). An even number of days and one day more agree
    in all but that day. Raises BadSettings, one line.
    """

    days: int
    patients: int
    employees: int
    seed: int
    start: date = DEFAULT_START
    history: int = DEFAULT_HISTORY
    dms: tuple[str, ...] = ("employee",)
    clean: bool = False
    last: int | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        """Check the bounds that the generator relies on."""
        for name, least in (("days", 1), ("patients", 1), ("employees", 3), ("history", 0)):
            if getattr(self, name) < least:
                raise BadSettings(f"{name} must be at least {least}")
        if self.last is not None and self.last < 1:
            raise BadSettings("last must be at least 1")
        if self.resume and self.first_written == 0:
            raise BadSettings("resume needs last, and last less than days")
        for table in self.dms:
            if table not in DMS_TABLES:
                raise BadSettings(f"DMS can deliver {', '.join(DMS_TABLES)}, not {table}")
        if not date(1950, 1, 1) <= self.start <= date(2090, 1, 1):
            raise BadSettings("the first day must lie between 1950 and 2090")
        if self.days + self.history > 3660:
            raise BadSettings("days and history together must be at most 3660")

    @property
    def first_written(self) -> int:
        """Index of the first day whose extracts are written; day 0 is `start`."""
        return 0 if self.last is None else max(0, self.days - self.last)

    @property
    def index_until(self) -> int:
        """Index of the first extract of appointments without the unnamed index column."""
        return self.days // 6

    @property
    def clock_until(self) -> int:
        """Index of the first extract of encounters whose start carries its date."""
        return self.days // 4

    @property
    def links_from(self) -> int:
        """Index of the first extract with the trailing link columns."""
        return self.days // 2

    @property
    def linked_since(self) -> date:
        """First day whose visits the practice links to patient and appointment."""
        return self.day(self.links_from)

    def day(self, index: int) -> date:
        """The calendar day of a day's index."""
        return self.start + timedelta(days=index)

    def stream(self, name: str) -> random.Random:
        """A source of chance of its own per entity, so that one more draw here moves nothing there."""
        return random.Random(f"landfall {self.seed} {name}")


def poisson(chance: random.Random, mean: float) -> int:
    """How many of many rare things happen; the normal curve stands in where the mean is large."""
    if mean > 40:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, left = 0, chance.expovariate(1.0)
    while left < mean:
        count += 1
        left += chance.expovariate(1.0)
    return count


def weighted(chance: random.Random, items: Sequence[Item], weights: Sequence[float]) -> Item:
    """One of `items`, by weight."""
    return chance.choices(items, weights)[0]
