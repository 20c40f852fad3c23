"""The kinds of Athena's statements, as data: the parser makes them and the executor runs them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Name:
    """A table or view of the one catalogue; `database` empty means the query's own."""

    database: str
    table: str


@dataclass(frozen=True)
class Column:
    """A column of a Hive statement: the type in Hive's spelling."""

    name: str
    type: str
    comment: str = ""


@dataclass(frozen=True)
class Query:
    """A statement that the engine takes unchanged: queries, views, insert, merge, explain."""

    sql: str
    verb: str


@dataclass(frozen=True)
class CreateView:
    """`create [or replace] view`, unchanged."""

    name: Name
    sql: str


@dataclass(frozen=True)
class CreateTableAs:
    """`create table … with (…) as`: `properties` as they were spelt, texts without their quotes."""

    name: Name
    if_not_exists: bool
    properties: dict[str, str | int | list[str]]
    query: str


@dataclass(frozen=True)
class CreateTable:
    """`create external table …` of Hive, or `create table …` of Iceberg."""

    name: Name
    external: bool
    if_not_exists: bool
    columns: list[Column]
    comment: str = ""
    partitions: list[Column] = field(default_factory=list)
    transforms: list[str] = field(default_factory=list)
    serde: str = ""
    serde_properties: dict[str, str] = field(default_factory=dict)
    stored_as: str = ""
    formats: tuple[str, str] = ("", "")
    location: str = ""
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def is_iceberg(self) -> bool:
        """Whether the properties ask for Iceberg."""
        return self.properties.get("table_type", "").lower() == "iceberg"


@dataclass(frozen=True)
class CreateDatabase:
    """`create database` or `create schema`."""

    database: str
    if_not_exists: bool
    location: str = ""


@dataclass(frozen=True)
class DropDatabase:
    """`drop database`, with or without its tables."""

    database: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True)
class DropTable:
    """`drop table`."""

    name: Name
    if_exists: bool


@dataclass(frozen=True)
class AddColumns:
    """`alter table … add columns (…)`, or `replace columns (…)`."""

    name: Name
    columns: list[Column]
    replace: bool = False


@dataclass(frozen=True)
class DropColumn:
    """`alter table … drop column` (Iceberg)."""

    name: Name
    column: str


@dataclass(frozen=True)
class ChangeColumn:
    """`alter table … change column` (Iceberg)."""

    name: Name
    column: str
    new: Column


@dataclass(frozen=True)
class Rename:
    """`alter table … rename to` (Iceberg)."""

    name: Name
    new: Name


@dataclass(frozen=True)
class SetProperties:
    """`alter table … set tblproperties (…)`."""

    name: Name
    properties: dict[str, str]


@dataclass(frozen=True)
class AddPartitions:
    """`alter table … add partition (…) location '…'`, any number of them."""

    name: Name
    if_not_exists: bool
    partitions: list[tuple[dict[str, str], str]]


@dataclass(frozen=True)
class DropPartitions:
    """`alter table … drop partition (…), …`."""

    name: Name
    if_exists: bool
    partitions: list[dict[str, str]]


@dataclass(frozen=True)
class Maintain:
    """`optimize … rewrite data` or `vacuum` (Iceberg), or `msck repair table` (Hive)."""

    name: Name
    verb: str
    where: str = ""


@dataclass(frozen=True)
class Show:
    """`show …` and `describe`: `what` is `tables`, `partitions`, `create table`, `describe`, …"""

    what: str
    name: Name
    pattern: str = ""


Statement = (
    Query
    | CreateView
    | CreateTableAs
    | CreateTable
    | CreateDatabase
    | DropDatabase
    | DropTable
    | AddColumns
    | DropColumn
    | ChangeColumn
    | Rename
    | SetProperties
    | AddPartitions
    | DropPartitions
    | Maintain
    | Show
)
