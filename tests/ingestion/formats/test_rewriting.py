"""Files are written again without some records or cells, and in nothing else otherwise than they were."""

import gzip
import io
import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.contract import read_project
from ingestion.formats import Edits, Extract, old_images, read_extract, rewrite
from ingestion.formats.text import text_blocks
from tests.ingestion.dynamodb import change, full, lines
from tests.ingestion.formats.support import EXTRACT_DATE, Bytes, collect, column, extract_of, read
from tools.project import ROOT

NAMED = [
    column("id", sensitivity="direct"),
    column("name", sensitivity="direct"),
    column("amount", "bigint"),
]


def rewritten(parts: list[Bytes], extract: Extract, edits: Edits, folder: Path) -> list[bytes]:
    """The parts, written again."""
    return [path.read_bytes() for path in rewrite(list(parts), extract, edits, folder)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_records_of_csv_go_with_their_lines_and_cells_of_others_are_emptied(
    tmp_path: Path, ending: str
) -> None:
    parts = [
        f'id,name,amount{ending}a,"x{ending}y",1{ending}b,"z, ""z""",2{ending}',
        f"\ufeffid,name,amount{ending}c,u,3{ending}d,v,x{ending}e,w,5",
    ]
    found = [Bytes("t.csv", text.encode()) for text in parts]
    edits = Edits(frozenset({1}), frozenset({7 if ending != "x" else 0}), {2: "k", 5: ""})
    first, second = rewritten(found, extract_of(*NAMED), edits, tmp_path)
    assert first.decode() == f"id,name,amount{ending}k,,2{ending}"
    assert second.decode() == f"\ufeffid,name,amount{ending}c,u,3{ending}e,,5"


def test_lines_above_a_header_stay(tmp_path: Path) -> None:
    extract = extract_of(*NAMED, delivery={"skip_lines": 2})
    text = 'Ageing\r\n"as of, \r\nid,name,amount\r\na,x,1\r\nb,y,2\r\nc,z,3\r\n'
    edits = Edits(frozenset({1}), frozenset({6}), {2: "k"})
    (written,) = rewritten([Bytes("t.csv", text.encode())], extract, edits, tmp_path)
    assert written.decode() == 'Ageing\r\n"as of, \r\nid,name,amount\r\nk,,2\r\n'


def test_nothing_changes_beyond_the_edits_however_the_file_is_cut_into_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "id,name,amount\n" + "".join(f"k{n},n{n},{n}\n" for n in range(400))
    edits = Edits(frozenset(range(100, 200)), emptied=dict.fromkeys(range(300, 310), ""))
    whole = rewritten([Bytes("t.csv", text.encode())], extract_of(*NAMED), edits, tmp_path)
    monkeypatch.setattr("ingestion.formats.text.BLOCK_SIZE", 61)
    monkeypatch.setitem(text_blocks.__kwdefaults__, "block_size", 61)
    cut = rewritten([Bytes("t.csv", text.encode())], extract_of(*NAMED), edits, tmp_path)
    assert cut == whole
    kept = [line for line in text.splitlines() if line in whole[0].decode().splitlines()]
    assert len(kept) == 1 + 400 - 100 - 10


def test_rows_of_parquet_keep_their_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": ["a", "b", "c"],
            "name": ["x", "y", "z"],
            "amount": pa.array([1, 2, 3], pa.int64()),
            "extra": pa.array([[1], [2], None], pa.list_(pa.int64())),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    extract = extract_of(*NAMED, delivery={"file": "parquet"}, ignored_headers=["extra"])
    edits = Edits(frozenset({1}), emptied={2: "k"})
    (data,) = rewritten([Bytes("t.parquet", sink.getvalue())], extract, edits, tmp_path)
    again = pq.read_table(io.BytesIO(data))
    assert again.schema.equals(table.schema)
    assert again.to_pylist() == [
        {"id": "k", "name": None, "amount": 2, "extra": None},
        {"id": "c", "name": "z", "amount": 3, "extra": None},
    ]


NUMBERS = pa.array([1, 2, 3], pa.int64())
BYTES = pa.array([b"\x00\x01", b"\x00\x02", b"\x00\x03"], pa.binary(2))


@pytest.mark.parametrize(
    ("array", "words", "last"),
    [
        (NUMBERS, {"file_type": "bigint"}, "3"),
        (NUMBERS.cast(pa.decimal128(20)), {"file_type": "decimal"}, "3"),
        (
            pa.array([UUID(int=n).bytes for n in range(3)], pa.uuid()),
            {"file_type": "uuid"},
            str(UUID(int=2)),
        ),
        (BYTES, {"binary": "hex"}, "0003"),
        (BYTES.cast(pa.binary()), {"binary": "hex"}, "0003"),
        (pa.array(["a", "b", "c"]).dictionary_encode(), {}, "c"),
    ],
)
def test_a_text_replaces_a_key_of_parquet_whatever_its_type(
    tmp_path: Path, array: pa.Array, words: dict[str, str], last: str
) -> None:
    extract = extract_of(
        column("id", sensitivity="direct", **words), *NAMED[1:], delivery={"file": "parquet"}
    )
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": array, "name": ["x", "y", "z"], "amount": NUMBERS}), sink)
    for edits, expected in (
        (Edits(emptied={2: "forgotten-k"}), ["forgotten-k", last]),
        (Edits(emptied={2: ""}), [None, last]),
    ):
        (data,) = rewritten([Bytes("t.parquet", sink.getvalue())], extract, edits, tmp_path)
        rows = read(data, extract, "t.parquet").rows
        kept = [row["id"] for row in rows]
        assert kept[-2] == (expected[0] or kept[-2]) and kept[-1] == last
        assert [row["name"] for row in rows] == ["x", None, "z"]


@pytest.mark.parametrize("kind", [pa.binary(), pa.binary(2)])
def test_bytes_that_are_read_as_text_stay_as_they_are_beside_a_text(
    tmp_path: Path, kind: pa.DataType
) -> None:
    extract = extract_of(
        column("id", sensitivity="direct", file_type="binary"), delivery={"file": "parquet"}
    )
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": pa.array([b"AB", b"CD", b"E\x01", b"\xff\xfe"], kind)}), sink)
    edits = Edits(emptied={1: "forgotten-k"})
    (data,) = rewritten([Bytes("t.parquet", sink.getvalue())], extract, edits, tmp_path)
    again = pq.read_table(io.BytesIO(data))["id"].to_pylist()
    assert again == [b"forgotten-k", b"CD", b"E\x01", b"\xff\xfe"]


TRIPS = read_project(ROOT).table("taxi.trips_table")
DETAILS = json.dumps({"Name": "Ann", "Vehicle Details": {"id": "V1", "type": 2}})


def trips(kind: str) -> Extract:
    """An export of the trips."""
    delivery = next(one for one in TRIPS.deliveries if one.kind == kind)
    return Extract(TRIPS, delivery, EXTRACT_DATE, datetime(2026, 1, 31), "taxi/trips")


def trip(rider: str, driver: int) -> dict[str, dict[str, str]]:
    """An item."""
    return {
        "riderid": {"S": rider},
        "tripinfo": {"S": "2024-04-08T04:53:55Z,1"},
        "DRIVER_ID": {"N": str(driver)},
        "DriverDetails": {"S": DETAILS},
    }


def test_items_lose_attributes_and_what_lies_within_them(tmp_path: Path) -> None:
    data = lines(full(trip("a@x", 1), trip("b@x", 2), trip("c@x", 3)))
    edits = Edits(frozenset({1}), emptied={2: ""})
    part = Bytes("x.json.gz", data)
    (again,) = rewritten([part], trips("full"), edits, tmp_path)
    kept, whole = (json.loads(line)["Item"] for line in gzip.decompress(again).splitlines())
    assert whole == trip("c@x", 3)
    assert kept.keys() == {"riderid", "tripinfo", "DriverDetails"}
    assert json.loads(kept["DriverDetails"]["S"]) == {"Vehicle Details": {"id": "V1", "type": 2}}
    assert collect(read_extract([Bytes("x.json.gz", again)], trips("full"))).rows_in == 2


def test_old_images_are_seen_and_emptied_alone(tmp_path: Path) -> None:
    keys = {"riderid": {"S": "a@x"}, "tripinfo": {"S": "2024-04-08T04:53:55Z,1"}}
    time = {"N": "1712552035000000"}
    data = lines([change(keys, trip("a@x", 1), trip("a@x", 2), time)])
    ((number, cells),) = old_images([Bytes("x.json.gz", data)], trips("changes"))
    assert (number, sorted((c.name, text) for c, text in cells)) == (
        1,
        [("driver_id", "2"), ("riderid", "a@x")],
    )
    edits = Edits(past=frozenset({1}))
    (again,) = rewritten([Bytes("x.json.gz", data)], trips("changes"), edits, tmp_path)
    line = json.loads(gzip.decompress(again))
    assert line["NewImage"] == trip("a@x", 1)
    assert line["OldImage"].keys() == {"riderid", "tripinfo", "DriverDetails"}
