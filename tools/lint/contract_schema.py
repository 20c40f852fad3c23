"""Keeps docs/contract.schema.json, the JSON schema of a sources file, made from the contract.

`python -m tools.lint.contract_schema` fails when the published schema differs from the classes, or when a sources file
violates it; with `--write` it writes the schema. An editor that knows the schema completes and checks contracts while
they are written.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from pydantic.json_schema import models_json_schema

from ingestion.contract.column import ColumnMeta
from ingestion.contract.model import ContractMeta
from ingestion.contract.reader import OWN_SOURCE, SOURCES_GLOB

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "docs" / "contract.schema.json"
DATA_TYPE = r"^(string|bigint|date|timestamp|boolean|double|decimal\(\d+, ?\d+\))$"


def schema() -> dict[str, Any]:
    """The schema of a `_<source>__sources.yml`; properties that only dbt reads are left open."""
    references, definitions = models_json_schema(
        [(ContractMeta, "validation"), (ColumnMeta, "validation")],
        ref_template="#/$defs/{model}",
    )
    column = _entry(
        {"data_type": {"type": "string", "pattern": DATA_TYPE}},
        meta=references[ColumnMeta, "validation"],
        required=["data_type", "config"],
    )
    # settings that may come from the source's defaults are not required of a table
    definitions["$defs"]["ContractMeta"]["required"] = ["key"]
    partial = {**definitions["$defs"]["ContractMeta"], "required": []}
    partial["properties"] = {k: v for k, v in partial["properties"].items() if k != "key"}
    table = _entry(
        {"columns": {"type": "array", "items": column, "minItems": 1}},
        meta=_mapping({"contract": references[ContractMeta, "validation"]}, ["contract"]),
        required=["columns", "config"],
    )
    source = _entry(
        {"tables": {"type": "array", "items": table, "minItems": 1}},
        meta=_meta_of_a_source(partial),
        required=["tables"],
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A source's contract: models/staging/<source>/_<source>__sources.yml",
        **_mapping({"sources": {"type": "array", "items": source}}, ["sources"]),
        **definitions,
    }


def _meta_of_a_source(partial: dict[str, Any]) -> dict[str, Any]:
    """The settings under a source's own `config.meta`; `partial` is a contract without a key."""
    zero_dates = {"type": "boolean", "description": "MySQL's 0000-00-00 is null."}
    defaults = "What the contract of each of its tables says where it says nothing itself."
    return _mapping(
        {
            "time_zone": {"type": "string", "description": "An IANA name."},
            "zero_dates_are_null": zero_dates,
            "defaults": {**partial, "description": defaults},
        },
        [],
    )


def _mapping(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


def _entry(properties: dict[str, Any], meta: Any, required: list[str]) -> dict[str, Any]:
    """A source, a table or a column of dbt: a name, and our settings under `config.meta`."""
    shared = {"name": {"type": "string"}, "config": _mapping({"meta": meta}, ["meta"])}
    return _mapping(shared | properties, ["name", *required])


def problems() -> list[str]:
    """One line per file that violates the schema, and one if the published schema is outdated."""
    wanted = schema()
    found = []
    if not PUBLISHED.exists() or json.loads(PUBLISHED.read_text()) != wanted:
        found.append(f"{PUBLISHED.relative_to(ROOT)}: not up to date (run with --write)")
    validator = Draft202012Validator(wanted)
    for path in sorted(ROOT.glob(SOURCES_GLOB)):
        content = yaml.safe_load(path.read_text())
        if [source["name"] for source in content["sources"]] == [OWN_SOURCE]:
            continue  # Landfall's own tables are not delivered, so they have no contract
        found += [
            f"{path.relative_to(ROOT)}: {error.json_path}: {error.message[:200]}"
            for error in validator.iter_errors(content)
        ]
    return found


def main() -> int:
    """Write or check; 1 when something does not hold."""
    if "--write" in sys.argv[1:]:
        PUBLISHED.write_text(json.dumps(schema(), indent=2) + "\n")
    found = problems()
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
