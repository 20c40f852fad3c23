"""Reads every contract of a project, or refuses with the file, the table and the column that are wrong."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ingestion.contract.column import NAME, ZERO_DATES, Column
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
        for entry in _mappings(_load(path, root).get("sources"), f"{place}: sources"):
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
    """Where a source's contract lies, below the project's folder. BadSettings for a name that no source may have."""
    if not NAME.fullmatch(source) or source in (BASE, OWN_SOURCE):
        raise BadSettings(
            f"no source may be called {source!r}: write lower case letters, digits and _,"
            f" and neither {BASE} nor {OWN_SOURCE}"
        )
    return Path("models/staging") / source / f"_{source}__sources.yml"


def business_zone(root: Path) -> str:
    """The zone of the project's dates, from dbt_project.yml. BadSettings when it is missing."""
    return str(_variable(root, "business_time_zone"))


def variables(root: Path) -> dict[str, Any]:
    """The `vars` of dbt_project.yml, which lander and warehouse both read. BadSettings when it cannot be read."""
    settings = _load(root / "dbt_project.yml", root)
    return _mapping(settings.get("vars"), "dbt_project.yml: vars")


def _variable(root: Path, name: str) -> Any:
    """A variable that must be set. BadSettings when it is missing."""
    value = variables(root).get(name)
    if value is None:
        raise BadSettings(f"dbt_project.yml: vars.{name} is missing")
    return value


def _load(path: Path, root: Path) -> dict[str, Any]:
    name = path.relative_to(root)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except OSError as error:
        raise BadSettings(f"{name}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadSettings(f"{name}: not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise BadSettings(f"{name}{where}: not valid YAML") from error
    if content is None:
        raise BadSettings(f"{name}: nothing in it")
    return _mapping(content, str(name))


def _mapping(value: Any, place: str) -> dict[str, Any]:
    """A copy of what must be a mapping; an empty one where nothing is written."""
    if value is not None and not isinstance(value, dict):
        raise BadSettings(f"{place}: not a mapping")
    return dict(value or {})


def _mappings(value: Any, place: str) -> list[dict[str, Any]]:
    """The mappings of what must be a list of them."""
    if value is not None and not isinstance(value, list):
        raise BadSettings(f"{place}: not a list: each entry begins with `- `")
    return [
        _mapping(entry, f"{place}, entry {number}") for number, entry in enumerate(value or [], 1)
    ]


def _config(entry: dict[str, Any], place: str) -> dict[str, Any]:
    return _mapping(entry.get("config"), f"{place}: config")


def _meta(entry: dict[str, Any], place: str) -> dict[str, Any]:
    return _mapping(_config(entry, place).get("meta"), f"{place}: config.meta")


def _freshness(entry: dict[str, Any], default: Freshness | None, place: str) -> Any:
    """How fresh a table must be: by its own setting, else by its source's; null means no requirement."""
    return _config(entry, place).get("freshness", default)


def _source(entry: dict[str, Any], place: str, path: Path, business_zone: str) -> Source:
    name, meta = str(entry.get("name")), _meta(entry, place)
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
        "freshness": _freshness(entry, None, place),
        "zero_dates_are_null": meta.get("zero_dates_are_null", False),
    }
    source = _build(Source, words, place)
    defaults = meta.get("defaults") or {}
    if not isinstance(defaults, dict) or "key" in defaults:
        raise BadSettings(f"{place}: defaults: words of a contract, but not its key")
    tables = [
        _table(table, defaults, source, business_zone, place)
        for table in _mappings(entry.get("tables"), f"{place}: tables")
    ]
    return source.model_copy(update={"tables": tuple(tables)})


def _table(
    entry: dict[str, Any], defaults: dict[str, Any], source: Source, business_zone: str, place: str
) -> Table:
    """A table, by its contract, else by the defaults of its source."""
    place = f"{place}: table {entry.get('name')}"
    contract = _meta(entry, place).get("contract")
    if not isinstance(contract, dict):
        raise BadSettings(f"{place}: config.meta.contract is missing")
    contract = {**defaults, **contract}
    contract["deliveries"] = [
        _named(delivery, str(entry.get("name")))
        for delivery in _mappings(contract.get("deliveries"), f"{place}: deliveries")
    ]
    if "key" not in contract:
        raise BadSettings(f"{place}: no key: name its columns, or say `key: row`")
    formats = _mapping(contract.get("formats"), f"{place}: formats")
    columns = [
        _column(column, formats, source, place)
        for column in _mappings(entry.get("columns"), f"{place}: columns")
    ]
    values = {
        **contract,
        "source": source.name,
        "name": str(entry.get("name")),
        "time_zone": source.time_zone,
        "freshness": _freshness(entry, source.freshness, place),
        "business_time_zone": business_zone,
        "columns": columns,
    }
    return _build(Table, values, place)


def _named(delivery: dict[str, Any], table: str) -> dict[str, Any]:
    """A delivery with the table's name in its path."""
    path = delivery.get("path")
    return (
        {**delivery, "path": path.replace(TABLE_WORD, table)} if isinstance(path, str) else delivery
    )


def _column(entry: dict[str, Any], formats: dict[str, Any], source: Source, place: str) -> Column:
    place = f"{place}, column {entry.get('name')}"
    meta = _meta(entry, place)
    if meta.get("sensitivity", UNDECIDED) == UNDECIDED:
        raise BadSettings(f"{place}: no sensitivity: say direct, quasi or none")
    if "data_type" not in entry:
        raise BadSettings(f"{place}: no data_type")
    type_ = str(entry["data_type"])
    if "format" not in meta and type_ in formats:
        meta["format"] = formats[type_]
    column = _build(Column, {**meta, "name": str(entry.get("name")), "type": type_}, place)
    if source.zero_dates_are_null and column.type.name in ("date", "timestamp"):
        return column.model_copy(update={"sentinels": (*column.sentinels, *ZERO_DATES)})
    return column


def _build(model: type[Model], values: dict[str, Any], place: str) -> Model:
    """Validate, turning pydantic's first complaint into one line that names the place."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        setting, problem = first_complaint(error)
        raise BadSettings(f"{place}: {setting + ': ' if setting else ''}{problem}") from error


def first_complaint(error: ValidationError) -> tuple[str, str]:
    """The setting that pydantic complains about first, its steps divided by dots, and what is wrong with it."""
    first = error.errors(include_url=False)[0]
    setting = ".".join(str(step) for step in first["loc"])
    return setting, first["msg"].removeprefix("Value error, ")


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
