"""Writes the tables of `raw_landfall`: loads, amounts, quarantined rows, refusals and acts.

Each is one parquet object with all rows, under a name made of its content. The catalogue then switches to it, while
running queries still read the one before. One more object holds all manifests, so that commands need not read them one
by one; it is not a table, because no engine needs it. `runs` has an object per run, which `run` writes.
"""

import hashlib
import io
import json
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.catalog import PARQUET_OPTIONS, Catalog, DerivedTable
from ingestion.contract import PortableType, arrow_schema
from ingestion.errors import LandingFailed
from ingestion.inbox import Refusal
from ingestion.loads import Loads, Manifest, Placed, placed, refresh
from ingestion.published.acts import act_rows
from ingestion.published.columns import ACTS, LOAD_AMOUNTS, LOADS, QUARANTINED_ROWS, REFUSALS, RUNS
from ingestion.store import Store, StoredObject, fetch_own, sha256_of

logger = logging.getLogger(__name__)

PREFIX = "raw/landfall/"
_KEPT_FOR = timedelta(days=1)
"""How long a replaced object stays, for queries that still read it."""

_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
"""Rounds a number of any length to four decimals; Python's default context has room for 28 digits in all."""

_QUARANTINED = arrow_schema(QUARANTINED_ROWS)
_MANIFESTS = {"manifest_key": PortableType("string"), "manifest": PortableType("string")}
"""The columns of the object with all manifests, which ingestion/loads/ledger.py reads."""


def publish_derived(
    store: Store,
    catalog: Catalog,
    loads: Loads,
    refusals: Iterable[Refusal],
    now: datetime,
    *,
    again: bool,
) -> list[Manifest]:
    """Write the tables that have changed, or all of them with `again`, and switch the catalogue to them.

    Returns the manifests that other landers have committed meanwhile; `loads` and the tables have them then.
    """
    found = refresh(store, loads)
    refusals = list(refusals)
    while True:
        _publish(_Objects(store, now, again), catalog, loads, refusals)
        late = refresh(store, loads)
        if not late:
            return found
        found += late


def unlike(
    store: Store, loads: Loads, refusals: Iterable[Refusal]
) -> Iterator[tuple[str, str, bool]]:
    """The objects that are missing, damaged or out of date: key or folder, problem, and whether it is a run's record.

    `register` makes all of them again except the records of runs, which exist nowhere else.
    """
    objects = _Objects(store, datetime.min, again=False)
    due = {
        name: _key(name, encoded(columns, rows)[1])
        for name, columns, rows in _whole(store, loads, refusals)
    }
    for name in (*due, "quarantined_rows"):
        there = objects.there(name)
        if not there:
            yield f"{PREFIX}{name}/", "missing", False
            continue
        newest = _newest(there, due.get(name)).key
        digest = hashlib.sha256(store.read(newest) or b"").hexdigest()
        if _key(name, digest) != newest:
            yield newest, "damaged", False
        elif due.get(name, newest) != newest:
            yield newest, "out of date", False
    for found in objects.there("runs"):
        if not _is_record(store.read(found.key)):
            yield found.key, "damaged", True


def _whole(
    store: Store, loads: Loads, refusals: Iterable[Refusal]
) -> Iterator[tuple[str, dict[str, PortableType], Iterable[dict[str, Any]]]]:
    """The tables that are made anew from the records of the lake: name, columns and rows of each."""
    yield "manifests", _MANIFESTS, _manifest_rows(loads)
    yield "loads", LOADS, _load_rows(loads)
    yield "load_amounts", LOAD_AMOUNTS, _amount_rows(loads)
    yield "refusals", REFUSALS, map(_refusal_row, refusals)
    yield "acts", ACTS, act_rows(store, loads)


def _is_record(data: bytes | None) -> bool:
    try:
        return pq.read_table(pa.BufferReader(data or b"")).num_columns == len(RUNS)
    except (pa.ArrowException, OSError):
        return False


