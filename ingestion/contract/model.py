"""The classes of a contract. They are also its JSON schema: docs/contract.schema.json is made from them.

All are frozen pydantic models that refuse unknown words, so a misspelt setting is an error and never a default.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingestion.contract.paths import PathPattern
from ingestion.contract.types import PortableType

ROW_KEY = "row"
"""A table's key when no column is one: the load and the row's number in its extract."""

FORMATS: dict[str, tuple[str, ...]] = {
    "string": ("h:MM AM", "M/D/YYYY H:MM", "zip"),
    "bigint": ("number",),
    "decimal": ("number", "money"),
    "double": ("number",),
    "date": ("M/D/YYYY", "YYYY-MM-DD"),
    "timestamp": ("YYYY-MM-DD HH:MM:SS",),
    "boolean": (),
}
"""The spellings that a column may declare, by the name of its portable type."""

NAME = re.compile(r"[a-z_][a-z0-9_]*")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"unknown time zone '{name}': use an IANA name such as America/New_York") from None
    return name


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


TimeZone = Annotated[str, AfterValidator(_zone)]
Words = Annotated[
    tuple[str, ...], BeforeValidator(_as_tuple, json_schema_input_type=str | tuple[str, ...])
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnMeta(_Frozen):
    """What stands under a column's `config.meta`. Only `sensitivity` must be given."""

    sensitivity: Literal["direct", "quasi", "none"] = Field(
        description="direct: names a person alone; quasi: does so with others, or is a clinical fact; none: neither."
    )
    header: str | None = Field(None, description="The column's name in the file, where it is not the column's own.")
    format: Words = Field((), description="Its spellings, tried in this order; a date must have at least one.")
    pseudonym: str | None = Field(
        None, description="The domain in which equal values get equal pseudonyms; adds <column>_pseudonym."
    )
    optional: bool = Field(False, description="May be missing from the file; it is null then.")
    nulls: Words = Field((), description="Texts that mean null in this column, beside the empty cell.")
    sentinels: Words = Field((), description="Texts of impossible dates that mean null.")
    empty: Literal["null", "text"] = Field("null", description="What an empty cell is.")
    identifier: bool | None = Field(
        None,
        description="Refuse what a spreadsheet made of an identifier (1.2E+11, 12.0). Default: keys and pseudonyms.",
    )
    pad_to: int | None = Field(None, ge=1, description="Pad digits with zeros on the left to this width (zip).")
    not_after_extract: bool = Field(False, description="A date after the extract's own is wrong, e.g. a birth.")
    file_type: Literal["string"] | None = Field(None, description="Parquet carries this column as text.")


class Column(ColumnMeta):
    """One column of the contract, in the order in which files without a header carry it."""

    name: str
    type: Annotated[PortableType, BeforeValidator(lambda v: PortableType.parse(v) if isinstance(v, str) else v)]

    @property
    def file_name(self) -> str:
        """The column's name in a file's header."""
        return self.name if self.header is None else self.header

    @property
    def pseudonym_name(self) -> str | None:
        """The name of the column that holds its pseudonym, if it has one."""
        return f"{self.name}_pseudonym" if self.pseudonym else None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not NAME.fullmatch(self.name):
            raise ValueError("a column's name is lower case letters, digits and _ (use meta.header for the file's own)")
        known = FORMATS[self.type.name]
        for spelling in self.format:
            if spelling not in known:
                raise ValueError(f"format '{spelling}' does not fit {self.type}: use one of {', '.join(known) or 'none'}")
        if self.type.name == "date" and not self.format:
            raise ValueError(f"a date without a format: say one of {', '.join(known)}")
        return self


class Delivery(_Frozen):
    """One way in which a source delivers the table. `path` is relative to the inbox (see paths.py for its words)."""

    path: PathPattern = Field(description="Pattern of the object's path below the inbox.")
    kind: Literal["full", "incremental", "changes", "append"] = Field(description="What one extract holds.")
    file: Literal["csv", "parquet"] = Field("csv", description="The file's format; csv may be gzipped.")
    header: bool = Field(True, description="The first line names the columns.")
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: str = Field("utf-8", description="As Python names it.")
    nulls: Words = Field((), description="Texts that mean null when they stand unquoted, in any column (DMS: NULL).")
    order: str | None = Field(None, description="changes: the column that orders operations; else the file's order.")
    settle_minutes: float = Field(15, ge=0, description="Parts of one extract are whole once none changed for so long.")


