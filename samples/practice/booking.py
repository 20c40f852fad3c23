"""Finding a free slot in a physician's weeks."""

import random
from datetime import date, timedelta

from samples.names import PORTAL
from samples.practice.opening import is_open, offset, slots, works
from samples.practice.staff import Employee, Staff

TRIES = 12


class Book:
    """The taken slots, as one bit mask per physician and day; past days are removed."""

    def __init__(self, chance: random.Random, staff: Staff) -> None:
        self._chance, self._staff = chance, staff
        self._taken: dict[date, dict[int, int]] = {}

    def turn_to(self, today: date) -> None:
        """Forget the days up to today."""
        for day in [day for day in self._taken if day <= today]:
            del self._taken[day]

    def find(self, physician: Employee, today: date) -> tuple[date, int] | None:
        """A free day and minute with that physician, mostly within three weeks; None when nothing fits."""
        chance = self._chance
        day = today + timedelta(days=1 + int(min(120.0, chance.expovariate(1 / 15))))
        # Who cannot come on the day itself looks for one before it or after it: weekends fill Fridays and Mondays.
        step = chance.choice((-1, 1))
        for _ in range(TRIES):
            minute = self._take(physician, day)
            if minute is not None:
                return day, minute
            day += timedelta(days=step)
            if day <= today:
                day, step = today + timedelta(days=1), 1
        return None

    def _take(self, physician: Employee, day: date) -> int | None:
        """Take one of the physician's free slots on that day, if there is one."""
        if not (is_open(day) and works(physician.number, day)):
            return None
        taken = self._taken.setdefault(day, {})
        mask = taken.get(physician.number, 0)
        starts = slots(day)
        free = [slot for slot in range(len(starts)) if not mask >> slot & 1]
        if not free:
            return None
        slot = self._chance.choice(free)
        taken[physician.number] = mask | 1 << slot
        return starts[slot] + offset(physician.number)

    def booked_by(self, desk: list[Employee]) -> str:
        """The author of the entry: an employee at the desk, or the patient's portal."""
        if self._chance.random() < 0.3:
            return PORTAL
        return self._chance.choice(desk).employee_id
