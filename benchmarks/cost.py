"""What a month costs on AWS for a practice of some size, worked out from the queries of a run and from bytes per row.

A practice is built on DuckDB, and each relation measured as Parquet, column by column. A query of a run is a model, a
test, a seed, or one of the two of a snapshot, as the project is compiled for Athena: it reads the columns that its SQL
names, a snapshot all. Bytes grow with the patients, Athena bills each query for 10 MB at least, and public prices give
dollars. Only how long a query takes on Athena is assumed, and with it how long Fargate waits for it.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.children import measure
from benchmarks.ledger_lake import ENTRIES_OF_A_PATIENT, MEMORY, Lake, Practice
from benchmarks.marts_work import LOADS
from tools.project import compiled_for

BILLED = {
    ("model", "table"),
    ("model", "incremental"),
    ("test", "test"),
    ("seed", "seed"),
    ("snapshot", "snapshot"),
}
"""Kinds of nodes that Athena bills; the statement that makes a view costs nothing."""

YEARS, DAYS_OF_A_YEAR, DAYS_OF_A_MONTH = 3, 365, 30
LANDINGS_OF_A_DAY = 96
THREADS = 4
MEGABYTE, GIGABYTE, TERABYTE = 1_000_000, 1_000_000_000, 1_000_000_000_000

Sizes = dict[str, dict[str, int]]
"""The bytes of each column of each relation, by `schema.name`."""


@dataclass(frozen=True)
class Prices:
    """List prices of us-east-1 in US dollars, as docs/guides/deploy.md has them with their pages and their date."""

    athena_terabyte: float = 5.0
    athena_least_bytes: int = 10 * MEGABYTE
    fargate_processor_hour: float = 0.04048
    fargate_gigabyte_hour: float = 0.004445
    fargate_disk_hour: float = 0.000111
    s3_gigabyte_month: float = 0.023
    nat_hour: float = 0.045


@dataclass(frozen=True)
class Task:
    """A task of deploy/landfall.yaml: its processors and gigabytes of memory, and of disk beyond what costs nothing."""

    processors: float
    memory: int
    disk: int = 30

    def hour(self, prices: Prices) -> float:
        """What it costs to let it work for an hour."""
        return (
            self.processors * prices.fargate_processor_hour
            + self.memory * prices.fargate_gigabyte_hour
            + self.disk * prices.fargate_disk_hour
        )


LANDING, RUN = Task(0.5, 2), Task(1, 4)


class Queries:
    """The queries of a run on Athena, over relations of some sizes."""

    def __init__(self, manifest: dict[str, Any], sizes: Sizes) -> None:
        self._nodes, self._sizes = manifest["nodes"] | manifest["sources"], sizes

    @cached_property
    def bytes_read(self) -> list[int]:
        """What each query reads."""
        return list(self._all())

    def _all(self) -> Iterator[int]:
        for node in self._nodes.values():
            kind = node["resource_type"]
            if (kind, node["config"].get("materialized")) not in BILLED:
                continue
            yield self._read_by(node)
            if kind == "snapshot":
                # the merge compares with the history itself
                yield sum(self._sizes.get(_relation(node), {}).values())

    def _read_by(self, node: dict[str, Any]) -> int:
        """The bytes of the columns that a node's SQL names, of all that it is made of; a view is its own SQL."""
        if node["resource_type"] == "seed":
            return 0
        # dbt writes down what a snapshot reads only when it runs
        path = node["compiled_path"]
        words = set(re.findall(r"\w+", Path(path).read_text().lower())) if path else None
        read = 0
        for name in set(node["depends_on"]["nodes"]):
            parent = self._nodes[name]
            if parent["resource_type"] == "model" and parent["config"]["materialized"] == "view":
                read += self._read_by(parent)
                continue
            columns = self._sizes.get(_relation(parent), {})
            read += sum(
                size for column, size in columns.items() if words is None or column in words
            )
        return read


