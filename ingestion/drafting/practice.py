"""Drafts of what brings a practice's system into the marts: measures of its staging models, and mappings.

All are made from finished files: the staging models' YAML names the existing columns, the input layer's YAML the
required ones.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingestion.contract import UNDECIDED, Table, read_project
from ingestion.drafting.finished import LINEAGE, Model, read_model, renaming_of, staged_model
from ingestion.drafting.model_files import model_files, model_yaml, select_list
from ingestion.drafting.writing import Draft
from ingestion.errors import BadSettings
from ingestion.settings import Settings

_NAMING_A_PLAN = ("payer", "owed_first_by")
"""Input columns with a plan's number or `patient`: a staged column of the same name may hold something else."""

_OF_VERSIONS = ("is_current", "valid_from", "valid_to", "seen_from", "seen_to")
_ONE_VERSION = {
    "is_current": "true",
    "valid_from": "date '1900-01-01'",
    "seen_from": "extract_date",
}
"""For a system without history: one version of each row, which joins at all times."""


_WIDE = 100
"""The longest line of SQL."""

_MEASURED = """models:
  - name: int_SOURCE_measured
    description: |
      One row per stage, raw table of SOURCE, measure and load: what is counted and summed on the way to the marts.

      **Key** stage, source_name, table_name, load_id, measure.

      **Rules** the published rows are measured with the area's marts.

      **Traps** it counts once int_rows_measured has its line.
    config: {meta: {grain: [stage, source_name, table_name, load_id, measure]}}
    columns:
      - name: stage
        description: "{{ doc('measured_stage') }}"
      - name: source_name
        description: "{{ doc('source_name') }}"
      - name: table_name
        description: "{{ doc('table_name') }}"
      - name: load_id
        description: "{{ doc('load_id') }} Null except in the stage staged."
      - name: measure
        description: "{{ doc('measure') }}"
      - name: measured
        description: "{{ doc('measured') }}"
"""


def draft_mappings(settings: Settings, source: str, names: Sequence[str]) -> list[Draft]:
    """SQL and YAML that bring staging models into tables of the input layer: `encounters=visits`, or `patients` alone.

    Unknown parts are marked in the SQL, for a person to write or to delete, there and in the YAML. An entity
    with versions is read from its snapshot where that is there. BadSettings for an unknown entity or staging model.
    """
    root = settings.project_dir
    drafts: list[Draft] = []
    for entity, _, name in (pair.partition("=") for pair in names):
        layer = root / "models/intermediate/input"
        path = layer / f"input_{entity}.yml"
        if not path.is_file():
            known = sorted(p.stem.removeprefix("input_") for p in layer.glob("input_*.yml"))
            raise BadSettings(f"no table input_{entity}: the input layer has {', '.join(known)}")
        wanted, staged = read_model(path), staged_model(root, source, name or entity)
        stem = Path(f"models/intermediate/map_{source}/map_{source}__{entity}")
        snapshot = f"snap_{source}__{name or entity}"
        kept = (root / "snapshots" / source / f"{snapshot}.sql").is_file()
        columns = _mapped(source, wanted, staged, kept)
        sql = _mapping_sql(columns, staged, snapshot if kept else None, wanted)
        drafts += model_files(stem, sql, _mapping_yaml(stem.name, source, wanted, columns))
    return drafts


def draft_measures(settings: Settings, source: str) -> list[Draft]:
    """SQL and YAML of int_<source>_measured: the counts of each staging model on its way into the marts.

    If a table comes in parts (increments, events, changes), superseded rows are counted too. BadSettings for a source
    without a contract or staging models.
    """
    root = settings.project_dir
    tables = read_project(root).tables_of(source)
    folder = root / "models/staging" / source
    models = {path.stem: renaming_of(path) for path in sorted(folder.glob(f"stg_{source}__*.sql"))}
    parts = []
    for table in tables:
        for name, sql in models.items():
            if re.search(rf"\('{source}', '{table.name}'", sql):
                parts.append(_measured(table, name, sql))
    if not parts:
        raise BadSettings(f"no staging model of {source}: draft them first, with --staging")
    if any(delivery.kind != "full" for table in tables for delivery in table.deliveries):
        parts.append(f"    {{{{ superseded_measures_of('{source}') }}}}")
    stem = Path(f"models/intermediate/measures/int_{source}_measured")
    body = "\n    union all\n".join(parts)
    sql = f"with measured as (\n\n{body}\n\n)\n\nselect * from measured\n"
    return model_files(stem, sql, _MEASURED.replace("SOURCE", source))


