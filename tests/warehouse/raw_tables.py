"""Raw tables as the lander would leave them, made out of the contracts: for the warehouse alone."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.contract import Project, Table, read_project
from ingestion.loads import Loads, Manifest, Placed, placed

ROOT = Path(__file__).resolve().parents[2]
KEY_SEPARATOR = "\x1f"

LANDFALL_TABLES = {
    "loads": """source_name varchar, table_name varchar, load_id varchar, base_load_id varchar, generation bigint,
        extract_date date, extracted_at timestamp, load_number bigint, state_from bigint, closed_by bigint,
        kind varchar, is_counted boolean, is_retracted boolean, act varchar, reason varchar, rows_in bigint,
        landed bigint, quarantined bigint, duplicates bigint, forgotten bigint, unnamed bigint,
        unreadable_keys bigint, rows_kept bigint, deletions_withheld bigint, warnings varchar, object_name varchar,
        sha256 varchar, bytes bigint, contract_hash varchar, seconds double, landed_at timestamp""",
    "load_amounts": """source_name varchar, table_name varchar, load_id varchar, column_name varchar,
        landed_sum decimal(38, 4)""",
    "quarantined_rows": """source_name varchar, table_name varchar, load_id varchar, line bigint, byte_offset bigint,
        column_name varchar, code varchar, row_key varchar""",
    "refusals": """source_name varchar, table_name varchar, object_name varchar, code varchar, line bigint,
        column_name varchar, extract_date date, refused_at timestamp""",
    "acts": """act_id varchar, act varchar, acted_at timestamp, acted_by varchar, reason varchar,
        source_name varchar, table_name varchar, load_id varchar, object_name varchar""",
    "runs": """run_id varchar, started_at timestamp, finished_at timestamp, target varchar, as_of date,
        verdict varchar, node varchar, resource_type varchar, area varchar, status varchar, seconds double,
        failures bigint, bytes_scanned bigint""",
}


@dataclass
class Load:
    """One landed extract. `rows` are dicts of contract columns; `withheld` are keys in quarantine."""

    table: str
    day: date
    rows: Sequence[Mapping[str, Any]]
    kind: str = "full"
    withheld: list[str | None] = field(default_factory=list)
    duplicates: int = 0
    forgotten: int = 0
    unnamed: int = 0
    second: int = 0
    landed_at: datetime | None = None
    retracted: bool = False
    generation: int = 1
    warnings: str = "{}"

    @property
    def base_load_id(self) -> str:
        """The load's identity, made from its table and extract time."""
        return hashlib.sha256(f"{self.table}|{self.day}|{self.second}".encode()).hexdigest()[:16]

    @property
    def load_id(self) -> str:
        """The identity with its generation."""
        return self.base_load_id + (f"-{self.generation}" if self.generation > 1 else "")

    @property
    def act(self) -> str:
        """What made this generation."""
        if self.retracted:
            return "retracted"
        return "relanded" if self.generation > 1 else "landed"

    @property
    def extracted_at(self) -> datetime:
        """The moment the extract speaks for."""
        return datetime.combine(self.day, time()) + timedelta(seconds=self.second)

    @property
    def manifest(self) -> Manifest:
        """What its manifest would tell of it, as far as it decides which loads hold the state."""
        source, _, table = self.table.partition(".")
        cells: dict[str, Any] = {
            "source": source,
            "table": table,
            "base_load_id": self.base_load_id,
            "generation": self.generation,
            "kind": self.kind,
            "extract_date": self.day,
            "extracted_at": self.extracted_at,
            "object_modified_at": self.extracted_at,
            "object_name": self.load_id,
            "quarantined": len(self.withheld),
            "unreadable_keys": self.withheld.count(None),
            "retracted": self.retracted,
        }
        return Manifest.model_construct(**cells)


