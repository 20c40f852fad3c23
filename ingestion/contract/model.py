"""The classes of a contract. They are also its JSON schema: docs/contract.schema.json is made from them.

All are frozen pydantic models that refuse unknown words, so a misspelt setting is an error and never a default.
"""

import hashlib
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from ingestion.contract.column import NAME, Column, Frozen, Words
from ingestion.contract.paths import PathPattern
from ingestion.errors import BadSettings


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(
            f"unknown time zone '{name}': use an IANA name such as America/New_York"
        ) from None
    return name


def _plain(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(
            f"the name '{name}' is not lower case letters, digits and _: it is a folder of the lake"
            " and a name in every engine"
        )
    return name


PlainName = Annotated[str, AfterValidator(_plain)]
TimeZone = Annotated[str, AfterValidator(_zone)]


MAX_SKIP_LINES = 100

DMS_WORDS = frozenset({"load", "change_time"})
"""Words of the paths under which AWS DMS writes. It may put its operation, and a time under any name, in front."""


class Delivery(Frozen):
    """One way in which a source delivers the table. docs/guides/adding_a_source.md#paths has the words of a `path`."""

    path: PathPattern = Field(description="Pattern of the object's path below the inbox.")
    kind: Literal["full", "incremental", "changes", "append"] = Field(
        description="What one extract holds."
    )
    file: Literal["csv", "parquet", "dynamodb"] = Field(
        "csv",
        description="The file's format; csv may be gzipped. dynamodb: an export of a table, with {export_id}.",
    )
    exported_as: str | None = Field(
        None, description="dynamodb: the table's name there, where it is not the contract's."
    )
    header: bool = Field(True, description="The first line names the columns.")
    dms_columns: tuple[Literal["operation", "time"], ...] | None = Field(
        None,
        description="DMS, csv without a header: the columns that it writes in front of the table's. By default they are"
        " seen by their content, and a file that may be read in two ways is refused.",
    )
    skip_lines: int = Field(
        0,
        ge=0,
        le=MAX_SKIP_LINES,
        description="csv: the lines above the header, such as a report's title.",
    )
    delimiter: str = Field(",", min_length=1, max_length=1)
    quoted: bool = Field(
        True,
        description="csv: false where no cell is ever in quotes, so that a quotation mark is text.",
    )
    decimal_separator: Literal[".", ","] = Field(
        ".",
        description="csv: what stands before a number's decimals. Thousands are divided only where the column's format"
        " is `money`: by the other one, and beside a decimal comma by a blank too.",
    )
    encoding: str = Field("utf-8", description="As Python names it.")
    nulls: Words = Field(
        (),
        description="Texts that mean null when they are not in quotes, in any column (DMS: NULL).",
    )
    order: str | None = Field(
        None, description="changes: the column that orders operations; else the file's order."
    )
    settle_minutes: float = Field(
        15, ge=0, description="Parts of one extract are whole once none changed for so long."
    )

    @property
    def is_dms(self) -> bool:
        """Whether AWS DMS writes such files."""
        return bool(DMS_WORDS & self.path.words)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.file == "dynamodb") != ("export_id" in self.path.words):
            raise ValueError("`file: dynamodb` and the path word {export_id} go together")
        if self.file != "csv" and not self.quoted:
            raise ValueError("`quoted: false` is for csv alone")
        if self.file != "csv" and self.decimal_separator != ".":
            raise ValueError("`decimal_separator` is for csv alone")
        if self.skip_lines and (self.file != "csv" or not self.header):
            raise ValueError(
                "`skip_lines` is for csv with a header: it shows on which line the table begins"
            )
        if self.dms_columns is not None:
            if self.header or self.file != "csv" or not self.is_dms:
                raise ValueError("`dms_columns` is for csv of DMS without a header")
            if self.kind == "changes" and "operation" not in self.dms_columns:
                raise ValueError("`dms_columns` of changes has the operation")
        if self.file == "dynamodb" and self.kind not in ("full", "changes"):
            raise ValueError(
                "exports of DynamoDB are `full`, or `changes` where they are incremental"
            )
        return self


class RowFloor(Frozen):
    """How many rows a table may lose at once before a person must look at it: the project's `row_floor`."""

    share: float = Field(ge=0, le=1, description="At least this share of the rows before stays.")
    rows: int = Field(ge=0, description="How many rows fewer are always allowed.")

    def is_broken_by(self, rows: int, before: int) -> bool:
        """Whether these are far fewer rows than before.

        The macro `is_below_floor` is the same rule for the rows of a history; a test calls both.
        """
        return rows < before * self.share and before - rows > self.rows


