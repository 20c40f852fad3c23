"""Numbers from text: bigint, decimal and double, each cell right to the last digit or bad.

Arrow casts a column without letters as a whole: it then accepts only numbers, and rounds none. If it refuses, it casts
only the cells of plain digits, which the column's bytes show. The other cells are matched by pattern, in bulk, and the
remaining ones are parsed by `decimal.Decimal`, one by one. A number counts by its value and not by its spelling:
`7.000e+00` is 7.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import numpy as np

from ingestion.arrow import Array, Ints, Mask, buffers, pa, pc, rows_of, truth, used, without

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_AMOUNT = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
MONEY = (
    rf"[+-]?\$? *{_AMOUNT}|\$ *[+-]{_AMOUNT}|\$? *{_AMOUNT}-|\$? *{_AMOUNT} *[cCdD][rR]"
    rf"|\(\$? *{_AMOUNT}\)|\$ *\({_AMOUNT}\)|\$ *-"
)
"""Amounts as they are written, with the blanks of a spreadsheet's accounting format and its dash for nothing (`$ -`),
and with CR for a credit or DR for a debit behind."""

NEGATIVE_MONEY = r"[(-]|[cC][rR]$"
_MONEY_SIGNS = r"[$,()+ -]|[cCdD][rR]$"
LOSSY = r"^[+-]?[0-9]+(?:(?:[.,][0-9]+)?[eE][+-]?[0-9]+|[.,]0+)$"
"""An identifier that a spreadsheet has turned into a number: 1.23457E+11, or 12.0, or either with its country's decimal
comma."""

_OTHER_MARKS = bytes.maketrans(b".,", b",.")
_BLANK_WITHIN = "([0-9])[ \u00a0\u202f]([0-9])"
"""Between thousands many languages with a decimal comma have a blank, as a rule one that breaks no line."""

MAX_BIGINT = 2**63 - 1
_SAFE_DIGITS = 18
_NUMBER = re.compile(NUMBER)
_SHORT_EXPONENT = r"^[^eE]*(?:[eE][+-]?0?[0-9])?$"
_MAX_DIGITS = 38
_WIDE = Context(prec=100)
_ZERO, _NINE, _DOT, _COMMA, _MINUS = 0x30, 0x39, 0x2E, 0x2C, 0x2D


@dataclass(frozen=True)
class Typed:
    """A column in its contract's type, with the rows that are bad or to be warned of, by code."""

    values: Array
    bad: dict[str, Mask] = field(default_factory=dict)
    warned: dict[str, Mask] = field(default_factory=dict)


def seen(**masks: Mask) -> dict[str, Mask]:
    """The masks by code, without those of no row."""
    return {code: mask for code, mask in masks.items() if mask.any()}


def lossy_identifiers(values: Array) -> Mask:
    """Which identifiers a spreadsheet has turned into floating point numbers."""
    there = used(values)
    if not ((there == _DOT).any() or (there == _COMMA).any() or ((there | 0x20) == ord("e")).any()):
        return np.zeros(len(values), bool)
    return truth(pc.match_substring_regex(values, LOSSY))


def with_other_marks(texts: Array) -> Array:
    """The texts with a comma for each dot and a dot for each comma: `1.234,50` and `1 234,50` become `1,234.50`."""
    valid, ends, data = texts.buffers()
    if data is None:
        return texts
    swapped = pa.py_buffer(data.to_pybytes().translate(_OTHER_MARKS))
    other = pa.Array.from_buffers(
        texts.type, len(texts), [valid, ends, swapped], offset=texts.offset
    )
    return pc.replace_substring_regex(other, _BLANK_WITHIN, r"\1,\2")


def _cast_whole(values: Array, kind: Any) -> Array | None:
    """The column as arrow casts it; None unless all its cells are numbers without letters. With letters arrow would
    also accept infinity, hexadecimal numbers and exponents."""
    there = used(values)
    if there.size and int(there.max()) > _NINE:
        return None
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        return None


def to_bigint(values: Array, identifier: bool) -> Typed:
    """64 bit integers. Another spelling of a whole number counts by value, but not in an identifier."""
    if (whole := _cast_whole(values, pa.int64())) is not None:
        return Typed(whole)
    odd = _odd_rows(values, _SAFE_DIGITS, 0)
    plain = without(values, odd).cast(pa.int64())
    if not odd.any():
        return Typed(plain)
    lossy = lossy_identifiers(values) if identifier else np.zeros(len(values), bool)
    rows = np.flatnonzero(odd & ~lossy)
    others = [_whole(text) for text in values.take(pa.array(rows)).to_pylist()]
    return _with_odd(plain, rows, pa.array(others, pa.int64()), seen(lossy_number=lossy))


def to_decimal(values: Array, kind: Any, money: bool) -> Typed:
    """decimal(p,s); `money` allows $, thousands, parentheses and a minus behind."""
    if _is_within(values, kind) and (whole := _cast_whole(values, kind)) is not None:
        return Typed(whole)
    odd = _odd_rows(values, kind.precision - kind.scale, kind.scale)
    plain = without(values, odd).cast(kind)
    if not odd.any():
        return Typed(plain)
    rows = np.flatnonzero(odd)
    texts = values.take(pa.array(rows))
    if money:
        texts = _without_money_signs(texts)
    texts = without(texts, ~truth(pc.match_substring_regex(texts, f"^(?:{NUMBER})$")))
    return _with_odd(plain, rows, _decimals(texts, kind), {})


