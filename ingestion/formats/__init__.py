"""Reads extracts: converts their bytes to typed, clean batches and rejects, or refuses them.

`read_extract` does it; `rows_at` reads single records again, and `rewrite` writes files again without some records.
`peek` inspects a file without a contract, and `from_text` converts any cells as a column would. The codes are in
`ingestion/codes.py`, what each means in docs/guides/bad_inputs.md.
"""

from ingestion.formats.dynamodb.items import WRITE_TIME, Item, items_in, known_attributes
from ingestion.formats.dynamodb.rewriting import old_images
from ingestion.formats.edits import Edits
from ingestion.formats.layout import OPERATIONS, known_names
from ingestion.formats.model import KEY_SEPARATOR, OPERATION, SOURCE_ROW, Batch, Extract, Reject
from ingestion.formats.peek import NOTHING_TOLD, Peek, Told, peek
from ingestion.formats.reading import read_extract, rewrite, rows_at
from ingestion.formats.text import GZIP, PARQUET
from ingestion.formats.values.column import from_text
from ingestion.formats.values.moments import DEFAULT_TIMESTAMP
from ingestion.formats.values.numbers import with_other_marks
from ingestion.formats.values.shapes import SHAPES, is_instant

__all__ = [
    "DEFAULT_TIMESTAMP",
    "GZIP",
    "KEY_SEPARATOR",
    "NOTHING_TOLD",
    "OPERATION",
    "OPERATIONS",
    "PARQUET",
    "SHAPES",
    "SOURCE_ROW",
    "WRITE_TIME",
    "Batch",
    "Edits",
    "Extract",
    "Item",
    "Peek",
    "Reject",
    "Told",
    "from_text",
    "is_instant",
    "items_in",
    "known_attributes",
    "known_names",
    "old_images",
    "peek",
    "read_extract",
    "rewrite",
    "rows_at",
    "with_other_marks",
]
