"""An export of a DynamoDB table, landed; and how fast JSON libraries make columns of its lines, for the choice of one.

The items are the taxi company's: 37 attributes once a trip is completed, 8 while it is only booked.
"""

import gzip
import importlib
import io
import json
import multiprocessing
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import duckdb
import orjson
import pyarrow as pa
import pyarrow.json

from benchmarks.children import Measured, measure
from benchmarks.lander import make_project
from ingestion.contract import Table, read_project
from ingestion.formats.dynamodb.items import attributes_of, schema_of
from ingestion.formats.dynamodb.lines import STRETCH
from samples.days import Days
from samples.taxi.bookings import TABLE, export, item_of
from samples.taxi.life import Life

ROOT = Path(__file__).resolve().parents[1]
TRIPS_A_DAY = 20_000
BOOKED_SHARE = 0.1
SAMPLE = 50_000


def lines(items: int) -> Iterator[str]:
    """This many lines of a full export; one trip in ten is only booked."""
    life = Life(Days(days=1, seed=1), TRIPS_A_DAY)
    trips = life.trips_of(0)
    for number in range(items):
        trip = trips[number % len(trips)]
        late = timedelta(days=2) if number % round(1 / BOOKED_SHARE) else timedelta(seconds=1)
        item = item_of(trip, trip.booked + late) or item_of(
            trip, trip.booked + timedelta(seconds=1)
        )
        assert item
        item["tripinfo"] = {"S": f"{trip.info}{number}"}
        yield json.dumps({"Item": item}, separators=(",", ":"))


def contract() -> str:
    """The project's own contract, of a source called bench, without pseudonyms (they need a key)."""
    text = (ROOT / "models/staging/taxi/_taxi__sources.yml").read_text()
    text = text.replace("name: taxi", "name: bench").replace('"taxi/', '"bench/')
    return re.sub(r", pseudonym: \w+", "", text)


def with_json(data: bytes, table: Table) -> list[Any]:
    """The standard library's parser, then a list for each attribute."""
    return _columns((json.loads(line) for line in data.splitlines()), table)


def with_orjson(data: bytes, table: Table) -> list[Any]:
    """The same with orjson."""
    return _columns((orjson.loads(line) for line in data.splitlines()), table)


def with_pyarrow(data: bytes, table: Table) -> list[Any]:
    """pyarrow's parser by the contract's schema, which makes columns at once; as the reader uses it."""
    read = pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1)
    parse = pyarrow.json.ParseOptions(
        explicit_schema=schema_of(table, False, data), unexpected_field_behavior="infer"
    )
    return list(pyarrow.json.read_json(io.BytesIO(data), read, parse).columns)


def with_duckdb(data: bytes, table: Table) -> list[Any]:
    """DuckDB's reader of JSON lines by the same schema, less what differs but in case, which its structs do not tell
    apart; what is not in the schema it leaves out without a word."""
    items = {f.name.lower(): f for f in schema_of(table, False, data).field("Item").type}
    fields = (f'"{f.name}" struct("{f.type[0].name}" varchar)' for f in items.values())
    columns = f"{{'Item': 'struct({', '.join(fields)})'}}"
    with tempfile.NamedTemporaryFile(suffix=".json") as file, duckdb.connect() as connection:
        file.write(data)
        file.flush()
        query = "select Item from read_json(?, format = 'newline_delimited', columns = "
        found = connection.execute(f"{query}{columns})", [file.name]).to_arrow_table()
    return list(found.columns)


def with_polars(data: bytes, table: Table) -> list[Any]:
    """polars by the same schema; it too leaves out what is not in it."""
    polars: Any = importlib.import_module("polars")
    items = schema_of(table, False, data).field("Item").type
    fields = {f.name: polars.Struct({f.type[0].name: polars.String}) for f in items}
    return list(polars.read_ndjson(data, schema={"Item": polars.Struct(fields)}).get_columns())


