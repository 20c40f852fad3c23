"""Counts the rows in quarantine that a table's state lacks, from the manifests and the lake.

The macro `missing_measures` and `operations.table_status` have the same rule; a test compares them.
"""

import io
from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contract import Table
from ingestion.land.keys import key_in_sql
from ingestion.loads import Manifest
from ingestion.store import Store


def withheld_rows(store: Store, table: Table, counted: Sequence[Manifest]) -> int:
    """The number of quarantined rows that the state of a table lacks; `counted` are its counted loads in load order.

    Loads before the newest full load do not make the state. A row is lacking until its key lands: of an incremental or
    append load in this load or a later one, of a full load or changes only in a later one. A row whose key could not be
    read is lacking until its file is delivered again. An object that is gone brings no key: `verify` reports it.
    """
    full_loads = [number for number, load in enumerate(counted) if load.kind == "full"]
    newest_full = full_loads[-1] if full_loads else 0
    lacking = 0
    wanted: dict[str, list[int]] = {}
    for number, load in enumerate(counted[newest_full:], newest_full):
        later = counted[number + 1 :]
        if not load.quarantined or (load.kind == "full" and not later):
            lacking += load.quarantined
            continue
        first = number + (load.kind in ("full", "changes"))
        is_again = any(one.object_name == load.object_name for one in later)
        for key in _withheld_keys(store, load):
            if key is not None:
                wanted.setdefault(key, []).append(first)
            elif not is_again:
                lacking += 1
    return lacking + _not_landed(store, table, counted, wanted)


def _not_landed(
    store: Store, table: Table, counted: Sequence[Manifest], wanted: dict[str, list[int]]
) -> int:
    """The number of rows still missing, each from its first load on; reads no load after the last key was found."""
    start = min((min(firsts) for firsts in wanted.values()), default=len(counted))
    for number, load in enumerate(counted[start:], start):
        if not wanted:
            break
        for key in _landed_keys(store, table, load, wanted):
            left = [first for first in wanted.pop(key) if first > number]
            if left:
                wanted[key] = left
    return sum(map(len, wanted.values()))


def _withheld_keys(store: Store, load: Manifest) -> list[str | None]:
    data = store.read(load.quarantine_key) if load.quarantine_key else None
    if data is None:
        return [None] * load.quarantined
    keys: list[str | None] = pq.read_table(io.BytesIO(data), columns=["row_key"])[
        "row_key"
    ].to_pylist()
    return keys


def _landed_keys(
    store: Store, table: Table, load: Manifest, wanted: dict[str, list[int]]
) -> list[str]:
    """The wanted keys that occur in a load."""
    data = store.read(load.data_key)
    if data is None or not {*table.key_columns} <= {*load.columns}:
        return []
    with duckdb.connect() as connection:
        connection.register("landed", pq.read_table(io.BytesIO(data), columns=[*table.key_columns]))
        connection.register("sought", pa.table({"row_key": pa.array(wanted, pa.string())}))
        found = connection.execute(
            f"select distinct row_key from (select {key_in_sql(table)} as row_key from landed)"
            " where row_key in (select row_key from sought)"
        )
        return [str(key) for (key,) in found.fetchall()]