def _decimals(texts: Array, kind: Any) -> Array:
    """Numbers of any spelling as decimals; null for those that the type cannot hold."""
    short = pc.match_substring_regex(texts, _SHORT_EXPONENT)
    if pc.all(short, min_count=0).as_py() and _is_within(texts, kind, 9):
        with suppress(pa.ArrowInvalid):
            return texts.cast(kind)
    return pa.array([_exact(text, kind) for text in texts.to_pylist()], kind)


def _is_within(values: Array, kind: Any, exponent: int = 0) -> bool:
    """Whether arrow converts correctly: beyond 38 digits at the type's scale it may return a wrong number without an
    error (pyarrow 26), such as 0.00 for 1.940691173852333e-126."""
    longest = int(np.diff(buffers(values)[0]).max(initial=0))
    return bool(longest + exponent + kind.scale <= _MAX_DIGITS)


def to_double(values: Array) -> Typed:
    """Finite 64 bit floating point numbers."""
    whole = _cast_whole(values, pa.float64())
    if whole is not None and pc.all(pc.is_finite(whole), min_count=0).as_py():
        return Typed(whole)
    fits = truth(pc.match_substring_regex(values, f"^(?:{NUMBER})$"))
    numbers = without(values, ~fits).cast(pa.float64())
    finite = truth(pc.is_finite(numbers))
    wrong = truth(values.is_valid()) & ~(fits & finite)
    return Typed(without(numbers, wrong), seen(bad_number=wrong))


def _with_odd(plain: Array, rows: Ints, others: Array, bad: dict[str, Mask]) -> Typed:
    """Put the values of the odd rows in their places; a row without a value is bad."""
    mask = np.zeros(len(plain), bool)
    mask[rows] = True
    whole = pc.replace_with_mask(plain, pa.array(mask), others)
    wrong = np.zeros(len(plain), bool)
    wrong[rows[~truth(others.is_valid())]] = True
    return Typed(whole, bad | seen(bad_number=wrong))


def _odd_rows(values: Array, before: int, after: int) -> Mask:
    """The rows that are not plain. A plain cell is null, or an optional minus, at most `before` digits, and if `after`
    is above 0 an optional dot with at most `after` digits."""
    offsets, data = buffers(values)
    base, stop = int(offsets[0]), int(offsets[-1])
    if stop == base:
        return truth(values.is_valid())
    special = (data < _ZERO) | (data > _NINE)
    starts, ends = offsets[:-1], offsets[1:]
    minus = (data[np.minimum(starts, stop - 1)] == _MINUS) & (ends > starts)
    special[starts[minus]] = False
    digits = ends - starts - minus
    whole = digits
    dotted = np.zeros(len(values), bool)
    dots = np.count_nonzero(data[base:stop] == _DOT)
    for behind in range(after, -1, -1) if after else ():
        if np.count_nonzero(dotted) == dots:
            break
        places = np.maximum(ends - behind - 1, 0)
        here = (data[places] == _DOT) & (ends - starts > behind) & ~dotted
        special[places[here]] = False
        whole = whole - here * (behind + 1)
        dotted |= here
    odd = (digits - dotted < 1) | (whole > before)
    odd[rows_of(np.flatnonzero(special[base:stop]) + base, offsets)] = True
    return np.asarray(odd & truth(values.is_valid()))


def _whole(text: str) -> int | None:
    """The whole number that the text spells, if it is one and a bigint."""
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if number != number.to_integral_value() or abs(number) > MAX_BIGINT + (number < 0):
        return None
    return int(number)


def _exact(text: str | None, kind: Any) -> Decimal | None:
    """The number, if the decimal type holds it without rounding."""
    if text is None:
        return None
    number = Decimal(text)
    _, digits, exponent = number.as_tuple()
    spelt = "".join(map(str, digits))
    needed = spelt.rstrip("0")
    if not needed:
        return Decimal(0)
    lowest = int(exponent) + len(spelt) - len(needed)
    if lowest < -kind.scale or lowest + len(needed.lstrip("0")) > kind.precision - kind.scale:
        return None
    return number.quantize(Decimal(1).scaleb(-kind.scale), context=_WIDE)


def _without_money_signs(texts: Array) -> Array:
    """Money as plain numbers; anything else stays as it is."""
    money = truth(pc.match_substring_regex(texts, f"^(?:{MONEY})$"))
    negative = pc.match_substring_regex(texts, NEGATIVE_MONEY)
    bare = pc.replace_substring_regex(texts, _MONEY_SIGNS, "")
    bare = pc.if_else(pc.equal(bare, ""), "0", bare)
    signed = pc.if_else(negative, pc.binary_join_element_wise("-", bare, ""), bare)
    return pc.if_else(pa.array(money), signed, texts)
