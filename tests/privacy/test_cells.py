"""The warehouse and all written files hold no identifier outside the allowed places, and each gate finds its leaks."""

import gzip
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.contract import read_project
from tests.privacy.cells import (
    Identifiers,
    cells_found,
    hashes_found,
    identifiers,
    open_columns,
)
from tests.privacy.gates import personal
from tests.privacy.sought import LANDERS, Sought, bytes_found, in_raw
from tools.canaries import FILE_NAME, Canary, without_form
from tools.demonstration import Demonstration, demonstrated
from tools.project import ROOT

logger = logging.getLogger(__name__)
pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

PERSON = "from warehouse.restricted.dim_patient_identities"
CELL_MUTANTS = {
    "a first name under another heading": f"select first_name as greeting {PERSON}",
    "upper case": f"select upper(last_name) as told {PERSON}",
    "lower case": f"select lower(last_name) as told {PERSON}",
    "with blanks around it": f"select '  ' || last_name || ' ' as told {PERSON}",
    "a substring": f"select substring(last_name, 4, 8) as told {PERSON}",
    "in a sentence": f"select 'called ' || last_name || ' twice' as told {PERSON}",
    "in a list": f"select [1::varchar, last_name] as told {PERSON}",
    "in a structure": f"select {{'who': {{'name': last_name}}}} as told {PERSON}",
    "the birth date as another column": f"select date_of_birth as first_seen_on {PERSON}",
    "the birth date as text": f"select 'b. ' || date_of_birth as told {PERSON}",
    "the birth date as a time": f"select date_of_birth::timestamp as told {PERSON}",
    "a name in another source's mart": "select last_name as told from warehouse.restricted.dim_contact_identities",
    "a text in a fact": "select review_text as told from warehouse.restricted.review_texts",
}
ID = "from warehouse.staging.stg_clinic__patients"
HASH_MUTANTS = {
    "md5 of a number": f"select md5(patient_id) as told {ID}",
    "sha256": f"select sha256(patient_id) as told {ID}",
    "sha1 of a mail": f"select sha1(email) as told {ID}",
    "in capitals": f"select upper(md5(patient_id)) as told {ID}",
    "the first sixteen digits": f"select left(md5(patient_id), 16) as told {ID}",
    "of lower case": f"select md5(lower(last_name)) as told {ID}",
    "of a hash": f"select sha256(md5(patient_id)) as told {ID}",
    "of a date of birth": f"select md5(date_of_birth::varchar) as told {ID}",
    "as a uuid": f"select md5(patient_id)::uuid as told {ID}",
    "in base 64": f"select base64(unhex(md5(patient_id))) as told {ID}",
}


@pytest.fixture(scope="module")
def shown() -> Demonstration:
    return demonstrated()


@pytest.fixture(scope="module")
def watched(shown: Demonstration) -> Identifiers:
    return identifiers(shown.warehouse, shown.canaries)


@pytest.fixture(scope="module")
def sought(shown: Demonstration) -> Sought:
    """All canaries, those of columns that marts may hold as they are too."""
    return Sought(shown.canaries)


@pytest.fixture(scope="module")
def warehouse(shown: Demonstration) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(shown.warehouse), read_only=True) as connection:
        yield connection


def leaking(shown: Demonstration, query: str) -> duckdb.DuckDBPyConnection:
    """A database with the table clinic.leak, made from the warehouse."""
    connection = duckdb.connect()
    connection.execute(f"attach '{shown.warehouse}' (read_only)")
    connection.execute(f"create schema clinic; create table clinic.leak as {query}")
    return connection


def test_every_personal_column_that_was_delivered_has_a_canary(shown: Demonstration) -> None:
    """In a row that lands, but where the contract lets none in: there in a bad row alone."""
    planted = {canary.place for canary in shown.canaries}
    delivered = {place.split(".")[0] for place in planted}
    due = {
        place: column for place, column in personal().items() if place.split(".")[0] in delivered
    }
    formless = {*without_form(read_project(ROOT))} & {*due}
    lacking = {place: column for place, column in due.items() if place not in planted | formless}
    # the demo's files do not have them
    assert all(column.optional for column in lacking.values()), lacking
    spoiled = {place for place in formless if f"{place} of a bad row" in planted}
    assert spoiled and all(due[place].optional for place in formless - spoiled)
    landed = planted & {*personal()}
    logger.info("%d canaries, %d of them in rows that land", len(planted), len(landed))
    assert len(landed) >= 118


def test_the_canaries_are_in_the_warehouse_where_they_may_be(
    shown: Demonstration, warehouse: duckdb.DuckDBPyConnection
) -> None:
    columns = personal()
    landed = [canary for canary in shown.canaries if canary.place in columns]
    assert [canary.place for canary in landed if not in_raw(warehouse, canary)] == []