class RawTables:
    """Every raw table of the project in one DuckDB file; `write` makes them hold the given loads and nothing else."""

    def __init__(self, path: Path, root: Path = ROOT) -> None:
        self.path = path
        self.project: Project = read_project(root)
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema if not exists raw_landfall")
            for name, columns in LANDFALL_TABLES.items():
                connection.execute(f"create or replace table raw_landfall.{name} ({columns})")
            for table in self.project:
                connection.execute(f"create schema if not exists raw_{table.source}")
                columns = ", ".join(f'"{n}" {t}' for n, t in raw_columns(table).items())
                connection.execute(f"create or replace table {raw_name(table)} ({columns})")

    def at(self, path: Path) -> "RawTables":
        """The same tables in a copy of the file."""
        found = copy(self)
        found.path = path
        return found

    def write(self, loads: Iterable[Load]) -> None:
        """Replace all rows by those of `loads`, numbered in load order."""
        kept = sorted(loads, key=lambda load: (load.table, load.day, load.second, load.generation))
        places = places_of(Loads(load.manifest for load in kept))
        with duckdb.connect(str(self.path)) as connection:
            connection.begin()
            for name in ("loads", "load_amounts", "quarantined_rows"):
                connection.execute(f"delete from raw_landfall.{name}")
            for table in self.project:
                connection.execute(f"delete from {raw_name(table)}")
            for load in kept:
                self._write_load(connection, load, places.get((load.table, load.load_id)))
            connection.commit()

    def _write_load(
        self, connection: duckdb.DuckDBPyConnection, load: Load, place: Placed | None
    ) -> None:
        table = self.project.table(load.table)
        unreadable = sum(key is None for key in load.withheld)
        landed, withheld = len(load.rows), len(load.withheld)
        connection.execute(
            f"insert into raw_landfall.loads values ({', '.join('?' * 31)})",
            [
                table.source, table.name, load.load_id, load.base_load_id, load.generation, load.day,
                load.extracted_at, *(place[1:] if place else [None] * 3), load.kind, place is not None, load.retracted,
                load.act, None,
                landed + withheld + load.duplicates + load.forgotten, landed, withheld, load.duplicates, load.forgotten,
                load.unnamed, unreadable, 0, 0, load.warnings,
                f"{table.source}/{load.day}/{table.name}.csv", "0" * 64, 1, "0" * 64, 1.5,
                load.landed_at or load.extracted_at + timedelta(hours=6),
            ],
        )  # fmt: skip
        for line, key in enumerate(load.withheld, start=2):
            connection.execute(
                "insert into raw_landfall.quarantined_rows values (?, ?, ?, ?, ?, ?, ?, ?)",
                [table.source, table.name, load.load_id, line, line, None, "bad_date", key],
            )
        if place is None:
            return
        names = list(raw_columns(table))
        values = [raw_row(table, load, row, place) for place, row in enumerate(load.rows, start=1)]
        if values:
            # at once by arrow: DuckDB binds a row's values ten times slower
            columns = map(list, zip(*values, strict=True))
            connection.register("given", pa.table(dict(zip(names, columns, strict=True))))
            connection.execute(f"insert into {raw_name(table)} from given")
        for column in table.columns:
            if column.type.name == "decimal":
                total = sum(Decimal(row.get(column.name) or 0) for row in load.rows)
                connection.execute(
                    "insert into raw_landfall.load_amounts values (?, ?, ?, ?, ?)",
                    [table.source, table.name, load.load_id, column.name, total],
                )


def places_of(loads: Loads) -> dict[tuple[str, str], Placed]:
    """The places of the loads that count, by table and load_id."""
    tables = {manifest.full_name for manifest in loads}
    every = [place for name in tables for place in placed(loads.counted(name))]
    return {(place.load.full_name, place.load.load_id): place for place in every}


def raw_name(table: Table) -> str:
    """The raw table's name in the warehouse."""
    return f"raw_{table.source}.{table.name}"


def raw_columns(table: Table) -> dict[str, str]:
    """Name and DuckDB type of each column of the raw table, in order."""
    columns = {column.name: column.type.duckdb for column in table.columns}
    columns |= {
        column.pseudonym_name: "varchar" for column in table.columns if column.pseudonym_name
    }
    if table.has_changes:
        columns["_operation"] = "varchar"
    if table.has_pseudonyms:
        columns["_pseudonym_key_id"] = "varchar"
    lineage = {
        "_extracted_at": "timestamp",
        "_source_row": "bigint",
        "extract_date": "date",
        "load_id": "varchar",
    }
    return columns | lineage


def raw_row(table: Table, load: Load, row: Mapping[str, Any], place: int) -> list[Any]:
    """The cells of a raw row, in the order of raw_columns."""
    cells: dict[str, Any] = dict(row)
    for column in table.columns:
        if column.pseudonym_name and row.get(column.name) is not None:
            text = f"{column.pseudonym}|{row[column.name]}"
            cells[column.pseudonym_name] = hashlib.sha256(text.encode()).hexdigest()
    cells["_pseudonym_key_id"] = "test"
    cells |= {
        "_extracted_at": load.extracted_at,
        "_source_row": place,
        "extract_date": load.day,
        "load_id": load.load_id,
    }
    return [cells.get(name) for name in raw_columns(table)]