def _measured(table: Table, model: str, sql: str) -> str:
    """The measures of a staging model: its rows, and the sums of its amounts, under their raw names."""
    amounts = {}
    for column in table.columns:
        renamed = re.search(rf"\b{column.name} as (\w+)", sql)
        if column.type.name == "decimal" and re.search(rf"\b{column.name}\b", sql):
            amounts[column.name] = renamed[1] if renamed else column.name
    words = f", {amounts}" if amounts else ""
    line = f"    {{{{ measures_of('{table.source}', '{table.name}', ref('{model}'){words}) }}}}"
    if len(line) > _WIDE:
        listed = "".join(f"        '{raw}': '{name}',\n" for raw, name in amounts.items())
        line = line.replace(words, f", {{\n{listed.removesuffix(',' + chr(10))}\n    }}")
    return line


def _mapped(source: str, wanted: Model, staged: Model, kept: bool) -> dict[str, str]:
    """The expression for each column of the input table that this system may have."""
    found: dict[str, str] = {}
    for name, entry in wanted.columns.items():
        if name in _OF_VERSIONS:
            if kept or name in _ONE_VERSION:
                found[name] = name if kept else _ONE_VERSION[name]
        elif name == "system_name":
            found[name] = f"'{source}'"
        elif name == "patient_pseudonym" and staged.patient:
            found[name] = f"{staged.patient}_pseudonym"
        elif name.endswith("_id") and name not in LINEAGE:
            found[name] = f"{{{{ system_number('{source}', '{_number(name, wanted, staged)}') }}}}"
        elif name in staged.columns and name not in _NAMING_A_PLAN:
            found[name] = name
        else:
            found[name] = f"cast({UNDECIDED} as {_type(entry)})"
    return found


def _number(name: str, wanted: Model, staged: Model) -> str:
    """The column that holds the number: the own key, the patient, or one of the same name."""
    if name == wanted.grain[0] and len(staged.grain) == 1:
        return staged.grain[0]
    if name == "patient_id" and staged.patient:
        return staged.patient
    return name if name in staged.columns else UNDECIDED


def _type(entry: Mapping[str, Any]) -> str:
    """The column's type; text if the engines differ."""
    type_ = str(entry["data_type"])
    return "varchar" if "{" in type_ else type_.replace(",", ", ")


def _groups(columns: Mapping[str, str], wanted: Model) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {
        "keys": [], "attributes": [], "amounts": [], "times": [], "lineage": [],
    }  # fmt: skip
    for name in columns:
        type_ = str(wanted.columns[name]["data_type"])
        is_key = name.endswith(("_id", "_pseudonym")) or name == "system_name"
        is_time = type_ == "date" or name.endswith("_time") or name in _OF_VERSIONS
        group = "times" if is_time else "amounts" if "decimal" in type_ else "attributes"
        groups["lineage" if name in LINEAGE else "keys" if is_key else group].append(name)
    return groups


def _mapping_sql(
    columns: Mapping[str, str], staged: Model, snapshot: str | None, wanted: Model
) -> str:
    rows = wanted.name.removeprefix("input_")
    read = (
        f"{{{{ versions_of(ref('{snapshot}'), '{staged.grain[0]}') }}}}"
        if snapshot
        else f"select * from {{{{ ref('{staged.name}') }}}}"
    )
    groups = (
        (group, [(columns[name], name) for name in names])
        for group, names in _groups(columns, wanted).items()
    )
    return (
        f"with {rows} as (\n\n    {read}\n\n),\n\n"
        f"-- a draft: write what is {UNDECIDED}, or strike it out, here and in the YAML\n"
        f"mapped as (\n\n    select\n{select_list(groups)}\n    from {rows}\n\n)\n\nselect * from mapped\n"
    )


def _mapping_yaml(name: str, source: str, wanted: Model, columns: Iterable[str]) -> str:
    what = (
        f"{source} in the columns of {wanted.name}; a column that is missing here is unknown to it."
    )
    texts = {
        c: json.dumps(str(wanted.columns[c]["description"]), ensure_ascii=False) for c in columns
    }
    lines = (f"      - {{name: {column}, description: {text}}}" for column, text in texts.items())
    return model_yaml(name, what, wanted.grain, lines)
