"""`status` counts the same rows as missing as the warehouse does, whatever was withheld and came since."""

import io
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.contract import Table
from ingestion.land.withheld import withheld_rows
from ingestion.loads.ledger import Loads
from ingestion.loads.manifest import Manifest
from ingestion.store import Store, open_store
from tests.warehouse.conftest import Warehouse
from tests.warehouse.raw_tables import Load
from tests.warehouse.test_history import day, patient, thing

pytestmark = pytest.mark.warehouse

KINDS = {
    "clinic.patient": ("full", "changes"),
    "toy.listed": ("full",),
    "toy.watermarked": ("incremental",),
    "toy.flagged": ("incremental",),
    "toy.appended": ("append",),
}
KEYS = range(1, 6)


def some_loads(seed: int) -> list[Load]:
    """A few loads of each table, of which each key lands, is withheld, or does not occur; two a day are one file."""
    chance = random.Random(seed)
    loads = []
    for table, kinds in KINDS.items():
        for number in range(1, chance.randint(2, 7)):
            fates = {
                key: chance.choice(("landed", "withheld", "unreadable", "", "")) for key in KEYS
            }
            withheld: list[str | None] = [
                named(table, k) for k, f in fates.items() if f == "withheld"
            ]
            withheld += [None for fate in fates.values() if fate == "unreadable"]
            rows = [row(table, key) for key, fate in fates.items() if fate == "landed"]
            loads.append(
                Load(
                    table, day(1 + number // 2), rows, chance.choice(kinds), withheld,
                    second=number, retracted=chance.random() < 0.1,
                )
            )  # fmt: skip
    return loads


def named(table: str, key: int) -> str:
    return f"P{key}" if table == "clinic.patient" else str(key)


def row(table: str, key: int) -> dict[str, Any]:
    return patient(named(table, key)) if table == "clinic.patient" else thing(key, "a")


def parquet(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> bytes:
    told = io.BytesIO()
    pq.write_table(pa.table({c: pa.array([r.get(c) for r in rows]) for c in columns}), told)
    return told.getvalue()


def manifest(store: Store, table: Table, load: Load) -> Manifest:
    """The load's manifest, as far as it matters here, with its keys and those of its quarantine in the lake."""
    made = Manifest.model_construct(
        source=table.source,
        table=table.name,
        base_load_id=load.base_load_id,
        generation=load.generation,
        kind=load.kind,
        extract_date=load.day,
        extracted_at=load.extracted_at,
        object_modified_at=load.extracted_at,
        object_name=f"{table.source}/{load.day}/{table.name}.csv",
        columns=dict.fromkeys(table.key_columns, "string"),
        quarantined=len(load.withheld),
        data_sha256="d" * 64,
        quarantine_sha256="e" * 64 if load.withheld else None,
        retracted=load.retracted,
    )
    store.put(made.data_key, parquet(load.rows, table.key_columns))
    if made.quarantine_key:
        rows = [{"row_key": key} for key in load.withheld]
        store.put(made.quarantine_key, parquet(rows, ["row_key"]))
    return made


def test_the_rows_that_a_state_lacks_are_those_that_the_warehouse_misses(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    compiled = warehouse.dbt("compile", "--inline", "{{ missing_measures() }}").result.results
    query = str(compiled[0].node.compiled_code)
    met = set()
    for seed in range(30):
        loads, store = some_loads(seed), open_store(str(tmp_path / str(seed)))
        warehouse.raw.write(loads)
        found = {
            f"{source}.{name}": int(count) for _, source, name, _, _, count in warehouse.rows(query)
        }
        tables = {name: warehouse.raw.project.table(name) for name in KINDS}
        ledger = Loads(manifest(store, tables[load.table], load) for load in loads)
        for name, table in tables.items():
            counted = ledger.counted(name)
            whole = counted[-1].quarantined if counted and KINDS[name] == ("full",) else 0
            lacking = withheld_rows(store, table, counted)
            assert lacking == found.get(name, whole), (seed, name)
            ever = sum(load.quarantined for load in counted)
            met.add((name, 0 < lacking < ever))
    assert {name for name, some_came in met if some_came} == {*KINDS}
