"""The draft of staging models: one for each table of a finished contract, with its YAML."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from ingestion.contract import UNDECIDED, Column, Table, contract_path, read_project
from ingestion.drafting.writing import Draft, flow
from ingestion.errors import BadSettings
from ingestion.settings import Settings

_LINEAGE = (
    ("extract_date", "extract_date"),
    ("load_id", "load_id"),
    ("{{ as_timestamp('_extracted_at') }}", "extracted_at"),
    ("_source_row", "source_row"),
)


def draft_staging(settings: Settings, source: str, names: Sequence[str] = ()) -> list[Draft]:
    """SQL and YAML of a staging model for each table of the source's contract, or for those named.

    BadSettings for a contract that is not there or not finished, or a table that it does not have.
    """
    project = read_project(settings.project_dir)
    tables = [table for table in project if table.source == source]
    if unknown := set(names) - {table.name for table in tables}:
        raise BadSettings(f"no contract names the table '{source}.{min(unknown)}'")
    if not tables:
        raise BadSettings(f"no contract names the source '{source}'")
    path = contract_path(source)
    said = yaml.safe_load((settings.project_dir / path).read_text())
    entries = {t["name"]: t for s in said["sources"] for t in s["tables"]}
    drafts = []
    for table in tables:
        if not names or table.name in names:
            model = f"stg_{source}__{_plural(table.name)}"
            folder = path.parent
            drafts.append(Draft(_sql(table), folder / f"{model}.sql"))
            drafts.append(Draft(_yaml(table, model, entries[table.name]), folder / f"{model}.yml"))
    return drafts


def _plural(name: str) -> str:
    if name.endswith("s"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


def _groups(table: Table) -> Iterator[tuple[str, list[tuple[str, str, Column | None]]]]:
    """The groups of columns of a staging model: each an expression, a name, and the contract's column."""
    groups: dict[str, list[tuple[str, str, Column | None]]] = {
        "keys": [], "attributes": [], "amounts": [], "times": [],
    }  # fmt: skip
    for column in table.columns:
        place = groups[_group(table, column)]
        is_time = column.type.name == "timestamp"
        value = f"{{{{ as_timestamp('{column.name}') }}}}" if is_time else column.name
        place.append((value, column.name, column))
        if column.pseudonym_name:
            groups["keys"].append((column.pseudonym_name, column.pseudonym_name, None))
    yield from groups.items()
    yield "lineage", [(value, name, None) for value, name in _LINEAGE]


def _group(table: Table, column: Column) -> str:
    if column.name in table.key_columns or column.refers_to or column.pseudonym:
        return "keys"
    if column.type.name in ("date", "timestamp"):
        return "times"
    return "amounts" if column.type.name == "decimal" else "attributes"


def _sql(table: Table) -> str:
    lines: list[str] = []
    for group, columns in _groups(table):
        if columns:
            lines += ["", f"        -- {group}"] if lines else [f"        -- {group}"]
            lines += [
                f"        {value}," if value == name else f"        {value} as {name},"
                for value, name, _ in columns
            ]
    chosen = "\n".join(lines).removesuffix(",")
    return (
        "with source as (\n\n"
        f"    {{{{ state_of('{table.source}', '{table.name}') }}}}\n\n"
        "),\n\nrenamed as (\n\n    select\n"
        f"{chosen}\n    from source\n\n)\n\nselect * from renamed\n"
    )


def _yaml(table: Table, model: str, entry: Mapping[str, Any]) -> str:
    """The model's YAML: the contract's own descriptions and sensitivities, and a test of the key."""
    texts = {c["name"]: str(c.get("description", UNDECIDED)).strip() for c in entry["columns"]}
    grain = list(table.key_columns) or ["load_id", "source_row"]
    about = str(entry.get("description") or UNDECIDED).strip().splitlines()
    lines = [
        "models:",
        f"  - name: {model}",
        "    description: |",
        *(f"      {line}" for line in about),
        # paragraphs of their own: dbt's pages render a description as Markdown
        *("", f"      **Key** {', '.join(grain)}."),
        *("", "      **Rules** renamed only."),
        *("", f"      **Traps** {UNDECIDED}."),
        f"    config: {{meta: {{grain: {flow(grain)}}}}}",
    ]
    if len(grain) > 1:
        lines += [
            "    data_tests:",
            f"      - unique_together: {{arguments: {{columns: {flow(grain)}}}}}",
        ]
    lines.append("    columns:")
    for _, columns in _groups(table):
        for _, name, column in columns:
            lines += [f"      - name: {name}", f"        description: {_described(name, texts)}"]
            sensitivity = _sensitivity(name, column)
            lines.append(f"        config: {{meta: {{sensitivity: {sensitivity}}}}}")
            if name in grain:
                lines.append(
                    f"        data_tests: {'[unique, not_null]' if len(grain) == 1 else '[not_null]'}"
                )
    return "\n".join(lines) + "\n"


def _described(name: str, texts: Mapping[str, str]) -> str:
    if name in texts:
        return flow(texts[name])
    if name.endswith("_pseudonym"):
        return flow(f"The pseudonym of {name.removesuffix('_pseudonym')}.")
    return f"\"{{{{ doc('{name}') }}}}\""


def _sensitivity(name: str, column: Column | None) -> str:
    if column is not None:
        return column.sensitivity
    return "quasi" if name.endswith("_pseudonym") else "none"
