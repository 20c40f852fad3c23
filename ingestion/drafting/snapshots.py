"""Drafts of histories: a snapshot of a staging model, and the base model that both are made from."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingestion.contract import Table, read_project
from ingestion.drafting.finished import LINEAGE, Model, staged_model
from ingestion.drafting.model_files import column_lines, doc, model_files, model_yaml
from ingestion.drafting.writing import Draft
from ingestion.errors import BadSettings
from ingestion.settings import Settings

_SNAPSHOT_COLUMNS = {  # name -> sensitivity and tests
    "row_hash": ("quasi", "[not_null]"),
    "dbt_scd_id": ("none", "[unique, not_null]"),
    "dbt_updated_at": ("none", ""),
    "dbt_valid_from": ("none", "[not_null]"),
    "dbt_valid_to": ("none", ""),
}
_BASES = Path("models/base")
_LAST = "        _source_row as source_row"
_END = ")\n\nselect * from renamed\n"
"""How a drafted staging model ends."""


def draft_snapshots(settings: Settings, source: str, names: Sequence[str]) -> list[Draft]:
    """SQL and YAML of a snapshot for each of these staging models: `patients` is stg_<source>__patients.

    Where there is no base model yet, one is made out of the staging model, which reads it then. BadSettings for a
    staging model that is not there or was written anew, or whose key has several columns.
    """
    root = settings.project_dir
    drafts: list[Draft] = []
    for name in names:
        staged = staged_model(root, source, name)
        if len(staged.grain) != 1:
            raise BadSettings(f"{staged.name}: a snapshot needs a key of one column")
        base = staged.name.replace("stg_", "base_", 1)
        if not (root / _BASES / source / f"{base}.sql").is_file():
            drafts += _base(root, source, base, staged)
        stem = Path("snapshots") / source / f"snap_{source}__{name}"
        sql = _snapshot_sql(stem.name, base, staged)
        drafts += model_files(stem, sql, _snapshot_yaml(stem.name, staged))
    return drafts


def _base(root: Path, source: str, base: str, staged: Model) -> Iterator[Draft]:
    """A base model with the renaming of a staging model, and the staging model upon it."""
    path = Path("models/staging") / source / f"{staged.name}.sql"
    before = (root / path).read_text()
    reads = re.search(rf"state_of\('{source}', '(\w+)'\)", before)
    if not reads or not before.endswith(_END) or _LAST not in before:
        raise BadSettings(
            f"{staged.name} is not as --staging drafts one, with `source` and `renamed`: write {base} by hand"
        )
    table = read_project(root).table(f"{source}.{reads[1]}")
    deciding = _deciding(table)
    more = ",\n".join(f"        {column}" for column in deciding)
    sql = before.replace(reads[0], reads[0].replace("state_of", "rows_of"))
    sql = sql.replace(_LAST, f"{_LAST},\n\n        -- what decides between rows\n{more}")
    hashed = f"hashed as (\n\n    select\n        *,\n{_row_hash(staged)}    from renamed\n\n)\n\n"
    sql = sql.replace(_END, f"),\n\n{hashed}select * from hashed\n")
    yield from model_files(_BASES / source / base, sql, _base_yaml(base, table, staged, deciding))
    state = (
        f"with state as (\n\n    {{{{ state_of_base('{base}') }}}}\n\n)\n\nselect * from state\n"
    )
    yield Draft(state, path, replaces=True)


def _deciding(table: Table) -> list[str]:
    """What `rows_of` adds to a table's rows."""
    changes = [delivery for delivery in table.deliveries if delivery.kind == "changes"]
    has_order = table.watermark or any(delivery.order for delivery in changes)
    return [
        "row_key",
        *(["row_order"] if has_order else []),
        *(["is_removal"] if changes or table.deleted else []),
    ]


def _row_hash(staged: Model) -> str:
    (key,) = staged.grain
    business = [
        c for c in staged.columns if c not in (key, *LINEAGE) and not c.endswith("_pseudonym")
    ]
    truths = [c for c in business if c.startswith(("is_", "has_"))]
    times = [c for c in business if c in staged.times]
    words = f", conditions={truths}" if truths else ""
    words += f", times={times}" if times else ""
    plain = [c for c in business if c not in truths + times]
    listed = "".join(f"            '{column}',\n" for column in plain)
    return f"        {{{{ row_hash([\n{listed}        ]{words}) }}}} as row_hash\n"


def _base_yaml(name: str, table: Table, staged: Model, deciding: Sequence[str]) -> str:
    lines = [*_staged_lines(staged)]
    for column in (*deciding, "row_hash"):
        sensitivity = {"row_key": "direct", "row_hash": "quasi"}.get(column, "none")
        lines += column_lines(column, doc(column), sensitivity)
    return model_yaml(
        name,
        f"Every row of {table.full_name}, of every load, under the names of {staged.name}.",
        ("load_id", "source_row"),
        lines,
        rules=f"renamed only. {staged.name} and the history take from it what counts.",
        traps="a key has a row per load that names it; retracted and superseded loads are among them.",
    )


def _staged_lines(staged: Model, key: str | None = None) -> Iterator[str]:
    """The entries of a staging model's columns; the key is tested."""
    for column, entry in staged.columns.items():
        sensitivity = entry["config"]["meta"]["sensitivity"]
        tests = "[not_null]" if column == key else ""
        yield from column_lines(column, str(entry["description"]), sensitivity, tests)


def _snapshot_sql(name: str, base: str, staged: Model) -> str:
    (key,) = staged.grain
    return (
        f"{{% snapshot {name} %}}\n"
        f"{{{{ config(unique_key='{key}', **engine_config(sort=['{key}'])) }}}}\n\n"
        f"{{{{ state_now_of('{base}') }}}}\n{{% endsnapshot %}}\n"
    )


def _snapshot_yaml(name: str, staged: Model) -> str:
    (key,) = staged.grain
    lines = [*_staged_lines(staged, key)]
    for column, (sensitivity, tests) in _SNAPSHOT_COLUMNS.items():
        lines += column_lines(column, doc(column), sensitivity, tests)
    return model_yaml(
        name,
        f"One row per version of a row of {staged.name}: what the extracts said, from which extract date\nto which.",
        (key, "dbt_valid_from"),
        lines,
        rules="a new version where row_hash differs; gone from a full extract is closed that day; back again\n"
        "is a new version; a row in quarantine is not gone. Time is the extract date.",
        traps="built by `dbt snapshot` or by the backfill, to the same rows (macros/history); never edit it\n"
        "by hand.",
        tests=[f"unique_open_version: {{arguments: {{key: {key}}}}}"],
        note="Redshift: in the order of the key, by which each day's rows are compared with the versions",
        kind="snapshots",
    )
