"""Text cells: checks, strips and trims them and finds the nulls; a column at a time.

A column comes as an arrow array of bytes, or of strings where its reader knows them to be UTF-8, and leaves as one of
strings. A column is copied only if its bytes show that something must change: most have only letters, digits and signs
of ASCII, and need neither stripping nor trimming.
"""

import re

import numpy as np

from ingestion.arrow import Array, Bytes, Mask, buffers, is_one_of, pa, pc, truth, used, without
from ingestion.contract import Column
from ingestion.formats.model import MAX_VALUE
from ingestion.formats.values.numbers import Typed

BLANKS = " \t\u00a0"
CONTROLS = (
    "[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f"
    "\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)
"""Control characters except tab and line ends, zero-width and direction marks, U+2028 and U+2029."""

_CONTROL_CODES = r"[\x01-\x08\x0B\x0C\x0E-\x1F\x7F]|\xC2[\x80-\x9F]"
"""The control characters among them, in the bytes of UTF-8. Marks, which are invisible, come in texts of people."""

_UNDECODABLE = b"\xff"
_CONTROLS = re.compile(CONTROLS)
_BLANK_BYTES = sorted({*BLANKS.encode()})
_SPACE, _DELETE = 0x20, 0x7F
_LEADS = [0xC2, 0xD8, 0xE2, 0xEF]
"""The first bytes of the UTF-8 of the controls beyond ASCII."""

_CONTROL_BYTES = np.array(sorted({*range(1, _SPACE)} - {*b"\t\n\r"}) + [_DELETE, *_LEADS], np.uint8)
"""The bytes that a control may begin with: a column without them has none."""


def plain_text(text: str) -> str:
    """One cell's text, cleaned like a column's cells: without controls, trimmed."""
    return _CONTROLS.sub("", text).strip(BLANKS)


def of_text(cells: Array) -> Array:
    """Bytes that a file does not call text. With a control character they are none (a bit, a number, a hash), and what
    `clean` would leave of them is something else: they become bytes that it quarantines."""
    if not _may_have_controls(used(cells)):
        return cells
    return pc.if_else(pc.match_substring_regex(cells, _CONTROL_CODES), _UNDECODABLE, cells)


def clean(cells: Array, column: Column, key: bool) -> Typed:
    """Check and clean one column of raw cells (bytes or strings; null where the delivery says null) to trimmed strings.

    `key` counts trimmed keys.
    """
    bad: dict[str, Mask] = {}
    warned: dict[str, Mask] = {}
    there = used(cells)
    lowest, highest = (int(there.min()), int(there.max())) if there.size else (0xFF, 0)
    if not lowest:
        mask = truth(pc.greater_equal(pc.find_substring(cells, "\0"), 0))
        if mask.any():
            bad["nul_byte"] = mask
            cells = without(cells, mask)
    try:
        values = cells.cast(pa.string())
    except pa.ArrowInvalid:
        bad["encoding"] = mask = _undecodable(cells)
        values = without(cells, mask).cast(pa.string())
    if (lowest < _SPACE or highest >= _DELETE) and _may_have_controls(there):
        stripped = pc.replace_substring_regex(values, CONTROLS, "")
        if (mask := truth(pc.not_equal(stripped, values))).any():
            warned["control_characters"] = mask
            values = stripped
    if lowest <= _SPACE or highest > _DELETE:
        values = _trimmed(values, key, warned)
    lengths = np.diff(buffers(values)[0])
    if lengths.size and int(lengths.max()) > MAX_VALUE:
        bad["value_too_long"] = mask = (lengths > MAX_VALUE) & truth(values.is_valid())
        values = without(values, mask)
    if column.empty == "null":
        values = _empty_as_null(values)
    if column.nulls:
        values = without(values, is_one_of(values, column.nulls))
    return Typed(values, bad, warned)


def _may_have_controls(there: Bytes) -> bool:
    """Whether any of these bytes is one that a control begins with."""
    odd = there[(there < _SPACE) | (there >= _DELETE)]
    return bool(np.isin(odd, _CONTROL_BYTES).any())


def _undecodable(cells: Array) -> Mask:
    mask = np.zeros(len(cells), bool)
    for row, cell in enumerate(cells.to_pylist()):
        try:
            (cell or b"").decode()
        except UnicodeDecodeError:
            mask[row] = True
    return mask


def _may_be_blank(ends: Bytes) -> bool:
    """Whether any of these bytes at the ends of cells is one of a blank's."""
    return any(bool((ends == byte).any()) for byte in _BLANK_BYTES)


def _trimmed(values: Array, key: bool, warned: dict[str, Mask]) -> Array:
    """Trim blanks at both ends, if any cell begins or ends with a byte that may be of one."""
    offsets, data = buffers(values)
    if not data.size or offsets[0] == offsets[-1]:
        return values
    first = data.take(offsets[:-1], mode="clip")
    last = data.take(offsets[1:] - 1, mode="clip")
    if not (_may_be_blank(first) or _may_be_blank(last)):
        return values
    trimmed = pc.utf8_trim(values, characters=BLANKS)
    if key:
        mask = truth(pc.not_equal(trimmed, values))
        if mask.any():
            warned["key_spaces"] = mask
    return trimmed


def _empty_as_null(values: Array) -> Array:
    """Null where the text is empty; only the validity is new, the text is shared."""
    offsets, _ = buffers(values)
    full = offsets[1:] > offsets[:-1]
    if values.null_count:
        full &= truth(values.is_valid())
    if np.count_nonzero(full) + values.null_count == len(values):
        return values
    if values.offset:
        return without(values, ~full)
    bits = pa.py_buffer(np.packbits(full, bitorder="little").tobytes())
    _, ends, data = values.buffers()
    return pa.Array.from_buffers(pa.string(), len(values), [bits, ends, data])
