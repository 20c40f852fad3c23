"""The input of all sources: the days, the seed, and the days to write."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from ingestion.errors import BadSettings

DEFAULT_START = date(2022, 3, 1)


@dataclass(frozen=True, kw_only=True)
class Days:
    """The days of extracts to invent, from `start` on; equal arguments give equal bytes.

    `last` writes only this many last days, `resume` says that the earlier ones were delivered before; `clean` leaves
    out the planted dirt. Raises BadSettings, one line.
    """

    days: int
    seed: int
    start: date = DEFAULT_START
    clean: bool = False
    last: int | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        """Check the bounds that the generators rely on."""
        if self.days < 1:
            raise BadSettings("days must be at least 1")
        if self.last is not None and self.last < 1:
            raise BadSettings("last must be at least 1")
        if self.resume and self.first_written == 0:
            raise BadSettings("resume needs last, and last less than days")
        if not date(1950, 1, 1) <= self.start <= date(2090, 1, 1):
            raise BadSettings("the first day must lie between 1950 and 2090")
        if self.days > 3660:
            raise BadSettings("days must be at most 3660")

    @property
    def first_written(self) -> int:
        """Index of the first day whose extracts are written; day 0 is `start`."""
        return 0 if self.last is None else max(0, self.days - self.last)

    def day(self, index: int) -> date:
        """The calendar day of a day's index."""
        return self.start + timedelta(days=index)

    def stream(self, name: str) -> random.Random:
        """A random generator of its own for `name`, so that one more draw here changes nothing elsewhere.

        A source's names begin with its own: `shop orders`.
        """
        return random.Random(f"landfall {self.seed} {name}")
