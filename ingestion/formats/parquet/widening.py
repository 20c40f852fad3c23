"""The types of a parquet file that may be read as a contract's type: lossless ones, and declared ones."""

from decimal import Decimal
from typing import Any

import numpy as np

from ingestion.arrow import Array, Ints, Mask, is_one_of, pa, pc, truth, without
from ingestion.contract import NUMBERS, Column
from ingestion.formats.parquet.as_json import as_json
from ingestion.formats.parquet.columns import Stored, hex_digits
from ingestion.formats.values.cells import of_text
from ingestion.formats.values.moments import coarser, in_years
from ingestion.formats.values.numbers import MAX_BIGINT, Typed, seen
from ingestion.formats.values.zones import instants

_TIMES = ("date", "timestamp")
_NUMBERS = (*NUMBERS, "boolean")

_INEXACT = 2.0**53
"""Below it a double is the whole number that was meant; from here on it may be another."""

_EXACT_IN_DOUBLE = 32
_EXACT_IN_BIGINT = 18


def is_spelt(stored: Stored, column: Column) -> bool:
    """Whether a column of the file is read by its spelling, as a CSV's is: it is text, its type is declared, or it is a
    number that may be one of the texts that mean null."""
    if stored.word == column.type.name and stored.word in _TIMES:
        return False  # it needs no format
    if stored.word in column.file_type:
        return True
    if column.type.name == "string" and (stored.is_text or (stored.is_bytes and column.binary)):
        return True
    return bool(column.nulls) and stored.word in _NUMBERS and _is_its_own(stored, column)


def is_read(stored: Stored, column: Column) -> bool:
    """Whether the file's type may be read as the contract's."""
    return is_spelt(stored, column) or stored.word == "null" or _is_its_own(stored, column)


def _is_its_own(stored: Stored, column: Column) -> bool:
    """Whether the file's type is the contract's, or widens to it without loss."""
    if column.type.name == "timestamp":
        return stored.word == "timestamp"
    is_uint64 = stored.kind == pa.uint64()
    return (is_uint64 and column.type.name == "bigint") or _fits(stored.kind, column)


def spelt(array: Array, stored: Stored, column: Column, nanos: Ints | None = None) -> Array:
    """The cells as text, in bytes of UTF-8. `nanos` are those that milliseconds of INT96 leave out."""
    if stored.is_bytes and column.binary:
        return hex_digits(array)
    if stored.kind == pa.binary():
        return of_text(array) if stored.is_bytes else array
    if stored.word == "json":
        return pc.if_else(pc.is_valid(array), as_json(array), None)
    text = array.cast(pa.string()) if nanos is None else with_nanos(array, nanos)
    if stored.kind == pa.float64():  # arrow gives whole ones an exponent from 10^10 on
        whole = pc.and_(pc.equal(pc.trunc(array), array), pc.less(pc.abs(array), _INEXACT))
        plain = pc.if_else(whole, array, None).cast(pa.int64()).cast(pa.string())
        text = pc.coalesce(plain, text)
    if stored.word == "time":  # a database's time of day has a fraction of zeros
        text = pc.replace_substring_regex(text, r"\.0+$", "")
    return text.cast(pa.binary())


def with_nanos(millis: Array, nanos: Ints) -> Array:
    """Times as text, with the digits of these nanoseconds behind those of their milliseconds, where there are any."""
    text = millis.cast(pa.string())
    if not nanos.any():
        return text
    digits = pc.utf8_lpad(pa.array(nanos).cast(pa.string()), width=6, padding="0")
    shortest = pc.replace_substring_regex(digits, "(000){1,2}$", "")
    return pc.binary_join_element_wise(text, shortest, "")