def encoded(columns: dict[str, PortableType], rows: Iterable[dict[str, Any]]) -> tuple[bytes, str]:
    """A table's object and its SHA-256."""
    buffer = io.BytesIO()
    table = pa.Table.from_pylist(list(rows), schema=arrow_schema(columns))
    pq.write_table(table, buffer, **PARQUET_OPTIONS)
    data = buffer.getvalue()
    return data, hashlib.sha256(data).hexdigest()


def _publish(objects: "_Objects", catalog: Catalog, loads: Loads, refusals: list[Refusal]) -> None:
    # the first is the object of all manifests
    _, *tables = [objects.whole(*words) for words in _whole(objects.store, loads, refusals)]
    tables.append(objects.quarantined_rows(loads))
    runs = {found.key: found.etag for found in objects.there("runs")}
    catalog.publish([*tables, DerivedTable("runs", RUNS, f"{PREFIX}runs/", runs, is_whole=False)])


def _load_rows(loads: Loads) -> Iterator[dict[str, Any]]:
    places: dict[str, Placed] = {}
    for full_name in {manifest.full_name for manifest in loads}:
        places |= {place.load.key: place for place in placed(loads.counted(full_name))}
    for manifest in loads:
        place = places.get(manifest.key)
        yield {
            **manifest.model_dump(include=set(LOADS)),
            "source_name": manifest.source,
            "table_name": manifest.table,
            "load_id": manifest.load_id,
            "bytes": manifest.size,
            "load_number": place and place.load_number,
            "state_from": place and place.state_from,
            "closed_by": place and place.closed_by,
            "is_counted": place is not None,
            "is_retracted": manifest.retracted,
            "warnings": json.dumps(manifest.warnings, sort_keys=True),
        }


def _manifest_rows(loads: Loads) -> Iterator[dict[str, Any]]:
    for manifest in loads:
        yield {"manifest_key": manifest.key, "manifest": manifest.to_bytes().decode()}


def _amount_rows(loads: Loads) -> Iterator[dict[str, Any]]:
    for manifest in loads:
        for name, amount in manifest.sums.items():
            yield {
                "source_name": manifest.source,
                "table_name": manifest.table,
                "load_id": manifest.load_id,
                "column_name": name,
                "landed_sum": _as_landed_sum(amount),
            }


def _as_landed_sum(amount: Decimal) -> Decimal | None:
    """The sum, rounded to four decimals; None if it is too long for the column. The manifest has every digit."""
    kind = LOAD_AMOUNTS["landed_sum"]
    precision, scale = kind.precision or 0, kind.scale or 0
    rounded = amount.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
    return rounded if abs(rounded) < Decimal(10) ** (precision - scale) else None


def _refusal_row(refusal: Refusal) -> dict[str, Any]:
    return {
        "source_name": refusal.source,
        "table_name": refusal.table,
        "object_name": refusal.name,
        "code": refusal.code,
        "line": refusal.line,
        "column_name": refusal.column,
        "extract_date": refusal.extract_date,
        "refused_at": refusal.refused_at,
    }


