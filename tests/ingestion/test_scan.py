"""`scan` finds columns that are declared harmless and are personal, and shows no value."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingestion.cli import main
from ingestion.scan import Finding, scan
from tests.ingestion.lakes import Lake, write_project

HIDDEN = {
    "mail": ("mail", ["ada@example.org", "write to bob.miller@mail.example.com", "c+d@e.example"]),
    "telephone": ("phone", ["(212) 555-0123", "212-555-0199", "+44 20 7946 0018"]),
    "security": ("ssn", ["078-05-1120", "219-09-9999", "no. 457-55-5462"]),
    "card": ("card", ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005"]),
    "account": ("iban", ["GB82WEST12345698765432", "DE89 3704 0044 0532 0130 00", "FR1420041010050500013M02606"]),
    "who": ("direct_column", ["Lovelace", "HOPPER", "lovelace"]),
    "note": ("direct_column", ["seen by Ada Lovelace today", "for grace hopper", "Ada Lovelace"]),
    "day": ("birth_date", ["2/3/1950", "4/5/1980", "6/7/2022"]),
}  # fmt: skip
"""For each column what it looks like, and three values."""
HARMLESS = {
    "product": ["Red Lentils", "Olive Oil", "Green Tea"],
    "number": ["1234567890123456", "4111111111111112", "20220314"],
    "code": ["99213", "INS1", "550e8400-e29b-41d4-a716-446655440000"],
    "version": ["1.2.3", "192.168.100.200", "2022-03-14 10:00"],
    "amount": ["10.50", "1,234.00", "0.00"],
}
PEOPLE = [("Ada", "Lovelace"), ("Grace", "Hopper"), ("Alan", "Turing")]


def column(name: str, sensitivity: str = "none", kind: str = "string", **more: str) -> object:
    return {
        "name": name,
        "data_type": kind,
        "config": {"meta": {"sensitivity": sensitivity, **more}},
    }


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path, str(tmp_path / "lake"))
    columns = [
        column("first_name", "direct"),
        column("last_name", "direct"),
        *(column(name) for name in HIDDEN if name != "day"),
        column("day", kind="date", format="M/D/YYYY"),
        *(column(name) for name in HARMLESS),
    ]
    contract = {"key": "row", "deliveries": [{"path": "shop/{date}/people.csv", "kind": "full"}]}
    contract |= {"may_be_empty": True}
    table = {"name": "people", "config": {"meta": {"contract": contract}}, "columns": columns}
    # YAML is a superset of JSON
    write_project(
        made.settings.project_dir, json.dumps({"sources": [{"name": "shop", "tables": [table]}]})
    )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["first_name", "last_name", *HIDDEN, *HARMLESS])
    for row in range(3):
        cells = [values[row] for _, values in HIDDEN.values()]
        writer.writerow([*PEOPLE[row], *cells, *(values[row] for values in HARMLESS.values())])
    made.put("shop/2026-01-01/people.csv", text.getvalue())
    assert made.land_one().landed == 3
    return made


def test_what_names_a_person_is_found_in_harmless_columns_and_nothing_else(lake: Lake) -> None:
    found = {finding.column: finding for finding in scan(lake.context)}
    assert {name: finding.looks_like for name, finding in found.items()} == {
        name: kind for name, (kind, _) in HIDDEN.items()
    }
    assert found["mail"] == Finding("shop.people", "mail", "mail", 3, 3)
    assert found["who"].rows_found == 3 and found["day"].rows_found == 2


def test_no_value_is_told(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDFALL_PROJECT", str(lake.settings.project_dir))
    monkeypatch.setenv("LANDFALL_LAKE", lake.settings.lake)
    for style in ("table", "json"):
        told = CliRunner().invoke(main, ["scan", "--format", style])
        assert told.exit_code == 0 and "shop.people" in told.output
        values = [value for _, values in HIDDEN.values() for value in values]
        assert [value for value in values if value in told.output] == []


def test_only_so_many_rows_are_searched(lake: Lake) -> None:
    assert {finding.rows_sampled for finding in scan(lake.context, rows=2)} == {2}


def test_a_table_that_never_came_has_no_finding(tmp_path: Path) -> None:
    assert scan(Lake(tmp_path, str(tmp_path / "lake")).context) == []


def test_a_table_whose_newest_extract_is_empty_has_no_finding(lake: Lake) -> None:
    lake.put(
        "shop/2026-01-02/people.csv", ",".join(["first_name", "last_name", *HIDDEN, *HARMLESS])
    )
    assert lake.land_one().landed == 0
    assert scan(lake.context) == []
