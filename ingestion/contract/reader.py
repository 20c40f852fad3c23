"""Reads every contract of a project, or refuses with the file, the table and the column that are wrong."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ingestion.contract.column import ZERO_DATES, Column
from ingestion.contract.model import Delivery, Freshness, Project, Source, Table
from ingestion.errors import BadSettings

Model = TypeVar("Model", bound=BaseModel)
SOURCES_GLOB = "models/staging/*/_*__sources.yml"
TABLE_WORD = "{table}"
"""In the path of a delivery: the table's own name, so that the tables of a source can share one."""

UNDECIDED = "TO" + "DO"  # in pieces, as nothing here is left to do
"""`draft` writes this for a person to decide, in a form that editors highlight; a contract with it is refused."""

OWN_SOURCE = "landfall"
"""The source of the tables that Landfall itself writes about its loads; no system delivers it."""
BASE = "base"
"""The folder of the models that name every row of raw tables; they lie in the schema raw_base."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it, as its wheels are: ten times as fast. Every command reads all contracts."""


def read_project(root: Path) -> Project:
    """Read dbt_project.yml and all contracts below `root`.

    Raises BadSettings, one line, at the first file, table or column that is wrong, or when two
    contracts claim one path.
    """
    zone, floor = business_zone(root), _variable(root, "row_floor")
    sources = []
    for path in sorted(root.glob(SOURCES_GLOB)):
        place = str(path.relative_to(root))
        for entry in _load(path, root).get("sources") or []:
            if entry.get("name") != OWN_SOURCE:
                sources.append(_source(entry, place, path, zone))
    if not sources:
        raise BadSettings(f"no contract found: {SOURCES_GLOB} matches nothing below the project")
    words = {"sources": sources, "business_time_zone": zone, "row_floor": floor}
    project = _build(Project, words, "dbt_project.yml")
    _refuse_shared_paths(project)
    _refuse_false_references(project)
    return project


def contract_path(source: str) -> Path:
    """Where a source's contract lies, below the project's folder."""
    return Path("models/staging") / source / f"_{source}__sources.yml"


def business_zone(root: Path) -> str:
    """The zone of the project's dates, from dbt_project.yml. BadSettings when it is missing."""
    return str(_variable(root, "business_time_zone"))


def _variable(root: Path, name: str) -> Any:
    """A variable that the project sets for lander and warehouse alike. BadSettings when it is missing."""
    settings = _load(root / "dbt_project.yml", root)
    value = (settings.get("vars") or {}).get(name)
    if value is None:
        raise BadSettings(f"dbt_project.yml: vars.{name} is missing")
    return value


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


def _freshness(entry: dict[str, Any], default: Freshness | None) -> Any:
    """How fresh a table must be: by its own setting, else by its source's; null means no requirement."""
    return (entry.get("config") or {}).get("freshness", default)


def _source(entry: dict[str, Any], place: str, path: Path, business_zone: str) -> Source:
    name, meta = str(entry.get("name")), _meta(entry)
    if name != path.parent.name:
        raise BadSettings(
            f"{place}: source '{name}' must be called like its folder, '{path.parent.name}'"
        )
    if name == BASE:
        raise BadSettings(
            f"{place}: no source may be called '{name}': raw_{name} is the base models'"
        )
    words = {
        "name": name,
        "time_zone": meta.get("time_zone", "UTC"),
        "freshness": _freshness(entry, None),
        "zero_dates_are_null": meta.get("zero_dates_are_null", False),
    }
    source = _build(Source, words, place)
    defaults = meta.get("defaults") or {}
    if not isinstance(defaults, dict) or "key" in defaults:
        raise BadSettings(f"{place}: defaults: words of a contract, but not its key")
    tables = [
        _table(table, defaults, source, business_zone, place) for table in entry.get("tables") or []
    ]
    return source.model_copy(update={"tables": tuple(tables)})


def _table(
    entry: dict[str, Any], defaults: dict[str, Any], source: Source, business_zone: str, place: str
) -> Table:
    """A table, by its contract, else by the defaults of its source."""
    place = f"{place}: table {entry.get('name')}"
    contract = _meta(entry).get("contract")
    if not isinstance(contract, dict):
        raise BadSettings(f"{place}: config.meta.contract is missing")
    contract = {**defaults, **contract}
    contract["deliveries"] = [
        _named(delivery, str(entry.get("name"))) for delivery in contract.get("deliveries") or []
    ]
    if "key" not in contract:
        raise BadSettings(f"{place}: no key: name its columns, or say `key: row`")
    formats = contract.get("formats") or {}
    columns = [_column(column, formats, source, place) for column in entry.get("columns") or []]
    values = {
        **contract,
        "source": source.name,
        "name": str(entry.get("name")),
        "time_zone": source.time_zone,
        "freshness": _freshness(entry, source.freshness),
        "business_time_zone": business_zone,
        "columns": columns,
    }
    return _build(Table, values, place)


def _named(delivery: Any, table: str) -> Any:
    """A delivery with the table's name in its path."""
    if not isinstance(delivery, dict) or TABLE_WORD not in str(delivery.get("path")):
        return delivery
    return {**delivery, "path": delivery["path"].replace(TABLE_WORD, table)}


def _column(entry: dict[str, Any], formats: dict[str, Any], source: Source, place: str) -> Column:
    place = f"{place}, column {entry.get('name')}"
    meta = _meta(entry)
    if meta.get("sensitivity", UNDECIDED) == UNDECIDED:
        raise BadSettings(f"{place}: no sensitivity: say direct, quasi or none")
    if "data_type" not in entry:
        raise BadSettings(f"{place}: no data_type")
    if "format" not in meta and entry["data_type"] in formats:
        meta["format"] = formats[entry["data_type"]]
    column = _build(
        Column, {**meta, "name": str(entry.get("name")), "type": entry["data_type"]}, place
    )
    if source.zero_dates_are_null and column.type.name in ("date", "timestamp"):
        return column.model_copy(update={"sentinels": (*column.sentinels, *ZERO_DATES)})
    return column


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
                    f"{contract_path(table.source)}: table {table.name}: "
                    f"path '{delivery.path}' is also claimed by {other.full_name} ('{theirs.path}')"
                )


def _refuse_false_references(project: Project) -> None:
    """A column refers to an identifier that a contract has, of its own type; or to a source that is not landed here."""
    sources = {source.name for source in project.sources}
    columns = {f"{t.full_name}.{c.name}": (t, c) for t in project for c in t.columns}
    for table, column in columns.values():
        if column.refers_to is None:
            continue
        is_whole = column.refers_to.count(".") > 1
        target = column.refers_to if is_whole else f"{table.source}.{column.refers_to}"
        found = columns.get(target)
        if target.split(".")[0] not in sources:
            continue
        if found is None or not found[0].is_identifier(found[1]):
            wrong = "no contract has such an identifier"
        elif found[1].type != column.type:
            wrong = f"that is {found[1].type}, this {column.type}"
        else:
            continue
        raise BadSettings(
            f"{contract_path(table.source)}: table {table.name}, "
            f"column {column.name}: refers_to {column.refers_to}: {wrong}"
        )


def _are_told_apart(*claims: tuple[Table, Delivery]) -> bool:
    """Whether the records of exports separate two deliveries of one path, as DynamoDB's do."""
    said = {(delivery.kind, delivery.exported_as or table.name) for table, delivery in claims}
    return len(said) > 1 and all(delivery.file == "dynamodb" for _, delivery in claims)
