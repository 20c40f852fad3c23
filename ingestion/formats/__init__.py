"""Reads extracts: from their bytes to typed, clean batches and the rejects, or to a refusal.

`read_extract` does it; `rows_at` reads single records again. The codes are in `codes`, what each
means in docs/guides/bad_inputs.md.
"""

from ingestion.formats.extract import read_extract, rows_at
from ingestion.formats.model import (
    KEY_SEPARATOR,
    OPERATION,
    SOURCE_ROW,
    Batch,
    Extract,
    Part,
    Reject,
    batch_schema,
)

__all__ = [
    "KEY_SEPARATOR",
    "OPERATION",
    "SOURCE_ROW",
    "Batch",
    "Extract",
    "Part",
    "Reject",
    "batch_schema",
    "read_extract",
    "rows_at",
]
