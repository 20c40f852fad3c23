"""The unchanged dbt-redshift on the stand-in, over a tiny project: tables, increments, a snapshot, grants, docs."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from tools.redshift.engine import Redshift

pytestmark = [pytest.mark.slow, pytest.mark.warehouse]

PROJECT = Path(__file__).with_name("project")
FIELDS: list[pa.Field[Any]] = [
    pa.field("person_id", pa.string()),
    pa.field("balance_amount", pa.decimal128(12, 2)),
]
SHAPE = pa.schema(FIELDS)


def storage(place: str) -> dict[str, object]:
    return {
        "Columns": [
            {"Name": "person_id", "Type": "string"},
            {"Name": "balance_amount", "Type": "decimal(12,2)"},
        ],
        "Location": f"s3://landfall/tiny/{place}",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
        },
    }


def land(redshift: Redshift, day: str, balances: dict[str, str]) -> None:
    rows = [
        {"person_id": person, "balance_amount": Decimal(amount)}
        for person, amount in balances.items()
    ]
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows, schema=SHAPE), buffer)
    redshift.s3.put_object(
        Bucket="landfall", Key=f"tiny/{day}/part-0.parquet", Body=buffer.getvalue()
    )
    redshift.glue.create_partition(
        DatabaseName="raw_tiny",
        TableName="people",
        PartitionInput={"Values": [day, "load"], "StorageDescriptor": storage(f"{day}/")},
    )


@pytest.fixture(scope="module")
def lake(redshift: Redshift) -> Redshift:
    redshift.glue.create_database(DatabaseInput={"Name": "raw_tiny"})
    redshift.glue.create_table(
        DatabaseName="raw_tiny",
        TableInput={
            "Name": "people",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [
                {"Name": "extract_date", "Type": "date"},
                {"Name": "load_id", "Type": "string"},
            ],
            "StorageDescriptor": storage(""),
        },
    )
    redshift.rows(
        "create user reader password disable", "create role readers", "create group staff"
    )
    return redshift


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("tiny") / "project"))


def dbt(redshift: Redshift, project: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *words, "--profiles-dir", "."],
        cwd=project,
        env={**os.environ, **redshift.settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def people(redshift: Redshift, relation: str) -> list[list[object]]:
    return redshift.rows(f"select person_id, balance_amount from {relation} order by 1, 2")


def test_the_project_builds_day_after_day(lake: Redshift, project: Path) -> None:
    land(lake, "2026-11-20", {"a": "1.00", "b": "2.00", "c": "0.00"})
    dbt(lake, project, "build")
    assert people(lake, "tiny.dim_people") == [
        ["a", Decimal("1.00")],
        ["b", Decimal("2.00")],
        ["c", Decimal("0.00")],
    ]

    land(lake, "2026-11-21", {"a": "1.50", "c": "0.00", "d": "4.00"})
    dbt(lake, project, "build")
    newest = [["a", Decimal("1.50")], ["c", Decimal("0.00")], ["d", Decimal("4.00")]]
    assert people(lake, "tiny.dim_people") == newest
    assert people(lake, "tiny.stg_people") == newest
    assert people(lake, "tiny.fct_merged") == sorted([*newest, ["b", Decimal("2.00")]])
    assert people(lake, "tiny.fct_replaced") == sorted(
        [*newest, ["a", Decimal("1.00")], ["b", Decimal("2.00")]]
    )
    assert lake.rows("select * from tiny.fct_above order by 1") == [
        ["a", "Exam, first"],
        ["d", "Exam, first"],
    ]
    history = lake.rows(
        "select person_id, balance_amount, dbt_valid_to is null from tiny_history.snap_people order by 1, 2"
    )
    assert history == [
        ["a", Decimal("1.00"), False],
        ["a", Decimal("1.50"), True],
        ["b", Decimal("2.00"), False],
        ["c", Decimal("0.00"), True],
        ["d", Decimal("4.00"), True],
    ]


def test_a_table_has_the_distribution_sort_key_and_grants_of_its_config(lake: Redshift) -> None:
    found = lake.rows(
        """select diststyle, sortkey1, sortkey_num from svv_table_info where "table" = 'dim_people'"""
    )
    assert found == [["KEY(person_id)", "extract_date", 2]]
    found = lake.rows(
        "select identity_name from svv_relation_privileges where relation_name = 'dim_people' "
        "and privilege_type = 'select' and identity_name <> current_user order by 1"
    )
    assert found == [["reader"], ["readers"], ["staff"]]


def test_a_full_refresh_and_the_documentation(lake: Redshift, project: Path) -> None:
    dbt(lake, project, "build", "--full-refresh", "--exclude", "resource_type:snapshot")
    dbt(lake, project, "docs", "generate")
    catalog = json.loads((project / "target" / "catalog.json").read_text())
    nodes = {node["metadata"]["name"]: node for node in catalog["nodes"].values()}
    assert nodes["stg_people"]["metadata"]["type"] == "LATE BINDING VIEW"
    assert nodes["dim_people"]["metadata"]["type"] == "BASE TABLE"
    assert nodes["dim_people"]["metadata"]["comment"] == "One row per person"
    assert nodes["dim_people"]["columns"]["person_id"]["comment"] == "the person's key"
    assert nodes["dim_people"]["stats"]["diststyle"]["value"] == "KEY(person_id)"
