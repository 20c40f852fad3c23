"""What a person has finished, as far as a draft needs to know it: a contract's entries, and staging models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingestion.contract import contract_path
from ingestion.errors import BadSettings

LINEAGE = {
    "extract_date": "extract_date",
    "load_id": "load_id",
    "extracted_at": "{{ as_timestamp('_extracted_at') }}",
    "source_row": "_source_row",
}
"""The columns of lineage of a staging model, and the expression of each over the raw table."""

_INSTANT = re.compile(r"as_timestamp\('\w+'\) \}\} as (\w+)")
"""How a staging model writes an instant, under any name."""


@dataclass(frozen=True)
class Model:
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


def entries_of(root: Path, source: str) -> dict[str, dict[str, Any]]:
    """The tables of a source by name, as the YAML of its contract has them."""
    content = yaml.safe_load((root / contract_path(source)).read_text())
    return {table["name"]: table for entry in content["sources"] for table in entry["tables"]}


def staged_model(root: Path, source: str, name: str) -> Model:
    """The staging model stg_<source>__<name>; BadSettings when it is not there."""
    path = root / "models/staging" / source / f"stg_{source}__{name}.yml"
    if not path.is_file():
        there = sorted(
            p.stem.removeprefix(f"stg_{source}__") for p in path.parent.glob("stg_*.yml")
        )
        said = f"there are {', '.join(there)}" if there else "draft them first, with --staging"
        raise BadSettings(f"no staging model stg_{source}__{name}: {said}")
    return read_model(path)


def read_model(path: Path) -> Model:
    """The model of which this is the YAML."""
    (entry,) = yaml.safe_load(path.read_text())["models"]
    columns = {column["name"]: column for column in entry["columns"]}
    sql = renaming_of(path.with_suffix(".sql"))
    times = {c for c in columns if c.endswith("_at")} | set(_INSTANT.findall(sql))
    return Model(entry["name"], columns, tuple(entry["config"]["meta"]["grain"]), frozenset(times))


def renaming_of(path: Path) -> str:
    """The SQL that gives a raw table's columns their names: of the model at `path`, or of the base model it reads."""
    sql = path.read_text()
    base = re.search(r"state_of_base\('(\w+)'\)", sql)
    if base is None:
        return sql
    return (path.parents[2] / "base" / path.parent.name / f"{base[1]}.sql").read_text()
