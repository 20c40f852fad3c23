"""Opens the parquet files of deliveries, all in one way."""

from collections.abc import Iterable
from typing import Any

import pyarrow.parquet as pq

_BUFFER = 2**18
"""The bytes of a column that are read from the file at once: else all of it in a row group, which may be a gigabyte."""


def opened(stored: Any, int96: str | None = None, dictionaries: Iterable[str] = ()) -> Any:
    """An open parquet file. Reading a page whose checksum is wrong raises OSError, as other damage does.

    Times of INT96 are read in the unit `int96`, else in nanoseconds. Of the columns `dictionaries` the values that are
    stored once are read once.
    """
    return pq.ParquetFile(
        stored,
        pre_buffer=False,
        buffer_size=_BUFFER,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit=int96,
        read_dictionary=[*dictionaries],
    )
