"""Sound files of every format, damage at random, and other people's readers of what is left: csv, DuckDB, json."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.ingestion.formats.support import column

Row = dict[str, Any]
Given = tuple[Any, ...]
"""A row to write: name, amount, day and time."""

Expected = Callable[[int], Row | None]
"""The row of this number by another reader; None if it cannot read it."""

COLUMNS = (
    column("id", "bigint"),
    column("name"),
    column("amount", "decimal(12,2)"),
    column("day", "date", format="YYYY-MM-DD"),
    column("at", "timestamp", format="YYYY-MM-DD HH:MM:SS"),
)
NAMES = [c["name"] for c in COLUMNS]

ROWS = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.none(),
        st.decimals(-(10**9), 10**9, places=2) | st.none(),
        st.dates(date(1950, 1, 1), date(2090, 1, 1)) | st.none(),
        st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)).map(
            lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        )
        | st.none(),
    ),
    min_size=1,
    max_size=12,
)
DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(["flip", "drop", "insert", "cut", "repeat", "swell", "stumble"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
    ),
    max_size=3,
)
Damages = list[tuple[str, float, int]]

STUMBLING = (b"\0", b'"', b"\xff\xfe", b"[" * 9_000, b"1e999", b"\x1b[31m", b"\r", b"9" * 400)
"""Texts within a line that parsers stumble over."""


def damaged(data: bytes, damages: Damages) -> bytes:
    """The bytes with some of them changed, each at its share of the length."""
    for kind, share, byte in damages:
        at = int(share * len(data))
        other = bytes([byte])
        data = {
            "flip": data[:at] + other + data[at + 1 :],
            "drop": data[:at] + data[at + 1 :],
            "insert": data[:at] + other + data[at:],
            "cut": data[:at],
            "repeat": data[: at + byte] + data[at:],
            "swell": data[:at] + data[at : at + 40] * (byte * 8) + data[at:],
            "stumble": data[:at] + STUMBLING[byte % len(STUMBLING)] + data[at:],
        }[kind]
    return data


def texts_of(number: int, row: Given) -> list[str]:
    """A row's cells as text, an empty one for none; its number is the id."""
    name, amount, day, at = row
    text = "" if at is None else at.isoformat(" ", "milliseconds")
    return [
        str(number),
        name or "",
        f"{amount if amount is not None else ''}",
        f"{day or ''}",
        text,
    ]


def as_csv(
    rows: Iterable[Given], end: str = "\n", quoted: bool = False, operation: str = ""
) -> bytes:
    """The rows by the csv module, with a header; or, with an `operation`, as DMS writes changes: that first."""
    sink = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(sink, quoting=quoting, lineterminator=end)
    cells = (texts_of(number, row) for number, row in enumerate(rows, 1))
    writer.writerows([[operation, *row] for row in cells] if operation else [NAMES, *cells])
    return sink.getvalue().encode("utf-8", "surrogatepass")


KINDS = [pa.int64(), pa.string(), pa.decimal128(12, 2), pa.date32(), pa.timestamp("us")]


def as_parquet(rows: Iterable[Given], path: Path, writer: str, compression: str) -> None:
    """The rows in a file by pyarrow, by it as Spark does (`int96`), or by DuckDB."""
    columns = zip(*((n, *row) for n, row in enumerate(rows, 1)), strict=True)
    table = pa.table(
        {n: pa.array(cells, kind) for n, cells, kind in zip(NAMES, columns, KINDS, strict=True)}
    )
    if writer == "duckdb":
        codec = {"none": "uncompressed"}.get(compression, compression)
        with duckdb.connect() as connection:
            connection.register("rows", table)
            connection.execute(f"copy rows to '{path}' (format parquet, compression {codec})")
        return
    is_int96 = writer == "int96"
    pq.write_table(
        table, path, compression=compression, use_deprecated_int96_timestamps=is_int96,
        coerce_timestamps=None if is_int96 else "ms",
    )  # fmt: skip


TAGS = {"id": "N", "name": "S", "amount": "N", "day": "S", "at": "S"}


def as_items(rows: Iterable[Given]) -> bytes:
    """The rows as lines of a full export of DynamoDB; an empty cell is a missing attribute."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = zip(NAMES, texts_of(number, row), strict=True)
        lines.append(json.dumps({"Item": {n: {TAGS[n]: t} for n, t in cells if t}}))
    return "".join(line + "\n" for line in lines).encode()


def shown(text: str | None) -> str:
    """A text without what landing strips from it."""
    return "".join(c for c in text or "" if c.isprintable()).strip()


def as_value(name: str, text: str | None) -> Any:
    """A cell's text as its column's value, by the standard library; it raises for what is none."""
    plain = shown(text)
    if name == "name" or not plain:
        return plain or None
    if name == "id":
        assert Decimal(plain) == int(Decimal(plain))
        return int(Decimal(plain))
    if name == "amount":
        return Decimal(plain)
    if name == "day":
        return date.fromisoformat(plain)
    moment = datetime.fromisoformat(plain)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def compare(rows: Iterable[Mapping[str, Any]], expected: Expected) -> None:
    """Each landed row with what another reader has in the row of its number."""
    for row in rows:
        other = expected(row["_source_row"])
        if other is None:
            continue
        assert shown(row["name"]) == shown(other["name"])
        assert {name: row[name] for name in NAMES if name != "name"} == {
            name: other[name] for name in NAMES if name != "name"
        }


def by_csv(data: bytes, has_header: bool = True) -> tuple[Expected, int] | None:
    """The csv module's rows, and how many; None where its records are others than ours from a broken one on."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    try:
        read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None
    header = [shown(cell).casefold() for cell in read.pop(0)] if has_header else ["op", *NAMES]

    def expected(number: int) -> Row | None:
        cells = dict(zip(header, read[number - 1], strict=False))
        assert not re.search("[\udc80-\udcff]", "".join(cells.values())), "no UTF-8, and landed"
        return {name: as_value(name, cells[name]) for name in NAMES}

    return expected, len(read)


def by_duckdb(path: Path) -> Expected | None:
    """DuckDB's rows of a parquet; None where it reads other parts of the footer than arrow does."""
    query = f"select {', '.join(NAMES)} from read_parquet('{path}')"
    with duckdb.connect() as connection:
        try:
            read = connection.execute(query).fetchall()
        except (duckdb.Error, ValueError, OverflowError):
            return None
    return lambda number: dict(zip(NAMES, read[number - 1], strict=True))


def by_json(data: bytes) -> Expected:
    """The json module's items, each of its own line."""
    lines = data.decode("utf-8-sig", "surrogateescape").split("\n")
    read = [json.loads(line) for line in lines if line.strip(" \t\r")]

    def expected(number: int) -> Row | None:
        item = read[number - 1]["Item"]
        texts = {name: next(iter(item[name].values())) if name in item else None for name in NAMES}
        if any(
            isinstance(text, str) and "\ud800" <= max(text, default="") <= "\udfff"
            for text in texts.values()
        ):
            return None
        return {name: as_value(name, text) for name, text in texts.items()}

    return expected
