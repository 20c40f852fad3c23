"""Converts a column from the file's form to the contract's type, with every check."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.arrow import Array, Mask, is_one_of, pa, pc, truth, without
from ingestion.contract import NUMBERS, Column
from ingestion.formats.model import Extract
from ingestion.formats.values.cells import clean
from ingestion.formats.values.moments import in_years, to_clock_text, to_date, to_timestamp
from ingestion.formats.values.numbers import (
    Typed,
    lossy_identifiers,
    seen,
    to_bigint,
    to_decimal,
    to_double,
    with_other_marks,
)
from ingestion.formats.values.shapes import SHAPES

ZIP_WIDTH = 5
TRUE, FALSE = ("true", "t", "1"), ("false", "f", "0")


def from_text(cells: Array, column: Column, extract: Extract) -> Typed:
    """Convert and check the raw cells of a column (bytes or strings, null where the delivery says so)."""
    text = clean(cells, column, column.name in extract.table.key_columns)
    values = text.values
    if column.sentinels:
        values = without(values, is_one_of(values, column.sentinels))
    typed = _typed(values, column, extract)
    typed = Typed(typed.values, text.bad | typed.bad, text.warned | typed.warned)
    return checked(typed, column, extract)


def checked(typed: Typed, column: Column, extract: Extract) -> Typed:
    """The checks of a typed value, from any format: the extract's day, the key."""
    if column.values:
        typed = _coded(typed, column)
    if column.minimum is not None:
        typed = _misfit(typed, column, "below_minimum", _below(typed.values, column.minimum))
    bad = dict(typed.bad)
    if column.not_after_extract and column.type.name in ("date", "timestamp"):
        late = truth(pc.greater_equal(typed.values, _day_after(column, extract)))
        if late.any():
            bad["bad_date"] = bad.get("bad_date", False) | late
    if column.name in extract.table.key_columns and typed.values.null_count:
        empty = ~truth(typed.values.is_valid())
        for mask in bad.values():
            empty &= ~mask
        bad |= seen(null_key=empty)
    return Typed(typed.values, bad, typed.warned)


def _coded(typed: Typed, column: Column) -> Typed:
    """Check a code by the contract's list; if the contract folds, a code in another case becomes the listed one."""
    values, warned = typed.values, dict(typed.warned)
    listed = pa.array(column.values, pa.string())
    if column.fold:
        place = pc.index_in(pc.utf8_lower(values), value_set=pc.utf8_lower(listed))
        spelt = pc.coalesce(listed.take(place), values)
        other = truth(pc.not_equal(spelt, values))
        if other.any():
            values, warned["value_spelling"] = spelt, other
    unknown = truth(values.is_valid()) & ~truth(pc.is_in(values, value_set=listed))
    return _misfit(Typed(values, typed.bad, warned), column, "unknown_value", unknown)


def _misfit(typed: Typed, column: Column, code: str, rows: Mask) -> Typed:
    """Rows with an unexpected value are bad, or get a warning if the contract says `otherwise: count`."""
    if not rows.any():
        return typed
    if column.otherwise == "count":
        return Typed(typed.values, typed.bad, typed.warned | {code: rows})
    return Typed(typed.values, typed.bad | {code: rows}, typed.warned)


def _below(values: Array, minimum: Decimal) -> Mask:
    """The rows whose number is less than the contract's least."""
    if pa.types.is_floating(values.type):
        return truth(pc.less(values, float(minimum)))
    return truth(
        pc.less(values.cast(pa.decimal256(76, 38)), pa.scalar(minimum, pa.decimal256(76, 38)))
    )


def _day_after(column: Column, extract: Extract) -> Any:
    """The day after the extract's own, or the instant at which it begins in the business zone."""
    day = extract.extract_date + timedelta(days=1)
    if column.type.name == "date":
        return pa.scalar(day, pa.date32())
    start = datetime.combine(day, time(), ZoneInfo(extract.table.business_time_zone))
    return pa.scalar(start.astimezone(UTC).replace(tzinfo=None), column.type.arrow)


def _typed(values: Array, column: Column, extract: Extract) -> Typed:
    zone, kind = extract.table.time_zone, column.type
    if kind.name in NUMBERS and extract.delivery.decimal_separator == ",":
        values = with_other_marks(values)
    if kind.name == "string":
        return _string(values, column, extract)
    if kind.name == "bigint":
        return to_bigint(values, extract.table.is_identifier(column))
    if kind.name == "decimal":
        return to_decimal(values, kind.arrow, "money" in column.format)
    if kind.name == "double":
        return to_double(values)
    if kind.name == "date":
        return to_date(values, column.format)
    if kind.name == "timestamp":
        return to_timestamp(values, column.format, zone, column.finer_times == "cut")
    return _boolean(values)


def _boolean(values: Array) -> Typed:
    lower = pc.utf8_lower(values)
    yes, no = is_one_of(lower, TRUE), is_one_of(lower, FALSE)
    wrong = truth(values.is_valid()) & ~yes & ~no
    array = pa.array(yes, pa.bool_(), mask=~yes & ~no)
    return Typed(array, seen(bad_boolean=wrong))


def _string(values: Array, column: Column, extract: Extract) -> Typed:
    """Text: times of day, zip codes and identifiers have rules of their own."""
    clocks = tuple(spelling for spelling in column.format if spelling in SHAPES)
    if clocks:
        return to_clock_text(values, clocks, extract.table.time_zone)
    bad: dict[str, Mask] = {}
    warned: dict[str, Mask] = {}
    # of hexadecimal digits some look like a number with an exponent, and no spreadsheet has seen them
    if extract.table.is_identifier(column) and not column.binary:
        bad = seen(lossy_number=lossy_identifiers(values))
    if "zip" in column.format or column.pad_to:
        width = column.pad_to or ZIP_WIDTH
        short = truth(pc.match_substring_regex(values, f"^[0-9]{{1,{width - 1}}}$"))
        if short.any():
            warned["zip_short"] = short
            if column.pad_to:
                padded = pc.utf8_lpad(values, width=width, padding="0")
                values = pc.if_else(pa.array(short), padded, values)
    return Typed(values, bad, warned)


def from_typed(typed: Typed, column: Column, extract: Extract) -> Typed:
    """Check a column that already has its contract's arrow type, without sentinels (parquet)."""
    array, bad = typed.values, dict(typed.bad)
    if column.type.name in ("date", "timestamp"):
        bad |= seen(bad_date=~in_years(array) & truth(array.is_valid()))
    if column.type.name == "double":
        bad |= seen(bad_number=truth(pc.invert(pc.is_finite(array))))
    return checked(Typed(array, bad, typed.warned), column, extract)
