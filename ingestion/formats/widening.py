"""Which arrow types of a parquet file may stand for a contract's type: those that lose nothing."""

from typing import Any

import numpy as np

from ingestion.contract import Column
from ingestion.formats.arrow import Array, pa, pc, truth, without
from ingestion.formats.moments import LAST_YEAR
from ingestion.formats.numbers import MAX_BIGINT, Typed
from ingestion.formats.zones import instants

_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19}
"""The decimal digits of an integer, by its width in bits."""

_EXACT_IN_DOUBLE = 32


def is_text(kind: Any) -> bool:
    """Whether the file's column is text, dictionary encoded or not."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def widened(array: Array, column: Column, zone: str) -> Typed | None:
    """The array in the contract's type, or None when its own type is not one that loses nothing.

    Single values that do not fit (beyond bigint, finer than milliseconds) are bad.
    """
    target, kind = column.type, array.type
    if pa.types.is_null(kind):
        return Typed(pa.nulls(len(array), target.arrow))
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if target.name == "timestamp" and pa.types.is_timestamp(kind):
        return _timestamp(array, zone, column.finer_times == "cut")
    if target.name == "bigint" and kind == pa.uint64():
        beyond = truth(pc.greater(array, pa.scalar(MAX_BIGINT, pa.uint64())))
        values = without(array, beyond).cast(pa.int64())
        return Typed(values, {"bad_number": beyond} if beyond.any() else {})
    return Typed(array.cast(target.arrow)) if _fits(kind, column) else None


def _fits(kind: Any, column: Column) -> bool:
    types, target = pa.types, column.type
    integer = types.is_integer(kind)
    exact = {
        "string": is_text(kind),
        "bigint": integer,
        "boolean": types.is_boolean(kind),
        "date": types.is_date(kind),
        "double": types.is_floating(kind) or (integer and kind.bit_width <= _EXACT_IN_DOUBLE),
    }
    if target.precision is None or target.scale is None:
        return bool(exact.get(target.name, False))
    whole = target.precision - target.scale
    if integer:
        return _DIGITS[kind.bit_width] <= whole
    narrower = types.is_decimal(kind) and kind.scale <= target.scale
    return bool(narrower and kind.precision - kind.scale <= whole)


def _timestamp(array: Array, zone: str, cut: bool) -> Typed:
    """Milliseconds in UTC; a timestamp without a zone is the source's local time.

    A value finer than milliseconds is bad, for a digit of it would be lost, unless it may be `cut`.
    """
    is_local = array.type.tz is None
    stamps = array.cast(pa.timestamp(array.type.unit))
    millis = stamps.cast(pa.timestamp("ms"), safe=False)
    finer = truth(pc.not_equal(millis.cast(stamps.type, safe=False), stamps))
    bad_time = np.zeros(len(array), bool) if cut else finer
    warned = {}
    if is_local and zone != "UTC" and len(array):
        years = np.asarray(pc.fill_null(pc.year(millis), 1970), np.int64)
        numbers = np.asarray(pc.fill_null(millis.cast(pa.int64()), 0))
        known = truth(millis.is_valid()) & (years > 1) & (years <= LAST_YEAR)
        filler = int(years[known][0]) if known.any() else 1970
        seconds = np.where(known, numbers // 1000, 0)
        moments = instants(seconds, np.where(known, years, filler), zone)
        bad_time |= known & moments.skipped
        repeated = known & ~bad_time & moments.repeated
        warned = {"bad_time": repeated} if repeated.any() else {}
        utc = np.where(known, moments.utc * 1000 + numbers % 1000, numbers)
        millis = pa.array(utc, mask=~truth(millis.is_valid())).cast(pa.timestamp("ms"))
    return Typed(millis, {"bad_time": bad_time} if bad_time.any() else {}, warned)
