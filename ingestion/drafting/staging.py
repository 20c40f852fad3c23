"""The draft of staging models: one for each table of a finished contract, with its YAML."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingestion.contract import UNDECIDED, Column, Table, contract_path, read_project
from ingestion.drafting.finished import LINEAGE, entries_of
from ingestion.drafting.model_files import column_lines, doc, model_files, model_yaml, select_list
from ingestion.drafting.writing import Draft, flow
from ingestion.settings import Settings


def draft_staging(settings: Settings, source: str, names: Sequence[str]) -> list[Draft]:
    """SQL and YAML of a staging model for each table of the source's contract, or for those named.

    BadSettings for a contract that is not there or not finished, or a table that it does not have.
    """
    tables = read_project(settings.project_dir).tables_of(source, names)
    entries = entries_of(settings.project_dir, source)
    drafts = []
    for table in tables:
        stem = contract_path(source).with_name(f"stg_{source}__{_plural(table.name)}")
        drafts += model_files(stem, _sql(table), _yaml(table, stem.name, entries[table.name]))
    return drafts


def _plural(name: str) -> str:
    if name.endswith("s"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


def _groups(table: Table) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The groups of columns of a staging model: each an expression and a name."""
    groups: dict[str, list[tuple[str, str]]] = {
        "keys": [], "attributes": [], "amounts": [], "times": [],
    }  # fmt: skip
    for column in table.columns:
        place = groups[_group(table, column)]
        is_time = column.type.name == "timestamp"
        value = f"{{{{ as_timestamp('{column.name}') }}}}" if is_time else column.name
        place.append((value, column.name))
        if column.pseudonym_name:
            groups["keys"].append((column.pseudonym_name, column.pseudonym_name))
    yield from groups.items()
    yield "lineage", [(value, name) for name, value in LINEAGE.items()]


def _group(table: Table, column: Column) -> str:
    if column.name in table.key_columns or column.refers_to or column.pseudonym:
        return "keys"
    if column.type.name in ("date", "timestamp"):
        return "times"
    return "amounts" if column.type.name == "decimal" else "attributes"


def _sql(table: Table) -> str:
    return (
        "with source as (\n\n"
        f"    {{{{ state_of('{table.source}', '{table.name}') }}}}\n\n"
        "),\n\nrenamed as (\n\n    select\n"
        f"{select_list(_groups(table))}\n    from source\n\n)\n\nselect * from renamed\n"
    )


def _yaml(table: Table, model: str, entry: Mapping[str, Any]) -> str:
    """The model's YAML: the contract's own descriptions and sensitivities, and a test of the key."""
    texts = {c["name"]: str(c.get("description", UNDECIDED)).strip() for c in entry["columns"]}
    grain = list(table.key_columns) or ["load_id", "source_row"]
    tests = "[unique, not_null]" if len(grain) == 1 else "[not_null]"
    lines: list[str] = []
    declared = {column.name: column.sensitivity for column in table.columns}
    for name in (name for _, columns in _groups(table) for _, name in columns):
        sensitivity = declared.get(name, "quasi" if name.endswith("_pseudonym") else "none")
        said = _described(name, texts)
        lines += column_lines(name, said, sensitivity, tests if name in grain else "")
    together = f"unique_together: {{arguments: {{columns: {flow(grain)}}}}}"
    return model_yaml(
        model,
        str(entry.get("description") or UNDECIDED).strip(),
        grain,
        lines,
        rules="renamed only.",
        tests=[together] if len(grain) > 1 else [],
    )


def _described(name: str, texts: Mapping[str, str]) -> str:
    if name.endswith("_pseudonym"):
        return texts.get(name, f"The pseudonym of {name.removesuffix('_pseudonym')}.")
    return texts.get(name, doc(name))
