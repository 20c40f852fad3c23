"""The dbt project as tests and lint take it: compiled offline, for one target, without a warehouse; or as a copy.

`python -m tools.project [TARGET…]` compiles it, by default for all three.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("duckdb", "athena", "redshift")
FOLDERS = ("models", "macros", "seeds", "snapshots", "tests/generic", "tests/singular")
KINDS = (".sql", ".yml", ".md", ".csv")
FILES = ("dbt_project.yml", "profiles.yml.example", "requirements/dev.txt")
"""What dbt reads of the project, and the versions of what reads it."""


ERRORS = ["Deprecations", "InvalidMacroAnnotation", "MacroNotFoundForPatch"]
"""The warnings of dbt under which nothing compiles."""


KEY = bytes(range(32)).hex()
"""A pseudonym key for tests; one of equal bytes would be refused."""


SELECTORS = """\
selectors:
  - name: without_tests_of_columns
    default: true
    definition:
      union:
        - {method: fqn, value: "*"}
        - exclude:
            - {method: test_name, value: not_null}
            - {method: test_name, value: unique}
            - {method: test_name, value: accepted_values}
            - {method: test_name, value: relationships}
"""


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
    command = [sys.executable, "-m", "tools.quick", "dbt.cli.main", *words, "--target", target]
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


def compiled_for(target: str) -> Path:
    """Compile everything for a target; returns the folder that holds the SQL, laid out as the project is.

    Deprecations are errors, and so are descriptions that do not fit their macro. `target/manifest.json`, two folders
    up, is the project as dbt sees it. Lint and tests share what was compiled for as long as the project is the same:
    who comes second waits for who came first.
    """
    into = ROOT / ".cache" / "compiled" / target
    into.mkdir(parents=True, exist_ok=True)
    with (into / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record, state = into / "state.txt", state_of_the_project()
        if not record.exists() or record.read_text() != state:
            record.unlink(missing_ok=True)
            shutil.rmtree(into / "target" / "compiled", ignore_errors=True)
            words = ["--warn-error-options", json.dumps({"error": ERRORS}), "compile", "--quiet"]
            try:
                dbt([*words, "--no-populate-cache", "--no-introspect"], target, into)
            except ToolError:
                # what dbt has parsed once it does not complain of again
                shutil.rmtree(into / "target", ignore_errors=True)
                raise
            record.write_text(state)
    return into / "target" / "compiled" / "landfall"


def state_of_the_project() -> str:
    """A hash over all that decides what dbt makes of the project: its files, the tools, the settings."""
    found = hashlib.sha256()
    files = [path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.suffix in KINDS]
    for path in [*sorted(files), *(ROOT / name for name in FILES)]:
        found.update(f"{path}\0".encode() + path.read_bytes())
    settings = {k: v for k, v in os.environ.items() if k.startswith(("LANDFALL_", "DBT_"))}
    settings.pop("LANDFALL_WAREHOUSE", None)  # compiling opens a file of its own
    found.update(repr(sorted(settings.items())).encode())
    return found.hexdigest()


def copy_of_the_project(folder: Path, *more: str, target: str = "duckdb") -> Path:
    """Copy what dbt and the contracts need into `folder`, with a profile, and `more` folders of the checkout.

    A run in the copy and dbt by hand begin from what was parsed for `target`, when they go through `tools.quick`.
    """
    for name in (*FOLDERS, *more):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "dbt_project.yml", folder)
    shutil.copy(ROOT / "profiles.yml.example", folder)
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    for into in ("target", "target/run", "target/by_hand"):
        take_over_the_parse(target, folder / into)
    return folder


def leave_out_tests_of_columns(folder: Path) -> None:
    """Leave dbt's own tests of single columns out of the runs in a copy: seven hundred queries, a third of a run."""
    (folder / "selectors.yml").write_text(SELECTORS)


def take_over_the_parse(target: str, target_path: Path) -> None:
    """Let dbt begin from what was parsed for `target`: files that have changed since are parsed anew."""
    target_path.mkdir(parents=True, exist_ok=True)
    shutil.copy(compiled_for(target).parents[1] / "partial_parse.msgpack", target_path)
    # else a run would take it for the parse of other macros; here, as importing the lander takes a while
    from ingestion.pipeline.state import hash_of_the_macros

    (target_path / "macros.txt").write_text(hash_of_the_macros(ROOT))


if __name__ == "__main__":
    for chosen in sys.argv[1:] or TARGETS:
        compiled_for(chosen)