class Limits(Frozen):
    """When an extract is refused as a whole. Shares are of rows_in, between 0 and 1."""

    reject_share: float = Field(0.01, ge=0, le=1)
    reject_rows: int = Field(5, ge=0, description="How many quarantined rows are always allowed.")
    reject_most: int = Field(10_000, ge=0)
    floor_share: float | None = Field(
        None,
        ge=0,
        le=1,
        description="The table's own share, where it is not the project's `row_floor`.",
    )
    floor_rows: int | None = Field(
        None,
        ge=0,
        description="The table's own rows, where they are not the project's `row_floor`.",
    )
    expanded_bytes: int = Field(20 * 2**30, ge=1)
    expanded_times: int = Field(200, ge=1)

    def row_floor(self, project: RowFloor) -> RowFloor:
        """The row floor of the table: its own limits, else the project's."""
        own = {"share": self.floor_share, "rows": self.floor_rows}
        return project.model_copy(update={k: v for k, v in own.items() if v is not None})


class ContractMeta(Frozen):
    """The settings under a table's `config.meta.contract`."""

    key: Literal["row"] | tuple[str, ...] = Field(description="The columns of the key, or `row`.")
    deliveries: tuple[Delivery, ...] = Field(min_length=1)
    watermark: str | None = Field(
        None, description="incremental: the column that says which row is newer."
    )
    deleted: str | None = Field(
        None, description="incremental: the boolean column that says that the row's key is gone."
    )
    overlap_minutes: float = Field(
        60,
        ge=0,
        description="extract: how far the watermark stays behind where open transactions cannot be asked for.",
    )
    extract_from: Words = Field(
        (),
        max_length=2,
        description="extract: the table's name in the database where it is another, or [schema, name].",
    )
    may_be_empty: bool = Field(False, description="An extract without rows is allowed.")
    delivered_once: bool = Field(
        False, description="A history that is delivered a single time: it is never late."
    )
    ignored_headers: tuple[str, ...] = Field(
        (), description="Columns dropped without a word; '' is an unnamed one."
    )
    when_forgotten: Literal["dropped", "kept"] | None = Field(
        None,
        description="What becomes of the rows of a person who is forgotten: dropped; or kept without anything direct,"
        " so that amounts add up, with a text made by chance in a direct key. Where nothing is said, they are dropped"
        " if the person is in the key, else kept with their key.",
    )
    limits: Limits = Limits()
    formats: dict[str, Words] = Field(
        {},
        description="The spellings, by type (`date`, `timestamp`), of its columns that name no `format` themselves.",
    )


class Period(Frozen):
    """A span of time as dbt writes it: `count` times `period`."""

    count: int = Field(ge=1)
    period: Literal["minute", "hour", "day"]

    def to_timedelta(self) -> timedelta:
        """The span as Python counts it."""
        return timedelta(**{f"{self.period}s": self.count})


class Freshness(Frozen):
    """How old the newest counted load of a table may be; dbt's own words, in the same place of the sources file."""

    warn_after: Period | None = None
    error_after: Period | None = None


_WITHOUT_EFFECT: dict[str, Any] = {
    "deleted": True,  # a deleted row is landed as it is
    "freshness": True,
    "when_forgotten": True,  # only rows of persons who are forgotten, and those are made again then
    # only `extract` reads these
    "overlap_minutes": True,
    "extract_from": True,
    "formats": True,  # each column has its own by then
}
"""The settings that change no byte of what lands."""
_WITHOUT_EFFECT_IN_COLUMNS = frozenset({"sensitivity", "in_marts"})


