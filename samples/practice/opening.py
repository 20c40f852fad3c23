"""When the practice is open: hours, days of the week, holidays."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

SATURDAY, SUNDAY = 5, 6
SLOT_MINUTES = 30
WEEKDAY_SLOTS = tuple(h * 60 + m for h in (8, 9, 10, 11, 13, 14, 15, 16) for m in (0, 30))
SATURDAY_SLOTS = tuple(h * 60 + m for h in (9, 10, 11) for m in (0, 30))


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The days of a year on which the practice stays closed whatever the weekday."""
    last_of_may = date(year, 5, 31)
    return frozenset(
        (
            date(year, 1, 1),
            last_of_may - timedelta(days=last_of_may.weekday()),
            date(year, 7, 4),
            _nth(year, 9, 0, 1),
            _nth(year, 11, 3, 4),
            date(year, 12, 25),
        )
    )


def is_open(day: date) -> bool:
    """Whether patients are seen: never on Sundays and holidays."""
    return day.weekday() != SUNDAY and day not in holidays(day.year)


def is_business_day(day: date) -> bool:
    """Whether payers and the billing office work: Monday to Friday, no holiday."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def next_day(day: date, fits: Callable[[date], bool]) -> date:
    """`day` itself or the first day after it that fits."""
    while not fits(day):
        day += timedelta(days=1)
    return day


def slots(day: date) -> tuple[int, ...]:
    """The starts of a day's appointments, in minutes after midnight."""
    return SATURDAY_SLOTS if day.weekday() == SATURDAY else WEEKDAY_SLOTS


def works(number: int, day: date) -> bool:
    """Whether the employee of that number sees patients: Mondays, three more weekdays, every third Saturday."""
    if day.weekday() == SATURDAY:
        return (day.toordinal() // 7 + number) % 3 == 0
    return day.weekday() != number % 4 + 1


def offset(number: int) -> int:
    """Minutes by which a physician's appointments start later than the half hour.

    Staggered starts keep the waiting room empty, and make most starts of a small practice unique.
    """
    return number * 7 % SLOT_MINUTES
