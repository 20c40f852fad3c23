"""Many small loads in DuckDB: read from one table, and the rows are those of the files that count, whatever happens."""

import random
from typing import Any

import duckdb
import pytest

from ingestion import land as lander
from ingestion.catalog import gathered
from ingestion.sql import literal
from tests.ingestion.lakes import CONTRACT, Lake, prices, write_project

BY_TIME = CONTRACT.replace("shop/{date}/price.csv", "shop/{folder_time}/price.csv")
COLUMNS = "item, shop_id, amount, changed_at, _extracted_at, _source_row"


@pytest.fixture(autouse=True)
def few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views name at most three small files."""
    monkeypatch.setattr(gathered, "FILES", 3)


def by_time(lake: Lake) -> Lake:
    """The lake, with as many extracts of prices a day as come."""
    write_project(lake.settings.project_dir, BY_TIME)
    return lake


def deliver(lake: Lake, number: int, rows: int = 2) -> None:
    lines = [(f"I{number}-{row}", 1, "1.50", "10:00:00") for row in range(rows)]
    lake.put(f"shop/2026-11-21T10-30-{number:02d}Z/price.csv", prices(*lines))


def in_view(lake: Lake) -> list[tuple[Any, ...]]:
    return lake.query(f"select {COLUMNS}, load_id from raw_shop.price order by all")


def in_files(lake: Lake) -> list[tuple[Any, ...]]:
    """The rows of the counted loads' files, each with its load."""
    counted = lake.query("select load_id from raw_landfall.loads where is_counted")
    ids = {row[0] for row in counted}
    files = [lake.store.uri(m.data_key) for m in lake.manifests if m.load_id in ids]
    names = ", ".join(map(literal, files))
    return lake.query(
        f"select {COLUMNS}, load_id from read_parquet([{names}], hive_partitioning = true) order by all"
    )


def files_read(lake: Lake) -> int:
    """How many files the view names."""
    ((sql,),) = lake.query(
        "select sql from duckdb_views() where schema_name = 'raw_shop' and view_name = 'price'"
    )
    return int(sql.count(".parquet"))


@pytest.mark.slow
def test_the_view_is_the_files_whatever_comes_and_goes(local_lake: Lake) -> None:
    lake, dice = by_time(local_lake), random.Random(3)
    for step in range(9):
        for number in range(4 * step, 4 * step + dice.randrange(1, 5)):
            deliver(lake, number, rows=dice.randrange(1, 4))
        lake.land()
        if step % 3 == 2:
            load = dice.choice([m for m in lake.manifests if not m.retracted])
            lander.retract(lake.context, "shop.price", load.load_id, "a test")
        if step == 6:
            lander.register(lake.context)
        assert in_view(lake) == in_files(lake)
        assert files_read(lake) <= 3


def test_a_changed_contract_reads_all_of_it_again(local_lake: Lake) -> None:
    lake = by_time(local_lake)
    for number in range(6):
        deliver(lake, number)
    lake.land()
    assert files_read(lake) == 0
    changed = BY_TIME.replace(
        'name: amount, data_type: "decimal(12,2)"', 'name: amount, data_type: "decimal(14,3)"'
    )
    write_project(lake.settings.project_dir, changed)
    deliver(lake, 7)
    lake.land()
    assert {row[0] for row in lake.query("select typeof(amount) from raw_shop.price")} == {
        "DECIMAL(14,3)"
    }
    lander.reland(lake.context, "shop.price")
    assert in_view(lake) == in_files(lake)
    assert len(in_view(lake)) == 14


def test_without_its_table_the_rows_are_read_again(lake: Lake) -> None:
    by_time(lake)
    for number in range(6):
        deliver(lake, number)
    lake.land()
    before = in_view(lake)
    lake.settings.warehouse.unlink()
    lander.register(lake.context)
    assert in_view(lake) == before


def test_rows_that_are_there_twice_or_in_part_are_read_again(local_lake: Lake) -> None:
    lake = by_time(local_lake)
    for number in range(6):
        deliver(lake, number, rows=2)
    lake.land()
    before = in_view(lake)
    relation = "raw_shop.price__gathered"
    with duckdb.connect(str(lake.settings.warehouse)) as connection:
        (first, second) = connection.execute(
            f"select distinct load_id from {relation} order by 1 limit 2"
        ).fetchall()
        connection.execute(
            f"insert into {relation} select * from {relation} where load_id = ?", first
        )
        connection.execute(f"delete from {relation} where load_id = ? and _source_row = 1", second)
    assert in_view(lake) != before
    lander.register(lake.context)
    assert in_view(lake) == before