def test_no_cell_of_an_open_schema_holds_an_identifier(
    warehouse: duckdb.DuckDBPyConnection, watched: Identifiers
) -> None:
    columns = open_columns(warehouse)
    assert len(columns) > 500
    assert cells_found(warehouse, columns, watched) == []


def test_what_landfall_writes_of_its_runs_and_loads_holds_no_identifier(
    warehouse: duckdb.DuckDBPyConnection, watched: Identifiers
) -> None:
    columns = warehouse.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema = 'raw_landfall' and column_name <> 'row_key'"
    ).fetchall()
    assert cells_found(warehouse, columns, watched) == []


def test_the_name_of_a_file_reaches_no_mart(warehouse: duckdb.DuckDBPyConnection) -> None:
    named = Identifiers(Sought([FILE_NAME]), frozenset(), frozenset())
    told = cells_found(warehouse, [("raw_landfall", "refusals", "object_name")], named)
    assert told == ["raw_landfall.refusals.object_name"]
    assert cells_found(warehouse, open_columns(warehouse, "VARCHAR"), named) == []


@pytest.mark.parametrize("name", CELL_MUTANTS)
def test_a_table_that_leaks_is_found(shown: Demonstration, watched: Identifiers, name: str) -> None:
    with leaking(shown, CELL_MUTANTS[name]) as connection:
        columns = open_columns(connection)
        leaks = [column for column in columns if column[:2] == ("clinic", "leak")]
        assert cells_found(connection, leaks, watched) == [f"clinic.leak.{leaks[0][2]}"]


def test_no_hash_in_the_marts_can_be_guessed(
    warehouse: duckdb.DuckDBPyConnection, watched: Identifiers
) -> None:
    columns = open_columns(warehouse, "VARCHAR")
    assert len(columns) > 200
    assert hashes_found(warehouse, columns, watched) == []


@pytest.mark.parametrize("name", HASH_MUTANTS)
def test_a_hash_that_can_be_guessed_is_found(
    shown: Demonstration, watched: Identifiers, name: str
) -> None:
    with leaking(shown, HASH_MUTANTS[name]) as connection:
        assert hashes_found(connection, [("clinic", "leak", "told")], watched) == [
            "clinic.leak.told"
        ]


def test_no_byte_outside_warehouse_and_the_landers_places_holds_a_canary(
    shown: Demonstration, sought: Sought
) -> None:
    demo = shown.folder / "demo"
    told = [shown.folder / "said.txt", *shown.target.rglob("*"), *shown.served.rglob("*")]
    files = [
        path
        for path in [*told, *demo.rglob("*")]
        if path.is_file()
        and path.suffix != ".duckdb"  # test_audiences.py
        and not any(demo / "lake" / place in path.parents for place in LANDERS)
    ]
    names = {path.name for path in files}
    assert {"said.txt", "static_index.html", "manifest.json", "run_results.json"} <= names
    assert {"index.html", "operations.html"} <= {path.name for path in (demo / "report").iterdir()}
    assert bytes_found(files, sought) == {}


def test_the_canaries_are_in_the_lake_where_only_the_lander_reads(
    shown: Demonstration, sought: Sought
) -> None:
    lake = shown.lake
    archived = [path for path in (lake / "archive").rglob("*") if path.is_file()]
    assert bytes_found(archived, sought)


def test_a_file_that_leaks_is_found(tmp_path: Path) -> None:
    canaries = [Canary("a.name", "", ("zq0123canary",)), Canary("a.day", "", ("2003-04-05",))]
    sought = Sought(canaries)
    told = "seen: ZQ0123canary, twice"
    written = {
        "plain.log": told.encode(),
        "capitals.txt": told.upper().encode(),
        "report.html": f"<td>{told}</td>".encode(),
        "run.json": json.dumps({"message": told}).encode(),
        "windows.csv": told.encode("utf-16-le"),
        "packed.gz": gzip.compress(told.encode()),
        "twice.gz": gzip.compress(gzip.compress(told.encode())),
        "latin.txt": b"\xff\xfe\xe9" + told.encode("latin-1"),
    }
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "sheet.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sheet.xml", told)
    (tmp_path / "days.csv").write_text("seen on 2003-04-05 10:00")
    (tmp_path / "clean.txt").write_text("zq0123 canary, 12003-04-05, e2003-04-05, 2003-04-051")
    found = bytes_found(sorted(tmp_path.iterdir()), sought)
    assert {Path(path).name for path in found} == {*written, "sheet.xlsx", "days.csv"}
