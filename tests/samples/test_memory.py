"""Memory does not grow with the days."""

import subprocess
import sys
from pathlib import Path

import pytest

from samples.sources import SOURCES

ROOT = Path(__file__).parents[2]
SCRIPT = """
import resource, sys
from pathlib import Path
from samples.practice import Options
from samples.sources import SOURCES
options = Options(days=int(sys.argv[3]), patients=3000, employees=60, seed=1, last=1)
SOURCES[sys.argv[1]](Path(sys.argv[2]), options)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(source: str, folder: Path, days: int) -> int:
    """The most memory (KiB) that a process held while it wrote this many days."""
    command = [sys.executable, "-c", SCRIPT, source, str(folder), str(days)]
    return int(subprocess.run(command, check=True, cwd=ROOT, capture_output=True).stdout)


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
def test_ten_times_the_days_take_hardly_more_memory(tmp_path: Path, source: str) -> None:
    few, many = peak(source, tmp_path / "few", 50), peak(source, tmp_path / "many", 500)
    assert any(path.is_file() for path in (tmp_path / "many").rglob("*"))
    assert many - few < 6 * 1024
