"""Every kind of bad input through the real lander: its outcome, code, line, column and counts, and no value anywhere.

The cases carry the numbers of docs/guides/bad_inputs.md.
"""

import csv
import gzip
import io
import json
import logging
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion import report
from ingestion.codes import Code, Fate
from ingestion.errors import BadSettings
from ingestion.outcome import Outcome
from ingestion.store import NotAllowed, ObjectChanged, StillGrowing
from ingestion.store.local import LocalStore
from tests.ingestion.lakes import Lake, write_project

CONTRACT = """
version: 2
sources:
  - name: shop
    config: {meta: {time_zone: America/New_York}}
    tables:
      - name: person
        config:
          meta:
            contract:
              key: [person_id]
              deliveries:
                - {path: "shop/{date}/person.csv", kind: full}
                - {path: "shop/{export}/db/db.person/{part}.parquet", kind: full, file: parquet}
        columns: &columns
          - {name: person_id, data_type: string, config: {meta: {sensitivity: direct, pseudonym: person}}}
          - {name: name, data_type: string, config: {meta: {sensitivity: direct}}}
          - {name: visits, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: amount, data_type: "decimal(12,2)", config: {meta: {sensitivity: none, format: money}}}
          - name: born
            data_type: date
            config: {meta: {sensitivity: direct, format: M/D/YYYY, not_after_extract: true, sentinels: [1/1/0001]}}
          - name: seen
            data_type: string
            config: {meta: {sensitivity: quasi, format: ["h:MM AM", "M/D/YYYY H:MM"]}}
          - {name: zip, data_type: string, config: {meta: {sensitivity: quasi, format: zip}}}
          - {name: note, data_type: string, config: {meta: {sensitivity: quasi, nulls: ["N/A"]}}}
      - name: latin
        config:
          meta:
            contract:
              key: [person_id]
              deliveries: [{path: "shop/{date}/latin.csv", kind: full, encoding: latin-1}]
        columns: &two
          - {name: person_id, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: name, data_type: string, config: {meta: {sensitivity: direct}}}
      - name: titled
        config:
          meta:
            contract:
              key: [person_id]
              deliveries: [{path: "shop/{date}/titled.csv", kind: full, skip_lines: 2}]
        columns: *two
      - name: wide
        config:
          meta:
            contract:
              key: [person_id]
              deliveries: [{path: "shop/{date}/wide.csv", kind: full, encoding: utf-16}]
        columns: *two
      - name: comma
        config:
          meta:
            contract:
              key: [person_id]
              deliveries: [{path: "shop/{date}/comma.csv", kind: full, delimiter: ";", decimal_separator: ","}]
        columns:
          - {name: person_id, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: amount, data_type: "decimal(12,2)", config: {meta: {sensitivity: none, format: money}}}
          - {name: weight, data_type: "decimal(12,3)", config: {meta: {sensitivity: none}}}
      - name: padded
        config:
          meta:
            contract:
              key: [zip]
              may_be_empty: true
              deliveries: [{path: "shop/{date}/padded.csv", kind: full}]
        columns:
          - {name: zip, data_type: string, config: {meta: {sensitivity: none, format: zip, pad_to: 5}}}
      - name: event
        config:
          meta:
            contract:
              key: [event_id]
              deliveries: [{path: "shop/{date}/event.csv", kind: append}]
        columns:
          - {name: event_id, data_type: bigint, config: {meta: {sensitivity: none}}}
          - {name: name, data_type: string, config: {meta: {sensitivity: direct}}}
          - name: happens_on
            data_type: date
            config: {meta: {sensitivity: quasi, format: M/D/YYYY}}
      - name: price
        config:
          meta:
            contract:
              key: [item]
              watermark: changed_at
              deliveries: [{path: "shop/{date}/price.csv", kind: incremental}]
        columns:
          - {name: item, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: name, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: changed_at, data_type: timestamp, config: {meta: {sensitivity: none}}}
      - name: change
        config:
          meta:
            contract:
              key: [person_id]
              deliveries:
                - path: "shop/dms/change/{change_time}.csv"
                  kind: changes
                  header: false
                  nulls: "NULL"
                  order: position
        columns:
          - {name: person_id, data_type: string, config: {meta: {sensitivity: none}}}
          - {name: name, data_type: string, config: {meta: {sensitivity: direct}}}
          - {name: position, data_type: bigint, config: {meta: {sensitivity: none}}}
"""
ROOT = Path(__file__).parents[3]
COLUMNS = ("person_id", "name", "visits", "amount", "born", "seen", "zip", "note")
HEADER = ",".join(COLUMNS)
DAY = "2026-01-31"
PERSON = f"shop/{DAY}/person.csv"
EXPORT_INFO = {"status": "COMPLETE", "snapshotTime": f"{DAY}T12:00:00Z"}


