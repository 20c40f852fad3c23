"""Deliveries of every format, damaged at random and landed by the command: three things hold whatever the damage.

The sound delivery beside them lands. The exit code is a documented one, and says whether any was refused. Every value
that landed is what another reader has in the same row: the csv module, DuckDB, or the json module.
"""

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingestion.cli import main
from ingestion.codes import Code
from ingestion.loads import Manifest
from ingestion.sql import quoted
from tests.ingestion import dynamodb
from tests.ingestion.formats.others import (
    DAMAGES,
    NAMES,
    ROWS,
    Damages,
    Expected,
    Given,
    as_csv,
    as_items,
    as_parquet,
    by_csv,
    by_duckdb,
    by_json,
    compare,
    damaged,
)
from tests.ingestion.lakes import Lake, write_project

GOOD = "shop/2026-01-09/visit.csv"
TABLE = """
      - name: {name}
        config:
          meta:
            contract:
              key: [id]
              limits: {{reject_share: 1}}
              deliveries: [{{path: "shop/{path}"}}]
        columns:
          - {{name: id, data_type: bigint, config: {{meta: {{sensitivity: none}}}}}}
          - {{name: name, data_type: string, config: {{meta: {{sensitivity: none}}}}}}
          - {{name: amount, data_type: "decimal(12,2)", config: {{meta: {{sensitivity: none}}}}}}
          - {{name: day, data_type: date, config: {{meta: {{sensitivity: none, format: YYYY-MM-DD}}}}}}
          - name: at
            data_type: timestamp
            config: {{meta: {{sensitivity: none, format: "YYYY-MM-DD HH:MM:SS"}}}}
"""
PATHS = {
    "sheet": '{date}/sheet.csv", kind: "full',
    "change": 'dms/change/{change_time}.csv", kind: changes, header: "false',
    "part": '{export}/db/db.part/{part}.parquet", kind: full, file: "parquet',
    "item": 'AWSDynamoDB/{export_id}/manifest-summary.json", kind: full, file: "dynamodb',
    "visit": '{date}/visit.csv", kind: "full',
}
CONTRACT = """
version: 2
sources:
  - name: shop
    config: {meta: {time_zone: UTC}}
    tables:""" + "".join(TABLE.format(name=name, path=path) for name, path in PATHS.items())


@dataclass(frozen=True)
class Damaged:
    """What is done to the files' contents, to what is stored of them, and to the records of sets."""

    contents: Damages
    stored: Damages
    records: Damages


DAMAGED = st.builds(Damaged, DAMAGES, st.just([]) | DAMAGES, st.just([]) | DAMAGES)


def deliveries(rows: list[Given], by: Damaged, folder: Path) -> Iterator[tuple[str, bytes]]:
    """A delivery of every format with the records of sets, each damaged."""

    def stored(data: bytes) -> bytes:
        return damaged(data, by.stored)

    sheet = damaged(as_csv(rows), by.contents)
    yield "shop/2026-01-08/sheet.csv", sheet
    yield "shop/2026-01-07/sheet.csv.gz", stored(gzip.compress(sheet))
    change = damaged(as_csv(rows, operation="I"), by.contents)
    yield "shop/dms/change/20260106-120000000.csv", change
    as_parquet(rows, folder / "part.parquet", "pyarrow", "none")
    part = damaged((folder / "part.parquet").read_bytes(), by.contents)
    yield "shop/e1/db/db.part/1/part-00000-x.parquet", part
    record = {"status": "COMPLETE", "snapshotTime": "2026-01-05T12:00:00Z"}
    yield "shop/export_info_e1.json", damaged(json.dumps(record).encode(), by.records)
    items = damaged(as_items(rows), by.contents)
    many = sum(1 for line in items.split(b"\n") if line.strip(b" \t\r"))
    export = dynamodb.export(
        "shop/", "0169-ab", [stored(gzip.compress(items))], [many], time="2026-01-04T12:00:00Z", table="item"
    )  # fmt: skip
    for name, data in export.items():
        is_record = name.endswith(("manifest-summary.json", "manifest-files.json"))
        yield name, damaged(data, by.records) if is_record else data


def other_reader(name: str, data: bytes, folder: Path) -> Expected | None:
    """What other people's software makes of an original in the archive; None where it reads it otherwise."""
    plain = gzip.decompress(data) if name.endswith(".gz") else data
    if name.endswith(".parquet"):
        path = folder / "archived.parquet"
        path.write_bytes(plain)
        return by_duckdb(path)
    if "AWSDynamoDB" in name:
        return by_json(plain)
    read = by_csv(plain, has_header="dms" not in name)
    return read[0] if read else None


def landed_rows(lake: Lake, load: Manifest) -> list[dict[str, Any]]:
    names = [*NAMES, "_source_row"]
    columns = ", ".join(map(quoted, names))
    rows = lake.query(
        f"select {columns} from raw_shop.{load.table} where load_id = '{load.load_id}'"
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


@given(ROWS, DAMAGED)
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making an example smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_is_damaged_stops_no_other_and_changes_no_value(
    monkeypatch: pytest.MonkeyPatch, rows: list[Given], by: Damaged
) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        lake = Lake(folder, str(folder / "lake"))
        write_project(lake.settings.project_dir, CONTRACT)
        monkeypatch.setenv("LANDFALL_PROJECT", str(lake.settings.project_dir))
        monkeypatch.setenv("LANDFALL_LAKE", lake.settings.lake)
        monkeypatch.setenv("LANDFALL_WAREHOUSE", str(lake.settings.warehouse))
        for name, data in deliveries(rows, by, folder):
            lake.put(name, data)
        lake.put(GOOD, as_csv(rows, quoted=True))  # the csv module leaves a lone CR unquoted
        done = CliRunner().invoke(main, ["land", "--format", "json"])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        outcomes = [json.loads(line) for line in done.stdout.splitlines()]
        is_any_refused = any(outcome["outcome"] == "refused" for outcome in outcomes)
        assert done.exit_code == (3 if is_any_refused else 0), done.output
        codes = {outcome["code"] for outcome in outcomes} - {None}
        assert codes <= set(Code) - {Code.UNREADABLE}, done.stdout  # each damage is foreseen
        loads = lake.manifests
        assert [load.rows_in for load in loads if load.object_name == GOOD] == [len(rows)]
        for load in loads:
            (original,) = [part for part in load.objects if not part.name.endswith(".json")]
            data = lake.store.read(original.archive)
            if expected := other_reader(original.name, data, folder):
                compare(landed_rows(lake, load), expected)
        shutil.rmtree(folder / "lake")
