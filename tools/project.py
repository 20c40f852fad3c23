"""The dbt project for tests and lint: compiled offline for one target, without a warehouse; or as a copy.

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
"""The files that dbt reads, and the versions of the tools that read them."""


ERRORS = ["Deprecations", "InvalidMacroAnnotation", "MacroNotFoundForPatch"]
"""The warnings of dbt under which nothing compiles."""


KEY = bytes(range(32)).hex()
"""A pseudonym key for tests; one of equal bytes would be refused."""


class ToolError(RuntimeError):
    """dbt or sqlfluff failed; the message is its output."""


def dbt(words: list[str], target: str, into: Path, warehouse: Path | None = None) -> str:
    """Run one dbt command on the project for `target`; its files go below `into`.

    Returns dbt's output. It connects only to a DuckDB file: `warehouse`, or an empty one.
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
    up, is the project as dbt sees it. Lint and tests share the compiled project while it is unchanged: a second caller
    waits for the first.
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
                # dbt does not repeat its warnings for parsed files
                shutil.rmtree(into / "target", ignore_errors=True)
                raise
            record.write_text(state)
    return into / "target" / "compiled" / "landfall"


def state_of_the_project() -> str:
    """A hash over everything that decides dbt's result: the project's files, the tools, the settings."""
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

    A run in the copy and dbt by hand start from the parse for `target`, when they go through `tools.quick`.
    """
    for name in (*FOLDERS, *more):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "dbt_project.yml", folder)
    shutil.copy(ROOT / "profiles.yml.example", folder)
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    for into in ("target", "target/run", "target/by_hand"):
        take_over_the_parse(target, folder / into)
    return folder


def take_over_the_parse(target: str, target_path: Path) -> None:
    """Let dbt start from the parse for `target`: files that have changed since are parsed again."""
    target_path.mkdir(parents=True, exist_ok=True)
    shutil.copy(compiled_for(target).parents[1] / "partial_parse.msgpack", target_path)
    # else a run would take it for the parse of other macros; here, as importing the lander takes a while
    from ingestion.pipeline.state import MACROS, hash_of_files

    (target_path / "macros.txt").write_text(hash_of_files(ROOT, MACROS))


if __name__ == "__main__":
    for chosen in sys.argv[1:] or TARGETS:
        compiled_for(chosen)
