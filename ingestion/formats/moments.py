"""Dates and times from text: the declared spelling, then the calendar, then the clock.

A column may declare several spellings; a cell is read by the first that it has the shape of.
"""

from dataclasses import dataclass

import numpy as np

from ingestion.formats.arrow import Array, Ints, Mask, pa, pc, truth, without
from ingestion.formats.numbers import Typed
from ingestion.formats.shapes import Parsed, parse
from ingestion.formats.zones import Instants, instants

FIRST_YEAR, LAST_YEAR = 1900, 2100
DAY = 86_400
DEFAULT_TIMESTAMP = ("YYYY-MM-DD HH:MM:SS",)
_UTC = ("Z", "+0000")
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


@dataclass(frozen=True)
class Read:
    """What one spelling made of a column: `seconds` since 1970 (or midnight) where `good`."""

    parsed: Parsed
    days: Ints
    seconds: Ints
    bad_date: Mask
    bad_time: Mask


def read(values: Array, spelling: str, cut: bool = False) -> Read:
    """Parse by one format and judge date and clock of the cells that have its shape.

    Beyond milliseconds the lake has no place: unless it may be `cut`, such a digit is bad, for it would be lost.
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
    """Days, as date32; `bad_date` for another shape, a day that never was or a year out of range."""
    days = np.zeros(len(values), np.int32)
    found = np.zeros(len(values), bool)
    wrong = np.zeros(len(values), bool)
    known = truth(values.is_valid())
    for spelling in spellings:
        if (found | ~known).all():
            break
        result = read(values, spelling)
        new = result.parsed.shaped & ~found
        days = np.where(new, result.days, days).astype(np.int32)
        wrong |= new & result.bad_date
        found |= new
    wrong |= known & ~found
    array = pa.array(days, pa.int32(), mask=~found | wrong).cast(pa.date32())
    return Typed(array, {"bad_date": wrong} if wrong.any() else {})


def to_timestamp(values: Array, spellings: tuple[str, ...], zone: str, cut: bool = False) -> Typed:
    """Milliseconds in UTC from the zone's local time. An hour that was skipped is `bad_time`, one
    that came twice is warned of and taken as the first."""
    known = truth(values.is_valid())
    millis = np.zeros(len(values), np.int64)
    found, dated, bad_date, bad_time, repeated = (np.zeros(len(values), bool) for _ in range(5))
    for spelling in spellings or DEFAULT_TIMESTAMP:
        if (found | ~known).all():
            break
        result = read(values, spelling, cut)
        new = result.parsed.shaped & ~found
        good = new & ~result.bad_date & ~result.bad_time
        moments = _instants(result, good, "UTC" if spelling.endswith(_UTC) else zone)
        new_millis = moments.utc * 1000 + result.parsed.fields.get("nanosecond", 0) // 1_000_000
        millis = np.where(good, new_millis, millis)
        bad_date |= known & ~found & result.bad_date
        bad_time |= (new & result.bad_time) | (good & moments.skipped)
        repeated |= good & moments.repeated
        dated |= result.parsed.dated
        found |= new
    # What has no shape is at fault in its date, unless that much of it can be read.
    bad_date |= known & ~found & ~dated
    bad_time = ~bad_date & (bad_time | (known & ~found))
    array = pa.array(millis, pa.int64(), mask=~known | bad_date | bad_time)
    bad, warned = {"bad_date": bad_date, "bad_time": bad_time}, {"bad_time": repeated & ~bad_time}
    return Typed(array.cast(pa.timestamp("ms")), _seen(bad), _seen(warned))


def to_clock_text(values: Array, spellings: tuple[str, ...], zone: str) -> Typed:
    """Local times as text: `HH:MM`, or `YYYY-MM-DD HH:MM` where the date stands with it."""
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
            moments = _instants(result, good, zone)
            bad_time |= good & moments.skipped
            repeated |= good & moments.repeated
        found |= new
        if good.any():
            written = _written(result.seconds, good, "year" in result.parsed.fields)
            text = pc.if_else(pa.array(good), written, text)
    bad_time = ~bad_date & (bad_time | (known & ~found))
    bad = {"bad_date": bad_date, "bad_time": bad_time}
    return Typed(without(text, bad_date | bad_time), _seen(bad), _seen({"bad_time": repeated}))


def _instants(result: Read, good: Mask, zone: str) -> Instants:
    """The good rows as instants; what stands in the other rows means nothing."""
    year = result.parsed.fields["year"]
    filler = year[good][0] if good.any() else 1970
    return instants(np.where(good, result.seconds, 0), np.where(good, year, filler), zone)


def _written(seconds: Ints, good: Mask, dated: bool) -> Array:
    """The times as text of one width, in all rows; what stands in rows not good means nothing."""
    moments = np.where(good, seconds, 0).astype("datetime64[s]")
    letters = np.datetime_as_string(moments, unit="m").astype("S16").view(np.uint8).reshape(-1, 16)
    letters[:, 10] = ord(" ")
    letters = letters if dated else letters[:, 11:]
    ends = np.arange(0, letters.size + 1, letters.shape[1], dtype=np.int32)
    buffers_of_text = [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(letters.tobytes())]
    return pa.Array.from_buffers(pa.string(), len(letters), buffers_of_text)


def _seen(masks: dict[str, Mask]) -> dict[str, Mask]:
    return {code: mask for code, mask in masks.items() if mask.any()}
