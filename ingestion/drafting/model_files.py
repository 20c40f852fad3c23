"""The files of a drafted model: the columns that its SQL selects, and its YAML."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingestion.contract import UNDECIDED
from ingestion.drafting.writing import Draft, flow


def model_files(stem: Path, sql: str, yaml: str) -> list[Draft]:
    """The drafts of a model: `stem` is the path of both files without their endings."""
    return [Draft(sql, stem.with_suffix(".sql")), Draft(yaml, stem.with_suffix(".yml"))]


def select_list(groups: Iterable[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    """The lines of a `select`, group by group under its heading: an expression, and its name where it is another."""
    blocks = []
    for group, columns in groups:
        named = (value if value == name else f"{value} as {name}" for value, name in columns)
        if columns:
            blocks.append(f"        -- {group}" + "".join(f"\n        {one}," for one in named))
    return "\n\n".join(blocks).removesuffix(",")


def model_yaml(
    name: str,
    what: str,
    grain: Sequence[str],
    columns: Iterable[str],
    *,
    rules: str = f"{UNDECIDED}.",
    traps: str = f"{UNDECIDED}.",
    tests: Sequence[str] = (),
    note: str = "",
    kind: str = "models",
) -> str:
    """The YAML of a model, which describes `what` a row is; `columns` and `tests` are lines, `note` is a comment."""
    about = [what, f"**Key** {', '.join(grain)}.", f"**Rules** {rules}", f"**Traps** {traps}"]
    lines = [
        f"{kind}:",
        f"  - name: {name}",
        "    description: |",
        # paragraphs of their own: dbt's pages render a description as Markdown
        *(f"      {line}" if line else "" for line in "\n\n".join(about).splitlines()),
        *([f"    # {note}"] if note else []),
        f"    config: {{meta: {{grain: {flow(list(grain))}}}}}",
        *(["    data_tests:"] if tests else []),
        *(f"      - {test}" for test in tests),
        "    columns:",
        *columns,
    ]
    return "\n".join(lines) + "\n"


def column_lines(name: str, description: str, sensitivity: str, tests: str = "") -> list[str]:
    """The entry of a column in the YAML of a model."""
    text = json.dumps(description) if "{{" in description else flow(description)
    return [
        f"      - name: {name}",
        f"        description: {text}",
        f"        config: {{meta: {{sensitivity: {sensitivity}}}}}",
        *([f"        data_tests: {tests}"] if tests else []),
    ]


def doc(name: str) -> str:
    """The description of a column that has the same meaning in every model."""
    return f"{{{{ doc('{name}') }}}}"
