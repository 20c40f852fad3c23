"""Memory does not grow with the days."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import resource, sys
from pathlib import Path
from samples import Options, write
options = Options(days=int(sys.argv[2]), patients=3000, employees=60, seed=1, last=1)
write(Path(sys.argv[1]), options)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(folder: Path, days: int) -> int:
    """The most memory (KiB) that a process held while it lived so many days."""
    command = [sys.executable, "-c", SCRIPT, str(folder), str(days)]
    return int(subprocess.run(command, check=True, cwd=ROOT, capture_output=True).stdout)


@pytest.mark.slow
def test_ten_times_the_days_take_hardly_more_memory(tmp_path: Path) -> None:
    few, many = peak(tmp_path / "few", 50), peak(tmp_path / "many", 500)
    assert (tmp_path / "many" / "billing").is_dir()
    assert many - few < 6 * 1024
