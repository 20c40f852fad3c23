"""Patients' public reviews: commas, quotes and line breaks in the text, and now and then the same review twice."""

from datetime import date, timedelta

from samples.chance import poisson
from samples.names import CLOSINGS, FIRST_NAMES, LAST_NAMES, LOCATIONS, MIDDLES, OPENINGS
from samples.practice.options import Options
from samples.practice.tables import Row

YEARLY = 0.12


class Reviews:
    """The reviews found so far; `new` are those of the day."""

    def __init__(self, options: Options) -> None:
        self._chance = options.stream("reviews")
        self._daily = options.patients * YEARLY / 365
        self.new: list[Row] = []
        begun = options.day(-options.history)
        for _ in range(3 + options.patients // 25):
            self._write(begun - timedelta(days=self._chance.randint(1, 1200)))

    def live(self, today: date, first: bool) -> None:
        """One day's reviews; those from before the practice's first day come with it."""
        if not first:
            self.new = []
        for _ in range(poisson(self._chance, self._daily)):
            self._write(today)

    def _write(self, day: date) -> None:
        chance = self._chance
        name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)[0]}."
        parts = [chance.choice(OPENINGS), chance.choice(MIDDLES), chance.choice(CLOSINGS)]
        text = chance.choice((" ", "\n", "\n\n")).join(parts[: chance.randint(1, 3)])
        friends = int(chance.expovariate(1 / 40))
        row: Row = (name, chance.choice(LOCATIONS), friends, chance.randint(1, 60), day, text)
        self.new += [row] * (2 if chance.random() < 0.03 else 1)
