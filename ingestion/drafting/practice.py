"""Drafts of what brings a practice's system into the marts: snapshots and measures of its staging models, and mappings.

All are made from finished files: the staging models' YAML names the existing columns, the input layer's YAML the
required ones.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingestion.contract import UNDECIDED, Table, read_project
from ingestion.drafting.writing import Draft, flow
from ingestion.errors import BadSettings
from ingestion.settings import Settings

_LINEAGE = ("extract_date", "load_id", "extracted_at", "source_row")
_SNAPSHOT_COLUMNS = {  # name -> sensitivity and tests
    "row_hash": ("quasi", "[not_null]"),
    "dbt_scd_id": ("none", "[unique, not_null]"),
    "dbt_updated_at": ("none", None),
    "dbt_valid_from": ("none", "[not_null]"),
    "dbt_valid_to": ("none", None),
}
_INSTANT = re.compile(r"as_timestamp\('\w+'\) \}\} as (\w+)")
"""How a staging model writes an instant, under any name."""

_NAMING_A_PLAN = ("payer", "owed_first_by")
"""A plan's number or `patient`: a column of this name need not hold one."""

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

      **Rules** staged alone, with what parts supersede and lack; what is published is measured with the area's marts.

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
        description: "{{ doc('load_id') }} Null but in the stage staged."
      - name: measure
        description: "{{ doc('measure') }}"
      - name: measured
        description: "{{ doc('measured') }}"
"""


@dataclass(frozen=True)
class _Model:
    """A model: the columns' entries by name, as its YAML has them, those of its grain, and those that are instants."""

    name: str
    columns: Mapping[str, Mapping[str, Any]]
    grain: tuple[str, ...]
    times: frozenset[str]

    @property
    def patient(self) -> str | None:
        """The column with a pseudonym, if exactly one has one: it names the patient."""
        found = [c.removesuffix("_pseudonym") for c in self.columns if c.endswith("_pseudonym")]
        return found[0] if len(found) == 1 else None


def draft_snapshots(settings: Settings, source: str, names: Sequence[str]) -> list[Draft]:
    """SQL and YAML of a snapshot for each of these staging models: `patients` is stg_<source>__patients.

    BadSettings for a staging model that is not there, or whose key has several columns.
    """
    drafts = []
    for name in names:
        staged = _staged(settings.project_dir, source, name)
        if len(staged.grain) != 1:
            raise BadSettings(f"{staged.name}: a snapshot needs a key of one column")
        stem = Path("snapshots") / source / f"snap_{source}__{name}"
        drafts.append(Draft(_snapshot_sql(stem.name, staged), stem.with_suffix(".sql")))
        drafts.append(Draft(_snapshot_yaml(stem.name, staged), stem.with_suffix(".yml")))
    return drafts


def draft_mappings(settings: Settings, source: str, names: Sequence[str]) -> list[Draft]:
    """SQL and YAML that bring staging models into tables of the input layer: `encounters=visits`, or `patients` alone.

    Unknown parts are marked in the SQL, for a person to write or to delete, there and in the YAML. An entity
    with versions is read from its snapshot where that is there. BadSettings for an unknown entity or staging model.
    """
    root = settings.project_dir
    drafts = []
    for entity, _, name in (pair.partition("=") for pair in names):
        layer = root / "models/intermediate/input"
        path = layer / f"input_{entity}.yml"
        if not path.is_file():
            known = sorted(p.stem.removeprefix("input_") for p in layer.glob("input_*.yml"))
            raise BadSettings(f"no table input_{entity}: the input layer has {', '.join(known)}")
        wanted, staged = _model(path), _staged(root, source, name or entity)
        stem = Path(f"models/intermediate/map_{source}/map_{source}__{entity}")
        snapshot = f"snap_{source}__{name or entity}"
        kept = (root / "snapshots" / source / f"{snapshot}.sql").is_file()
        columns = _mapped(source, wanted, staged, kept)
        sql = _mapping_sql(columns, staged, snapshot if kept else None, wanted)
        drafts.append(Draft(sql, stem.with_suffix(".sql")))
        described = _mapping_yaml(stem.name, source, wanted, list(columns))
        drafts.append(Draft(described, stem.with_suffix(".yml")))
    return drafts


