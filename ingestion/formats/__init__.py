"""Reads extracts: from their bytes to typed, clean batches and the rejects, or to a refusal.

`read_extract` does it; `rows_at` reads single records again, and `rewrite` writes files again without some records.
`peek` looks at a file that no contract describes, and `from_text` says of any cells how a column would take them. The
codes are in `ingestion/codes.py`, what each means in docs/guides/bad_inputs.md.
"""

from ingestion.formats.dynamodb.rewriting import old_images
from ingestion.formats.edits import Edits
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
from ingestion.formats.peek import Peek, peek
from ingestion.formats.reading import read_extract, rewrite, rows_at
from ingestion.formats.values.column import from_text

__all__ = [
    "KEY_SEPARATOR",
    "OPERATION",
    "SOURCE_ROW",
    "Batch",
    "Edits",
    "Extract",
    "Part",
    "Peek",
    "Reject",
    "batch_schema",
    "from_text",
    "old_images",
    "peek",
    "read_extract",
    "rewrite",
    "rows_at",
]