@pytest.fixture
def here(tmp_path: Path) -> Lake:
    """An empty lake of the contract above."""
    lake = Lake(tmp_path, str(tmp_path / "lake"))
    write_project(lake.settings.project_dir, CONTRACT)
    return lake


def row(key: str, **cells: str) -> str:
    """One good line of the table person, but for the cells given (as the file has them)."""
    good = {
        "person_id": key,
        "name": f"Zqxname {key}",
        "visits": "3",
        "amount": "$1.00",
        "born": "1/2/1980",
        "seen": "10:08 AM",
        "zip": "02139",
        "note": f"Zqxnote {key}",
    }
    return ",".join((good | cells)[name] for name in COLUMNS)


def file(*lines: str, end: str = "\n", last: str | None = None) -> bytes:
    """The header, a good row P1 on line 2, `lines` from line 3 on, a good row P9."""
    whole = [HEADER, row("P1"), *lines, row("P9")]
    return (end.join(whole) + (end if last is None else last)).encode()


@dataclass(frozen=True)
class Case:
    """Bytes for a table, and what becomes of them. `landed` and the like are those of `Outcome`."""

    content: bytes
    outcome: str = "landed"
    code: str | None = None
    line: int | None = None
    column: str | None = None
    rows_in: int = 0
    rejects: list[tuple[int, str | None, str]] = field(default_factory=list)
    duplicates: int = 0
    warnings: dict[str, int] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    name: str = PERSON


def refused(
    content: bytes,
    code: str,
    line: int | None = None,
    column: str | None = None,
    name: str = PERSON,
) -> Case:
    return Case(content, "refused", code, line, column, name=name)


def quarantined(*lines: str, at: list[tuple[int, str | None, str]], **words: Any) -> Case:
    """These lines between two good rows; each of the rejects is one of them."""
    return Case(file(*lines), rows_in=words.pop("rows_in", 2 + len(lines)), rejects=at, **words)


def accepted(*lines: str, **words: Any) -> Case:
    return Case(file(*lines), rows_in=2 + len(lines), **words)


def bad_cell(code: str, **cells: str) -> Case:
    """One row with one bad cell, on line 3."""
    (column,) = cells
    return quarantined(row("P2", **cells), at=[(3, column, code)])


def read_as(column: str, text: str, value: Any, **words: Any) -> Case:
    """One row with a cell that lands as this value."""
    return accepted(row("P2", **{column: text}), rows={"P2": {column: value}}, **words)


def parquet(**changes: Any) -> bytes:
    """Two rows of the table person as a part of a snapshot export."""
    columns: dict[str, Any] = {
        "person_id": ["P1", "P9"],
        "name": ["Zqxname P1", "Zqxname P9"],
        "visits": pa.array([3, 3], pa.int32()),
        "amount": pa.array([Decimal("1.00")] * 2, pa.decimal128(9, 2)),
        "born": pa.array([date(1980, 1, 2)] * 2),
        "seen": ["10:08 AM"] * 2,
        "zip": ["02139"] * 2,
        "note": ["Zqxnote P1", "Zqxnote P9"],
    }
    columns = {name: value for name, value in (columns | changes).items() if value is not None}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


PACKED = gzip.compress(file())
IN_PARQUET = {"name": "shop/e1/db/db.person/1/part-00000.gz.parquet"}
ZIPPED = {"name": f"shop/{DAY}/person.csv.gz"}
ZIP = f"shop/{DAY}/padded.csv"
TITLED = b"\nZqxtitle, of a report\nperson_id,name\nP1,Zqxname\n"
COMMAS = (
    b"person_id;amount;weight\nP1;-1234,50;1234,5\nP2;-1.234,50;1234,500\nP3;1.234,50-;+1234,5\n"
)