def draft_measures(settings: Settings, source: str) -> list[Draft]:
    """SQL and YAML of int_<source>_measured: the counts of each staging model on its way into the marts.

    If a table comes in parts (increments, events, changes), superseded rows are counted too. BadSettings for a source
    without a contract or staging models.
    """
    root = settings.project_dir
    tables = [table for table in read_project(root) if table.source == source]
    if not tables:
        raise BadSettings(f"no contract names the source '{source}'")
    folder = root / "models/staging" / source
    models = {path.stem: path.read_text() for path in sorted(folder.glob(f"stg_{source}__*.sql"))}
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
    text = _MEASURED.replace("SOURCE", source)
    return [Draft(sql, stem.with_suffix(".sql")), Draft(text, stem.with_suffix(".yml"))]


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


def _staged(root: Path, source: str, name: str) -> _Model:
    path = root / "models/staging" / source / f"stg_{source}__{name}.yml"
    if not path.is_file():
        there = sorted(
            p.stem.removeprefix(f"stg_{source}__") for p in path.parent.glob("stg_*.yml")
        )
        said = f"there are {', '.join(there)}" if there else "draft them first, with --staging"
        raise BadSettings(f"no staging model stg_{source}__{name}: {said}")
    return _model(path)


def _model(path: Path) -> _Model:
    (entry,) = yaml.safe_load(path.read_text())["models"]
    columns = {column["name"]: column for column in entry["columns"]}
    sql = path.with_suffix(".sql").read_text()
    times = {c for c in columns if c.endswith("_at")} | set(_INSTANT.findall(sql))
    return _Model(entry["name"], columns, tuple(entry["config"]["meta"]["grain"]), frozenset(times))


def _snapshot_sql(name: str, staged: _Model) -> str:
    (key,) = staged.grain
    business = [
        c for c in staged.columns if c not in (key, *_LINEAGE) and not c.endswith("_pseudonym")
    ]
    truths = [c for c in business if c.startswith(("is_", "has_"))]
    times = [c for c in business if c in staged.times]
    plain = [c for c in business if c not in truths + times]
    words = f", conditions={truths}" if truths else ""
    words += f", times={times}" if times else ""
    listed = "".join(f"            '{column}',\n" for column in plain)
    return (
        f"{{% snapshot {name} %}}\n"
        f"{{{{ config(unique_key='{key}', **engine_config(sort=['{key}'])) }}}}\n\n"
        f"with staged as (\n\n    {{{{ staged('{staged.name}') }}}}\n\n),\n\n"
        "hashed as (\n\n    select\n        *,\n"
        f"        {{{{ row_hash([\n{listed}        ]{words}) }}}} as row_hash\n"
        "    from staged\n\n)\n\nselect * from hashed\n{% endsnapshot %}\n"
    )


def _snapshot_yaml(name: str, staged: _Model) -> str:
    (key,) = staged.grain
    lines = [
        "snapshots:",
        f"  - name: {name}",
        "    description: |",
        f"      One row per version of a row of {staged.name}: what the extracts said, from which extract date",
        "      to which.",
        "",
        f"      **Key** {key}, dbt_valid_from.",
        "",
        "      **Rules** a new version where row_hash differs; gone from a full extract is closed that day; back again",
        "      is a new version; a row in quarantine is not gone. Time is the extract date.",
        "",
        "      **Traps** built by `dbt snapshot` or by the backfill, to the same rows (macros/history); never edit it",
        "      by hand.",
        "    # Redshift: in the order of the key, by which each day's rows are compared with the versions",
        f"    config: {{meta: {{grain: [{key}, dbt_valid_from]}}}}",
        "    data_tests:",
        f"      - unique_open_version: {{arguments: {{key: {key}}}}}",
        "    columns:",
    ]
    for column, entry in staged.columns.items():
        sensitivity = entry["config"]["meta"]["sensitivity"]
        tests = "[not_null]" if column == key else None
        lines += _column(column, str(entry["description"]), sensitivity, tests)
    for column, (sensitivity, tests) in _SNAPSHOT_COLUMNS.items():
        lines += _column(column, f"{{{{ doc('{column}') }}}}", sensitivity, tests)
    return "\n".join(lines) + "\n"


