"""Lints the SQL as each engine gets it: `python -m tools.lint.sql [TARGET…]`, by default all three.

dbt compiles the project offline for the target. sqlfluff judges the style of DuckDB's SQL; the other engines get the
same lines, so theirs is only parsed, by sqlglot in the engine's dialect. A finding counts when its line is in the model
as a person wrote it: the layout of a macro's result is not judged. SQL that cannot be parsed always counts.
"""

import hashlib
import json
import subprocess
import sys
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import sqlglot

from tools.project import ROOT, TARGETS, ToolError, compiled_for

RULES = Path(__file__).with_name("sqlfluff.cfg")
STYLED = "duckdb"
"""The target whose SQL is judged line by line."""
UNPARSABLE = "PRS"


def lint(target: str) -> list[str]:
    """Compile for one target and lint it; a line per finding that counts."""
    work = ROOT / ".cache" / "lint" / target
    work.mkdir(parents=True, exist_ok=True)
    folder = compiled_for(target)
    # A folder named after a YAML file holds generic tests: dbt's frame around a condition.
    names = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*.sql"))
        if path.parent.suffix != ".yml"
    ]
    record = work / "clean.json"
    known = set(json.loads(record.read_text())) if record.exists() else set()
    prints = {name: fingerprint(name, folder) for name in names}
    look = findings if target == STYLED else unparsable
    found = look([name for name in names if prints[name] not in known], folder, target)
    clean = [prints[name] for name in names if not found.get(name)]
    record.write_text(json.dumps(clean))
    return [line for lines in found.values() for line in lines]


def fingerprint(name: str, folder: Path) -> str:
    """The inputs of the verdict on a file: its two texts, the rules, and the tools."""
    texts = [folder / name, ROOT / name, RULES, ROOT / "requirements" / "dev.txt"]
    parts = [path.read_bytes() for path in texts if path.is_file()]
    return hashlib.sha256(b"\0".join([*parts, Path(__file__).read_bytes()])).hexdigest()


def findings(names: list[str], folder: Path, target: str) -> dict[str, list[str]]:
    """The findings that count, by file; a file that was not checked is missing."""
    if not names:
        return {}
    sqlfluff = [str(Path(sys.executable).with_name("sqlfluff")), "lint", "--dialect", target]
    sqlfluff += ["--config", str(RULES), "--processes", "0", "--format", "json"]
    done = subprocess.run(
        [*sqlfluff, *names], cwd=folder, check=False, capture_output=True, text=True
    )
    try:
        results = json.loads(done.stdout)
    except ValueError:
        raise ToolError(f"sqlfluff: {done.stdout}{done.stderr}") from None
    return {result["filepath"]: counted(result, folder, target) for result in results}


def unparsable(names: list[str], folder: Path, target: str) -> dict[str, list[str]]:
    """sqlglot's parse errors, by file."""
    found: dict[str, list[str]] = {}
    for name in names:
        found[name] = []
        try:
            sqlglot.parse((folder / name).read_text(), dialect=target)
        except sqlglot.ParseError as error:
            place = error.errors[0]
            found[name] = [
                f"{name} ({target}, compiled line {place['line']}): {place['description']}"
            ]
    return found


def counted(result: dict[str, Any], folder: Path, target: str) -> list[str]:
    """The findings of one file on lines that a person wrote."""
    name = result["filepath"]
    origin = line_numbers((folder / name).read_text(), ROOT / name)
    found = []
    for finding in result["violations"]:
        line, text = finding["start_line_no"] - 1, finding["description"][:120]
        if finding["code"] == UNPARSABLE:
            found.append(f"{name} ({target}, compiled line {line + 1}): {text}")
        elif line in origin:
            found.append(f"{name}:{origin[line] + 1}: {finding['code']} {text} ({target})")
    return found


def line_numbers(compiled: str, source: Path) -> dict[int, int]:
    """For each compiled line that is written so in the source, its place in the source; both from 0."""
    written = source.read_text().splitlines() if source.is_file() else []
    blocks = SequenceMatcher(None, compiled.splitlines(), written, autojunk=False)
    return {
        block.a + step: block.b + step
        for block in blocks.get_matching_blocks()
        for step in range(block.size)
    }


def main() -> int:
    """0 when every target is clean, 1 when sqlfluff or dbt reports an error."""
    try:
        found = [line for target in sys.argv[1:] or TARGETS for line in lint(target)]
    except ToolError as error:
        found = [str(error)]
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