CASES = {
    "1": refused(b"", "empty_object"),
    "1 lone mark": refused(b"\xef\xbb\xbf", "empty_object"),
    "1 gzip of nothing": refused(gzip.compress(b""), "empty_object", **ZIPPED),
    "2": refused(f"{HEADER}\n".encode(), "no_rows"),
    "2 allowed": Case(b"zip\n", warnings={"no_rows": 1}, name=ZIP),
    "4": refused(file().replace(b",zip", b"", 1), "missing_column", 1, "zip"),
    "5": refused(file().replace(b",note", b",note,social", 1), "unknown_column", 1),
    "6": Case(b"name,person_id\nZqxname,P1\n", rows_in=1, name=f"shop/{DAY}/latin.csv",
              rows={"P1": {"name": "Zqxname"}}),
    "7": refused(file().replace(b",note", b",zip", 1), "duplicate_column", 1, "zip"),
    "8": Case(file().replace(b",visits,", b", Visits,", 1), rows_in=2, warnings={"header_spelling": 1}),
    "9": refused(file().partition(b"\n")[2], "missing_header", 1),
    "9 empty line first": refused(b"\n" + file(), "missing_header", 1),
    "9 more lines above it": refused(b"\n" + TITLED, "missing_header", 3, name=f"shop/{DAY}/titled.csv"),
    "9 fewer lines above it": refused(TITLED[1:], "missing_header", 3, name=f"shop/{DAY}/titled.csv"),
    "10": refused(file().replace(b",", b";"), "wrong_delimiter", 1),
    "11": quarantined("P2,Zqxshort", at=[(3, None, "column_count")]),
    "11b": Case(file().replace(b"\n", b"\n,,,,,,,\n\n", 1), rows_in=2, warnings={"empty_row": 2}),
    "11 empty lines at the end": Case(file() + b"\n\r\n\n", rows_in=2),
    "12": quarantined(row("P2") + ",Zqxmore", at=[(3, None, "column_count")]),
    "13": Case(file().replace(b"\n", b",\n").replace(b"note,\n", b"note\n", 1), rows_in=2,
               warnings={"trailing_delimiter": 2}),
    "13 first decides": quarantined(row("P2") + ",", at=[(3, None, "column_count")]),
    "13 header alone": refused(file().replace(b"note\n", b"note,\n", 1), "unknown_column", 1),
    "13a": Case(TITLED, rows_in=1, rows={"P1": {"name": "Zqxname"}}, name=f"shop/{DAY}/titled.csv"),
    "14": accepted(row("P2", note='"Zqx\n\r\nq, ""x"""'), rows={"P2": {"note": 'Zqx\n\r\nq, "x"'}}),
    "15": quarantined(row("P2", name='"Zqxopen'), row("P3", name='"Zqx"'),
                      at=[(3, "name", "open_quote")]),
    "15 text after": quarantined(row("P2", name='"Zqx" Jones'), at=[(3, "name", "open_quote")]),
    "15 lines before it": Case(
        file(row("P2", name='"Zqx\nfirst"', note='"Zqx'), 'Zqxtail "x'), rows_in=4,
        rejects=[(3, "note", "open_quote"), (5, None, "column_count")]),
    "15 to the end": refused(file(row("P2", name='"Zqxopen')), "open_quote", 3, "name"),
    "15b": read_as("note", '5" tape', '5" tape'),
    "16": refused(file()[: -len("Zqxnote P9") - 2], "truncated", 3),
    "16 whole": Case(file(last=""), rows_in=2),
    "16 inside quotes": refused(file(row("P2", note='"Zqxcut')), "open_quote", 3, "note"),
    "17": Case(file(row("P2", note="Zqxn"), end="\r"), rows_in=3, rows={"P2": {"note": "Zqxn"}}),
    "17 lines": Case(file(row("P2", amount="x1"), end="\r"), rows_in=3, rejects=[(3, "amount", "bad_number")]),
    "18": Case(file(row("P2")).replace(b"\n", b"\r\n", 2), rows_in=3),
    "19": Case(b"\xef\xbb\xbf" + file(), rows_in=2),
    "20": Case(file(row("P2", name="Zqx?")).replace(b"?", b"\xff"), rows_in=3, rejects=[(3, "name", "encoding")]),
    "20 every row": refused(file().replace(b"Zqxname", b"Zqx\xff"), "encoding", 2, "name"),
    "20 declared": Case("person_id,name\nP1,Zqxé\n".encode("latin-1"), rows_in=1,
                        name=f"shop/{DAY}/latin.csv", rows={"P1": {"name": "Zqxé"}}),
    "21": refused(file().decode().encode("utf-16"), "encoding", 1),
    "21 declared": Case("person_id,name\nP1,Zqxé\n".encode("utf-16"), rows_in=1,
                        name=f"shop/{DAY}/wide.csv", rows={"P1": {"name": "Zqxé"}}),
    "22": bad_cell("nul_byte", name="Zqx\0name"),
    "23": accepted(row("P\u200b2", name="Zqx\x01\u202ename", note='"Zqx\ttab\nq"'),
                   warnings={"control_characters": 1},
                   rows={"P2": {"name": "Zqxname", "note": "Zqx\ttab\nq"}}),
    "23 separators": read_as("name", "Zqx\u2028\u2029x", "Zqxx", warnings={"control_characters": 1}),
    "24": read_as("name", "\u00a0“Zqx”\u00a0x ", "“Zqx”\u00a0x"),
    "25": bad_cell("value_too_long", note="Zqx" * 21_846),
    "25 just fits": accepted(row("P2", note="x" * 65_535)),
    "26": refused(PACKED[:-9], "truncated", **ZIPPED),
    "26 checksum": refused(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "truncated", **ZIPPED),
    "27": refused(gzip.compress(file(row("P2", note="x" * 4_000_000))), "too_large", **ZIPPED),
    "28 parquet": refused(parquet(), "wrong_type"),
    "28 zip": refused(b"PK\x03\x04" + bytes(50), "wrong_type"),
    "28 png": refused(b"\x89PNG\r\n\x1a\n" + bytes(50), "wrong_type"),
    "28 gzip": refused(PACKED, "wrong_type"),
    "28 no gzip": refused(file(), "wrong_type", **ZIPPED),
    "39": accepted(row("P1"), row("P1"), duplicates=2, warnings={"duplicate_row": 2}),
    "40": quarantined(row("P1", name="Zqxother"),
                      at=[(2, "person_id", "key_conflict"), (3, "person_id", "key_conflict")]),
    "41": bad_cell("null_key", person_id=""),
    "41 blanks": bad_cell("null_key", person_id=" \t"),
    "42": accepted(row(" P2\t"), warnings={"key_spaces": 1}, rows={"P2": {}}),
    "43": accepted(row("p1"), warnings={"key_case": 2}, rows={"p1": {}, "P1": {}}),
    "44": bad_cell("lossy_number", person_id="1.23457E+11"),
    "45": bad_cell("lossy_number", person_id="12.0"),
    "45 through a float": bad_cell("lossy_number", person_id="9.00719925474099E+15"),
    "46": read_as("zip", "2139", "2139", warnings={"zip_short": 1}),
    "46 padded": Case(b"zip\n2139\n", rows_in=1, warnings={"zip_short": 1}, name=ZIP),
    "47": accepted(row("P2", zip="02139-1234"), row("P3", zip="SW1A 1AA"),
                   rows={"P2": {"zip": "02139-1234"}, "P3": {"zip": "SW1A 1AA"}}),
    "48": accepted(row("P2", amount='"$1,234.50"'), row("P3", amount='"1,234.50"'),
                   rows={"P2": {"amount": Decimal("1234.50")}, "P3": {"amount": Decimal("1234.50")}}),
    "49": accepted(*(row(f"P{n}", amount=text) for n, text in enumerate(["(12.50)", "12.50-", "-12.50", "$-12.50"], 2)),
                   rows={f"P{n}": {"amount": Decimal("-12.50")} for n in range(2, 6)}),
    "50": quarantined(row("P2", amount="€10"), row("P3", amount='"1.234,50"'),
                      at=[(3, "amount", "bad_number"), (4, "amount", "bad_number")]),
    "50b": Case(COMMAS, rows_in=3, name=f"shop/{DAY}/comma.csv",
                rows={f"P{n}": {"amount": Decimal("-1234.50"), "weight": Decimal("1234.5")} for n in range(1, 4)}),
    "50c": Case(COMMAS + b"P4;1234.50;1\nP5;1;1.234\n", rows_in=5, name=f"shop/{DAY}/comma.csv",
                rejects=[(5, "amount", "bad_number"), (6, "weight", "bad_number")]),
    "51": read_as("amount", "-0.01", Decimal("-0.01")),
    "52": quarantined(*(row(f"P{n}", amount=text) for n, text in enumerate(["1.239", "NaN", "Infinity", "1e309"], 2)),
                      at=[(n, "amount", "bad_number") for n in range(3, 7)]),
    "52 bigint": bad_cell("bad_number", visits="9223372036854775808"),
    "52 by value": read_as("amount", "+7.000000000000000e+00", Decimal("7.00")),
    "53": read_as("born", "1/2/2021", date(2021, 1, 2)),
    "55": quarantined(row("P2", born="2021-01-02"), row("P3", born="1/2/21"),
                      at=[(3, "born", "bad_date"), (4, "born", "bad_date")]),
    "56": bad_cell("bad_date", born="2/30/2021"),
    "57": quarantined(row("P2", born="12/31/1899"), row("P3", born="1/1/2101"), row("P4", born="1/1/0001"),
                      at=[(3, "born", "bad_date"), (4, "born", "bad_date")], rows={"P4": {"born": None}}),
    "58": bad_cell("bad_time", seen="25:61 PM"),
    "58 skipped": bad_cell("bad_time", seen="3/14/2021 2:30"),
    "58 repeated": read_as("seen", "11/7/2021 1:30", "2021-11-07 01:30", warnings={"bad_time": 1}),
    "58 its date": bad_cell("bad_date", seen="2/30/2022 10:08"),
    "59": bad_cell("bad_date", born="2/1/2026"),
    "59 in the future": Case(b"event_id,name,happens_on\n1,Zqx,1/1/2027\n", rows_in=1, name=f"shop/{DAY}/event.csv"),
    "62": accepted(row("P2", note="N/A"), row("P3", note="NULL"), row("P4", name="Null", note="-"),
                   rows={"P2": {"note": None}, "P3": {"note": "NULL"}, "P4": {"name": "Null", "note": "-"}}),
    "63": accepted(*(row(f"P{n}", note=text) for n, text in enumerate(["=cmd()", "+Zqx", "@Zqx"], 2)),
                   rows={"P2": {"note": "=cmd()"}, "P3": {"note": "+Zqx"}, "P4": {"note": "@Zqx"}}),
    "64": read_as("note", "'); drop table", "'); drop table"),
    "65": Case(parquet(), rows_in=2, rows={"P1": {"visits": 3, "amount": Decimal("1.00")}}, **IN_PARQUET),
    "65 other type": refused(parquet(visits=[1.0, 2.0]), "wrong_type", None, "visits", **IN_PARQUET),
    "65 missing": refused(parquet(zip=None), "wrong_type", None, "zip", **IN_PARQUET),
    "65 unknown": refused(parquet(social=["Zqx", "Zqx"]), "unknown_column", **IN_PARQUET),
    "65 footer": refused(parquet()[:-20], "wrong_type", **IN_PARQUET),
    "65 bad row": Case(parquet(person_id=["P1", None]), rows_in=2,
                         rejects=[(2, "person_id", "null_key")], **IN_PARQUET),
    "66": Case(b"I,P1,Zqxa,1\nD,P1,NULL,2\nX,P2,Zqxb,3\n", rows_in=3, rejects=[(3, "_operation", "bad_operation")],
               name="shop/dms/change/20260131-120000000.csv"),
    "67": Case(b"I,P1,Zqxa,1\nI,P1,Zqxb,2\nU,P1,Zqxc,2\n", rows_in=3, warnings={"repeated_operation": 2},
               name="shop/dms/change/20260131-120000000.csv"),
    "limits": refused(file(*(row(f"P{n}", visits="x") for n in range(2, 9))), "too_many_rejects", 3, "visits"),
    "no row is left": refused(f"{HEADER}\n{row('P1', visits='x')}\n".encode(), "too_many_rejects", 2, "visits"),
}  # fmt: skip