@click.command()
@click.option("--patients", default=(500, 5_000, 50_000), multiple=True, show_default=True)
@click.option(
    "--measured", default=2_000, show_default=True, help="Patients of the practice that is built."
)
@click.option(
    "--seconds",
    default=3.0,
    show_default=True,
    help="Seconds that a query takes on Athena: assumed.",
)
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to build the practice.")
def main(patients: tuple[int, ...], measured: int, seconds: float, scratch: Path | None) -> None:
    """Build a practice of three years, and print the table."""
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        sizes, stored = _built(Path(place), measured)
    manifest = json.loads((compiled_for("athena").parents[1] / "manifest.json").read_text())
    read = Queries(manifest, sizes).bytes_read
    print(
        "| patients | ledger rows | queries a run | GB read | GB billed | Athena | Fargate | S3 | with a NAT gateway |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for count in patients:
        print(
            _line(
                count,
                [size * count / measured for size in read],
                stored * count / measured,
                seconds,
                Prices(),
            )
        )


def _line(patients: int, read: list[float], stored: float, seconds: float, prices: Prices) -> str:
    """A practice's row of the table; `stored` are the bytes that a day leaves in the lake."""
    billed = sum(max(size, prices.athena_least_bytes) for size in read)
    athena = billed * DAYS_OF_A_MONTH / TERABYTE * prices.athena_terabyte
    waiting = len(read) * seconds / THREADS / 3600
    fargate = DAYS_OF_A_MONTH * (
        waiting * RUN.hour(prices) + LANDINGS_OF_A_DAY / 60 * LANDING.hour(prices)
    )
    s3 = stored * DAYS_OF_A_YEAR / GIGABYTE * prices.s3_gigabyte_month
    nat = prices.nat_hour * 24 * DAYS_OF_A_MONTH
    cells = [f"{patients:,}", f"{patients * ENTRIES_OF_A_PATIENT:,}", f"{len(read):,}"]
    cells += [f"{sum(read) / GIGABYTE:.2f}", f"{billed / GIGABYTE:.1f}"]
    cells += [f"{dollars:.2f}" for dollars in (athena, fargate, s3)]
    return f"| {' | '.join([*cells, f'{athena + fargate + s3 + nat:.0f}'])} |"


def _built(folder: Path, patients: int) -> tuple[Sizes, int]:
    """Build a practice; the sizes of its relations, and the bytes that a day leaves in the lake."""
    days = YEARS * DAYS_OF_A_YEAR
    lake = Lake(folder, Practice(patients * ENTRIES_OF_A_PATIENT, days))
    (folder / LOADS).write_text(json.dumps(lake.deliver(days)))
    for step in ("seed", "build"):
        measure(step, "benchmarks.marts_work", str(folder), step)
    return _measured(lake.warehouse, folder)


def _measured(warehouse: Path, folder: Path) -> tuple[Sizes, int]:
    """The sizes of all relations, and the bytes that a day leaves in the lake; `folder` is for files of a moment."""
    part, extract = folder / "part.parquet", folder / "extract.csv"
    sizes: Sizes = {}
    stored = 0
    with duckdb.connect(str(warehouse), config={"memory_limit": MEMORY}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in _relations(connection):
            connection.execute(
                f"copy (from {name}) to '{part}' (format parquet, compression snappy)"
            )
            by_column = connection.execute(
                "select path_in_schema, sum(total_compressed_size)::bigint"
                f" from parquet_metadata('{part}') group by 1"
            )
            sizes[name] = dict(by_column.fetchall())
            if name.startswith("raw_") and not name.startswith("raw_landfall"):
                # what is landed, and what was delivered, in the archive
                connection.execute(f"copy (from {name}) to '{extract}' (format csv)")
                stored += part.stat().st_size + extract.stat().st_size
    return sizes, stored


def _relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every table and view that can be read: what was not built has views over what is not there."""
    built = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " union all select schema_name || '.' || view_name from duckdb_views()"
        " where not internal and schema_name not like 'operations%' order by 1"
    )
    return [name for (name,) in built.fetchall()]


def _relation(node: dict[str, Any]) -> str:
    name = node.get("identifier") or node.get("alias") or node["name"]
    return f"{node['schema']}.{name}".lower()


if __name__ == "__main__":
    main()