def widened(array: Array, column: Column, zone: str, nanos: Ints | None) -> Typed:
    """An array of a type that `is_read`, in the contract's type.

    A value that does not fit (beyond bigint or its own decimal type, finer than milliseconds) is bad. `nanos` are
    those that milliseconds of INT96 leave out.
    """
    array = _without_sentinels(array, column)
    target, kind = column.type, array.type
    if pa.types.is_null(kind):
        return Typed(pa.nulls(len(array), target.arrow))
    if target.name == "timestamp":
        return _timestamp(array, zone, column.finer_times == "cut", nanos)
    if target.name == "bigint" and kind == pa.uint64():
        beyond = truth(pc.greater(array, pa.scalar(MAX_BIGINT, pa.uint64())))
        values = without(array, beyond).cast(pa.int64())
        return Typed(values, seen(bad_number=beyond))
    if pa.types.is_decimal(kind):
        beyond = _beyond_its_digits(array)
        return Typed(without(array, beyond).cast(target.arrow), seen(bad_number=beyond))
    return Typed(array.cast(target.arrow))


def _beyond_its_digits(array: Array) -> Mask:
    """The rows of a decimal whose number has more digits than its type allows: a writer's mistake or damage, which no
    reader looks for."""
    kind = array.type
    most, least = (Decimal((sign, (9,) * kind.precision, -kind.scale)) for sign in (0, 1))
    beyond = pc.or_(
        pc.greater(array, pa.scalar(most, kind)), pc.less(array, pa.scalar(least, kind))
    )
    return truth(beyond)


def _without_sentinels(array: Array, column: Column) -> Array:
    """The dates or times without those that mean null, by their day or by their text, in the file's own time."""
    is_time = pa.types.is_timestamp(array.type)
    if not column.sentinels or not (is_time or pa.types.is_date(array.type)):
        return array
    days = array.cast(pa.date32(), safe=False)
    listed = np.zeros(len(array), bool)
    for whole in (days, coarser(array, "s") if is_time else days.cast(pa.timestamp("s"))):
        text = whole.cast(pa.string())
        listed |= is_one_of(text, column.sentinels)
    return without(array, listed)


def _fits(kind: Any, column: Column) -> bool:
    types, target = pa.types, column.type
    integer = types.is_integer(kind)
    small = types.is_decimal(kind) and kind.scale == 0 and kind.precision <= _EXACT_IN_BIGINT
    exact = {
        "bigint": integer or small,
        "boolean": types.is_boolean(kind),
        "date": types.is_date(kind),
        "double": types.is_floating(kind) or (integer and kind.bit_width <= _EXACT_IN_DOUBLE),
    }
    if target.precision is None or target.scale is None:
        return bool(exact.get(target.name, False))
    whole = target.precision - target.scale
    if integer:
        largest = 2 ** (kind.bit_width - types.is_signed_integer(kind)) - 1
        return len(str(largest)) <= whole
    narrower = types.is_decimal(kind) and kind.scale <= target.scale
    return bool(narrower and kind.precision - kind.scale <= whole)


def _timestamp(array: Array, zone: str, cut: bool, nanos: Ints | None) -> Typed:
    """Milliseconds in UTC; a timestamp without a zone is the source's local time.

    A value finer than milliseconds is bad, because digits would be lost, unless it may be `cut`.
    """
    is_local = array.type.tz is None
    stamps = array.cast(pa.timestamp(array.type.unit))
    millis = coarser(stamps, "ms")
    finer = truth(pc.not_equal(millis.cast(stamps.type, safe=False), stamps))
    if nanos is not None:
        finer = nanos != 0
    bad_time = np.zeros(len(array), bool) if cut else finer
    warned: dict[str, Mask] = {}
    if is_local and zone != "UTC":
        numbers = np.asarray(pc.fill_null(millis.cast(pa.int64()), 0))
        known = in_years(millis)
        years = np.asarray(pc.fill_null(pc.year(without(millis, ~known)), 1970), np.int64)
        moments = instants(numbers // 1000, years, zone, known)
        bad_time = bad_time | (known & moments.skipped)
        repeated = known & ~bad_time & moments.repeated
        warned = seen(bad_time=repeated)
        utc = np.where(known, moments.utc * 1000 + numbers % 1000, numbers)
        millis = pa.array(utc, mask=~truth(millis.is_valid())).cast(pa.timestamp("ms"))
    return Typed(millis, seen(bad_time=bad_time), warned)
