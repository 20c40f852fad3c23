"""Reading parquet, and writing it again, takes flat memory: with long texts, long lists, and row groups of any size."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.project import ROOT

SCRIPT = """
import re, sys
from pathlib import Path
import pyarrow.parquet as pq
from ingestion.drafting.sample import FilePart
from ingestion.formats import read_extract, rewrite
from ingestion.formats.edits import Edits
from tests.ingestion.formats.support import column, extract_of
work, path = sys.argv[1], Path(sys.argv[2])
columns = [column(name, "string", file_type="json") for name in sys.argv[3:]]
extract = extract_of(column("id", "bigint"), *columns, delivery={"file": "parquet"})
def peak():
    # of this process alone: getrusage begins with the memory of the one that started it
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
parts = [FilePart("p.parquet", path)]
if work == "read":
    rows = sum(batch.rows.num_rows for batch in read_extract(parts, extract))
else:
    (again,) = rewrite(parts, extract, Edits(frozenset([1])), path.parent)
    rows = pq.read_metadata(again).num_rows + 1
print(rows, peak() - before)
"""
LIST = np.arange(1024, dtype=np.float32) / 7
SHAPES = {
    "long texts": {"v": pa.repeat("x" * 50_000, 8_000)},
    "long lists": {"v": pa.FixedSizeListArray.from_arrays(pa.array(np.tile(LIST, 8_000)), 1024)},
    "a row group of 300 MB": {f"v{n}": pa.repeat("x" * 100, 500_000) for n in range(6)},
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("work", ["read", "rewrite"])
def test_a_file_takes_flat_memory(tmp_path: Path, work: str, shape: str) -> None:
    path, cells = tmp_path / "file.parquet", pa.table(SHAPES[shape])
    table = cells.append_column("id", pa.array(range(len(cells))))
    pq.write_table(table, path, use_dictionary=False, compression="none")
    # malloc gives large blocks back to the system once they are free
    env = os.environ | {"MALLOC_MMAP_THRESHOLD_": str(2**20)}
    command = [sys.executable, "-c", SCRIPT, work, str(path), *cells.column_names]
    ran = subprocess.run(command, check=True, cwd=ROOT, env=env, capture_output=True, text=True)
    rows, peak = map(int, ran.stdout.split())
    assert rows == len(cells)
    assert peak < 320 * 1024