class Table(ContractMeta):
    """A table of a source with its columns. Landing needs nothing else to land an extract of it.

    `time_zone` is that of the source's local times. `business_time_zone` is the project's; it decides the day of an
    instant.
    """

    source: PlainName
    name: PlainName
    time_zone: TimeZone = "UTC"
    freshness: Freshness | None = None
    business_time_zone: TimeZone = "UTC"
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
    def delimiters(self) -> frozenset[str]:
        """What divides the cells of its extracts."""
        return frozenset(delivery.delimiter for delivery in self.deliveries)

    @property
    def has_changes(self) -> bool:
        """Whether any delivery carries operations, so that the raw table has `_operation`."""
        return any(delivery.kind == "changes" for delivery in self.deliveries)

    @property
    def has_pseudonyms(self) -> bool:
        """Whether landing this table needs the pseudonym key."""
        return any(column.pseudonym for column in self.columns)

    def keeps_forgotten(self, column: Column) -> bool:
        """Whether a row stays that names a forgotten person in this column."""
        if self.when_forgotten:
            return self.when_forgotten == "kept"
        return column.name not in self.key_columns

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
        is_named = column.pseudonym is not None or column.refers_to is not None
        return is_named or column.name in self.key_columns

    @cached_property
    def contract_hash(self) -> str:
        """SHA-256 in hex over everything that decides the result of landing the same bytes.

        Another correction does not require a reland, nor does a new setting of contracts that the table does not use.
        """
        # the floor compares a load with others: the same bytes give the same rows, whatever it is
        limits = self.limits.model_copy(update={"floor_share": None, "floor_rows": None})
        without_floor = self.model_copy(update={"limits": limits})
        in_columns = _WITHOUT_EFFECT_IN_COLUMNS
        is_csv = all(delivery.file == "csv" for delivery in self.deliveries)
        if is_csv and not any(c.binary and self.is_identifier(c) for c in self.columns):
            in_columns |= {"binary"}  # only `extract` reads it
        excluded = _WITHOUT_EFFECT | {"columns": {"__all__": in_columns}}
        read = without_floor.model_dump_json(exclude=excluded, exclude_defaults=True)
        return hashlib.sha256(read.encode()).hexdigest()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        names = [column.name for column in self.columns]
        named = [("key", name) for name in self.key_columns]
        for kind, name in [*named, ("watermark", self.watermark), ("deleted", self.deleted)]:
            if name is not None and name not in names:
                raise ValueError(f"the {kind} '{name}' is not a column")
        for name in (n for n in names if names.count(n) > 1):
            raise ValueError(f"the column '{name}' is listed twice")
        for name in {column.pseudonym_name for column in self.columns} & {*names}:
            raise ValueError(f"the column '{name}' has the name of another column's pseudonym")
        headers = [(c.within, name) for c in self.columns for name in c.file_names]
        for _, name in (header for header in headers if headers.count(header) > 1):
            raise ValueError(f"two columns are called '{name}' in the file")
        if any(c.within for c in self.columns) and {d.file for d in self.deliveries} != {
            "dynamodb"
        }:
            raise ValueError("`within` is for exports of DynamoDB alone")
        if not isinstance(self.key, str) and not self.key:
            raise ValueError("no key: name its columns, or say `key: row`")
        direct = [c for c in map(self.column, self.key_columns) if c.sensitivity == "direct"]
        if self.when_forgotten == "kept" and any(c.type.name != "string" for c in direct):
            raise ValueError("`when_forgotten: kept` needs a key without numbers that are direct")
        kinds = {delivery.kind for delivery in self.deliveries}
        if "incremental" in kinds and self.watermark is None:
            raise ValueError("an incremental delivery needs a watermark")
        if self.deleted is not None and kinds != {"incremental"}:
            raise ValueError("`deleted` goes with incremental extracts only")
        if self.deleted is not None and self.column(self.deleted).type.name != "boolean":
            raise ValueError(f"the deleted '{self.deleted}' is not a boolean column")
        if kinds - {"full"} and not self.key_columns:
            raise ValueError("`key: row` goes with full extracts only")
        if kinds not in ({"full"}, {"incremental"}, {"append"}, {"changes"}, {"full", "changes"}):
            raise ValueError(
                f"kinds of extract that do not go together: {', '.join(sorted(kinds))}"
            )
        return self


class Source(Frozen):
    """An operational system: its name, its time zone (IANA) and its tables.

    `zero_dates_are_null`: MySQL's 0000-00-00 means null, in each of its dates and times.
    """

    name: PlainName
    time_zone: TimeZone = "UTC"
    zero_dates_are_null: bool = False
    freshness: Freshness | None = None
    tables: tuple[Table, ...] = ()


class Project(Frozen):
    """Every contract of the project, the zone of its dates, and the row floor of tables without one of their own."""

    sources: tuple[Source, ...]
    business_time_zone: TimeZone
    row_floor: RowFloor

    def __iter__(self) -> Iterator[Table]:  # type: ignore[override]
        """All tables, by source and in the order of their files."""
        return (table for source in self.sources for table in source.tables)

    def table(self, full_name: str) -> Table:
        """The table called `source.table`; BadSettings when no contract names it."""
        for table in self:
            if table.full_name == full_name:
                return table
        raise BadSettings(f"no contract for {full_name}: write it as source.table")

    def tables_of(self, source: str, names: Collection[str] = ()) -> list[Table]:
        """The tables of a source, or those of the `names`, in the order of its file. BadSettings for an unknown one."""
        there = [table for table in self if table.source == source]
        if not there:
            raise BadSettings(f"no contract names the source '{source}'")
        if unknown := set(names) - {table.name for table in there}:
            raise BadSettings(f"no contract names the table '{source}.{min(unknown)}'")
        return [table for table in there if not names or table.name in names]
