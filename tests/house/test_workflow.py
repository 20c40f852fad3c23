"""The workflow of GitHub: its schema, its rights for strangers, and its commands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.project import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "checks.yml"
LINTERS = {
    "check-jsonschema": ["--builtin-schema", "vendor.github-workflows"],
    "zizmor": ["--offline", "--no-progress", "--persona", "pedantic"],
}


@pytest.mark.parametrize("linter", LINTERS)
def test_a_linter_has_nothing_to_say(linter: str) -> None:
    command: list[str | Path] = [Path(sys.executable).with_name(linter), *LINTERS[linter], WORKFLOW]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_given_no_secret_and_calls_targets_that_exist() -> None:
    text = WORKFLOW.read_text()
    assert "secrets." not in text
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    jobs = yaml.safe_load(text)["jobs"].values()
    called = {
        step["run"].removeprefix("make ") for job in jobs for step in job["steps"] if "run" in step
    }
    assert called and called <= targets
