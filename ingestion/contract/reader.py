"""Reads every contract of a project, or refuses with the file, the table and the column that are wrong."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ingestion.contract.column import Column
from ingestion.contract.model import Delivery, Project, Source, Table
from ingestion.errors import BadSettings

Model = TypeVar("Model", bound=BaseModel)
SOURCES_GLOB = "models/staging/*/_*__sources.yml"
OWN_SOURCE = "landfall"
"""The source that describes what Landfall itself writes about its loads; nobody delivers it."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it, as its wheels are: ten times as fast. Every command reads all contracts."""


def read_project(root: Path) -> Project:
    """Read dbt_project.yml and all contracts below `root`.

    Raises BadSettings, one line, at the first file, table or column that is wrong, or when two
    contracts claim one path.
    """
    settings = _load(root / "dbt_project.yml", root)
    zone = (settings.get("vars") or {}).get("business_time_zone")
    if zone is None:
        raise BadSettings("dbt_project.yml: vars.business_time_zone is missing")
    sources = []
    for path in sorted(root.glob(SOURCES_GLOB)):
        place = str(path.relative_to(root))
        for entry in _load(path, root).get("sources") or []:
            if entry.get("name") != OWN_SOURCE:
                sources.append(_source(entry, place, path))
    if not sources:
        raise BadSettings(f"no contract found: {SOURCES_GLOB} matches nothing below the project")
    project = _build(Project, {"sources": sources, "business_time_zone": zone}, "dbt_project.yml")
    _refuse_shared_paths(project)
    return project


def _load(path: Path, root: Path) -> dict[str, Any]:
    name = path.relative_to(root)
    try:
        content = yaml.load(path.read_text(), Loader=_LOADER)
    except OSError as error:
        raise BadSettings(f"{name}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise BadSettings(f"{name}{where}: not valid YAML") from error
    if not isinstance(content, dict):
        raise BadSettings(f"{name}: not a mapping")
    return content


def _meta(entry: dict[str, Any]) -> dict[str, Any]:
    return dict((entry.get("config") or {}).get("meta") or {})


def _source(entry: dict[str, Any], place: str, path: Path) -> Source:
    name = str(entry.get("name"))
    if name != path.parent.name:
        raise BadSettings(
            f"{place}: source '{name}' must be called like its folder, '{path.parent.name}'"
        )
    zone = _meta(entry).get("time_zone", "UTC")
    tables = [_table(table, name, zone, place) for table in entry.get("tables") or []]
    return _build(Source, {"name": name, "time_zone": zone, "tables": tables}, place)


def _table(entry: dict[str, Any], source: str, zone: str, place: str) -> Table:
    place = f"{place}: table {entry.get('name')}"
    contract = _meta(entry).get("contract")
    if not isinstance(contract, dict):
        raise BadSettings(f"{place}: config.meta.contract is missing")
    if "key" not in contract:
        raise BadSettings(f"{place}: no key: name its columns, or say `key: row`")
    columns = [_column(column, place) for column in entry.get("columns") or []]
    values = {
        **contract,
        "source": source,
        "name": str(entry.get("name")),
        "time_zone": zone,
        "columns": columns,
    }
    return _build(Table, values, place)


def _column(entry: dict[str, Any], place: str) -> Column:
    place = f"{place}, column {entry.get('name')}"
    meta = _meta(entry)
    if "sensitivity" not in meta:
        raise BadSettings(f"{place}: no sensitivity: say direct, quasi or none")
    if "data_type" not in entry:
        raise BadSettings(f"{place}: no data_type")
    return _build(
        Column, {**meta, "name": str(entry.get("name")), "type": entry["data_type"]}, place
    )


def _build(model: type[Model], values: dict[str, Any], place: str) -> Model:
    """Validate, turning pydantic's first complaint into one line that names the place."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        setting = ".".join(str(step) for step in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise BadSettings(f"{place}: {setting + ': ' if setting else ''}{problem}") from error


def _refuse_shared_paths(project: Project) -> None:
    claims = [(table, delivery) for table in project for delivery in table.deliveries]
    for table, delivery in claims:
        for other, theirs in claims:
            if delivery is theirs or _are_told_apart((table, delivery), (other, theirs)):
                continue
            if theirs.path.match(delivery.path.example):
                raise BadSettings(
                    f"models/staging/{table.source}/_{table.source}__sources.yml: table {table.name}: "
                    f"path '{delivery.path}' is also claimed by {other.full_name} ('{theirs.path}')"
                )


def _are_told_apart(*claims: tuple[Table, Delivery]) -> bool:
    """Whether the record of each export tells two deliveries of one path apart, as those of DynamoDB do."""
    said = {(delivery.kind, delivery.exported_as or table.name) for table, delivery in claims}
    return len(said) > 1 and all(delivery.file == "dynamodb" for _, delivery in claims)
