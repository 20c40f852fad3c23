"""Finds the lines of SQL that are too long: `python -m tools.lint.lines`.

sqlfluff sees models, not macros, and takes seconds for them: this looks at every file as it is written, at once.
"""

import sys

from tools.project import ROOT

LONGEST = 100
FOLDERS = ("macros", "models", "snapshots", "tests/generic", "tests/singular")


def long_lines() -> list[str]:
    """A sentence for each line that is longer than allowed, with its file and number."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} columns, at most {LONGEST}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.sql"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST
    ]


if __name__ == "__main__":
    sys.exit("\n".join(long_lines()) or None)
