"""The tables of `raw_landfall`: what Landfall knows of its loads, for the operations marts, freshness and history.

Each is one parquet object, written whole under a name made of its content, and switched to in the catalogue: running
queries keep the old one. Beside them lie all manifests in one object, so that these are read one by one only once; it
is no table, because engines read a small file whole. `runs` is written by `run`, an object each.
"""

import hashlib
import io
import json
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.catalog.base import Catalog, DerivedTable
from ingestion.catalog.own_tables import (
    LOAD_AMOUNTS,
    LOADS,
    QUARANTINED_ROWS,
    REFUSALS,
    RUNS,
)
from ingestion.catalog.schema import PARQUET_OPTIONS
from ingestion.contract import PortableType
from ingestion.errors import LandingFailed
from ingestion.loads import Loads, refresh
from ingestion.manifest import Manifest
from ingestion.refusals import Refusal
from ingestion.store import Store, StoredObject

logger = logging.getLogger(__name__)

PREFIX = "raw/landfall/"
_KEPT_FOR = timedelta(days=1)
"""So long an object that is no longer the newest stays, for queries that still read it."""


_MANIFESTS = {"manifest_key": PortableType("string"), "manifest": PortableType("string")}
"""What no engine is told of: it spares reading manifests (see loads.py)."""


def publish_derived(
    store: Store, catalog: Catalog, loads: Loads, refusals: Iterable[Refusal], now: datetime
) -> list[Manifest]:
    """Write the tables and switch the catalogue to them; nothing is written where nothing changed.

    Returns the manifests that other landers committed meanwhile: they are in `loads`, and in the tables, by then.
    """
    found = refresh(store, loads)
    refusals = list(refusals)
    while True:
        _publish(store, catalog, loads, refusals, now)
        late = refresh(store, loads)
        if not late:
            return found
        found += late


def _publish(
    store: Store, catalog: Catalog, loads: Loads, refusals: list[Refusal], now: datetime
) -> None:
    _whole(store, "manifests", _MANIFESTS, _manifest_rows(loads), now)
    tables = [
        _whole(store, "loads", LOADS, _load_rows(loads), now),
        _whole(store, "load_amounts", LOAD_AMOUNTS, _amount_rows(loads), now),
        _quarantined_rows(store, loads, now),
        _whole(store, "refusals", REFUSALS, map(_refusal_row, refusals), now),
    ]
    # written whole, so a reader may take all there are: a failed run shows without a new registration
    runs = (f"{PREFIX}runs/*/part-00000.parquet",) if any(store.list(f"{PREFIX}runs/")) else ()
    catalog.publish([*tables, DerivedTable("runs", RUNS, f"{PREFIX}runs/", runs)])


def _load_rows(loads: Loads) -> Iterator[dict[str, Any]]:
    numbers: dict[str, int] = {}
    for manifest in loads:
        row = manifest.model_dump(include=set(LOADS))
        is_counted = loads.is_counted(manifest)
        if is_counted:
            numbers[manifest.full_name] = numbers.get(manifest.full_name, 0) + 1
        yield {
            **row,
            "source_name": manifest.source,
            "table_name": manifest.table,
            "load_id": manifest.load_id,
            "bytes": manifest.size,
            "load_number": numbers[manifest.full_name] if is_counted else None,
            "is_counted": is_counted,
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
                "landed_sum": amount.quantize(Decimal("0.0001"), ROUND_HALF_UP),
            }


def _refusal_row(refusal: Refusal) -> dict[str, Any]:
    return {
        "source_name": refusal.source,
        "table_name": refusal.table,
        "object_name": refusal.name,
        "code": refusal.code,
        "line": refusal.line,
        "column_name": refusal.column,
        "refused_at": refusal.refused_at,
    }


def _schema(columns: dict[str, PortableType]) -> pa.Schema:
    return pa.schema([pa.field(name, kind.arrow) for name, kind in columns.items()])


def _whole(
    store: Store,
    name: str,
    columns: dict[str, PortableType],
    rows: Iterable[dict[str, Any]],
    now: datetime,
) -> DerivedTable:
    """Write the table's object from all its rows, unless it is there."""
    buffer = io.BytesIO()
    table = pa.Table.from_pylist(list(rows), schema=_schema(columns))
    pq.write_table(table, buffer, **PARQUET_OPTIONS)
    data = buffer.getvalue()
    key = _key(name, hashlib.sha256(data).hexdigest())
    there = list(store.list(f"{PREFIX}{name}/"))
    newest = max(there, key=lambda found: (found.modified_at, found.key), default=None)
    if newest is None or newest.key != key:
        store.put(key, data)
    _remove_old(store, there, key, now)
    return _table(name, columns, key)


def _key(name: str, sha256: str) -> str:
    return f"{PREFIX}{name}/{sha256[:16]}/part-00000.parquet"


def _table(name: str, columns: dict[str, PortableType], key: str) -> DerivedTable:
    return DerivedTable(name, columns, f"{key.rpartition('/')[0]}/", (key,))


def _remove_old(store: Store, there: list[StoredObject], current: str, now: datetime) -> None:
    old = (found for found in there if found.modified_at < now - _KEPT_FOR)
    try:
        for found in old:
            if found.key != current:
                store.delete(found.key)
    except LandingFailed as error:
        logger.warning("old objects beside %s stay: %s", current, error)


def _quarantined_rows(store: Store, loads: Loads, now: datetime) -> DerivedTable:
    """The quarantined rows of all loads, without their raw text: what the newest object has, and what it has not."""
    name = "quarantined_rows"
    there = list(store.list(f"{PREFIX}{name}/"))
    newest = max(there, key=lambda found: (found.modified_at, found.key), default=None)
    with store.scratch() as folder:
        before = folder / "before.parquet"
        if newest:
            store.fetch(newest, before)
        known = _loads_in(before) if newest else set()
        missing = [m for m in loads if m.quarantine_key and (m.full_name, m.load_id) not in known]
        if newest and not missing:
            return _table(name, QUARANTINED_ROWS, newest.key)
        path = folder / "after.parquet"
        with pq.ParquetWriter(path, _schema(QUARANTINED_ROWS), **PARQUET_OPTIONS) as writer:
            sources = [before] if newest else []
            for source in [*sources, *(_fetched(store, m, folder) for m in missing)]:
                _copy_rows(source, writer)
        key = _key(name, hashlib.sha256(path.read_bytes()).hexdigest())
        store.put_file(key, path)
    _remove_old(store, there, key, now)
    return _table(name, QUARANTINED_ROWS, key)


def _loads_in(path: Path) -> set[tuple[str, str]]:
    columns = pq.read_table(path, columns=["source_name", "table_name", "load_id"])
    unique = columns.group_by(columns.column_names).aggregate([])
    return {
        (f"{row['source_name']}.{row['table_name']}", row["load_id"]) for row in unique.to_pylist()
    }


def _fetched(store: Store, manifest: Manifest, folder: Path) -> Path:
    found = store.stat(str(manifest.quarantine_key))
    path = folder / f"{manifest.source}-{manifest.table}-{manifest.load_id}.parquet"
    if found and not path.exists():
        store.fetch(found, path)
    return path


def _copy_rows(source: Path, writer: pq.ParquetWriter) -> None:
    with pq.ParquetFile(source) as file:
        for rows in file.iter_batches(columns=list(QUARANTINED_ROWS)):
            writer.write_batch(rows.cast(_schema(QUARANTINED_ROWS)))