def _columns(parsed: Iterator[Any], table: Table) -> list[Any]:
    names = list(dict.fromkeys(name for c in table.columns for name in attributes_of(c)))
    columns: list[list[str | None]] = [[] for _ in names]
    for line in parsed:
        item = line["Item"]
        for name, column in zip(names, columns, strict=True):
            value = item.get(name)
            column.append(next(iter(value.values())) if value else None)
    return [pa.array(column, pa.string()) for column in columns]


LIBRARIES: tuple[tuple[str, Callable[[bytes, Table], list[Any]]], ...] = (
    ("json", with_json), ("orjson", with_orjson), ("polars", with_polars), ("duckdb", with_duckdb),
    ("pyarrow", with_pyarrow),
)  # fmt: skip


@click.command()
@click.option("--items", default=1_000_000, show_default=True, help="Items of the export.")
@click.option("--rounds", default=3, show_default=True, help="Runs of each; the fastest counts.")
@click.option("--scratch", type=click.Path(path_type=Path), help="Where to put the files.")
def main(items: int, rounds: int, scratch: Path | None) -> None:
    """Land one export, and compare the parsers in one thread on a part of it."""
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        make_project(Path(place), contract())
        # in a process of its own: what this one has held would count as the lander's memory
        made = Path(place) / "made"
        writer = multiprocessing.get_context("spawn").Process(target=_deliver, args=(made, items))
        writer.start()
        writer.join()
        found = min((_land(Path(place), made, items) for _ in range(rounds)), key=lambda f: f.cpu)
        print(
            f"landed {items:,} items: {found.seconds:.1f} s, {items / found.seconds:,.0f} items/s, "
            f"CPU {found.cpu:.1f} s, or {2 * items / found.cpu:,.0f} items in 2 CPU seconds; {found.mebibytes:.0f} MiB"
        )
        table = read_project(Path(place)).table(f"bench.{TABLE}")
    pieces = list(_pieces())
    size = sum(map(len, pieces)) / SAMPLE
    packed = sum(len(gzip.compress(piece)) for piece in pieces) / SAMPLE
    print(f"one thread, {size:,.0f} bytes an item ({packed:,.0f} gzipped):")
    rates = {}
    for name, parse in LIBRARIES:
        try:
            rates[name] = max(_rate(parse, pieces, table) for _ in range(rounds))
        except ModuleNotFoundError:
            print(f"{name}: left out, it is not installed")
            continue
        print(f"{name:10}{rates[name]:12,.0f} items per CPU second")
    times = found.cpu * rates["pyarrow"] / items
    print(f"landing took {times:.1f} times the CPU seconds of pyarrow's parsing alone")


def _land(place: Path, made: Path, items: int) -> Measured:
    """The export landed in a new lake."""
    shutil.rmtree(place / "lake", ignore_errors=True)
    shutil.copytree(made, place / "lake" / "inbox" / "bench")
    found = measure("landfall", "benchmarks.lander", str(place))
    assert found is not None
    if found.counts["landed"] != items:
        raise SystemExit("the counts are not those of the export")
    return found


def _rate(parse: Callable[[bytes, Table], list[Any]], pieces: list[bytes], table: Table) -> float:
    """Items per CPU second."""
    begin = time.process_time()
    for piece in pieces:
        parse(piece, table)
    return SAMPLE / (time.process_time() - begin)


def _pieces() -> Iterator[bytes]:
    """A sample in stretches of whole lines, as long as those that the reader works on."""
    sample = "".join(f"{line}\n" for line in lines(SAMPLE)).encode()
    while sample:
        end = sample.rfind(b"\n", 0, STRETCH) + 1
        yield sample[:end]
        sample = sample[end:]


def _deliver(folder: Path, items: int) -> None:
    days = Days(days=1, seed=1)
    for name, data in export(days, Life(days, 1), 0, True, lines(items)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