class Limits(_Frozen):
    """When an extract is refused as a whole. Shares are of rows_in, between 0 and 1."""

    reject_share: float = Field(0.01, ge=0, le=1)
    reject_rows: int = Field(5, ge=0, description="So many quarantined rows are always allowed.")
    reject_most: int = Field(10_000, ge=0)
    floor_share: float = Field(0.9, ge=0, le=1, description="A full extract below this share of the last needs release.")
    floor_rows: int = Field(5, ge=0, description="So many rows fewer are always allowed.")
    expanded_bytes: int = Field(20 * 2**30, ge=1)
    expanded_times: int = Field(200, ge=1)


class ContractMeta(_Frozen):
    """What stands under a table's `config.meta.contract`."""

    key: Literal["row"] | tuple[str, ...] = Field(description="The columns of the key, or `row`.")
    deliveries: tuple[Delivery, ...] = Field(min_length=1)
    watermark: str | None = Field(None, description="incremental: the column that says which row is newer.")
    may_be_empty: bool = Field(False, description="An extract without rows is allowed.")
    ignored_headers: tuple[str, ...] = Field((), description="Columns dropped without a word; '' is an unnamed one.")
    grace_days: int = Field(3, ge=0, description="So long may a reference point to nothing before a test fails.")
    limits: Limits = Limits()  # type: ignore[call-arg]


class Table(ContractMeta):
    """A table of a source with its columns. Landing needs nothing else to land an extract of it."""

    source: str
    name: str
    time_zone: TimeZone = "UTC"
    columns: tuple[Column, ...] = Field(min_length=1)

    @property
    def full_name(self) -> str:
        """`source.table`, as reports and commands name it."""
        return f"{self.source}.{self.name}"

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The key's columns; none when the row itself is the key."""
        return () if isinstance(self.key, str) else self.key

    @property
    def has_changes(self) -> bool:
        """Whether any delivery carries operations, so that the raw table has `_operation`."""
        return any(delivery.kind == "changes" for delivery in self.deliveries)

    @property
    def has_pseudonyms(self) -> bool:
        """Whether landing this table needs the pseudonym key."""
        return any(column.pseudonym for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of this name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def is_identifier(self, column: Column) -> bool:
        """Whether a value that a spreadsheet has turned into a number must be quarantined."""
        if column.identifier is not None:
            return column.identifier
        return column.name in self.key_columns or column.pseudonym is not None

    @cached_property
    def contract_hash(self) -> str:
        """SHA-256 in hex over everything that decides what landing the same bytes would write."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        names = [column.name for column in self.columns]
        for kind, name in [("key", k) for k in self.key_columns] + [("watermark", self.watermark)]:
            if name is not None and name not in names:
                raise ValueError(f"the {kind} '{name}' is not a column")
        for name in {n for n in names if names.count(n) > 1}:
            raise ValueError(f"the column '{name}' stands twice")
        if not isinstance(self.key, str) and not self.key:
            raise ValueError("no key: name its columns, or say `key: row`")
        kinds = {delivery.kind for delivery in self.deliveries}
        if "incremental" in kinds and self.watermark is None:
            raise ValueError("an incremental delivery needs a watermark")
        if kinds - {"full"} and not self.key_columns:
            raise ValueError("`key: row` goes with full extracts only")
        if kinds not in ({"full"}, {"incremental"}, {"append"}, {"changes"}, {"full", "changes"}):
            raise ValueError(f"kinds of extract that do not go together: {', '.join(sorted(kinds))}")
        return self


class Source(_Frozen):
    """An operational system: its name, its time zone (IANA) and its tables."""

    name: str
    time_zone: TimeZone = "UTC"
    tables: tuple[Table, ...]


class Project(_Frozen):
    """Every contract of the project, and the zone in which its dates are meant."""

    sources: tuple[Source, ...]
    business_time_zone: TimeZone

    def __iter__(self) -> Iterator[Table]:  # type: ignore[override]
        """All tables, by source and in the order of their files."""
        return (table for source in self.sources for table in source.tables)

    def table(self, full_name: str) -> Table:
        """The table called `source.table`; KeyError when no contract names it."""
        for table in self:
            if table.full_name == full_name:
                return table
        raise KeyError(full_name)
