"""The dbt project as an engine gets it: compiled offline, for one target, without a warehouse.

Used by the SQL lint (tests/lint/sql.py) and by the tests in tests/house/.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("duckdb", "athena", "redshift")


class ToolError(RuntimeError):
    """dbt or sqlfluff could not do its work; the message is what it printed."""


def dbt(words: list[str], target: str, into: Path, warehouse: Path | None = None) -> str:
    """Run one dbt command on the project for `target`; all that it writes goes below `into`.

    Returns what dbt printed. Nothing is connected to, but for a DuckDB file: `warehouse`, or an
    empty one.
    """
    profiles = into / "profiles"
    profiles.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "profiles.yml.example", profiles / "profiles.yml")
    opened = warehouse or into / "warehouse.duckdb"
    command = [str(Path(sys.executable).with_name("dbt")), *words, "--target", target]
    command += ["--project-dir", str(ROOT), "--profiles-dir", str(profiles)]
    command += ["--target-path", str(into / "target"), "--log-path", str(into / "logs")]
    done = subprocess.run(
        command,
        env=os.environ | {"LANDFALL_WAREHOUSE": str(opened)},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise ToolError(f"dbt {' '.join(words)} --target {target}\n{done.stdout}{done.stderr}")
    return done.stdout


def compile_for(target: str, into: Path) -> Path:
    """Compile everything; returns the folder that holds the SQL, laid out as the project is.

    What dbt calls deprecated is an error. `into/target/manifest.json` is the project as dbt sees it.
    """
    shutil.rmtree(into / "target" / "compiled", ignore_errors=True)
    words = ["--warn-error-options", '{"error": ["Deprecations"]}']
    dbt([*words, "compile", "--quiet", "--no-populate-cache", "--no-introspect"], target, into)
    return into / "target" / "compiled" / "landfall"
