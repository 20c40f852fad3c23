"""`python -m samples` as a person meets it."""

import subprocess
import sys
from pathlib import Path

import pytest

from samples.__main__ import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "samples", *words]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)


def test_every_option_has_help() -> None:
    assert all(getattr(option, "help", "") for option in main.params if option.name != "outdir")
    assert run("--help").returncode == 0


def test_the_last_lines_tell_what_was_planted(tmp_path: Path) -> None:
    words = "--source practice --days 10 --patients 40 --employees 8".split()
    done = run(str(tmp_path), *words)
    assert done.returncode == 0
    assert done.stderr == ""
    first, *rest = done.stdout.splitlines()
    assert "2022-03-01 to 2022-03-10" in first
    assert len(rest) == 5
    for line in rest:
        path = line.removeprefix("planted  ").split(":")[0].split(", line")[0]
        assert (tmp_path / path).is_file()


def test_the_end_may_be_given_instead_of_the_start(tmp_path: Path) -> None:
    words = "--source practice --days 3 --patients 9 --employees 5 --end 2024-03-01".split()
    run(str(tmp_path), *words)
    days = {path.name for path in (tmp_path / "clinic").iterdir() if path.name != "dms"}
    assert days == {"2024-02-28", "2024-02-29", "2024-03-01"}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--days", "0"], "days"),
        (["--patients", "none"], "--patients"),
        (["--employees", "2"], "employees"),
        (["--start", "1/3/2022"], "--start"),
        (["--start", "2022-01-01", "--end", "2022-02-01"], "--end"),
        (["--dms", "ledger"], "ledger"),
        (["--resume"], "resume"),
        (["--colour", "red"], "--colour"),
        (["--source", "bakery"], "bakery"),
    ],
)
def test_a_wrong_word_is_one_line_and_exit_2(tmp_path: Path, words: list[str], names: str) -> None:
    done = run(str(tmp_path / "out"), *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert names in done.stderr
    assert not (tmp_path / "out").exists()
