"""Bounds the memory of a parquet file by its footer before its rows are read: a few kB may ask for gigabytes."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from ingestion.arrow import Array, pa, pc
from ingestion.codes import Code
from ingestion.contract import Limits
from ingestion.errors import BadExtract
from ingestion.formats.parquet.opening import opened

_BATCH_ROWS = 32_768
_BATCH_BYTES = 32 * 2**20
"""The memory that the cells of a batch may take: as many rows of 1 kB."""

_NUMBER_BYTES = 8
_JSON_BYTES = 64
"""The memory of a number as it is read, and of one in a list, struct or map while that is written as JSON."""


def refuse_beyond_limits(metadata: Any, size: int, limits: Limits) -> None:
    """Raise BadExtract too_large for a file of `size` bytes that unpacks to more than the contract allows.

    A row counts as one byte at least: equal rows take none, and 20,000,000 of them are a few kB of file.
    """
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    unpacked = sum(group.total_byte_size for group in groups)
    if max(unpacked, metadata.num_rows) > min(limits.expanded_bytes, limits.expanded_times * size):
        raise BadExtract(Code.TOO_LARGE, detail="parquet")


def rows_at_once(stored: BinaryIO, metadata: Any, columns: Collection[str], limit: float) -> int:
    """The number of rows of these columns that may be read at once: fewer where the rows of a row group are long.

    Raises BadExtract too_large where values that are stored once come to more bytes than `limit` in all their rows: the
    footer counts them once.
    """
    leaves = [leaf for leaf in range(metadata.num_columns) if _is_read(metadata, leaf, columns)]
    widest = total = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if not group.num_rows:
            continue
        held = sum(_held(metadata, group.column(leaf), leaf, columns) for leaf in leaves)
        longest = 0
        if repeated := _repeated(group, leaves):
            longest = _longest_row(stored, group, number, repeated)
            most = total + longest * group.num_rows
            if most > limit:
                most = total + _size(stored, number, repeated)
            total = most
        if total > limit:
            raise BadExtract(Code.TOO_LARGE, detail="parquet")
        widest = max(widest, longest + held // group.num_rows)
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(widest, 1)))


def slices(batch: Any) -> Iterator[Any]:
    """The batch, halved until its parts take the memory of a batch: some of its rows may be longer than most."""
    if batch.nbytes <= _BATCH_BYTES or batch.num_rows <= 1:
        yield batch
        return
    middle = batch.num_rows // 2
    yield from slices(batch.slice(0, middle))
    yield from slices(batch.slice(middle))


def _is_read(metadata: Any, leaf: int, columns: Collection[str]) -> bool:
    """Whether a leaf is one of these columns, or in one of them."""
    steps = metadata.schema.column(leaf).path.split(".")
    return any(".".join(steps[:end]) in columns for end in range(1, len(steps) + 1))


def _held(metadata: Any, chunk: Any, leaf: int, columns: Collection[str]) -> int:
    """The memory of a column of a row group. Equal values take none in the file, so each counts as a number at least,
    or by the fixed length of its type."""
    each = max(_NUMBER_BYTES, metadata.schema.column(leaf).length)
    held = max(chunk.total_uncompressed_size, chunk.num_values * each)
    is_inner = chunk.path_in_schema not in columns
    return int(held + chunk.num_values * _JSON_BYTES * is_inner)


def _repeated(group: Any, leaves: list[int]) -> dict[str, int]:
    """The columns whose texts are stored once and may be long, with the number of their values."""
    chunks = [group.column(leaf) for leaf in leaves]
    return {
        chunk.path_in_schema: chunk.num_values
        for chunk in chunks
        if chunk.has_dictionary_page and chunk.physical_type == "BYTE_ARRAY"
        # a value is at most as long as its whole column
        if chunk.total_uncompressed_size * chunk.num_values * _BATCH_ROWS
        > _BATCH_BYTES * group.num_rows
    }


def _longest_row(stored: BinaryIO, group: Any, number: int, columns: dict[str, int]) -> int:
    """The bytes of the longest values of these columns together, by the dictionaries of a row group: of as many of them
    as the average row has."""
    first = next(_encoded(stored, number, columns, rows=1), [])
    longest = sum(pc.max(pc.binary_length(leaf.dictionary)).as_py() or 0 for leaf in first)
    return int(longest * max(columns.values()) / group.num_rows)


def _size(stored: BinaryIO, number: int, columns: Collection[str]) -> int:
    """The bytes of the values of these columns in all rows of a row group."""
    return sum(
        pc.sum(pc.binary_length(leaf.dictionary).take(leaf.indices)).as_py() or 0
        for batch in _encoded(stored, number, columns, rows=_BATCH_ROWS)
        for leaf in batch
    )


def _encoded(
    stored: BinaryIO, number: int, columns: Collection[str], rows: int
) -> Iterator[list[Array]]:
    """The columns of a row group, batch by batch, as positions in dictionaries."""
    file = opened(stored, dictionaries=columns)
    batches = file.iter_batches(rows, row_groups=[number], columns=[*columns], use_threads=False)
    for batch in batches:
        leaves = (leaf for column in batch.columns for leaf in _leaves(column))
        yield [leaf for leaf in leaves if pa.types.is_dictionary(leaf.type)]


def _leaves(array: Array) -> Iterator[Array]:
    """The arrays of values in lists, structs and maps."""
    types = pa.types
    if types.is_map(array.type):
        inner = [array.keys, array.items]
    elif types.is_struct(array.type):
        inner = array.flatten()
    elif types.is_nested(array.type):
        inner = [array.flatten()]
    else:
        yield array
        return
    for one in inner:
        yield from _leaves(one)
