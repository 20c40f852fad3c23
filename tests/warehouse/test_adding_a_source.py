"""Follows docs/guides/adding_a_source.md to the letter, in a copy of the project."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.project import ROOT, copy_of_the_project

GUIDE = ROOT / "docs/guides/adding_a_source.md"
FENCE = re.compile(
    r"^```(?P<language>\w+)(?: (?P<path>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass
class Step:
    """A command of the guide with what it prints; `...` matches anything."""

    command: str
    expected: str


def steps_of(block: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield Step(command, expected.strip())


def run_block(block: str, folder: Path) -> None:
    """Run a block's commands in one shell that keeps what earlier blocks exported, and compare what each prints."""
    steps = list(steps_of(block))
    mark = "@@@next@@@"
    script = ["[ ! -f .shell ] || source .shell", "code=0"]
    for step in steps:
        script += [f"echo {mark}; (exit $code)", step.command, "code=$?"]
    script += ["export -p > .shell"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LANDFALL", "DBT_"))}
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env={**kept, "PATH": path, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    printed = done.stdout.split(mark)[1:]
    assert len(printed) == len(steps), done.stdout
    for step, text in zip(steps, printed, strict=True):
        pattern = re.escape(step.expected).replace(re.escape("..."), ".*")
        assert re.fullmatch(pattern, text.strip(), re.DOTALL), f"$ {step.command}\n{text}"


@pytest.mark.warehouse
@pytest.mark.slow
def test_the_guide_works_to_the_letter(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path, "ingestion")
    (project / "profiles.yml").unlink()  # the guide makes its own
    blocks = list(FENCE.finditer(GUIDE.read_text()))
    assert {block["language"] for block in blocks} == {"csv", "console", "yaml", "sql"}
    for block in blocks:
        if block["path"]:
            target = project / block["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block["body"])
        else:
            run_block(block["body"], project)
