"""What a tree promises (docs/guides/versions.md), a line for each name: `interface.py MANIFEST` in the tree's folder.

A line that only the base has is a change of the interface; one that only the head has is not. It uses the tree's own
modules, so each version has this file, and the head's reads a base from before it.
"""

import csv
import dataclasses
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import yaml

PROMISED = ("models/marts/", "models/restricted/", "models/intermediate/input/")
IMAGE = ("USER", "VOLUME", "ENTRYPOINT", "CMD")


def relations(manifest: dict[str, Any]) -> Iterator[str]:
    """Relations, keys, columns and types."""
    for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
        is_raw = node["resource_type"] == "source"
        if not is_raw and not node["original_file_path"].startswith(PROMISED):
            continue
        name = f"{node['schema']}.{node['name']}"
        if node["resource_type"] in ("model", "source"):
            grain = [] if is_raw else node["config"]["meta"].get("grain", [])
            yield f"relation {name} by {', '.join(grain) or 'no key'}"
        for column in node["columns"].values():
            yield f"column {name}.{column['name']} {column['data_type']}"


def commands() -> Iterator[str]:
    """Commands with their options, and the fields of their JSON."""
    from ingestion.cli import main
    from ingestion.extract.run import Extracted
    from ingestion.land.status import FileStatus, TableStatus
    from ingestion.outcome import Outcome
    from ingestion.scan import Finding as Found
    from ingestion.verify.finding import Finding

    for name, command in main.commands.items():
        yield f"command {name}"
        for parameter in command.params:
            kind = parameter.type
            choices = [*kind.choices] if isinstance(kind, click.Choice) else [""]
            need = "required" if parameter.required else "optional"
            for option in (*parameter.opts, *parameter.secondary_opts):
                yield from (f"command {name} {option} {one} ({need})" for one in choices)
    records = {
        "land": (Outcome,),
        "status": (TableStatus, FileStatus),
        "scan": (Found,),
        "verify": (Finding,),
        "extract": (Extracted,),
    }
    for name, shown in records.items():
        for field in (one for record in shown for one in dataclasses.fields(record)):
            yield f"command {name} --format json: {field.name}"


def operations() -> Iterator[str]:
    """Metrics, kinds of alerts, fields of log lines, and codes of findings."""
    from ingestion.alerts.conditions import Kind
    from ingestion.logs import FIELDS

    yield from (f"kind of alert {kind}" for kind in get_args(Kind))
    yield from (f"field of logs {name}" for name in FIELDS)
    guide = Path("docs/guides/alerts.md").read_text().split("## Metrics")[1].split("\n## ")[0]
    yield from (f"metric {name}" for name in re.findall(r"`([A-Z][A-Za-z]+)`", guide))
    with Path("seeds/finding_codes.csv").open() as file:
        yield from (f"code {row[0]} {row[1]}" for row in csv.reader(file))


def settings() -> Iterator[str]:
    """Environment variables and variables of the project, with their defaults; parameters of the stack; the image."""
    guide = Path("docs/guides/settings.md").read_text()
    for name, rest in re.findall(r"^\| `((?:LANDFALL|AWS)_\w+)` \|(.*)\|$", guide, re.MULTILINE):
        yield f"setting {name} by default {rest.rpartition('|')[2].strip()}"
    project = yaml.safe_load(Path("dbt_project.yml").read_text())
    yield from (f"variable {name} = {json.dumps(value)}" for name, value in project["vars"].items())
    for part in re.split(r"^(?=\w)", Path("deploy/landfall.yaml").read_text(), flags=re.MULTILINE):
        kind = part.partition(":")[0]
        if kind in ("Parameters", "Outputs"):
            names = re.findall(r"^  (\w+):", part, re.MULTILINE)
            yield from (f"stack {kind} {name}" for name in names)
    lines = Path("Dockerfile").read_text().splitlines()
    yield from (f"image {line}" for line in lines if line.startswith(IMAGE))


def words(schema: Any, place: str = "") -> Iterator[str]:
    """The words of a contract, with the values that they may have."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            yield f"word {place}{name}"
            yield from words(inner, f"{place}{name}.")
        for name, inner in schema.get("$defs", {}).items():
            yield from words(inner, f"{name}.")
        yield from (f"word {place} {value}" for value in schema.get("enum", []))
        for key in ("items", "anyOf", "allOf", "oneOf", "additionalProperties"):
            yield from words(schema.get(key), place)
    elif isinstance(schema, list):
        for inner in schema:
            yield from words(inner, place)


def promised(manifest: Path) -> list[str]:
    """All lines of the tree in the current folder, whose project this manifest of dbt describes."""
    contract = json.loads(Path("docs/contract.schema.json").read_text())
    found = {*relations(json.loads(manifest.read_text())), *commands(), *operations(), *settings()}
    return sorted(found | {*words(contract)})


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.stdout.write("".join(f"{line}\n" for line in promised(Path(sys.argv[1]))))
