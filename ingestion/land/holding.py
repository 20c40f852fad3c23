"""Finds the objects of a lake that hold a forgotten person, by pseudonyms and without the identifier."""

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.arrow import is_one_of
from ingestion.contract import Table
from ingestion.forgotten import Forgotten, texts_in
from ingestion.formats import GZIP, PARQUET
from ingestion.land.context import Context
from ingestion.loads import Manifest
from ingestion.store import fetch_if_there

_AT_ONCE = 1 << 20
"""Bytes of text that are searched together, cut at line ends."""


class Holding:
    """Searches objects for the persons `listed`. `folder` is for copies, one at a time."""

    def __init__(self, context: Context, listed: Forgotten, folder: Path) -> None:
        assert context.pseudonyms, "without the key no person is found"
        self._store, self._listed, self._folder = context.store, listed, folder
        self._key = context.pseudonyms
        # of all tables: a file in the inbox or put aside may be of any
        self._delimiters = frozenset[str]().union(*(table.delimiters for table in context.project))

    def load(self, table: Table, load: Manifest) -> bool:
        """Whether the rows or rejects of a generation hold a listed person; true if they are gone or cannot be read."""
        if load.retracted:
            return False
        changes = {(d.file, d.kind) for d in table.deliveries}
        if ("dynamodb", "changes") in changes and load.kind == "changes":
            return True  # old images do not land: the archive must be searched
        if not self._listed.of(table):
            return False
        rows = self._copy(load.data_key)
        if rows is None or self._rows(rows, table):
            return True
        rejects = self._copy(load.quarantine_key) if load.quarantine_key else None
        return rejects is not None and self._any_text(rejects)

    def object(self, key: str) -> bool:
        """Whether an object of any kind holds a listed person: in the cells of its text, or of its parquet."""
        path = self._copy(key)
        return path is not None and self._any_text(path)

    def _copy(self, key: str) -> Path | None:
        """A copy of the object, which replaces the previous copy; None if the object is missing."""
        path = self._folder / "held"
        path.unlink(missing_ok=True)
        return path if fetch_if_there(self._store, key, path) else None

    def _rows(self, path: Path, table: Table) -> bool:
        """By the pseudonyms beside the identifiers, or by the identifiers if there were no pseudonyms yet."""
        with pq.ParquetFile(path) as file:
            names = set(file.schema_arrow.names)
            for column, who in self._listed.columns_of(table):
                if column.pseudonym_name in names:
                    values = file.read(columns=[str(column.pseudonym_name)]).column(0)
                    if is_one_of(values, who).any():
                        return True
                elif column.name in names:
                    texts = pc.unique(file.read(columns=[column.name]).column(0).cast(pa.string()))
                    if self._listed.held_by(filter(None, texts.to_pylist()), self._key):
                        return True
        return False

    def _any_text(self, path: Path) -> bool:
        with path.open("rb") as file:
            begin = file.read(4)
        if begin == PARQUET:
            return any(self._held(texts) for texts in _parquet_texts(path))
        opened: Any = gzip.open if begin.startswith(GZIP) else open
        try:
            with opened(path, "rb") as file:
                while lines := file.readlines(_AT_ONCE):
                    if any(self._held([line]) for line in lines):
                        return True
        except (EOFError, OSError, zlib.error):
            return True  # an unreadable object may hold anything
        return False

    def _held(self, raws: Iterable[bytes]) -> bool:
        return any(self._listed.held_by(texts_in(raw, self._delimiters), self._key) for raw in raws)


def _parquet_texts(path: Path) -> Iterable[list[bytes]]:
    """The distinct texts of each column that has any, in batches of rows."""
    with pq.ParquetFile(path) as file:
        for rows in file.iter_batches(1 << 16):
            for column in rows.columns:
                if pa.types.is_nested(column.type):
                    yield [str(value).encode() for value in column.to_pylist()]
                    continue
                values = pc.unique(column if _is_text(column.type) else column.cast(pa.string()))
                yield [v.encode() if isinstance(v, str) else v for v in values.to_pylist() if v]


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind)