def _column(name: str, description: str, sensitivity: str, tests: str | None) -> Iterator[str]:
    yield f"      - name: {name}"
    text = json.dumps(description) if "{{" in description else flow(description)
    yield f"        description: {text}"
    yield f"        config: {{meta: {{sensitivity: {sensitivity}}}}}"
    if tests:
        yield f"        data_tests: {tests}"


def _mapped(source: str, wanted: _Model, staged: _Model, kept: bool) -> dict[str, str]:
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
        elif name.endswith("_id") and name not in _LINEAGE:
            found[name] = f"{{{{ system_number('{source}', '{_number(name, wanted, staged)}') }}}}"
        elif name in staged.columns and name not in _NAMING_A_PLAN:
            found[name] = name
        else:
            found[name] = f"cast({UNDECIDED} as {_type(entry)})"
    return found


def _number(name: str, wanted: _Model, staged: _Model) -> str:
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


def _groups(columns: Mapping[str, str], wanted: _Model) -> Iterator[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {
        "keys": [], "attributes": [], "amounts": [], "times": [], "lineage": [],
    }  # fmt: skip
    for name in columns:
        type_ = str(wanted.columns[name]["data_type"])
        is_key = name.endswith(("_id", "_pseudonym")) or name == "system_name"
        is_time = type_ == "date" or name.endswith("_time") or name in _OF_VERSIONS
        group = "times" if is_time else "amounts" if "decimal" in type_ else "attributes"
        groups["lineage" if name in _LINEAGE else "keys" if is_key else group].append(name)
    yield from ((group, names) for group, names in groups.items() if names)


def _mapping_sql(
    columns: Mapping[str, str], staged: _Model, snapshot: str | None, wanted: _Model
) -> str:
    rows = wanted.name.removeprefix("input_")
    read = (
        f"{{{{ versions_of(ref('{snapshot}'), '{staged.grain[0]}') }}}}"
        if snapshot
        else f"select * from {{{{ ref('{staged.name}') }}}}"
    )
    lines: list[str] = []
    for group, names in _groups(columns, wanted):
        lines += ["", f"        -- {group}"] if lines else [f"        -- {group}"]
        for name in names:
            value = columns[name]
            lines.append(f"        {value}," if value == name else f"        {value} as {name},")
    chosen = "\n".join(lines).removesuffix(",")
    return (
        f"with {rows} as (\n\n    {read}\n\n),\n\n"
        f"-- a draft: write what is {UNDECIDED}, or strike it out, here and in the YAML\n"
        f"mapped as (\n\n    select\n{chosen}\n    from {rows}\n\n)\n\nselect * from mapped\n"
    )


def _mapping_yaml(name: str, source: str, wanted: _Model, columns: Sequence[str]) -> str:
    grain = ", ".join(wanted.grain)
    lines = [
        "models:",
        f"  - name: {name}",
        "    description: |",
        f"      {source} in the columns of {wanted.name}; what is not here it does not know.",
        *("", f"      **Key** {grain}."),
        *("", f"      **Rules** {UNDECIDED}."),
        *("", f"      **Traps** {UNDECIDED}."),
        f"    config: {{meta: {{grain: [{grain}]}}}}",
        "    columns:",
    ]
    for column in columns:
        text = json.dumps(str(wanted.columns[column]["description"]), ensure_ascii=False)
        lines.append(f"      - {{name: {column}, description: {text}}}")
    return "\n".join(lines) + "\n"
