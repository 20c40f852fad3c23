"""The dbt project as an engine gets it: compiled offline, for one target, without a warehouse.

Used by the SQL lint (tests/lint/sql.py) and by the tests in tests/house/.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("duckdb", "athena", "redshift")
ENV_VAR = re.compile(r"env_var\(\s*'([A-Z0-9_]+)'\s*\)")


class DbtError(RuntimeError):
    """dbt said no; the message is what it printed."""


def dbt(words: list[str], target: str, into: Path) -> str:
    """Run one dbt command on the project for `target`; all that it writes goes below `into`.

    Returns what dbt printed. Every setting that profiles.yml.example wants and the environment
    lacks gets a placeholder, since nothing is ever connected to.
    """
    profiles = into / "profiles"
    profiles.mkdir(parents=True, exist_ok=True)
    example = ROOT / "profiles.yml.example"
    shutil.copyfile(example, profiles / "profiles.yml")
    wanted = dict.fromkeys(ENV_VAR.findall(example.read_text()), "placeholder")
    environment = wanted | os.environ | {"LANDFALL_WAREHOUSE": str(into / "warehouse.duckdb")}
    places = ["--project-dir", ROOT, "--profiles-dir", profiles]
    places += ["--target-path", into / "target", "--log-path", into / "logs"]
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *words, *places, "--target", target],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise DbtError(f"dbt {' '.join(words)} --target {target}\n{done.stdout}{done.stderr}")
    return done.stdout


def compile_for(target: str, into: Path) -> Path:
    """Compile everything; returns the folder that holds the SQL, laid out as the project is."""
    shutil.rmtree(into / "target" / "compiled", ignore_errors=True)
    dbt(["compile", "--quiet", "--no-populate-cache", "--no-introspect"], target, into)
    return into / "target" / "compiled" / "landfall"
