"""The declaration of access: which role may read which places of the warehouse, and without which columns.

It is `vars.access` of dbt_project.yml, so that the macros which grant read the same words (docs/guides/access.md).
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingestion.contract import first_complaint, variables
from ingestion.errors import BadSettings
from ingestion.sql import literal

MARTS = "marts"
RAW = "raw"
INNER = ("staging", "intermediate", "snapshots", RAW)
"""Places for roles that build the warehouse: on DuckDB they read the whole file."""

README = "readme"
"""The place of the table `readme` in DuckDB's files: every role reads its own lines of it."""

TAG = "LANDFALL_ATHENA_ACCESS_TAG"
"""The setting with the key of Lake Formation's tag: it depends on the account, and not on the project."""

PLACES = (MARTS, "restricted", *INNER)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MODE = re.compile(r"0[0-7]{3}")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"'{text}' is not lower case letters, digits and _")
    return text


def _mode(text: str) -> str:
    if not _MODE.fullmatch(text) or int(text, 8) & 0o027:
        raise ValueError(f"the mode '{text}': write 0600, or 0640 for the readers' group")
    return text


def _value(text: str) -> str:
    if not text.isprintable() or {"'", "\\"} & {*text}:
        raise ValueError("a value of a rule for rows has no quote, backslash or control character")
    return text


class Role(BaseModel):
    """What one role may read. `columns`: {schema.table: {column: masked or left_out}}; `rows`: {schema.table: {column:
    [value]}}, of which the role gets the rows that have one of the values in each of the columns.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reads: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, dict[str, Literal["masked", "left_out"]]] = {}
    rows: dict[str, dict[str, tuple[Annotated[str, AfterValidator(_value)], ...]]] = {}
    file: Annotated[str, AfterValidator(_name)] | None = None
    file_mode: Annotated[str, AfterValidator(_mode)] = "0640"

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for place in self.reads:
            front, _, area = place.partition(".")
            if front not in PLACES or (area and not _NAME.fullmatch(area)):
                raise ValueError(
                    f"'{place}' is not a place: write one of {', '.join(PLACES)}, or one with .area behind it"
                )
        if self.is_inner and (self.file or self.columns or self.rows):
            raise ValueError(
                f"a role that reads {', '.join(INNER)} reads the whole file: it may have no file, columns or rows"
            )
        for table, rule in self.rows.items():
            hidden = sorted(rule.keys() & self.columns.get(table, {}).keys())
            if hidden:
                raise ValueError(f"rows of {table} are chosen by {hidden[0]}, which it may not see")
            if not rule or not all(rule.values()):
                raise ValueError(f"rows of {table}: name a column with at least one value")
        return self

    @property
    def is_inner(self) -> bool:
        """Whether the role reads one of INNER, and so, on DuckDB, the whole file."""
        return any(place.partition(".")[0] in INNER for place in self.reads)


@dataclass(frozen=True)
class Relation:
    """A table or view of the warehouse: its place is a folder of the project, `marts.clinic`, with the area if any."""

    schema: str
    name: str
    place: str
    columns: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


class Declaration(BaseModel):
    """All roles by their names; `tag` is the key of Lake Formation's tag. A relation that no role reads is open to the
    builder alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: dict[Annotated[str, AfterValidator(_name)], Role] = {}
    tag: str = ""

    @property
    def tag_key(self) -> str:
        """The key of the tag, also where none is set yet."""
        return self.tag or "landfall_access"

    @model_validator(mode="after")
    def _sound(self) -> Self:
        files = [self.file_of(role) for role in self.roles if not self.roles[role].is_inner]
        for name in {name for name in files if files.count(name) > 1}:
            raise ValueError(f"two roles have the file '{name}'")
        return self

    def file_of(self, role: str) -> str:
        """The ending of the role's DuckDB file: `<warehouse>_<ending>.duckdb`."""
        return self.roles[role].file or role

    def may_read(self, role: str, relation: Relation) -> bool:
        """Whether the role reads this relation, in whole or without some columns."""
        whole = relation.place.partition(".")[0]
        return whole == README or bool({whole, relation.place} & {*self.roles[role].reads})

    def columns(self, role: str, relation: Relation) -> dict[str, Literal["shown", "masked"]]:
        """The columns of a relation that the role gets, and how."""
        limits = self.roles[role].columns.get(relation.full_name, {})
        return {
            name: "masked" if name in limits else "shown"
            for name in relation.columns
            if limits.get(name) != "left_out"
        }

    def limits(self, relation: Relation) -> bool:
        """Whether the declaration hides or masks columns of this relation, or limits its rows, for some role."""
        return any(relation.full_name in {**r.columns, **r.rows} for r in self.roles.values())

    def readers(self, relation: Relation) -> list[str]:
        """The roles that read this relation."""
        return [role for role in self.roles if self.may_read(role, relation)]

    def refuse_unknown(self, relations: Iterable[Relation]) -> None:
        """BadSettings when a role names an area, a table or a column that the project does not have."""
        known = {relation.full_name: relation for relation in relations}
        places = {relation.place for relation in known.values()}
        for name, role in self.roles.items():
            where = f"dbt_project.yml: vars.access.{name}"
            for place in role.reads:
                if "." in place and place not in places:
                    raise BadSettings(f"{where}: the project has no {place}")
            named = [(table, {*role.columns[table]}) for table in role.columns]
            named += [(table, {*role.rows[table]}) for table in role.rows]
            for table, columns in named:
                if table not in known or not self.may_read(name, known[table]):
                    raise BadSettings(f"{where}: {table} is not a table that it reads")
                for column in sorted(columns - {*known[table].columns}):
                    raise BadSettings(f"{where}: {table} has no column {column}")


def rule_as_sql(rule: Mapping[str, Sequence[str]]) -> str:
    """A rule for rows as a condition that every engine reads; its values are texts without quotes."""
    return " and ".join(
        f"{column} in ({', '.join(map(literal, values))})"
        for column, values in sorted(rule.items())
    )


def read_declaration(project_dir: Path) -> Declaration:
    """The declaration of a project; no roles when it has none. BadSettings, one line, when it is wrong."""
    roles = variables(project_dir).get("access") or {}
    declared = {"roles": roles, "tag": os.environ.get(TAG, "")}
    try:
        return Declaration.model_validate(declared)
    except ValidationError as error:
        setting, problem = first_complaint(error)
        place = "vars.access" + setting.removeprefix("roles")
        raise BadSettings(f"dbt_project.yml: {place}: {problem}") from error
