"""arrow's arrays and functions as Landfall uses them.

The published stubs of pyarrow refuse calls that its own manual shows (a string compared with a scalar, a mask made of
numpy's), so here, in one place, arrays and compute functions are not type-checked.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute

Array: TypeAlias = Any
"""A pyarrow.Array; the text names the type of its items."""

pa: Any = pyarrow
pc: Any = pyarrow.compute

Mask = npt.NDArray[np.bool_]
"""One truth a row."""

Ints32 = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def truth(array: Array) -> Mask:
    """An arrow array of booleans as a mask; null counts as false."""
    if array.null_count:
        array = pc.fill_null(array, False)
    return np.asarray(array.to_numpy(zero_copy_only=False), np.bool_)


def is_one_of(texts: Array, words: Iterable[str]) -> Mask:
    """Which of these strings are one of the words; null is none."""
    return truth(pc.is_in(texts, value_set=pa.array([*words], pa.string())))


def whole(column: Array) -> Array:
    """A column of a table as one array, which is copied only if it is not one already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def field_names(kind: Any) -> list[str | None]:
    """The names of a struct's fields; None for one that is not UTF-8, which a file may have."""
    names: list[str | None] = []
    for number in range(kind.num_fields):
        try:
            names.append(kind.field(number).name)
        except UnicodeDecodeError:
            names.append(None)
    return names


def without(array: Array, mask: Mask) -> Array:
    """The array with null in the rows of the mask."""
    return pc.if_else(pa.array(mask), pa.scalar(None, array.type), array) if mask.any() else array


def buffers(array: Array) -> tuple[Ints32, Bytes]:
    """The offsets and the bytes of an array of strings or bytes."""
    _, offsets, data = array.buffers()
    if offsets is None or not len(array):
        return np.zeros(len(array) + 1, np.int32), np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32, len(array) + 1, 4 * array.offset)
    return ends, np.frombuffer(data or b"", np.uint8)


def used(array: Array) -> Bytes:
    """The bytes of all strings, one after the other."""
    offsets, data = buffers(array)
    return data[int(offsets[0]) : int(offsets[-1])]


def of_one_width(letters: Bytes, kind: Any) -> Array:
    """The rows of a matrix of bytes as strings, or as bytes."""
    ends = np.arange(len(letters) + 1, dtype=np.int32) * letters.shape[1]
    stored = [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(letters.tobytes())]
    return pa.Array.from_buffers(kind, len(letters), stored)


def rows_of(positions: Ints, offsets: Ints32) -> Ints:
    """The row in which each byte lies, by the rows' offsets."""
    return np.asarray(np.searchsorted(offsets, positions, side="right") - 1)