class _Objects:
    """Writes the objects of the tables: the missing ones and those of another size, or all of them if `again`."""

    def __init__(self, store: Store, now: datetime, again: bool) -> None:
        self.store, self._now, self._again = store, now, again

    def there(self, name: str) -> list[StoredObject]:
        """The objects of a table, the newest last."""
        found = self.store.list(f"{PREFIX}{name}/")
        return sorted(found, key=lambda one: (one.modified_at, one.key))

    def whole(
        self, name: str, columns: dict[str, PortableType], rows: Iterable[dict[str, Any]]
    ) -> DerivedTable:
        """Write the object of a table with these rows, unless its newest object already has them."""
        data, sha256 = encoded(columns, rows)
        key = _key(name, sha256)
        there = self.there(name)
        newest = _newest(there, key) if there else None
        if self._again or not newest or (newest.key, newest.size) != (key, len(data)):
            self.store.put(key, data)
        self._remove_old(there, key)
        return _table(name, columns, key)

    def quarantined_rows(self, loads: Loads) -> DerivedTable:
        """The quarantined rows of all loads, without their raw text: those of the newest object, and those it lacks."""
        name = "quarantined_rows"
        there = self.there(name)
        with self.store.scratch() as folder:
            before = self._readable(there, folder) if there and not self._again else None
            known = _loads_in(before) if before else set()
            missing = [
                m
                for m in loads
                if m.quarantine_key
                and not loads.is_erased(m)
                and (m.full_name, m.load_id) not in known
            ]
            if before and not missing:
                return _table(name, QUARANTINED_ROWS, there[-1].key)
            path = folder / "after.parquet"
            with pq.ParquetWriter(path, _QUARANTINED, **PARQUET_OPTIONS) as writer:
                sources = [before] if before else []
                for source in chain(sources, self._fetched(loads, missing, folder)):
                    _copy_rows(source, writer)
            key = _key(name, sha256_of(path))
            self.store.put_file(key, path)
        self._remove_old(there, key)
        return _table(name, QUARANTINED_ROWS, key)

    def _fetched(self, loads: Loads, missing: list[Manifest], folder: Path) -> Iterator[Path]:
        """The files of quarantined rows, one after the other. A damaged one is skipped if its load does not count."""
        for manifest in missing:
            path = folder / f"{manifest.source}-{manifest.table}-{manifest.load_id}.parquet"
            key, sha256 = str(manifest.quarantine_key), manifest.quarantine_sha256
            try:
                fetch_own(self.store, key, path, sha256)
            except LandingFailed:
                if loads.is_counted(manifest):
                    raise
                continue
            yield path
            path.unlink()

    def _readable(self, there: list[StoredObject], folder: Path) -> Path | None:
        """A copy of the newest object; None if it is damaged, so that the table is made again from the quarantine."""
        path, newest = folder / "before.parquet", there[-1]
        if fetch_own(self.store, newest.key, path)[:16] in newest.key:
            return path
        logger.warning("%s is damaged: it is made again from the quarantine", newest.key)
        return None

    def _remove_old(self, there: list[StoredObject], current: str) -> None:
        old = (found for found in there if found.modified_at < self._now - _KEPT_FOR)
        try:
            for found in old:
                if found.key != current:
                    self.store.delete(found.key)
        except LandingFailed as error:
            logger.warning("old objects beside %s stay: %s", current, error)


def _newest(there: list[StoredObject], due: str | None) -> StoredObject:
    """The newest object. S3 tells the time to the second: of several with the same time it is the one that is due."""
    latest = [found for found in there if found.modified_at == there[-1].modified_at]
    return next((found for found in latest if found.key == due), there[-1])


def _key(name: str, sha256: str) -> str:
    return f"{PREFIX}{name}/{sha256[:16]}/part-00000.parquet"


def _table(name: str, columns: dict[str, PortableType], key: str) -> DerivedTable:
    folder = key.rpartition("/")[0]  # which the content's hash names
    return DerivedTable(name, columns, f"{folder}/", {key: folder})


def _loads_in(path: Path) -> set[tuple[str, str]]:
    columns = pq.read_table(path, columns=["source_name", "table_name", "load_id"])
    unique = columns.group_by(columns.column_names).aggregate([])
    return {
        (f"{row['source_name']}.{row['table_name']}", row["load_id"]) for row in unique.to_pylist()
    }


def _copy_rows(source: Path, writer: pq.ParquetWriter) -> None:
    with pq.ParquetFile(source) as file:
        for rows in file.iter_batches(columns=list(QUARANTINED_ROWS)):
            writer.write_batch(rows.cast(_QUARANTINED))
