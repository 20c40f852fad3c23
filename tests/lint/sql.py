"""Lints the SQL as each engine gets it: `python -m tests.lint.sql [TARGET…]`, by default all three.

dbt compiles the project offline for the target, and sqlfluff reads the result in the engine's own
dialect. Compiled SQL is linted and not its source, because a stub of each macro would have to be
kept beside the macro, and because only compiled SQL has a dialect.
"""

import re
import subprocess
import sys
from pathlib import Path

from tests.lint.compiled import ROOT, TARGETS, DbtError, compile_for

INJECTED = re.compile(r"\A\s*with\s+__dbt__cte__", re.IGNORECASE)


def lint(target: str) -> bool:
    """Compile and lint for one target; whether all is well."""
    folder = compile_for(target, ROOT / ".cache" / "lint" / target)
    files = sorted(path for path in folder.rglob("*.sql") if is_written_by_hand(path))
    sqlfluff = [str(Path(sys.executable).with_name("sqlfluff")), "lint", "--dialect", target]
    sqlfluff += ["--config", str(ROOT / ".sqlfluff"), "--processes", "0", "--disable-progress-bar"]
    sqlfluff += [str(path.relative_to(folder)) for path in files]
    sys.stdout.write(f"{target}: {len(files)} files\n")
    sys.stdout.flush()
    return subprocess.run(sqlfluff, cwd=folder, check=False).returncode == 0


def is_written_by_hand(path: Path) -> bool:
    """Whether the layout of this file is ours.

    A generic test is dbt's frame around a condition, in a folder named after its YAML; what reads
    an ephemeral model has the model's text put in front of its own.
    """
    generated = any(part.endswith((".yml", ".yaml")) for part in path.parts[:-1])
    return not generated and not INJECTED.match(path.read_text())


def main() -> int:
    """0 when every target is clean, 1 when sqlfluff or dbt has something to say."""
    try:
        clean = [lint(target) for target in sys.argv[1:] or TARGETS]
    except DbtError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
