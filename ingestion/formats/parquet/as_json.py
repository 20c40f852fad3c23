"""Cells of a parquet file as JSON, written by arrow alone.

No cell becomes a Python value on the way: a time finer than Python's, a year beyond its calendar, or invalid UTF-8 is
written like any other. Numbers and truths are bare, everything else is in quotes.
"""

from collections.abc import Iterable

import numpy as np

from ingestion.arrow import Array, pa, pc, used
from ingestion.formats.model import MAX_RAW

_LOWEST_PLAIN = 0x20
_BYTES = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
    pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)  # fmt: skip


def objects(names: Iterable[str], columns: Iterable[Array]) -> Array:
    """A JSON object for each row, as bytes. What is not UTF-8 in a text stays as it is."""
    parts: list[Array | bytes] = [b"{"]
    for name, column in zip(names, columns, strict=True):
        label = as_json(pa.array([name.encode()], pa.binary()))[0].as_py()
        parts += [label + b": ", as_json(column), b", "]
    return pc.binary_join_element_wise(*parts[:-1], b"}", b"")


def as_json(array: Array) -> Array:
    """Each cell as JSON, as bytes; null for null. No cell is longer than the kept part of a rejected row."""
    kind, types = array.type, pa.types
    while isinstance(kind, pa.BaseExtensionType):
        array, kind = array.storage, array.storage.type
    if types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if types.is_struct(kind):
        cells = _members(array)
    elif types.is_nested(kind):
        cells = _elements(array)
    elif types.is_boolean(kind) or types.is_integer(kind):
        cells = array.cast(pa.string()).cast(pa.binary())
    elif types.is_floating(kind):
        text = array.cast(pa.string()).cast(pa.binary())
        cells = pc.if_else(pc.is_finite(array), text, _quoted(text))
    else:
        cells = _quoted(_text(array))
    return pc.fill_null(pc.binary_slice(cells, 0, MAX_RAW), b"null")


def _text(array: Array) -> Array:
    """A cell without a JSON type of its own, as text. Bytes stay as they are."""
    kind, types = array.type, pa.types
    if types.is_timestamp(kind) and kind.tz:
        return pc.binary_join_element_wise(_text(array.cast(pa.timestamp(kind.unit))), b"Z", b"")
    if any(is_bytes(kind) for is_bytes in _BYTES):
        return array.cast(pa.binary())
    return array.cast(pa.string()).cast(pa.binary())


def _quoted(cells: Array) -> Array:
    """A JSON string of each cell."""
    cells = pc.binary_slice(cells, 0, MAX_RAW)
    there = np.unique(used(cells))
    special = [b"\\", b'"', *(bytes([byte]) for byte in range(_LOWEST_PLAIN))]
    for character in special:
        if ord(character) in there:
            written = (
                b"\\" + character
                if ord(character) >= _LOWEST_PLAIN
                else b"\\u%04x" % ord(character)
            )
            cells = pc.replace_substring(cells, character, written)
    return pc.binary_join_element_wise(b'"', cells, b'"', b"")


def _members(array: Array) -> Array:
    names = [field.name for field in array.type]
    if not names:
        return pc.if_else(pc.is_valid(array), b"{}", None)
    return pc.if_else(pc.is_valid(array), objects(names, array.flatten()), None)


def _elements(array: Array) -> Array:
    """Lists, and maps as lists of their entries."""
    if pa.types.is_map(array.type):
        entries = pa.StructArray.from_arrays([array.keys, array.items], ["key", "value"])
    else:
        array = array.cast(pa.list_(array.type.value_type))
        entries = array.values
    offsets = array.offsets.cast(pa.int32())
    lists = pa.ListArray.from_arrays(offsets, as_json(entries))
    joined = pc.binary_join_element_wise(b"[", pc.binary_join(lists, b", "), b"]", b"")
    return pc.if_else(pc.is_valid(array), joined, None)