@pytest.mark.parametrize("number", CASES)
def test_a_bad_input_has_its_one_outcome(
    number: str, here: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    case = CASES[number]
    caplog.set_level(logging.DEBUG)
    here.put("shop/export_info_e1.json", json.dumps(EXPORT_INFO))
    here.put(case.name, case.content)
    (outcome,) = [o for o in here.land() if o.extract != "shop/export_info_e1.json"]
    found = (outcome.outcome, outcome.code, outcome.line, outcome.column)
    assert found == (case.outcome, case.code, case.line, case.column), outcome.message
    assert_nothing_told(here, [outcome], case.content, caplog)
    if case.outcome == "refused":
        assert case.name in here.inbox
        assert here.keys("raw/shop/") == here.keys("quarantine/") == []
        return
    quarantine = quarantined_rows(here)
    assert quarantine == case.rejects
    counts = (outcome.rows_in, outcome.quarantined, outcome.duplicates)
    assert counts == (case.rows_in, len(case.rejects), case.duplicates)
    assert outcome.rows_in == outcome.landed + outcome.quarantined + outcome.duplicates
    assert outcome.warnings == case.warnings
    assert here.inbox in ([], ["shop/export_info_e1.json"])
    landed = landed_rows(here)
    for key, cells in case.rows.items():
        assert {name: landed[key][name] for name in cells} == cells


def raw_files(lake: Lake) -> list[pa.Table]:
    root = Path(lake.settings.lake)
    return [pq.read_table(root / key, partitioning=None) for key in lake.keys("raw/shop/")]


def landed_rows(lake: Lake) -> dict[str, dict[str, Any]]:
    """The rows of the lake's only table, by their first column."""
    rows = [row for table in raw_files(lake) for row in table.to_pylist()]
    return {str(next(iter(row.values()))): row for row in rows}


def quarantined_rows(lake: Lake) -> list[tuple[int, str | None, str]]:
    root = Path(lake.settings.lake)
    tables = [pq.read_table(root / key, partitioning=None) for key in lake.keys("quarantine/")]
    return [
        (row["line"], row["column_name"], row["code"])
        for table in tables
        for row in table.sort_by("line").to_pylist()
    ]


def all_told(lake: Lake, outcomes: list[Outcome], caplog: pytest.LogCaptureFixture) -> str:
    """The report, the log, the manifests and the records of refusal."""
    told = [report.records_as_json(outcomes), report.outcomes_as_text(outcomes), caplog.text]
    told += [lake.store.read(key).decode() for key in lake.keys("manifests/")]
    told += [str(said_by(record)) for record in caplog.records]
    return "\n".join(told)


def said_by(record: logging.LogRecord) -> dict[str, object]:
    """The fields that our own code put into the record.

    The others, such as the path of a checkout and the number of a process, may hold any word or number of a cell.
    """
    whose = vars(logging.makeLogRecord({})).keys() - {"msg", "args", "exc_info", "exc_text"}
    return {name: value for name, value in vars(record).items() if name not in whose}


def assert_nothing_told(
    lake: Lake, outcomes: list[Outcome], content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """No message holds the value of a cell."""
    whole = all_told(lake, outcomes, caplog)
    assert "Zqx" not in whole
    text = content.decode("utf-8", "ignore").partition("\n")[2]
    for value in set(re.split(r'[,\n\r"]', text)):
        plain = value.strip()
        if len(plain) > 3 and plain not in HEADER and not re.fullmatch(r"[0-9a-f]+", plain):
            assert plain not in whole


# what is a header: in the ledger a column and a payer have one name, `patient`

LEDGER = (
    "entry_id,charge_id,claim_id,encounter_id,patient,entry_type,amount,payer,transfer_to,method,"
    "procedure_code,adjustment_code,service_date,posted_on"
)
PAYMENT = "L1001,CH1001,C1001,P00017,P00017,payment,98765.43,patient,,check,,,11/2/2021,11/30/2021"
TRANSFER = "L1002,,,,P00017,transfer_out,87654.32,patient,patient,,,,,12/1/2021"
ADDED = ",".join(f"P{n:05}" for n in range(20, 40))


@pytest.fixture
def books(here: Lake) -> Lake:
    """An empty lake of the product's own contract of the source billing."""
    contract = Path("models", "staging", "billing", "_billing__sources.yml")
    to = here.settings.project_dir / contract
    to.parent.mkdir()
    to.write_text((ROOT / contract).read_text())
    return here


@pytest.mark.parametrize(
    ("first", "code", "column", "place"),
    [
        (PAYMENT, "missing_header", None, "line 1, new"),
        (TRANSFER, "missing_header", None, "line 1, new"),
        ("P00017,,,,,,,patient,patient,,,,,", "missing_header", None, "line 1, new"),
        (PAYMENT.replace("check", "Amount"), "missing_header", None, "line 1, new"),
        # The line end of the header is lost, and two values of the first row are alike.
        (LEDGER + PAYMENT, "duplicate_column", None, "line 1, column 18 of the file, new"),
        (PAYMENT.replace(",", ";"), "wrong_delimiter", None, "line 1, new"),
        (LEDGER.replace(",payer", ",patient"), "duplicate_column", "patient",
         "line 1, column patient, column 8 of the file, new"),
        (f"{LEDGER},email", "unknown_column", None, "line 1, column 15 of the file, new"),
        (f"{LEDGER},P00017,P00017", "duplicate_column", None, "line 1, column 16 of the file, new"),
        (f"{LEDGER},{ADDED}", "unknown_column", None, "line 1, column 15 of the file, new"),
        (LEDGER.replace(",payer", ",P00017"), "missing_column", "payer", "line 1, column payer, new"),
    ],
)  # fmt: skip
def test_a_value_like_a_name_makes_no_header_and_no_value_is_told(
    first: str, code: str, column: str | None, place: str,
    books: Lake, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    books.put(f"billing/{DAY}/ledger.csv", f"{first}\n{PAYMENT}\n{TRANSFER}\n")
    outcome = books.land_one()
    assert (outcome.code, outcome.line, outcome.column) == (code, 1, column), outcome.message
    assert report.outcomes_as_text([outcome]).endswith(f"ledger.csv ({place})")
    whole = all_told(books, [outcome], caplog)
    assert f'"{code}"' in whole
    for value in {*re.split("[,;]", f"{PAYMENT},{TRANSFER},{ADDED}")} - {"", "patient", "check"}:
        assert value not in whole


def test_the_ledger_of_that_contract_lands_under_its_header(books: Lake) -> None:
    books.put(f"billing/{DAY}/ledger.csv", f"{LEDGER}\n{PAYMENT}\n{TRANSFER}\n")
    assert books.land_one().landed == 2


# more than one delivery


def people(many: int, **cells: str) -> bytes:
    return "\n".join([HEADER, *(row(f"P{n}", **cells) for n in range(many)), ""]).encode()


def said(outcome: Outcome) -> tuple[str, str | None, dict[str, int]]:
    return outcome.outcome, outcome.code, outcome.warnings


def test_3_far_fewer_rows_wait_for_a_release(here: Lake) -> None:
    here.put("shop/2026-01-30/person.csv", people(100))
    here.land()
    here.put(PERSON, people(89))
    outcome = here.land_one()
    assert said(outcome) == ("refused", "row_floor", {})
    assert here.inbox == [PERSON]
    assert here.land_one(release=outcome.load_id).landed == 89


@pytest.mark.parametrize(
    ("problem", "outcome", "code"),
    [
        (NotAllowed, "refused", "unreadable"),  # 29
        (ObjectChanged, "refused", "changed_while_read"),  # 30
        (StillGrowing, "waiting", "still_arriving"),  # 31
    ],
)
def test_29_to_31_an_object_that_cannot_be_read_now_is_tried_again(
    here: Lake, monkeypatch: pytest.MonkeyPatch, problem: type[Exception], outcome: str, code: str
) -> None:
    here.put(PERSON, file())

    def fail(*words: Any) -> str:
        raise problem(PERSON)

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "fetch", fail)
        assert said(here.land_one()) == (outcome, code, {})
        assert here.inbox == [PERSON]
    assert here.land_one().outcome == "landed"


def test_30_an_object_that_changed_once_is_read_again(
    here: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.put(PERSON, file())
    fetch, failures = LocalStore.fetch, [ObjectChanged(PERSON)]

    def fail_once(*words: Any) -> str:
        if failures:
            raise failures.pop()
        return fetch(*words)

    monkeypatch.setattr(LocalStore, "fetch", fail_once)
    assert here.land_one().outcome == "landed"


def test_32_to_36_what_was_delivered_before(here: Lake) -> None:
    def deliver(name: str, content: bytes) -> tuple[str, str | None, dict[str, int]]:
        here.put(name, content)
        return said(here.land_one())

    assert deliver(PERSON, file()) == ("landed", None, {})
    assert deliver(PERSON, file()) == ("nothing", None, {})  # 32
    packed = f"shop/{DAY}/person.csv.gz"
    other = {"two_for_a_date": 1}
    assert deliver(packed, gzip.compress(file(), mtime=0)) == ("landed", None, other)  # 36
    assert deliver("shop/2026-02-01/person.csv", file()) == ("landed", None, {})  # 33b
    changed = {"redelivered": 1, "two_for_a_date": 1, "late_extract": 1}
    assert deliver(PERSON, file(row("P2"))) == ("landed", None, changed)  # 34, 35
    assert deliver(PERSON, file()) == ("nothing", "redelivered", {"redelivered": 1})


def test_33_the_same_bytes_under_another_name_for_one_time(here: Lake) -> None:
    contract = CONTRACT.replace(
        "shop/dms/change/{change_time}", "shop/dms/change/[{day}/]{change_time}"
    )
    write_project(here.settings.project_dir, contract)
    here.put("shop/dms/change/20260131-120000000.csv", b"I,P1,Zqx,1\n")
    here.land()
    here.put("shop/dms/change/2026/01/31/20260131-120000000.csv", b"I,P1,Zqx,1\n")
    assert said(here.land_one()) == ("nothing", "delivered_twice", {"delivered_twice": 1})


@pytest.mark.parametrize(
    "name",
    ["shop/2026-02-30/person.csv", "shop/%2e%2e/2026-01-31/person.csv", "shop/a';drop/person.csv"],
)
def test_37_tricks_in_a_name(here: Lake, name: str) -> None:
    here.put(name, file())
    assert said(here.land_one()) == ("refused", "bad_name", {})


def test_38_what_no_contract_claims_is_said_once(here: Lake) -> None:
    here.put("shop/Capstoneer.png", b"\x89PNG")
    assert said(here.land_one()) == ("refused", "unknown_table", {})
    assert here.land() == []


EVENT = "event_id,name,happens_on\n"


def test_40b_in_an_append_table_the_first_row_of_a_key_stands(here: Lake) -> None:
    text = EVENT + "1,Zqxa,1/1/2026\n2,Zqxb,1/1/2026\n1,Zqxc,1/1/2026\n2,Zqxb,1/1/2026\n"
    here.put(f"shop/{DAY}/event.csv", text)
    outcome = here.land_one()
    assert (outcome.landed, outcome.quarantined, outcome.duplicates) == (2, 1, 1)
    assert outcome.warnings == {"duplicate_row": 1}
    assert quarantined_rows(here) == [(4, "event_id", "key_conflict")]
    here.put("shop/2026-02-01/event.csv", EVENT + "1,Zqxz,1/1/2026\n")
    assert here.land_one().landed == 1


def test_40_of_three_rows_of_a_key_the_newest_watermark_lands(here: Lake) -> None:
    text = "item,name,changed_at\n"
    text += "".join(f"A,Zqx{n},2026-01-01 0{hour}:00:00\n" for n, hour in enumerate((1, 1, 2)))
    here.put(f"shop/{DAY}/price.csv", text)
    outcome = here.land_one()
    assert (outcome.landed, outcome.quarantined) == (1, 2)
    assert quarantined_rows(here) == [(n, "item", "key_conflict") for n in (2, 3)]


def test_54_a_date_without_a_format_is_a_wrong_contract(here: Lake) -> None:
    contract = CONTRACT.replace("{sensitivity: quasi, format: M/D/YYYY}", "{sensitivity: quasi}")
    write_project(here.settings.project_dir, contract)
    with pytest.raises(BadSettings, match="happens_on: a date without a format"):
        here.land()


def test_69_a_snapshot_export_that_is_not_complete_is_left_alone(here: Lake) -> None:
    here.put(IN_PARQUET["name"], parquet())
    assert said(here.land_one()) == ("waiting", "incomplete_export", {})
    here.put("shop/export_info_e1.json", json.dumps(EXPORT_INFO | {"status": "IN_PROGRESS"}))
    assert said(here.land_one()) == ("waiting", "incomplete_export", {})
    here.put("shop/export_info_e1.json", json.dumps(EXPORT_INFO))
    assert here.land_one().outcome == "landed"


def test_the_lines_of_parquet_rows_count_over_the_parts(here: Lake) -> None:
    here.put("shop/export_info_e1.json", json.dumps(EXPORT_INFO))
    here.put("shop/e1/db/db.person/2/part-00000-x.gz.parquet", parquet(person_id=["P3", None]))
    here.put("shop/e1/db/db.person/10/part-00000-x.gz.parquet", parquet(person_id=[None, "P6"]))
    outcome = here.land_one()
    assert (outcome.rows_in, outcome.landed) == (4, 2)
    assert quarantined_rows(here) == [(n, "person_id", "null_key") for n in (2, 3)]


# the guide


def section_of_the_guide(heading: str) -> str:
    """The guide's text below this heading."""
    guide = (ROOT / "docs" / "guides" / "bad_inputs.md").read_text()
    (section,) = re.findall(rf"^## {heading}\n(.*?)^## ", guide, re.MULTILINE | re.DOTALL)
    return section


def codes_of_the_guide(heading: str) -> set[str]:
    """The codes in the first column of the table below this heading."""
    rows = re.findall(r"^\| (`[^|]+) \|", section_of_the_guide(heading), re.MULTILINE)
    return {code for cell in rows for code in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.QUARANTINED, Fate.WARNED, Fate.WAITING])
def test_the_guide_explains_every_code_under_what_becomes_of_it(fate: Fate) -> None:
    with_it = {code.value for code in Code if fate in code.fates}
    assert codes_of_the_guide(fate.capitalize()) == with_it


@pytest.mark.parametrize(
    ("heading", "place"), [("Refused", "inbox"), ("Quarantined", "quarantine")]
)
def test_the_guide_has_the_words_of_the_warehouse(heading: str, place: str) -> None:
    with (ROOT / "seeds" / "finding_codes.csv").open(newline="") as file:
        known = {
            (row["finding"], row["meaning"], row["what_to_do"])
            for row in csv.DictReader(file)
            if row["place"] == place
        }
    plain = section_of_the_guide(heading).replace("`", "")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", plain, re.MULTILINE)
    assert {row for row in rows if row[0] != "code"} == known


def test_the_guide_names_no_other_code() -> None:
    guide = (ROOT / "docs" / "guides" / "bad_inputs.md").read_text()
    named = re.findall(r"\| `(\w+)`(?:, `(\w+)`)? \|$", guide, re.MULTILINE)
    assert {code for pair in named for code in pair if code} - set(Code) == set()
