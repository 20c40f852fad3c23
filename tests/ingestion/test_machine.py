"""What the machine refuses is one line and exit code 4, and a cache that cannot be read stops nothing."""

import errno
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ingestion.contract import read_project
from ingestion.errors import LandingFailed
from ingestion.formats import Reject
from ingestion.land import register
from ingestion.land.rejects import Rejects
from ingestion.machine import memory_for_a_build, within_limits
from ingestion.pseudonyms import KEY_RECORD
from ingestion.store.lease import LEASE, hold_lease
from tests.ingestion.lakes import Lake, customers, write_project

DAY = "shop/2026-01-{:02}/customer.csv"
CANARY = "Canary7731"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), CANARY), "No space left on device"),
        (OSError(CANARY), "OSError"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("can't start new thread"), "no more threads"),
        (duckdb.IOException(CANARY), "DuckDB IOException"),
        (duckdb.FatalException(CANARY), "DuckDB FatalException"),
        (duckdb.TransactionException(CANARY), "DuckDB TransactionException"),
        (duckdb.OutOfMemoryException(CANARY), "DuckDB OutOfMemoryException"),
    ],
)
def test_what_the_machine_refuses_is_one_line_without_a_cell(error: Exception, said: str) -> None:
    with pytest.raises(LandingFailed, match=said) as failed, within_limits():
        raise error
    assert CANARY not in str(failed.value)


@pytest.mark.parametrize(
    ("told", "expected"),
    [("1073741824\n", "614MiB"), ("max\n", None), ("9223372036854771712\n", None)],
)
def test_a_build_takes_a_share_of_what_the_container_or_the_machine_has(
    tmp_path: Path, told: str, expected: str | None
) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(told)
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert memory_for_a_build((str(limit), str(tmp_path / "none"))) == (
        expected or f"{int(whole * 0.6) >> 20}MiB"
    )


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_has_left_ends_no_command(local_lake: Lake, stream: str) -> None:
    local_lake.put(DAY.format(1), customers(1))
    local_lake.put("shop/nothing.txt", b"of no contract")
    environment = os.environ | {
        "LANDFALL_PROJECT": str(local_lake.settings.project_dir),
        "LANDFALL_LAKE": local_lake.settings.lake,
        "LANDFALL_WAREHOUSE": str(local_lake.settings.warehouse),
        "LANDFALL_KEY": str(local_lake.settings.key),
    }
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "ingestion", "land"]
    done = subprocess.run(
        command,
        env=environment,
        text=True,
        check=False,
        stdout=writes if stream == "stdout" else subprocess.PIPE,
        stderr=writes if stream == "stderr" else subprocess.PIPE,
    )
    os.close(writes)
    said = f"{done.stdout}{done.stderr}"
    assert done.returncode == 3, said  # one is refused, as ever
    assert "in the way" not in said
    assert len(local_lake.manifests) == 1


def test_a_mistake_of_ours_is_no_refusal_of_the_machine() -> None:
    with pytest.raises(RuntimeError, match="generator"), within_limits():
        raise RuntimeError("generator already executing")


@pytest.mark.parametrize(
    "place",
    ["ingestion.land.writer.pq.ParquetWriter", "ingestion.land.convert.Converter.convert"],
)
@pytest.mark.parametrize("refusal", [errno.ENOSPC, errno.EFBIG], ids=["disk", "limit"])
def test_an_extract_that_meets_a_full_disk_or_a_limit_is_named(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch, place: str, refusal: int
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(refusal, os.strerror(refusal))

    local_lake.put(DAY.format(1), customers(1))
    monkeypatch.setattr(place, full)
    with pytest.raises(LandingFailed, match=rf"2026-01-01/customer\.csv: .*{os.strerror(refusal)}"):
        local_lake.land()
    monkeypatch.undo()
    assert local_lake.land_one().outcome == "landed"


@pytest.mark.slow
def test_memory_is_flat_however_many_short_rows_are_rejected(tmp_path: Path) -> None:
    project = read_project(write_project(tmp_path / "project"))
    table = project.table("shop.customer")
    limits = table.limits.model_copy(update={"reject_most": 100_000})
    table = table.model_copy(update={"limits": limits})
    rejects = Rejects(tmp_path / "quarantine.parquet", table, "id")
    tracemalloc.start()
    try:
        for start in range(0, 60_000, 1000):
            rejects.keep(
                Reject(line, line, "born_on", "bad_date", str(line), b"x")
                for line in range(start, start + 1000)
            )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    path = rejects.close()
    assert path and pq.read_metadata(path).num_rows == 60_000
    assert peak < 12 * 2**20


def damage(lake: Lake, prefix: str) -> None:
    for key in lake.keys(prefix):
        lake.store.put(key, b"damaged")


@pytest.mark.parametrize("table", ["manifests", "quarantined_rows", "loads"])
def test_a_derived_table_that_cannot_be_read_is_made_again(lake: Lake, table: str) -> None:
    lake.put(DAY.format(1), customers(1, 2) + "C3,2/30/2001,1\n")
    lake.land()
    damage(lake, f"raw/landfall/{table}/")
    lake.put(DAY.format(2), customers(1, 2) + "C3,2/30/2001,1\n")
    assert lake.land_one().outcome == "landed"
    assert lake.query("select count(*) from raw_landfall.quarantined_rows") == [(2,)]
    assert lake.query("select count(*) from raw_landfall.loads") == [(2,)]


def test_derived_tables_are_repaired_by_register(local_lake: Lake) -> None:
    local_lake.put(DAY.format(1), customers(1, 2) + "C3,2/30/2001,1\n")
    local_lake.land()
    damage(local_lake, "raw/landfall/")
    register(local_lake.context)
    for name, count in (("loads", 1), ("load_amounts", 1), ("quarantined_rows", 1)):
        assert local_lake.query(f"select count(*) from raw_landfall.{name}") == [(count,)]


def test_a_refusal_that_cannot_be_read_stops_nothing(local_lake: Lake) -> None:
    local_lake.put("shop/picture.png", b"PNG")
    local_lake.land()
    damage(local_lake, "manifests/refusals/")
    assert local_lake.land_one().code == "unknown_table"
    assert local_lake.land() == []


def test_a_damaged_record_of_the_key_is_one_line(local_lake: Lake) -> None:
    local_lake.put(DAY.format(1), customers(1))
    local_lake.land()
    local_lake.store.put(KEY_RECORD, b"damaged")
    local_lake.put(DAY.format(2), customers(1))
    with pytest.raises(LandingFailed, match="is damaged"):
        local_lake.land()


def test_a_damaged_lease_is_held_by_no_one(local_lake: Lake) -> None:
    local_lake.store.put(LEASE, b"damaged")
    with hold_lease(local_lake.store, local_lake.context.clock, "next"):
        assert b"next" in local_lake.store.read(LEASE)
