"""A small project of every kind of extract, and lakes to land it in: a directory, or a bucket of moto's S3."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import land as lander
from ingestion.catalog.duck_file import allow_s3
from ingestion.land import Context, open_context
from ingestion.loads.manifest import Manifest, is_manifest
from ingestion.outcome import Outcome
from ingestion.settings import Settings
from ingestion.sql import literal
from ingestion.store import open_store

KEY = "00112233445566778899aabbccddeeff" * 2
OTHER_KEY = "01112233445566778899aabbccddeeff" * 2

VARIABLES = "vars: {business_time_zone: America/New_York, row_floor: {share: 0.9, rows: 5}}\n"
"""What the lander reads in a project's dbt_project.yml."""

CONTRACT = """
version: 2
sources:
  - name: shop
    config: {meta: {time_zone: America/New_York}}
    tables:
      - name: customer
        config:
          meta:
            contract:
              key: [customer_id]
              may_be_empty: true
              limits: {reject_rows: 5}
              deliveries:
                - {path: "shop/{date}/customer.csv", kind: full}
                - {path: "shop/dms/customer/{load}.csv", kind: full, header: false, settle_minutes: 5}
                - {path: "shop/dms/customer/[{day}/]{change_time}.csv", kind: changes, header: false}
                - {path: "shop/{export}/db/db.customer/{part}.parquet", kind: full, file: parquet}
        columns:
          - {name: customer_id, data_type: string, config: {meta: {sensitivity: direct, pseudonym: person}}}
          - {name: born_on, data_type: date, config: {meta: {sensitivity: direct, format: M/D/YYYY}}}
          - {name: balance, data_type: "decimal(12,2)", config: {meta: {sensitivity: none, format: money}}}
      - name: visit
        config:
          meta:
            contract:
              key: [visit_id]
              deliveries: [{path: "shop/{date}/visit.csv", kind: append}]
        columns:
          - {name: visit_id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: customer, data_type: string, config: {meta: {sensitivity: direct, pseudonym: person}}}
      - name: price
        config:
          meta:
            contract:
              key: [item, shop_id]
              watermark: changed_at
              deliveries: [{path: "shop/{date}/price.csv", kind: incremental}]
        columns:
          - {name: item, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: shop_id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: amount, data_type: "decimal(12,2)", config: {meta: {sensitivity: none}}}
          - name: changed_at
            data_type: timestamp
            config: {meta: {sensitivity: none, format: "YYYY-MM-DD HH:MM:SS"}}
      - name: note
        config:
          meta:
            contract:
              key: row
              deliveries: [{path: "shop/{date}/note.csv", kind: full}]
        columns:
          - {name: body, data_type: string, config: {meta: {sensitivity: none}}}
"""
HEADER = "customer_id,born_on,balance\n"


def customers(*numbers: int, balance: str = "1.50") -> str:
    """An extract of the table customer, with a header."""
    return HEADER + "".join(f"C{number},1/2/1980,{balance}\n" for number in numbers)


def visits(*rows: tuple[int, str]) -> str:
    """An extract of the table visit."""
    return "visit_id,customer\n" + "".join(f"{number},{customer}\n" for number, customer in rows)


def prices(*rows: tuple[str, int, str, str]) -> str:
    """An extract of the table price: item, shop, amount, clock of 2026-01-01."""
    lines = (f"{item},{shop},{amount},2026-01-01 {clock}\n" for item, shop, amount, clock in rows)
    return "item,shop_id,amount,changed_at\n" + "".join(lines)


def customer_parquet(*numbers: int) -> bytes:
    """A part of a snapshot export of the table customer."""
    sink = pa.BufferOutputStream()
    table = pa.table(
        {
            "customer_id": [f"C{number}" for number in numbers],
            "born_on": [date(1980, 1, 2)] * len(numbers),
            "balance": pa.array([Decimal("1.50")] * len(numbers), pa.decimal128(12, 2)),
        }
    )
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def write_project(folder: Path, contract: str = CONTRACT) -> Path:
    """A project of this one contract."""
    sources = folder / "models" / "staging" / "shop"
    sources.mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text(f"name: test\n{VARIABLES}")
    (sources / "_shop__sources.yml").write_text(contract)
    return folder


@cache
def _asking() -> duckdb.DuckDBPyConnection:
    """The DuckDB of all questions: to start one takes longer than most of them, and to load what reads S3 much longer.
    It keeps nothing of the files that it has read."""
    return duckdb.connect(config={"enable_external_file_cache": False, "threads": 1})


class Lake:
    """A lake of the project, its DuckDB file, and a clock that a test may set."""

    def __init__(
        self, folder: Path, address: str, target: str = "duckdb", key: str | None = KEY
    ) -> None:
        self.now: datetime | None = None
        self.settings = Settings(
            project_dir=write_project(folder / "project"),
            lake=address,
            warehouse=folder / "warehouse.duckdb",
            target=target,
            log_format="text",
            key=key,
        )

    @property
    def context(self) -> Context:
        """A fresh context, as every process opens one."""
        context = open_context(self.settings)
        now = self.now
        return replace(context, clock=lambda: now) if now else context

    @property
    def store(self) -> Any:
        """The lake's store."""
        return open_store(self.settings.lake, self.settings.kms_key)

    def put(self, name: str, content: str | bytes) -> None:
        """Deliver an object."""
        self.store.put(f"inbox/{name}", content.encode() if isinstance(content, str) else content)

    def land(self, **words: Any) -> list[Outcome]:
        """Land, in a fresh context."""
        return lander.land(self.context, **words)

    def land_one(self, **words: Any) -> Outcome:
        """Land what must be a single extract."""
        (outcome,) = self.land(**words)
        return outcome

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix, sorted."""
        return sorted(found.key for found in self.store.list(prefix))

    @property
    def inbox(self) -> list[str]:
        """What lies in the inbox."""
        return [key.removeprefix("inbox/") for key in self.keys("inbox/")]

    @property
    def manifests(self) -> list[Manifest]:
        """All manifests."""
        return [
            Manifest.model_validate_json(self.store.read(key))
            for key in self.keys("manifests/")
            if is_manifest(key)
        ]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the DuckDB file."""
        connection = _asking()
        connection.execute(
            f"attach {literal(str(self.settings.warehouse))} as asked (read_only); use asked"
        )
        try:
            if self.settings.lake.startswith("s3://"):
                allow_s3(connection)
            return connection.execute(sql).fetchall()
        finally:
            connection.execute("use memory; detach asked")

    def fingerprint(self) -> dict[str, Any]:
        """Everything that another history of the same deliveries must give too: no times of the clock in it."""
        changing = {"landed_at", "seconds", "writer", "objects", "object_modified_at", "warnings"}
        return {
            "inbox": self.inbox,
            "archive": self.keys("archive/"),
            "raw": {key: self.store.stat(key).size for key in self.keys("raw/shop/")},
            "manifests": [manifest.model_dump(exclude=changing) for manifest in self.manifests],
            "rows": self.query("select * from raw_shop.customer order by all"),
            "loads": self.query(
                "select load_id, load_number, is_counted from raw_landfall.loads order by all"
            ),
        }


def lakes(kind: str, folder: Path) -> Iterator[Lake]:
    """A lake in a directory, or in a bucket of its own."""
    if kind == "local":
        yield Lake(folder, str(folder / "lake"))
    else:
        bucket = f"lake-{uuid.uuid4().hex[:12]}"
        boto3.client("s3").create_bucket(Bucket=bucket)
        yield Lake(folder, f"s3://{bucket}/some/lake")
