"""Dates and times from text: the declared spelling, then the calendar, then the clock.

A column may declare several formats; a cell is read by the first one whose shape it has.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from ingestion.arrow import Array, Ints, Mask, of_one_width, pa, pc, truth, without
from ingestion.formats.values.numbers import Typed, seen
from ingestion.formats.values.shapes import Parsed, is_instant, parse
from ingestion.formats.values.zones import Instants, instants

FIRST_YEAR, LAST_YEAR = 1900, 2100
DAY = 86_400
FIRST_DAY = date(FIRST_YEAR, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
LAST_DAY = date(LAST_YEAR, 12, 31).toordinal() - date(1970, 1, 1).toordinal()
"""Days since 1970 of the first and the last day that a value may have."""
DEFAULT_TIMESTAMP = ("YYYY-MM-DD HH:MM:SS", "YYYY-MM-DDTHH:MM:SSZ")
"""The formats of a timestamp whose contract names none: of a local time, and of an instant."""

_PER_SECOND = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}
_DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def day_numbers(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Mask]:
    """Days since 1970-01-01, and which of these dates the calendar has, from 1900 to 2100."""
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = _DAYS_IN_MONTH[np.where(month <= 12, month, 0)] + (leap & (month == 2))
    real = (day >= 1) & (day <= longest) & (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    # Days from civil, with the year beginning in March (Howard Hinnant, chrono-compatible algorithms).
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days, real


def in_years(array: Array) -> Mask:
    """Which dates, or timestamps in milliseconds, are of the years 1900 to 2100, by their numbers: arrow's own calendar
    wraps around beyond the year 32767 (pyarrow 26)."""
    if pa.types.is_date(array.type):
        numbers, first, last = array.cast(pa.int32()), FIRST_DAY, LAST_DAY
    else:
        second = 1000
        numbers = array.cast(pa.int64())
        first, last = FIRST_DAY * DAY * second, (LAST_DAY + 1) * DAY * second - 1
    return truth(pc.and_(pc.greater_equal(numbers, first), pc.less_equal(numbers, last)))


def coarser(times: Array, unit: str) -> Array:
    """Timestamps in this unit. What is finer is cut, so that none becomes later: arrow's own cast goes towards 1970."""
    divisor = _PER_SECOND[times.type.unit] // _PER_SECOND[unit]
    if divisor <= 1:
        return times.cast(pa.timestamp(unit), safe=False)
    numbers = np.asarray(pc.fill_null(times.cast(pa.int64()), 0)) // divisor
    return pa.array(numbers, mask=~truth(times.is_valid())).cast(pa.timestamp(unit))


@dataclass(frozen=True)
class Read:
    """A column read by one format: `seconds` since 1970 (or midnight) where `good`."""

    parsed: Parsed
    days: Ints
    seconds: Ints
    bad_date: Mask
    bad_time: Mask


def read(values: Array, spelling: str, cut: bool = False) -> Read:
    """Parse by one format and judge date and clock of the cells that have its shape.

    The lake holds milliseconds: a finer digit is bad, for it would be lost, unless it may be `cut`.
    """
    parsed = parse(values, spelling)
    fields, none = parsed.fields, np.zeros(len(values), np.int64)
    days, wrong_day, wrong_time = none, np.zeros(len(values), bool), np.zeros(len(values), bool)
    if "year" in fields:
        days, real = day_numbers(fields["year"], fields["month"], fields["day"])
        wrong_day = parsed.dated & ~real
    hour = fields.get("hour", none)
    if "afternoon" in fields:
        wrong_time = (hour < 1) | (hour > 12)
        hour = hour % 12 + 12 * fields["afternoon"]
    minute, second = fields.get("minute", none), fields.get("second", none)
    wrong_time = wrong_time | (hour > 23) | (minute > 59) | (second > 59)
    if not cut:
        wrong_time |= fields.get("nanosecond", none) % 1_000_000 != 0
    seconds = days * DAY + hour * 3600 + minute * 60 + second
    return Read(parsed, days, seconds, wrong_day, parsed.shaped & ~wrong_day & wrong_time)


