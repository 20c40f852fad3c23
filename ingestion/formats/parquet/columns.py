"""The type of a parquet column by the file's own types.

A writer of arrow leaves a hint in the footer, by which arrow's reader turns plain text into string views, dictionaries
or extension types. Those are ways to hold a column in memory and not its type, so they are undone here. Parquet's
physical and logical type decides (https://github.com/apache/parquet-format/blob/master/LogicalTypes.md).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ingestion.arrow import Array, buffers, of_one_width, pa, pc, used

_TEXT = frozenset({"STRING", "JSON", "ENUM"})
"""Logical types whose bytes are UTF-8 text."""

_WORDS = {
    "null": pa.types.is_null, "bigint": pa.types.is_integer, "double": pa.types.is_floating,
    "boolean": pa.types.is_boolean, "decimal": pa.types.is_decimal, "date": pa.types.is_date,
    "timestamp": pa.types.is_timestamp, "time": pa.types.is_time,
}  # fmt: skip
"""The words of the types that no hint changes; any other is binary."""

_UUID_BYTES = 16
_DASHES_BEFORE = (8, 12, 16, 20)
_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)
"""The two hexadecimal digits of each byte."""


@dataclass(frozen=True)
class Stored:
    """A column of the file. `word` names its type, in a contract's `file_type` or in a report."""

    name: str
    kind: Any
    word: str
    is_int96: bool = False

    @property
    def spelling(self) -> str:
        """The word, and the digits of a decimal."""
        if self.word != "decimal":
            return self.word
        return f"decimal({self.kind.precision},{self.kind.scale})"

    @property
    def is_text(self) -> bool:
        """Whether its bytes are UTF-8 text by the file's own type."""
        return self.word == "string"

    @property
    def is_bytes(self) -> bool:
        """Whether it is bytes that the file does not call text."""
        return self.word == "binary"

    def plain(self, array: Array) -> Array:
        """The column as arrow read it, in the arrow type `kind`: texts as their bytes, a UUID as it is written."""
        while isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        if self.word == "uuid":
            return _uuids(array)
        if array.type == self.kind:
            return array
        if pa.types.is_timestamp(
            array.type
        ):  # one with a zone is an instant, whatever the zone's name
            array = array.cast(pa.timestamp(array.type.unit))
        return array.cast(self.kind)


def stored_columns(file: Any) -> list[Stored]:
    """The columns of an open parquet file, in its order."""
    leaves = {leaf.path: leaf for leaf in map(file.schema.column, range(len(file.schema)))}
    return [_stored(field.name, field.type, leaves.get(field.name)) for field in file.schema_arrow]


def _stored(name: str, kind: Any, leaf: Any) -> Stored:
    while isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if leaf is None or pa.types.is_nested(kind):
        return Stored(name, kind, "json")
    logical = leaf.logical_type.type
    if leaf.physical_type == "INT96":
        return Stored(name, pa.timestamp("ms"), "timestamp", is_int96=True)
    if logical in _TEXT:
        return Stored(name, pa.binary(), "string")
    if logical == "UUID":
        return Stored(name, pa.binary(), "uuid")
    if pa.types.is_duration(kind):
        return Stored(name, pa.int64(), "bigint")
    return _by_arrow(name, kind)


def _by_arrow(name: str, kind: Any) -> Stored:
    """Of the types that no hint changes; an instant is one of UTC."""
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        kind = pa.timestamp(kind.unit, "UTC")
    word = next((word for word, is_it in _WORDS.items() if is_it(kind)), None)
    return Stored(name, kind, word) if word else Stored(name, pa.binary(), "binary")


def hex_digits(array: Array) -> Array:
    """The hexadecimal digits of binary values, lower case, two for each byte."""
    offsets, data = buffers(array)
    first, last = int(offsets[0]), int(offsets[-1])
    ends = 2 * (offsets - first)
    stored = [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(_HEX[data[first:last]].tobytes())]
    digits = pa.Array.from_buffers(pa.binary(), len(array), stored)
    return pc.if_else(pc.is_valid(array), digits, None)


def _uuids(array: Array) -> Array:
    """Universally unique identifiers as they are written: 8-4-4-4-12 digits, lower case."""
    filled = pc.fill_null(array.cast(pa.binary()), bytes(_UUID_BYTES))
    digits = used(hex_digits(filled)).reshape(len(array), 2 * _UUID_BYTES)
    text = np.insert(digits, _DASHES_BEFORE, ord("-"), axis=1)
    return pc.if_else(pc.is_valid(array), of_one_width(text, pa.binary()), None)