def to_date(values: Array, spellings: tuple[str, ...]) -> Typed:
    """Days, as date32; `bad_date` for another shape, a day that never was or a year out of range, and `bad_time` where
    a time beside the date is not midnight."""
    days = np.zeros(len(values), np.int32)
    found, wrong, bad_time = (np.zeros(len(values), bool) for _ in range(3))
    known = truth(values.is_valid())
    for spelling in spellings:
        if (found | ~known).all():
            break
        result = read(values, spelling)
        new = result.parsed.shaped & ~found
        days = np.where(new, result.days, days).astype(np.int32)
        wrong |= new & result.bad_date
        if "hour" in result.parsed.fields:
            fraction = result.parsed.fields.get("nanosecond", 0)
            is_midnight = (result.seconds == result.days * DAY) & (fraction == 0)
            bad_time |= new & ~result.bad_date & ~is_midnight
        found |= new
    wrong |= known & ~found
    array = pa.array(days, pa.int32(), mask=~found | wrong | bad_time).cast(pa.date32())
    return Typed(array, seen(bad_date=wrong, bad_time=bad_time))


def to_timestamp(values: Array, spellings: tuple[str, ...], zone: str, cut: bool) -> Typed:
    """Milliseconds in UTC from the zone's local time. An hour that was skipped is `bad_time`, one that came twice is
    warned of and taken as the first. Finer times are `cut`, or bad."""
    known = truth(values.is_valid())
    millis = np.zeros(len(values), np.int64)
    found, dated, bad_date, bad_time, repeated = (np.zeros(len(values), bool) for _ in range(5))
    for spelling in spellings or DEFAULT_TIMESTAMP:
        if (found | ~known).all():
            break
        result = read(values, spelling, cut)
        new = result.parsed.shaped & ~found
        good = new & ~result.bad_date & ~result.bad_time
        moments = _instants(result, "UTC" if is_instant(spelling) else zone, good)
        seconds = moments.utc - result.parsed.fields.get("offset", 0)
        new_millis = seconds * 1000 + result.parsed.fields.get("nanosecond", 0) // 1_000_000
        millis = np.where(good, new_millis, millis)
        bad_date |= known & ~found & result.bad_date
        bad_time |= (new & result.bad_time) | (good & moments.skipped)
        repeated |= good & moments.repeated
        dated |= result.parsed.dated
        found |= new
    # A cell without the shape is a bad date, unless its date part can be read.
    bad_date |= known & ~found & ~dated
    bad_time = ~bad_date & (bad_time | (known & ~found))
    array = pa.array(millis, pa.int64(), mask=~known | bad_date | bad_time)
    bad = seen(bad_date=bad_date, bad_time=bad_time)
    return Typed(array.cast(pa.timestamp("ms")), bad, seen(bad_time=repeated & ~bad_time))


def to_clock_text(values: Array, spellings: tuple[str, ...], zone: str) -> Typed:
    """Local times as text: `HH:MM`, or `YYYY-MM-DD HH:MM` where the date stands with it; seconds where it has them."""
    known = truth(values.is_valid())
    text: Array = pa.nulls(len(values), pa.string())
    found, bad_date, bad_time, repeated = (np.zeros(len(values), bool) for _ in range(4))
    for spelling in spellings:
        result = read(values, spelling)
        new = result.parsed.shaped & ~found
        good = new & ~result.bad_date & ~result.bad_time
        bad_date |= known & ~found & result.bad_date
        bad_time |= new & result.bad_time
        if "year" in result.parsed.fields:
            moments = _instants(result, zone, good)
            bad_time |= good & moments.skipped
            repeated |= good & moments.repeated
        found |= new
        if good.any():
            written = _written(result, good)
            text = pc.if_else(pa.array(good), written, text)
    bad_time = ~bad_date & (bad_time | (known & ~found))
    bad = seen(bad_date=bad_date, bad_time=bad_time)
    return Typed(without(text, bad_date | bad_time), bad, seen(bad_time=repeated))


def _instants(result: Read, zone: str, good: Mask) -> Instants:
    return instants(result.seconds, result.parsed.fields["year"], zone, good)


def _written(result: Read, good: Mask) -> Array:
    """The times as text of one width, in all rows; the values of rows that are not good mean nothing."""
    fields = result.parsed.fields
    moments = np.where(good, result.seconds, 0).astype("datetime64[s]")
    text = np.datetime_as_string(moments, unit="s").astype("S19")
    letters = text.view(np.uint8).reshape(-1, 19)[:, : 19 if "second" in fields else 16]
    letters[:, 10] = ord(" ")
    return of_one_width(letters if "year" in fields else letters[:, 11:], pa.string())
